"""What Postfix asks its provider: who has a mailbox, which sender a login owns, what DMARC says of a mail.

Two small protocols of Postfix in one thread: socketmap (socketmap_table(5)) and milter (MILTER_README). The
milter removes Authentication-Results headers that claim our own id and puts the provider's on top.
"""

import asyncio
from dataclasses import dataclass, field

from tests.servers.background import BackgroundServer
from tests.servers.dovecot import Dovecot
from triagebot.edge.tinymail.headers import author_of, claims_authserv_id, without_tag

AUTHSERV_ID = "mx.company.test"
SCRIPTED = {"tempfail": "451 4.3.0 try again later", "permfail": "550 5.1.1 no such user"}
"""Local parts, in every domain, that are refused at RCPT."""

_ADD_HEADERS, _CHANGE_HEADERS = 0x01, 0x10
# Of the protocol steps we want MAIL (for the login's name) and the headers, and answer neither: NOCONNECT,
# NOHELO, NORCPT, NOBODY, NOEOH, NOUNKNOWN, NODATA and NR_HDR, NR_MAIL of milter protocol version 6.
_STEPS = 0x01 | 0x02 | 0x08 | 0x10 | 0x40 | 0x100 | 0x200 | 0x80 | 0x4000
_ACCEPT, _NEGOTIATE, _CHANGE, _INSERT = b"a", b"O", b"m", b"i"


@dataclass(slots=True)
class _Envelope:
    """What the milter has heard of the mail that is coming in."""

    login: str = ""
    sender: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)


class Provider(BackgroundServer):
    """The provider's mind. `dmarc` maps domains of mail from outside to their DMARC result; the rest fail."""

    def __init__(self, dovecot: Dovecot) -> None:
        super().__init__()
        self.socket = dovecot.directory / "provider"
        self.users = dovecot.users
        self.dmarc: dict[str, str] = {}
        self.answers: dict[str, str] = {}

    async def listen(self) -> asyncio.Server:
        """Listen on a Unix socket: Postfix' many small packets would wait for acknowledgements on TCP."""
        server = await asyncio.start_unix_server(self._serve, self.socket)
        self.socket.chmod(0o666)
        return server

    def look_up(self, table: str, key: str) -> str:
        """Given the name of a table and a key, return the value Postfix gets, or "" for none.

        Postfix asks a socketmap for the whole address only, so the +tag is taken off here.
        """
        if table == "domain":
            return "ours" if any(user.endswith(f"@{key}") for user in self.users) else ""
        address = without_tag(key)
        scripted = self.answers.get(address) or SCRIPTED.get(address.partition("@")[0], "")
        if table == "recipient":
            return scripted
        if table == "mailbox":
            return address if scripted or address in self.users else ""
        return address  # table "owner": the login that may send as this address

    def judge(self, login: str, sender: str, author: str) -> str:
        """Given the login (or ""), envelope sender and From address, return what stands in the header."""
        domain, envelope_domain = author.rpartition("@")[2], sender.rpartition("@")[2].lower()
        if not author:
            return "dmarc=permerror"
        if login:
            result = "pass" if without_tag(author) == login else "fail"
        elif envelope_domain in ("", domain):
            result = self.dmarc.get(domain, "fail")
        else:
            result = "fail"
        spf = "pass" if login or self.dmarc.get(envelope_domain) == "pass" else "fail"
        mail_from = f"spf={spf} smtp.mailfrom={envelope_domain}; " if envelope_domain else ""
        return f"{mail_from}dmarc={result} header.from={domain}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve either protocol; the first byte tells them apart: a netstring's digit or a packet's zero."""
        first = await reader.readexactly(1)
        if first.isdigit():
            await self._serve_tables(first, reader, writer)
        else:
            await self._serve_milter(first, reader, writer)

    async def _serve_tables(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            length = int(first + (await reader.readuntil(b":"))[:-1])
            request = (await reader.readexactly(length + 1))[:-1].decode("utf-8", "replace")
            table, _, key = request.partition(" ")
            value = self.look_up(table, key.lower())
            answer = f"OK {value}".encode() if value else b"NOTFOUND "
            writer.write(b"%d:%s," % (len(answer), answer))
            await writer.drain()
            first = await reader.readexactly(1)

    async def _serve_milter(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope, login = _Envelope(), ""
        while True:
            length = int.from_bytes(first + await reader.readexactly(3), "big")
            packet = await reader.readexactly(length)
            command, parts = packet[:1], packet[1:].split(b"\0")
            if command == _NEGOTIATE:
                flags = (6, _ADD_HEADERS | _CHANGE_HEADERS, _STEPS)
                _send(writer, _NEGOTIATE + b"".join(number.to_bytes(4, "big") for number in flags))
            elif command == b"D":  # macros, the name of the step first: D M {auth_authen} alice@client.test …
                macros = dict(zip([parts[0][1:], *parts[2::2]], parts[1::2], strict=False))
                login = macros.get(b"{auth_authen}", b"").decode().lower() if parts[0][:1] == b"M" else login
            elif command == b"M":
                envelope = _Envelope(login, parts[0].strip(b"<>").decode("latin-1"))
            elif command == b"L":
                envelope.headers.append((parts[0].decode("latin-1"), parts[1].decode("latin-1")))
            elif command == b"E":
                self._stamp(envelope, writer)
                await writer.drain()
            elif command == b"Q":
                return
            first = await reader.readexactly(1)

    def _stamp(self, envelope: _Envelope, writer: asyncio.StreamWriter) -> None:
        results = [value for name, value in envelope.headers if name.lower() == "authentication-results"]
        for index in range(len(results), 0, -1):  # from the last: a removal shifts those after it
            if claims_authserv_id(results[index - 1], AUTHSERV_ID):
                _send(writer, _CHANGE + index.to_bytes(4, "big") + b"Authentication-Results\0\0")
        froms = [f"From: {value}\r\n" for name, value in envelope.headers if name.lower() == "from"]
        author = author_of("".join(froms).encode("latin-1"))
        value = f"{AUTHSERV_ID}; {self.judge(envelope.login, envelope.sender, author)}"
        _send(writer, _INSERT + bytes(4) + b"Authentication-Results\0" + value.encode("latin-1") + b"\0")
        _send(writer, _ACCEPT)


def _send(writer: asyncio.StreamWriter, packet: bytes) -> None:
    writer.write(len(packet).to_bytes(4, "big") + packet)
