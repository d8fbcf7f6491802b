"""An SMTP server that takes every mail and keeps only when it came and what it answers; a process of its own.

It does the least a client needs (EHLO with SIZE and 8BITMIME, no pipelining, no login), so that both sides
of the benchmark pay the same small price. It prints one line of JSON with its two ports, answers `counts`,
`list` and `reset` on the control port with one line of JSON each, and ends when its standard input closes
or on SIGTERM; then it prints the counts.
"""

import asyncio
import json
import re
import signal
import sys
import time

_IN_REPLY_TO = re.compile(rb"^In-Reply-To:\s*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
_ANSWERS = {
    b"EHLO": b"250-sink.bench.test\r\n250-SIZE 52428800\r\n250 8BITMIME\r\n",
    b"HELO": b"250 sink.bench.test\r\n",
    b"MAIL": b"250 2.1.0 OK\r\n",
    b"RCPT": b"250 2.1.5 OK\r\n",
    b"RSET": b"250 2.0.0 OK\r\n",
    b"NOOP": b"250 2.0.0 OK\r\n",
}


class Accepted:
    """The mails taken so far: (seconds of the monotonic clock, In-Reply-To, bytes)."""

    def __init__(self) -> None:
        self.mails: list[tuple[float, str, int]] = []

    def note(self, mail: bytes) -> None:
        """Given a whole mail, keep its time and the id it answers."""
        found = _IN_REPLY_TO.search(mail, 0, mail.find(b"\r\n\r\n") + 2)
        self.mails.append((time.monotonic(), found[1].decode("latin-1") if found else "", len(mail)))

    def counts(self) -> dict[str, float]:
        """Return how many mails and bytes were taken, and when the last one was."""
        return {
            "accepted": len(self.mails),
            "bytes": sum(size for _, _, size in self.mails),
            "last": self.mails[-1][0] if self.mails else 0.0,
        }


class Smtp(asyncio.Protocol):
    """One SMTP connection (RFC 5321 section 4)."""

    def __init__(self, accepted: Accepted) -> None:
        self.accepted = accepted
        self.buffer = bytearray()
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(b"220 sink.bench.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Take whole lines, or a whole mail after DATA, out of what came."""
        searched = max(len(self.buffer) - 4, 0)
        self.buffer += data
        while True:
            mark = b"\r\n.\r\n" if self.in_data else b"\r\n"
            end = self.buffer.find(mark, searched)
            if end < 0:
                return
            block = bytes(self.buffer[:end])
            del self.buffer[: end + len(mark)]
            searched = 0
            if self.in_data:
                self.in_data = False
                self.accepted.note(block)
                self.transport.write(b"250 2.0.0 OK\r\n")
            else:
                self.answer(block[:4].upper())

    def answer(self, verb: bytes) -> None:
        """Given the first four letters of a command, write its reply."""
        if verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go ahead\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 2.0.0 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(_ANSWERS.get(verb, b"502 5.5.1 not implemented\r\n"))


async def _control(accepted: Accepted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the harness: one word in, one line of JSON out."""
    while line := await reader.readline():
        match line.strip():
            case b"list":
                answer: object = accepted.mails
            case b"reset":
                accepted.mails.clear()
                answer = accepted.counts()
            case _:
                answer = accepted.counts()
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


async def serve() -> None:
    """Serve on two ports of the loopback until standard input closes or SIGTERM comes."""
    loop = asyncio.get_running_loop()
    accepted = Accepted()
    smtp = await loop.create_server(lambda: Smtp(accepted), "127.0.0.1", 0)
    control = await asyncio.start_server(lambda r, w: _control(accepted, r, w), "127.0.0.1", 0)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin, stop.set)
    ports = {"smtp": smtp.sockets[0].getsockname()[1], "control": control.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    await stop.wait()
    print(json.dumps(accepted.counts()), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
