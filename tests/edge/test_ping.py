"""The heartbeat's address is fetched over verified TLS or on this machine, never handed to another host."""

import ssl
from collections.abc import Iterator

import pytest

from tests.servers.certificates import Authority
from tests.servers.listener import Listener, listening
from tests.servers.process import free_ports
from triagebot.edge.ping import fetch_ping


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server on this machine."""
    with listening() as server:
        yield server


@pytest.fixture
def context() -> ssl.SSLContext:
    """A context that trusts the system's authorities."""
    return ssl.create_default_context()


def test_the_address_is_fetched(listener: Listener, context: ssl.SSLContext) -> None:
    """Once, as written; any 2xx is a heartbeat that was taken."""
    listener.answers["/1234?a=b"] = (204, "")
    assert fetch_ping(f"{listener.address}/1234?a=b", context) == ""
    assert listener.asked == ["/1234?a=b"]


def test_a_redirect_stays_on_its_host(listener: Listener, context: ssl.SSLContext) -> None:
    """To another path of the same host it is followed; to another host or port never."""
    other = f"http://127.0.0.1:{free_ports(1)[0]}/taken"
    listener.answers = {"/a": (302, "/b"), "/c": (302, other), "/d": (301, f"http://localhost:{listener.server_port}/")}
    assert fetch_ping(f"{listener.address}/a", context) == ""
    for path in ("/c", "/d"):
        assert "is answered with 30" in fetch_ping(f"{listener.address}{path}", context)
    assert listener.asked == ["/a", "/b", "/c", "/d"]


@pytest.mark.parametrize("address", ["http://hc.example/secret", "ftp://127.0.0.1/secret", "file:///etc/passwd", "x"])
def test_only_https_or_this_machine(address: str, context: ssl.SSLContext) -> None:
    """What could be read on the way is not even tried; the address is never repeated."""
    said = fetch_ping(address, context)
    assert "must begin with https://" in said
    assert "secret" not in said


def test_a_certificate_of_nobody_is_refused(authority: Authority, context: ssl.SSLContext, listener: Listener) -> None:
    """TLS is verified: a server that only claims to be the one is told in a sentence, one that is trusted is asked."""
    certificate = authority.good()
    listener.socket = certificate.server_context().wrap_socket(listener.socket, server_side=True)
    address = f"https://localhost:{listener.server_port}/secret"
    said = fetch_ping(address, context, seconds=5)
    assert "certificate" in said.lower()
    assert "secret" not in said
    assert listener.asked == []
    assert fetch_ping(address, certificate.client_context(), seconds=5) == ""


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusal_is_a_sentence(status: int, listener: Listener, context: ssl.SSLContext) -> None:
    """It names the host and the answer, and not the address, which is a secret."""
    listener.answers["/secret"] = (status, "")
    said = fetch_ping(f"{listener.address}/secret", context)
    assert said == f"the heartbeat at 127.0.0.1 is answered with {status}"


def test_nobody_there_is_a_sentence(context: ssl.SSLContext) -> None:
    """A closed port, and an address with signs that fit nowhere."""
    said = fetch_ping(f"http://127.0.0.1:{free_ports(1)[0]}/secret", context)
    assert said.startswith("the heartbeat at 127.0.0.1 cannot be given")
    assert "secret" not in said
    assert "cannot be" in fetch_ping("http://[::1/secret", context)
    assert "cannot be given" in fetch_ping("http://127.0.0.1:80/a b\n", context)
