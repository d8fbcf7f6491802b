"""How values are written: what is meant arrives exactly, and what is not meant is refused with a sentence."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.files import spelling
from triagebot.core.sender.freemail import FREEMAIL

GOOD: list[tuple[Callable[..., object], object, object]] = [
    (spelling.parse_duration, "24h", timedelta(hours=24)),
    (spelling.parse_duration, "0s", timedelta(0)),
    (spelling.parse_duration, "1d 2h 3m 4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    (spelling.parse_duration, "90m", timedelta(minutes=90)),
    (spelling.parse_size, 25, 25),
    (spelling.parse_size, "25", 25),
    (spelling.parse_size, "25MiB", 25 * 1024 * 1024),
    (spelling.parse_size, "100kB", 100_000),
    (spelling.parse_size, "0.5 GiB", 512 * 1024 * 1024),
    (spelling.parse_money, "79.50", Decimal("79.50")),
    (spelling.parse_money, 0, Decimal(0)),
    (spelling.parse_date, "2026-02-28", date(2026, 2, 28)),
    (spelling.parse_time, "23:59", time(23, 59)),
    (spelling.parse_domain, "Bakery.Example.", "bakery.example"),
    (spelling.parse_domain, "日本語.example", "xn--wgv71a119e.example"),
    (spelling.parse_address, " Jan.Nowak+a@Bakery.Example ", "Jan.Nowak+a@bakery.example"),
    (spelling.parse_id, "winter-2026", "winter-2026"),
    (spelling.parse_url, "https://cal.example/ada?x=1", "https://cal.example/ada?x=1"),
    (spelling.parse_reason, "dns/propagation", "dns/propagation"),
    (spelling.parse_moment, "season:winter-2026", "season:winter-2026"),
    (spelling.parse_language, "ZH-hant-tw", "zh-Hant-TW"),
    (spelling.parse_language, "es-419", "es-419"),
    (spelling.parse_currency, "PLN", "PLN"),
]


@pytest.mark.parametrize(("parse", "written", "meant"), GOOD)
def test_what_is_written_arrives_as_meant(parse: Callable[[object], object], written: object, meant: object) -> None:
    """Each spelling has exactly one meaning."""
    assert parse(written) == meant
    assert type(parse(written)) is type(meant)


BAD: list[tuple[Callable[..., object], list[object]]] = [
    (spelling.parse_duration, ["", "24", "h", "1x", "-1h", "1m1h", "1.5h", 24, None, "9" * 40 + "s", "3651d", "١h"]),
    (spelling.parse_size, ["", "-1", "MiB", "1XB", -1, 1.5, True, None, "1e3"]),
    (spelling.parse_money, ["", "1,5", "80 EUR", "NaN", "inf", "-1", -1, 79.5, True, None, []]),
    (spelling.parse_date, ["", "2026-02-30", "20261", "1.3.2026", 5, time(1)]),
    (spelling.parse_time, ["", "9:00", "24:00", "09:60", "09", 9, "09:00:00.5", "09:00Z"]),
    (spelling.parse_domain, ["", "bakery", "a@b.example", "-a.example", "a..example", "a b.example"]),
    (spelling.parse_domain, ["x" * 64 + ".example", "a." * 126 + "example", "\u200b.example", "http://a.example"]),
    (
        spelling.parse_address,
        ["", "a", "@b.example", "a@", "a@b", "a b@c.example", "a@b@c.example", ".a@b.example", "a..b@c.example"],
    ),
    (spelling.parse_address, ["Ada <a@b.example>", '"a"@b.example', "a\n@b.example", "a" * 65 + "@b.example"]),
    (spelling.parse_id, ["", "A", "a b", "a_b", "é", "a\n"]),
    (spelling.parse_url, ["cal.example", "http://", "ftp://a.example", "javascript:alert(1)", "https://a b"]),
    (spelling.parse_reason, ["", "/a", "a/", "a//b", "A"]),
    (spelling.parse_moment, ["weekend", "season:", "season", "closed "]),
    (spelling.parse_language, ["english", "e", "pl_PL", "p1"]),
    (spelling.parse_currency, ["eur", "€", "EURO", "EU"]),
]


@pytest.mark.parametrize(("parse", "written"), [(parse, one) for parse, written in BAD for one in written])
def test_what_is_not_meant_is_refused_with_a_sentence(parse: Callable[[object], object], written: object) -> None:
    """Only ValueError leaves, and its text is a sentence for the user."""
    with pytest.raises(ValueError, match=r"(must|is|written|such as|no) "):
        parse(written)


@given(st.text())
def test_any_text_is_read_or_refused(written: str) -> None:
    """No text makes a reader fail in another way; what is read once reads the same again."""
    for parse in (spelling.parse_address, spelling.parse_domain, spelling.parse_language, spelling.parse_url):
        try:
            read = parse(written)
        except ValueError:
            continue
        assert parse(read) == read


def test_free_mail_domains_are_written_as_they_are_compared() -> None:
    """A client's domain is compared in its read form, so the list must hold that form."""
    assert all(spelling.parse_domain(domain) == domain for domain in FREEMAIL)
    assert {"gmail.com", "outlook.com", "wp.pl", "mail.ru", "gmx.de", "yahoo.co.jp", "hotmail.com.tr"} <= FREEMAIL
