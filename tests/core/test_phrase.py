"""Sentences with values: said in order, nested, counted, and in English where a translation fails."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.phrase import ENGLISH, Money, Words, list_words, say, say_many

BACKWARDS = replace(
    ENGLISH,
    language="xx",
    translate=lambda text: {"{one}, {more}": "{more} und {one}", "ticket {number}": "Nr. {number}"}[text],
    translate_many=lambda one, many, count: f"<{one if count == 1 else many}>",
    say_date=lambda day: f"Tag {day:%d}",
    say_money=lambda amount, currency: f"{currency} {amount}",
)
"""A language that turns lists round."""


def test_values_are_said_as_the_reader_writes_them() -> None:
    """Numbers, dates, money and phrases inside of phrases, by the voice that speaks."""
    inner = say_many("{count} mail", "{count} mails", 2)
    words = say("{a} {b} {c} {d}", a=1, b=date(2026, 11, 24), c=Money(Decimal("2.50"), "EUR"), d=inner)
    assert ENGLISH.speak(words) == "1 Tuesday 24 November 2026 2.50 EUR 2 mails"
    voice = replace(BACKWARDS, translate=str)
    assert voice.speak(words) == "1 Tag 24 EUR 2.50 <2 mails>"
    assert voice.speak("{as} it is") == "{as} it is"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 mails of Jan"), (1, "1 mail of Jan"), (2, "2 mails of Jan"), (22, "22 mails of Jan")]
)
def test_english_has_one_and_many(count: int, said: str) -> None:
    """Nothing is many, too."""
    assert ENGLISH.speak(say_many("{count} mail of {who}", "{count} mails of {who}", count, who="Jan")) == said


@pytest.mark.parametrize(
    "translated", ["{other}", "{", "}", "{0}", "{}", "{number.real.x}", "{number[a]}", "{number!x}", "{number:%q}"]
)
def test_a_translation_that_cannot_be_filled_in_is_said_in_english(translated: str) -> None:
    """Whatever a translator wrote: the developer reads the sentence, the daemon goes on."""
    voice = replace(ENGLISH, translate=lambda _: translated, translate_many=lambda _one, _many, _count: translated)
    assert voice.speak(say("ticket {number}", number=12)) == "ticket 12"
    assert voice.speak(say_many("{count} mail {number}", "{count} mails {number}", 2, number=1)) == "2 mails 1"


@given(st.text(max_size=40))
def test_what_is_filled_in_is_never_read_as_a_sentence(text: str) -> None:
    """A subject with braces stays what it is."""
    assert ENGLISH.speak(say("{who}: {subject}", who="Jan", subject=text)) == f"Jan: {text}"


@pytest.mark.parametrize(
    ("words", "clauses", "said"),
    [
        ((), False, ""),
        (("a",), False, "a"),
        (("a", "b", "c"), False, "a, b, c"),
        (("a, b", "c"), True, "a, b; c"),
        ((say("ticket {number}", number=1), "b"), False, "ticket 1, b"),
    ],
)
def test_a_list_has_its_marks(words: tuple[Words, ...], clauses: bool, said: str) -> None:
    """Commas between words, semicolons between clauses, none at the ends."""
    assert ENGLISH.speak(list_words(words, clauses=clauses)) == said


def test_a_list_is_made_as_the_language_makes_it() -> None:
    """The marks and the order are the catalogue's."""
    assert BACKWARDS.speak(list_words([say("ticket {number}", number=1), "b"])) == "b und Nr. 1"
