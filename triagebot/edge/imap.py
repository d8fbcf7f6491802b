"""One IMAP mailbox, by UID only (IMAPClient). Blocking; used from one thread.

Only integers, our own Message-IDs and names from the config ever go into a command
(safety.md F.1): a received string could be a command of its own (safety.md 0.1).
"""

import contextlib
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from triagebot.core.desk import Server
from triagebot.core.errors import LoginRefused, ServerError, ServerUntrusted

CONNECT_SECONDS = 15
READ_SECONDS = 60
_LISTING = 500
_BYTES = re.compile(r"""^b(['"])(.*)\1$""")
"""How IMAPClient shows what a server said at a refused login."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SPECIAL = {"sent": b"\\Sent", "drafts": b"\\Drafts", "junk": b"\\Junk"}
_USUAL_NAMES = {
    "sent": ("Sent", "Sent Items", "Sent Mail", "INBOX.Sent"),
    "drafts": ("Drafts", "INBOX.Drafts"),
    "junk": ("Junk", "Spam", "INBOX.Junk"),
}


@dataclass(frozen=True, slots=True)
class Selected:
    """What a folder said when it was opened."""

    uidvalidity: int
    uidnext: int
    exists: int
    keywords: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail on the server before it is fetched: `received_at` is INTERNALDATE in UTC, size in bytes."""

    uid: int
    size: int
    received_at: datetime


class _CleanUpgrade:
    """Stands in for a TLS context: imaplib turns to it right after the server's answer to STARTTLS, the one moment
    when nothing else may have been said (CVE-2011-0411; safety.md F.4)."""

    def __init__(self, mailbox: "Mailbox", context: ssl.SSLContext) -> None:
        self._mailbox = mailbox
        self._context = context

    def wrap_socket(self, sock: socket.socket, server_hostname: str) -> ssl.SSLSocket:
        """Given the plain socket and the host, return the encrypted one. Raise ServerUntrusted."""
        self._mailbox.refuse_unread()
        return self._context.wrap_socket(sock, server_hostname=server_hostname)


