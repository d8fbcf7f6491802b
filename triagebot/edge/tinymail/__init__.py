"""A mail provider in a box: IMAP and SMTP on loopback, in one thread, for `triagebot demo` and for tests.

    with TinyMail({"support@adaweb.example": "secret"}) as mail:
        mail.deliver("support@adaweb.example", raw, "dmarc=pass header.from=bakery.example")

Nothing is written to disk, nothing leaves the machine. It stamps Authentication-Results as a real provider.
"""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from triagebot.edge.tinymail.headers import stamp, without_tag

if TYPE_CHECKING:
    from triagebot.edge.tinymail.imap import Mailstore

HOST = "127.0.0.1"
AUTHSERV_ID = "mx.tinymail.test"
FOLDERS = ("Drafts", "Sent", "Junk", "Trash", "Archive")
_SECONDS = 10.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Submitted:
    """One mail taken by SMTP: its envelope and its bytes as they came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime


class TinyMailError(RuntimeError):
    """The embedded mail server cannot be started; the text says why."""


class TinyMail:
    """An IMAP and an SMTP server for `users` (address -> password), from `with` until its end.

    SMTP takes PLAIN and LOGIN without TLS, for it listens on loopback only. Mail for users goes to their
    INBOX, with dmarc=pass if its author had logged in. `answers` refuses a recipient ("451 4.3.0 later");
    `sent` is all that SMTP took.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        authserv_id: str = AUTHSERV_ID,
        folders: tuple[str, ...] = FOLDERS,
        imap_port: int = 0,
        smtp_port: int = 0,
    ) -> None:
        self.host, self.imap_port, self.smtp_port = HOST, imap_port, smtp_port
        self.authserv_id = authserv_id
        self.users: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.sent: list[Submitted] = []
        self._first_users = {address.lower(): password for address, password in users.items()}
        self._folders = folders
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="TinyMail", daemon=True)
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop
        self._end: asyncio.Event
        self._store: Mailstore

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(_SECONDS)
        if isinstance(self._failure, ImportError):
            raise TinyMailError("the embedded mail server needs pymap and aiosmtpd: install triagebot[demo]")
        if self._failure is not None:
            raise TinyMailError(f"the embedded mail server did not start: {self._failure}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_SECONDS)

    def add_user(self, address: str, password: str = "secret") -> str:  # noqa: S107
        """Given an address and a password, make the account; return the address in lower case."""
        return self._wait(self._add_user(address.lower(), password))

    def deliver(
        self,
        user: str,
        raw: bytes,
        authentication: str = "",
        *,
        sender: str = "",
        received_at: datetime | None = None,
        folder: str = "INBOX",
    ) -> None:
        """Given a mail from outside, file it as a provider does: forged verdicts out, ours on top.

        `authentication` is e.g. "dmarc=pass header.from=client.test", `sender` the envelope's, `received_at`
        (aware) what IMAP shows as INTERNALDATE. Raise KeyError for an unknown user or folder.
        """
        self._wait(self._file(user, raw, authentication, sender, received_at, folder))

    def append(self, user: str, raw: bytes, folder: str = "INBOX", received_at: datetime | None = None) -> None:
        """Given a mail, put it into a folder as it is. Raise KeyError for an unknown user or folder."""
        self._wait(self._store.append(without_tag(user), folder, raw, received_at or datetime.now(UTC)))

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Given a user and a folder, return its mails, the oldest first. Raise KeyError for unknown ones."""
        return self._wait(self._store.messages(without_tag(user), folder))

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _add_user(self, address: str, password: str) -> str:
        await self._store.add_user(address, password)
        self.users[address] = password
        return address

    async def _file(
        self, user: str, raw: bytes, authentication: str, sender: str, when: datetime | None, folder: str
    ) -> None:
        when = when or datetime.now(UTC)
        stamped = stamp(raw, self.authserv_id, authentication, sender, user, when)
        await self._store.append(without_tag(user), folder, stamped, when)

    async def _take(self, sender: str, recipients: tuple[str, ...], raw: bytes, authentication: str) -> None:
        self.sent.append(Submitted(sender, recipients, raw, datetime.now(UTC)))
        for recipient in recipients:
            await self._file(recipient, raw, authentication, sender, None, "INBOX")

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the thread's outermost frame; `__enter__` tells it
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        # Imported here, so that a command line without these libraries starts, and starts fast.
        from triagebot.edge.tinymail.imap import Mailstore
        from triagebot.edge.tinymail.smtp import Postman

        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._store = Mailstore(self.host, self._folders)
        for address, password in self._first_users.items():
            await self._add_user(address, password)
        postman = Postman(self.users, self.answers, self._take)
        imap = await self._store.listen(self.imap_port)
        smtp = await postman.listen(self.host, self.smtp_port)
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in (imap, smtp))
        self._ready.set()
        await self._end.wait()
        imap.close()
        smtp.close()
        postman.hang_up()
