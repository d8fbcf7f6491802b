"""Authentication-Results are read by a grammar: what stands in quotes or comments proves nothing."""

import time

import pytest
from authres import AuthenticationResultsHeader
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.mail import Header, HeaderBlock
from triagebot.core.sender.authentication import AuthHeader, AuthResult
from triagebot.edge.authentication import read_results


def read(*values: str) -> tuple[AuthHeader, ...]:
    """Given header values, return them read, in a block where each follows another header."""
    fields = [Header(name, value) for value in values for name, value in (("x", ""), ("authentication-results", value))]
    return read_results(HeaderBlock(tuple(fields)))


GMAIL = (
    "mx.google.com; dkim=pass header.i=@bakery.test header.s=s1 header.b=Ab/+12=; arc=none;"
    " spf=pass (google.com: domain of jan@bakery.test designates 2001:db8::1 as permitted sender)"
    " smtp.mailfrom=jan@bakery.test; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=bakery.test"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.25) smtp.mailfrom=bakery.test; dkim=pass (signature was verified)"
    " header.d=bakery.test;dmarc=pass action=none header.from=bakery.test;compauth=pass reason=100"
)
EXIM = (
    "mx.test; iprev=pass (out.bakery.test) smtp.remote-ip=2001:db8::1; spf=pass smtp.client-ip=2001:db8::1"
    " smtp.mailfrom=bakery.test; dmarc=pass header.from=bakery.test;"
)


@pytest.mark.parametrize(
    ("value", "authserv_id"),
    [(GMAIL, "mx.google.com"), (MICROSOFT, ""), (EXIM, "mx.test"), (GMAIL.upper(), "mx.google.com")],
)
def test_what_providers_write_is_read(value: str, authserv_id: str) -> None:
    """Google's, Microsoft's and Exim's headers give their DMARC result, IPv6 and trailing semicolon or not."""
    (header,) = read(value)
    assert (header.position, header.authserv_id, header.problem) == (1, authserv_id, "")
    (dmarc,) = (result for result in header.results if result.method == "dmarc")
    assert (dmarc.result, dmarc.only("header.from").lower()) == ("pass", "bakery.test")


@pytest.mark.parametrize("start", ["mx.test", "MX.Test 1", '"mx.test"', "(a) mx.test (b (c)) 1 (d)", " mx.test "])
def test_the_server_name_is_read_in_any_dress(start: str) -> None:
    """RFC 8601 section 2.2: comments, a version, quotes and case do not change the id."""
    (header,) = read(f"{start}; none")
    assert (header.authserv_id, header.results, header.problem) == ("mx.test", (), "")


@pytest.mark.parametrize(
    "value",
    [
        'mx.test; spf=fail smtp.mailfrom="x; dmarc=pass header.from=client.test"@evil.test',
        r'mx.test; spf=fail smtp.mailfrom="x\"; dmarc=pass header.from=client.test"@evil.test',
        "mx.test; spf=fail (he said; dmarc=pass header.from=client.test) smtp.mailfrom=evil.test",
        "mx.test; spf=fail (a (b; dmarc=pass) \\) ; dmarc=pass) smtp.mailfrom=evil.test",
        'mx.test; spf=fail reason="; dmarc=pass header.from=client.test"',
        'mx.test; spf=fail smtp.mailfrom="é; dmarc=pass header.from=client.test"@evil.test',
        "mx.test; spf=fail (é; dmarc=pass header.from=client.test) smtp.mailfrom=evil.test",
    ],
)
def test_a_pass_in_quotes_or_comments_is_none(value: str) -> None:
    """An attacker's words inside a quoted address or a comment are no result (safety.md D.1.3)."""
    (header,) = read(value)
    assert [(result.method, result.result) for result in header.results] == [("spf", "fail")]


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "; dmarc=pass header.from=client.test",
        "mx test; dmarc=pass header.from=client.test",
        "mx.test 2; dmarc=pass header.from=client.test",
        "mx.test; dmarc=pass header.from=client.test; what is this",
        "mx.test; dmarc=pass header.from=client.test (unclosed",
        'mx.test; dmarc=pass header.from="client.test',
        "mx.test; dmarc=pass) header.from=client.test",
        "mx.test; dmarc=; spf=pass",
        "mx.test; dmarc=pass " + "(" * 300 + "; dmarc=pass " + ")" * 300,
        "mx.test; dmarc=pass header.from=client.test; " + "x=y; " * 60,
        "mx.test; dmarc=pass header.from=client.test " + "a" * 9000,
    ],
)
def test_a_doubtful_header_has_no_results(value: str) -> None:
    """An instance that cannot be read without doubt, or is too long, counts for nothing and says why."""
    (header,) = read(value)
    assert header.results == ()
    assert header.problem


def test_properties_that_contradict_each_other_say_nothing() -> None:
    """Two different values of one property leave a doubt; the same twice does not."""
    (header,) = read(
        "mx.test; dmarc=pass header.from=a.test header.from=b.test; dkim=pass header.d=a.test header.d=a.test"
    )
    assert [(r.only("header.from"), r.only("header.d")) for r in header.results] == [("", ""), ("", "a.test")]


def test_internationalised_domains_are_a_labels() -> None:
    """RFC 8616: a U-label in a result is the same domain as its A-label."""
    (header,) = read("mx.test; dmarc=pass header.from=bücher.test")
    assert header.results == (AuthResult("dmarc", "pass", (("header.from", "xn--bcher-kva.test"),)),)


def test_twenty_headers_are_read() -> None:
    """Of a flood only the topmost twenty count, with their places."""
    found = read(*(f"mx{number}.test; none" for number in range(30)))
    assert [header.position for header in found] == list(range(1, 41, 2))


@given(st.one_of(st.text(), st.text(alphabet='mx.;= ()"\\a1é').map("mx.test; dmarc=".__add__)))
def test_any_value_is_read(value: str) -> None:
    """No value makes the reader raise."""
    assert len(read(value)) == 1


@pytest.mark.parametrize(
    "filler", ["(", "()", '"', '\\"', ";", "a=b ", "header.a=b ", "header.a . b = c ", "(a;)", "é", ":", '"a" ']
)
def test_bombs_are_read_in_time(filler: str) -> None:
    """Twenty headers of eight kilobytes of anything take linear time."""
    value = "mx.test; dmarc=pass " + filler * (8100 // len(filler))
    start = time.perf_counter()
    read(*[f"{value}{number}" for number in range(20)])
    assert time.perf_counter() - start < 6


_TOKEN = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,20}", fullmatch=True)
_PROPERTIES = st.lists(
    st.tuples(st.sampled_from(["header.from", "header.d", "header.s", "smtp.mailfrom", "policy.dmarc"]), _TOKEN),
    max_size=4,
)


@given(st.sampled_from(["arc", "dkim", "dmarc", "spf"]), st.sampled_from(["pass", "fail", "none"]), _PROPERTIES)
def test_plain_clauses_are_read_as_authres_reads_them(
    method: str, result: str, properties: list[tuple[str, str]]
) -> None:
    """The short way for plain clauses gives what authres gives (a folded clause goes the long way)."""
    words = " ".join((f"{method}={result}", *(f"{name}={value}" for name, value in properties)))
    (short,) = read(f"mx.test; {words}")
    long = AuthenticationResultsHeader.parse_value(f"x; {words}").results[0]
    told = tuple((f"{one.type}.{one.name}", str(one.value)) for one in long.properties)
    assert short.results == (AuthResult(str(long.method), str(long.result), told),)