class Mailbox:
    """A logged-in IMAP connection. Every method raises ServerError when the server could not be used."""

    def __init__(self, server: Server, password: str, context: ssl.SSLContext | None) -> None:
        self._where = f"IMAP {server.host}:{server.port}"
        with self._errors():
            self._client = IMAPClient(
                server.host,
                server.port,
                use_uid=True,
                ssl=server.security == "tls",
                ssl_context=context if server.security == "tls" else None,
                timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
            )
            self._client.normalise_times = False
            try:
                self._secure(server, context)
                self._login(server.user, password)
            except BaseException:
                self.close()
                raise

    def _secure(self, server: Server, context: ssl.SSLContext | None) -> None:
        """A PREAUTH greeting would let the server skip STARTTLS and our login (safety.md F.1)."""
        if self._client._imap.state != "NONAUTH":
            raise ServerUntrusted(f"{self._where} greets as already logged in (PREAUTH); refused")
        if server.security == "starttls":
            if not self._client.has_capability("STARTTLS"):
                raise ServerUntrusted(f"{self._where} does not offer STARTTLS; refused to log in without TLS")
            self._client.starttls(_CleanUpgrade(self, context or ssl.create_default_context()))

    def refuse_unread(self) -> None:
        """Raise ServerUntrusted when the server has said more in clear text than its answer to STARTTLS."""
        if self._unread():
            raise ServerUntrusted(
                f"{self._where} says more than its answer to STARTTLS in clear text; somebody may have slipped it in"
            )

    def _unread(self) -> bytes:
        """What the server has sent and nobody has read yet; a poll of the socket does not show it."""
        imap = self._client._imap
        buffered = getattr(imap, "_readbuf", None)  # since Python 3.14 imaplib keeps a buffer of its own
        if buffered is not None:
            return b"".join(buffered)
        patience = imap.sock.gettimeout()
        imap.sock.settimeout(0)
        try:
            return bytes(imap.file.peek())
        except OSError:
            return b""
        finally:
            imap.sock.settimeout(patience)

    def _login(self, user: str, password: str) -> None:
        if _CONTROL.search(user + password):
            raise LoginRefused(f"{self._where}: user or password holds a control character; look where it comes from")
        try:
            if (user + password).isascii():
                self._client.login(user, password)
            else:
                self._client.plain_login(user, password)  # LOGIN knows ASCII only (RFC 9051 section 9, astring)
        except LoginError as error:
            raise LoginRefused(f"{self._where} refuses the login of {user}: {_said(error)}") from None

    def select(self, folder: str, *, writable: bool) -> Selected:
        """Given a folder, open it (EXAMINE unless writable) and return what it said."""
        with self._errors():
            answer = self._client.select_folder(folder, readonly=not writable)
        if b"UIDVALIDITY" not in answer:
            raise ServerError(f"{self._where} gives {folder} no UIDVALIDITY, so its mails cannot be told apart")
        return Selected(
            uidvalidity=int(answer[b"UIDVALIDITY"]),
            uidnext=int(answer.get(b"UIDNEXT", 0)),
            exists=int(answer.get(b"EXISTS", 0)),
            keywords=b"\\*" in answer.get(b"PERMANENTFLAGS", ()),
        )

    def list_after(self, uid: int) -> list[int]:
        """Given the highest UID known, return all UIDs above it in ascending order."""
        with self._errors():
            found = self._client.search(["UID", f"{uid + 1}:*"])
        return sorted(one for one in found if one > uid)  # "n:*" always names the last mail too

    def describe(self, uids: Sequence[int]) -> Iterator[Listed]:
        """Given UIDs, yield size and date of those that are still there."""
        for start in range(0, len(uids), _LISTING):
            with self._errors():
                answer = self._client.fetch(list(uids[start : start + _LISTING]), ["RFC822.SIZE", "INTERNALDATE"])
            for uid, data in sorted(answer.items()):
                if b"RFC822.SIZE" in data:
                    yield Listed(uid, int(data[b"RFC822.SIZE"]), _utc(data.get(b"INTERNALDATE")))

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Given UIDs, return the whole mails that are still there; nothing is marked as read."""
        return self._fetch(uids, "BODY.PEEK[]", b"BODY[]")

    def fetch_headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Given UIDs, return the header blocks of the mails that are still there."""
        return self._fetch(uids, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def _fetch(self, uids: Sequence[int], item: str, key: bytes) -> dict[int, bytes]:
        with self._errors():
            answer = self._client.fetch(list(uids), [item])
        return {uid: data[key] for uid, data in answer.items() if data.get(key) is not None}

    def mark(self, uids: Sequence[int], keyword: str) -> None:
        """Given UIDs and a keyword of the config, set it."""
        with self._errors():
            self._client.add_flags(list(uids), [keyword], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Given UIDs and a folder of the config, move them there (RFC 6851, else copy and UID EXPUNGE)."""
        with self._errors():
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), folder)
            elif self._client.has_capability("UIDPLUS"):
                self._client.copy(list(uids), folder)
                self._client.add_flags(list(uids), [b"\\Deleted"], silent=True)
                self._client.uid_expunge(list(uids))
            else:
                raise ServerError(f"{self._where} can neither MOVE nor UID EXPUNGE; remove `done` from the inbox")

    def ensure_folder(self, folder: str) -> None:
        """Given a folder of the config, create it if it is not there."""
        with self._errors():
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def find_folder(self, use: str) -> str:
        """Given "sent", "drafts" or "junk", return that folder by SPECIAL-USE or its usual name, or ""."""
        with self._errors():
            listed = [(flags, name) for flags, _, name in self._client.list_folders()]
        marked = [name for flags, name in listed if _SPECIAL[use] in flags]
        names = {name for _, name in listed}
        usual = [name for name in _USUAL_NAMES[use] if name in names]
        return str(next(iter(marked + usual), ""))

    def has_message(self, folder: str, message_id: str) -> bool:
        """Given a folder and a Message-ID of our own making, return whether a copy lies there."""
        with self._errors():
            self._client.select_folder(folder, readonly=True)
            return bool(self._client.search(["HEADER", "Message-ID", message_id]))

    def append(self, folder: str, raw: bytes, flags: Sequence[str]) -> None:
        """Given a folder, a mail and its flags, put the mail there."""
        with self._errors():
            self._client.append(folder, raw, [flag.encode() for flag in flags])

    def wait(self, seconds: float) -> bool:
        """Wait at most so many seconds for news. Return True at once when the server has some.

        Raise ServerError when the connection is dead: `idle_check` on a dead socket returns at once, for ever.
        """
        with self._errors():
            unread = self._unread()  # what came together with the answer to IDLE
            if b" EXISTS\r\n" in unread:
                return True
            began = time.monotonic()
            news = [] if b"* BYE" in unread else self._client.idle_check(timeout=seconds)
            waited = time.monotonic() - began
        if b"* BYE" in unread or any(one and one[0] == b"BYE" for one in news):
            raise ServerError(f"{self._where} said goodbye")
        if not news and waited < seconds / 2:
            raise ServerError(f"{self._where} closed the connection")
        return any(len(one) > 1 and one[1] in (b"EXISTS", b"RECENT") for one in news)

    def can_idle(self) -> bool:
        """Return whether the server offers IDLE (RFC 2177)."""
        with self._errors():
            return bool(self._client.has_capability("IDLE"))

    def start_idle(self) -> None:
        """Enter IDLE."""
        with self._errors():
            self._client.idle()

    def stop_idle(self) -> bool:
        """Leave IDLE and return whether news came meanwhile."""
        with self._errors():
            _, news = self._client.idle_done()
        return any(len(one) > 1 and one[1] == b"EXISTS" for one in news)

    def poll(self) -> None:
        """Ask the server whether it is there (NOOP)."""
        with self._errors():
            self._client.noop()

    def close(self) -> None:
        """Close the socket; no LOGOUT round trip on a link that may be dead."""
        with contextlib.suppress(OSError, IMAPClientError):
            self._client.shutdown()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise ServerUntrusted(f"{self._where}: certificate refused: {error.verify_message}") from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise ServerError(f"{self._where} closed the connection") from None
        except ssl.SSLError as error:
            raise ServerUntrusted(f"{self._where}: TLS failed: {error.reason or error}") from None
        except imaplib.IMAP4.abort as error:
            raise ServerError(f"{self._where} broke the connection: {_said(error)}") from None
        except IMAPClientError as error:
            raise ServerError(f"{self._where}: {_said(error)}") from None
        except (OSError, EOFError, ValueError) as error:  # ValueError: closed by another thread, or nonsense said
            raise ServerError(f"{self._where} cannot be reached: {error}") from None


def _utc(moment: datetime | None) -> datetime:
    return moment.astimezone(UTC) if moment is not None else datetime.fromtimestamp(0, UTC)


def _said(error: Exception) -> str:
    """What the server said, on one printable line."""
    text = error.args[0] if error.args else error
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else _BYTES.sub(r"\2", str(text))
    return "".join(c if c.isprintable() else " " for c in text)[:200]
