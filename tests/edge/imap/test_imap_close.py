"""A connection that hangs is ended from another thread, and nobody waits for that."""

import asyncio
import ssl
import threading

import pytest

from tests.servers.background import BackgroundServer
from tests.servers.certificates import Authority
from triagebot.core.desk import Server
from triagebot.core.errors import ServerError
from triagebot.edge.imap import Mailbox


class Silent(BackgroundServer):
    """Lets a client log in and says nothing any more after that."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.unanswered = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet, answer until the login, then only listen."""
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.partition(b" ")
            if command.upper().startswith((b"CAPABILITY", b"LOGIN")):
                writer.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            else:
                self.unanswered += 1
                self.announce_change()


@pytest.mark.parametrize("security", ["none", "tls"])
def test_close_ends_a_read_that_hangs(authority: Authority, security: str) -> None:
    """The reading thread gets a ServerError at once, and the closing one does not wait for the server."""
    certificate = authority.good()
    tls = security == "tls"
    with Silent(certificate.server_context() if tls else None) as silent:
        server = Server("localhost", silent.port, security, "ada")  # type: ignore[arg-type]
        mailbox = Mailbox(server, "secret", certificate.client_context() if tls else None)
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                mailbox.poll()
            except ServerError as error:
                errors.append(error)

        reading = threading.Thread(target=ask, daemon=True)
        reading.start()
        silent.wait_until(lambda: silent.unanswered == 1, 10, "question")
        closing = threading.Thread(target=mailbox.close, daemon=True)
        closing.start()
        closing.join(10)
        reading.join(10)
        assert not closing.is_alive()
        assert not reading.is_alive()
        assert len(errors) == 1
