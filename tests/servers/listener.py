"""A web server of the tests' own: what heartbeats are given to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Listener(ThreadingHTTPServer):
    """A web server on this machine that remembers what it was asked for and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answerer)
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, str]] = {}

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Answerer(BaseHTTPRequestHandler):
    """Answers 200, or what is told for a path: a status and where to go instead."""

    server: Listener

    def do_GET(self) -> None:
        """Remember the question, give the answer."""
        self.server.asked.append(self.path)
        status, place = self.server.answers.get(self.path, (200, ""))
        self.send_response(status)
        if place:
            self.send_header("Location", place)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Listener]:
    """A web server, until the end."""
    server = Listener()
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
