"""Address headers are read strictly, in linear time, and without ever raising."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.address import ascii_domain, parse_addresses, sender_key


@pytest.mark.parametrize(
    ("value", "name", "spec"),
    [
        ("jan@bakery.test", "", "jan@bakery.test"),
        ("Jan Q. Nowak <jan@Bakery.TEST>", "Jan Q. Nowak", "jan@bakery.test"),
        ('"Nowak, Jan \\"J\\"" <jan@bakery.test>', 'Nowak, Jan "J"', "jan@bakery.test"),
        ("jan@bakery.test (Jan (the baker) Nowak)", "Jan (the baker) Nowak", "jan@bakery.test"),
        ("=?utf-8?q?J=C3=A1n?= =?utf-8?b?xYI=?= <jan@bakery.test>", "Jánł", "jan@bakery.test"),
        ("=?utf-8?Q?Nowak,_Jan?= <jan@bakery.test>", "Nowak, Jan", "jan@bakery.test"),
        ("jan@bakery.test <JAN@bakery.test>", "jan@bakery.test", "JAN@bakery.test"),
        ('"a@good.test" <x@evil.test>', "a@good.test", "x@evil.test"),
        ('"jan"@bakery.test', "", "jan@bakery.test"),
        ("anna@bücher.test", "", "anna@xn--bcher-kva.test"),
        ("anna@xn--bcher-kva.test", "", "anna@xn--bcher-kva.test"),
        ("< jan@bakery.test >", "", "jan@bakery.test"),
    ],
)
def test_one_clear_address_is_read(value: str, name: str, spec: str) -> None:
    """A mailbox as people and programs write it gives its name and address and no defect."""
    found = parse_addresses(value)
    assert ([(a.name, a.spec) for a in found.addresses], found.defects) == ([(name, spec)], ())


@pytest.mark.parametrize(
    ("value", "specs", "defect"),
    [
        ("a@good.test <x@evil.test>", ["x@evil.test"], "angle-mismatch"),
        ("<a@good.test> <x@evil.test>", ["a@good.test"], "two-addresses"),
        ("alice@example.test)bob@evil.test", [], "stray-character"),
        ("jan@bakery.test (or x@evil.test)", ["jan@bakery.test"], "address-in-comment"),
        ("<jan@bakery.test> hello", ["jan@bakery.test"], "trailing"),
        ("friends: jan@bakery.test, mia@cafe.test;", ["jan@bakery.test", "mia@cafe.test"], "group"),
        ("undisclosed-recipients:;", [], "empty-group"),
        ("jan@bakery.test; mia@cafe.test", ["jan@bakery.test", "mia@cafe.test"], "stray-character"),
        ("", [], "empty"),
        ("<>", [], "empty"),
        ("Mail Delivery <MAILER-DAEMON>", [], "bad-address"),
        ("jan nowak@bakery.test", [], "bad-address"),
        ("jan@one@two.test", [], "bad-address"),
        ("<@relay.test:jan@bakery.test>", [], "bad-address"),
        ("<jan@bakery.test, mia@cafe.test>", [], "bad-address"),
        ("jan@[192.0.2.1]", [], "bad-address"),
        ("jan@bakery..test", [], "bad-address"),
        ("jan@bakery.test.", [], "bad-address"),
        ("j\ufffdn\u0000@bakery.test", [], "bad-address"),
        ("j" * 65 + "@bakery.test", [], "bad-address"),
        ('"jan nowak"@bakery.test', [], "quoted-local"),
        ("żółw@bakery.test", ["żółw@bakery.test"], "smtputf8-local"),
        ('"Jan <jan@bakery.test>', [], "unclosed-quote"),
        ("jan@bakery.test (Jan", ["jan@bakery.test"], "unclosed-comment"),
        ("Jan <jan@bakery.test", ["jan@bakery.test"], "unclosed-angle"),
        ("(" * 11 + ")" * 11 + "jan@bakery.test", ["jan@bakery.test"], "nested-comment-depth"),
        ("=?utf-8?q?Jan=0D=0ABcc:x?= <jan@bakery.test>", ["jan@bakery.test"], "name-control"),
    ],
)
def test_every_doubt_is_a_named_defect(value: str, specs: list[str], defect: str) -> None:
    """What two parsers could read differently is never repaired in silence (safety.md F.2)."""
    found = parse_addresses(value)
    assert ([address.spec for address in found.addresses], defect in found.defects) == (specs, True)


def test_a_list_of_addresses_is_no_defect() -> None:
    """Several recipients are ordinary; empty places between commas are forgiven."""
    found = parse_addresses("a@x.test, B <b@y.test>,, c@z.test (C)")
    assert ([a.spec for a in found.addresses], found.defects) == (["a@x.test", "b@y.test", "c@z.test"], ())


@pytest.mark.parametrize(
    "bomb",
    [
        '"' * 100_001,
        '"\\' * 50_000,
        "(" * 500 + ")" * 500 + "jan@bakery.test",
        "(" * 100_000,
        "(a)" * 33_000,
        "<" * 100_000,
        ":" * 100_000,
        "=?a?q?" * 20_000,
        "=?utf-8?q?x?= " * 40_000,
        "a@b.test," * 11_000,
        "a." * 50_000 + "@b.test",
        "a@" + "b." * 50_000,
        "a@" + "ü" * 100_000,
        "=?a?q?" + "x" * 100_000,
    ],
)
def test_address_bombs_are_read_in_time(bomb: str) -> None:
    """100 kB of anything takes linear time: the standard library needs 88 s for quotes (safety.md 0.2)."""
    start = time.perf_counter()
    parse_addresses(bomb)
    assert time.perf_counter() - start < 3


@given(st.one_of(st.text(), st.text(alphabet='ab@<>()",:;\\.= ?qQ\t\r\n\0é\ud800')))
def test_any_value_gives_addresses_that_can_be_written(value: str) -> None:
    """Any text gives addresses without line breaks, NUL, spaces or surrogates, and never an exception."""
    for address in parse_addresses(value).addresses:
        assert not set(address.name + address.spec) & set("\r\n\0")
        assert " " not in address.spec
        assert address.domain.isascii()
        (address.name + address.spec).encode()


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Jan+Shop@Bakery.Test", "jan@bakery.test"),
        ("+odd@bakery.test", "+odd@bakery.test"),
        ("anna@BÜCHER.test", "anna@xn--bcher-kva.test"),
        ("jan@bakery.test\n", "jan@bakery.test"),
    ],
)
def test_sender_key_is_one_spelling(address: str, key: str) -> None:
    """Case, plus-tag and script do not make another sender (safety.md C)."""
    assert sender_key(address) == key


@given(st.text())
def test_ascii_domain_is_a_domain_or_nothing(text: str) -> None:
    """Any text gives a lower case ASCII domain that maps to itself, or an empty string."""
    domain = ascii_domain(text)
    assert domain == "" or (domain.isascii() and domain == domain.lower() and len(domain) <= 253)
    assert ascii_domain(domain) == domain
