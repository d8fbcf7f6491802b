"""Dates and money in the reader's language."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from triagebot.edge.wording import say_date, say_money, say_time

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, 24 November 2026"),
        ("pl", "wtorek, 24 listopada 2026"),
        ("ru", "вторник, 24 ноября 2026\u202fг."),
        ("tr", "24 Kasım 2026 Salı"),
        ("ja", "2026年11月24日火曜日"),
        ("en-US", "Tuesday, November 24, 2026"),
        ("pt-BR", "terça-feira, 24 de novembro de 2026"),
        ("zh-Hant", "2026年11月24日 星期二"),
    ],
)
def test_a_date_is_said_with_its_weekday(language: str, said: str) -> None:
    """In the reader's own order and grammar."""
    assert say_date(DAY, language).replace("\xa0", "\u202f") == said


@pytest.mark.parametrize(
    ("language", "currency", "said"),
    [
        ("en", "EUR", "€12,345.50"),
        ("pl", "PLN", "12_345,50_zł"),
        ("ru", "RUB", "12_345,50_₽"),
        ("tr", "TRY", "₺12.345,50"),
        ("ja", "JPY", "￥12,345"),
        ("de", "EUR", "12.345,50_€"),
    ],
)
def test_money_is_written_as_people_write_it(language: str, currency: str, said: str) -> None:
    """Sign, separators and decimals follow language and currency; gaps are ones that do not break a line."""
    amount = Decimal(12345) if currency == "JPY" else Decimal("12345.50")
    assert say_money(amount, currency, language).replace("\xa0", "_").replace("\u202f", "_") == said


@pytest.mark.parametrize("language", ["", "xx", "zz-ZZ", "e", "not a language"])
def test_an_unknown_language_is_said_in_english(language: str) -> None:
    """A mail must not fail for want of a locale."""
    assert say_date(DAY, language) == say_date(DAY, "en")
    assert say_money(Decimal(80), "EUR", language) == "€80.00"


def test_an_unknown_currency_is_written_by_its_code() -> None:
    """`check` knows the form of a code, not all of them."""
    assert "ABC" in say_money(Decimal(80), "ABC", "en")


def test_a_moment_is_said_in_the_desks_zone() -> None:
    """Also across midnight."""
    assert say_time(datetime(2026, 11, 24, 23, 30, tzinfo=UTC), ZoneInfo("Asia/Tokyo")) == "2026-11-25 08:30"
