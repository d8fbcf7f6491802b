"""The IMAP half: pymap 0.36 with its in-memory backend, on an ephemeral port, with keywords."""

import asyncio
from argparse import Namespace
from datetime import datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Event, Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Wildcard
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext


class _Mailbox(MailboxData):
    """A folder that keeps custom keywords (pymap drops them unless `\\*` is among the permanent flags), and whose
    IDLE tells at once of what came before it began: pymap would wait for the next change."""

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return super().permanent_flags | {Wildcard}

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        if selected.mod_sequence != self._mod_sequences.highest:
            wait_on = None
        return await super().update_selected(selected, wait_on=wait_on)


class _Mailboxes(MailboxSet):
    """One user's folders, all of the kind above."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Mailbox(self._content_cache, self._thread_cache)

    async def add_mailbox(self, name: str) -> ObjectId:
        mailbox_id = await super().add_mailbox(name)
        async with self._set_lock.write_lock():
            self._set[name] = mailbox = _Mailbox(self._content_cache, self._thread_cache)
        return mailbox.mailbox_id or mailbox_id


class _WholeResponses(asyncio.StreamWriter):
    """Sends a response in one piece: pymap writes lines in parts, and imaplib gives up on a part in IDLE."""

    def __init__(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
        transport = writer.transport
        super().__init__(transport, transport.get_protocol(), reader, asyncio.get_running_loop())
        self._parts: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._parts.append(bytes(data))

    async def drain(self) -> None:
        self._flush()
        await super().drain()

    def close(self) -> None:
        self._flush()
        super().close()

    def _flush(self) -> None:
        if self._parts:
            super().write(b"".join(self._parts))
            self._parts.clear()


class Mailstore:
    """All users' folders and the server that shows them. Every method belongs on one event loop."""

    def __init__(self, host: str, folders: tuple[str, ...]) -> None:
        arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
        self._config = Config(
            arguments,
            host=host,
            port=0,
            tls_enabled=False,
            secure_auth=False,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),  # a plain text password needs no pool of threads
            demo_data=False,
            demo_user="",
            demo_password="",
            invalid_user_sleep=0,
        )
        self._host, self._folders = host, folders
        self._login = Login(self._config)
        self._mailboxes: dict[str, _Mailboxes] = {}

    async def listen(self, port: int) -> asyncio.Server:
        """Given a port (0: any free one), return the listening server."""
        self._config.apply_context()
        proxy_reader = ProxyProtocolReader(self._config.proxy_protocol)
        callback = proxy_reader.get_callback(IMAPServer(self._login, self._config))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await callback(reader, _WholeResponses(writer, reader))

        return await asyncio.start_server(serve, self._host, port)

    async def add_user(self, user: str, password: str) -> None:
        """Given a user's name and password, make the account with its folders."""
        metadata = UserMetadata(self._config, user, password=Cleartext().hash(password))
        await Identity(user, self._login, None, frozenset()).set(metadata)
        mailboxes = self._mailboxes[user] = _Mailboxes()
        self._config.set_cache[user] = mailboxes, FilterSet()
        for folder in self._folders:
            await mailboxes.add_mailbox(folder)

    async def append(self, user: str, folder: str, raw: bytes, received_at: datetime) -> None:
        """Given a mail, put it into a folder; idling clients are told."""
        mailbox = await self._mailboxes[user].get_mailbox(folder)
        await mailbox.append(AppendMessage(raw, received_at, frozenset()), recent=True)

    async def messages(self, user: str, folder: str) -> list[bytes]:
        """Given a user and a folder, return its mails, the oldest first."""
        mailbox = await self._mailboxes[user].get_mailbox(folder)
        requirement = FetchRequirement.CONTENT
        return [bytes(await message.load_content(requirement)) async for message in mailbox.messages()]
