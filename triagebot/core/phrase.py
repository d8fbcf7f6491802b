"""Sentences in the developer's language: a text with the values to fill in, put into words as late as possible.

English is what stands in the code; a catalogue (edge/catalogue.py) holds the other languages. Messages are named by
`say` and `say_many`, so that a catalogue tool finds them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SPOKEN = ("en", "ja", "pl", "ru", "tr")
"""Languages the developer can be written to in: English, and those with a catalogue in triagebot/locale."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency code, written in the reader's way."""

    amount: Decimal
    currency: str


Value = str | int | date | Money
"""What a sentence may hold: text as it is, a number, a local date, money; the last three as the reader writes them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence to be put into words: its English text with {names}, the text for several, and their values."""

    text: str
    values: tuple[tuple[str, "Value | Phrase"], ...] = ()
    many: str = ""
    count: int = 0


Words = str | Phrase
"""A sentence in the developer's language, or text that is the same in all (a name, a subject, a command)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language says things. `translate` and `translate_many` (one, several, count) are a catalogue's."""

    language: str
    translate: Callable[[str], str]
    translate_many: Callable[[str, str, int], str]
    say_date: Callable[[date], str]
    say_money: Callable[[Decimal, str], str]

    def speak(self, words: Words) -> str:
        """Given words, return them in this language. A translation that cannot be filled in is said in English."""
        if isinstance(words, str):
            return words
        values = {name: self._show(value) for name, value in words.values}
        if words.many:
            found = self.translate_many(words.text, words.many, words.count)
            english = words.text if words.count == 1 else words.many
        else:
            found, english = self.translate(words.text), words.text
        try:
            return found.format_map(values)
        except (KeyError, ValueError, IndexError, AttributeError, TypeError):
            return english.format_map(values)

    def _show(self, value: "Value | Phrase") -> str:
        if isinstance(value, Phrase):
            return self.speak(value)
        if isinstance(value, Money):
            return self.say_money(value.amount, value.currency)
        return self.say_date(value) if isinstance(value, date) else str(value)


def say(text: str, **values: "Value | Phrase") -> Phrase:
    """Given an English text and the values of its {names}, return the phrase."""
    return Phrase(text, tuple(values.items()))


def say_many(one: str, many: str, count: int, **values: "Value | Phrase") -> Phrase:
    """Given an English text for one and for several, how many there are ({count}) and further values, return the
    phrase."""
    return Phrase(one, (("count", count), *values.items()), many, count)


def list_words(words: Sequence[Words], *, clauses: bool = False) -> Words:
    """Given words, return them one after the other, with the commas of the reader's language, or, where they are whole
    clauses, with its semicolons."""
    if len(words) < 2:
        return words[0] if words else ""
    first, more = words[0], list_words(words[1:], clauses=clauses)
    return say("{one}; {more}", one=first, more=more) if clauses else say("{one}, {more}", one=first, more=more)


def _plain_many(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _plain_date(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


ENGLISH = Voice("en", str, _plain_many, _plain_date, lambda amount, currency: f"{amount} {currency}")
"""English without any library, for logs and the command line; app/digest/voice.py makes the voice of a reader."""
