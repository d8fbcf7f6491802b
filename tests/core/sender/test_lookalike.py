"""Look-alikes of known senders raise a flag, and ordinary strangers none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.guard.lookalike import lookalikes
from triagebot.core.mail import Address
from triagebot.core.reading.address import ascii_domain

DOMAINS = ("microsoft.com", "bakery.test", "teashop.co.uk", "bit.test")
NAMES = {"Bakery Nowak": ("jan@bakery.test", "bakery.test"), "Ada Webworks": ("adaweb.test",)}


def flags_of(domain: str, name: str = "") -> tuple[str, ...]:
    """Given a sender's domain in any spelling and a display name, return the flags."""
    return lookalikes(Address(name, f"x@{ascii_domain(domain)}"), DOMAINS, NAMES)


@pytest.mark.parametrize(
    ("domain", "imitated"),
    [
        ("rnicrosoft.com", "microsoft.com"),
        ("micr0soft.com", "microsoft.com"),
        ("mail.rnicrosoft.com", "microsoft.com"),
        ("microsfot.com", "microsoft.com"),
        ("mcrosoftt.com", "microsoft.com"),
        ("microsoft.net", "microsoft.com"),
        ("bakery.com", "bakery.test"),
        ("bákery.test", "bakery.test"),
        ("bаkery.test", "bakery.test"),  # a Cyrillic а
        ("teash0p.co.uk", "teashop.co.uk"),
        ("teashop.uk", "teashop.co.uk"),
    ],
)
def test_imitated_domains_are_flagged(domain: str, imitated: str) -> None:
    """rn/m, 0/o, foreign letters, up to two edits and other top level domains (safety.md D.5, 0.10)."""
    assert f"lookalike-domain:{imitated}" in flags_of(domain)


@pytest.mark.parametrize(
    "domain", ["bakery.test", "shop.bakery.test", "teashop.co.uk", "butcher.test", "but.test", "example.org", "a"]
)
def test_known_and_unlike_domains_raise_no_flag(domain: str) -> None:
    """A known domain, its subdomains, and a plain other one imitate nobody."""
    assert flags_of(domain) == ()


def test_mixed_alphabets_are_flagged() -> None:
    """One label in two alphabets is a disguise; Japanese with Latin letters is not."""
    assert "lookalike-mixed-script" in flags_of("pаypal.test")  # a Cyrillic а
    assert flags_of("日本shop.test") == flags_of("пример.test") == ()


@pytest.mark.parametrize(
    ("name", "domain", "flag"),
    [
        ("Bakery  NOWAK", "evil.test", "lookalike-name:Bakery Nowak"),
        ("Bаkery Nowаk", "evil.test", "lookalike-name:Bakery Nowak"),  # Cyrillic а
        ("Ada Webworks", "evil.test", "lookalike-name:Ada Webworks"),
        ("jan@bakery.test", "evil.test", "lookalike-name-holds-address"),
    ],
)
def test_borrowed_names_are_flagged(name: str, domain: str, flag: str) -> None:
    """A known name, or an address, as display name of somebody else (safety.md D.5)."""
    assert flags_of(domain, name) == (flag,)


def test_rightful_names_raise_no_flag() -> None:
    """A client under its own name, or one who writes the address as name, is nobody else."""
    assert flags_of("bakery.test", "Bakery Nowak") == flags_of("mail.bakery.test", "Bakery Nowak") == ()
    assert flags_of("evil.test", "X@evil.test") == ()


@given(st.text(), st.text())
def test_any_sender_is_compared(name: str, domain: str) -> None:
    """No name and no domain makes the comparison raise."""
    assert isinstance(lookalikes(Address(name, f"x@{domain}"), DOMAINS, NAMES), tuple)


def test_many_clients_are_compared_in_time() -> None:
    """A stranger is compared with a thousand clients in moments."""
    known = tuple(f"customer{number:04}shop.test" for number in range(1000))
    names = {f"Customer {number}": (domain,) for number, domain in enumerate(known)}
    start = time.perf_counter()
    lookalikes(Address("Customer", "x@costumer9999shop.test"), known, names)
    assert time.perf_counter() - start < 2
