"""Sentences in other languages: plural forms, what is not translated, and what is wrong in a file."""

import subprocess
import sys

import pytest

from triagebot.core.phrase import ENGLISH, SPOKEN, Voice, say, say_many
from triagebot.edge.catalogue import Catalogue, parse_catalogue, read_catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {}\\n"\n\n'
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
RUSSIAN = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
JAPANESE = "nplurals=1; plural=0;"
MAILS = 'msgid "{count} mail"\nmsgid_plural "{count} mails"\n'


def parse(language: str, plurals: str, entries: str) -> Catalogue:
    """Given a language, its plural rule and entries, return the catalogue."""
    return parse_catalogue(language, (HEAD.format(plurals) + entries).encode())


def voice(catalogue: Catalogue) -> Voice:
    """Given a catalogue, return a voice that says dates and money in plain English."""
    return Voice(catalogue.language, catalogue.translate, catalogue.translate_many, ENGLISH.say_date, ENGLISH.say_money)


@pytest.mark.parametrize(
    ("language", "plurals", "forms", "said"),
    [
        (
            "pl-PL",
            POLISH,
            ("{count} list", "{count} listy", "{count} listów"),
            "0 listów, 1 list, 2 listy, 5 listów, 12 listów, 22 listy, 25 listów, 101 listów, 1002 listy",
        ),
        (
            "ru",
            RUSSIAN,
            ("{count} письмо", "{count} письма", "{count} писем"),
            "0 писем, 1 письмо, 2 письма, 5 писем, 12 писем, 22 письма, 25 писем, 101 письмо, 1002 письма",
        ),
        (
            "ja",
            JAPANESE,
            ("メール{count}通",),
            "メール0通, メール1通, メール2通, メール5通, メール12通, メール22通, メール25通, メール101通, メール1002通",
        ),
    ],
    ids=["pl", "ru", "ja"],
)
def test_plural_forms_are_those_of_the_language(language: str, plurals: str, forms: tuple[str, ...], said: str) -> None:
    """Also where a number ends as another one, but for the teens."""
    entries = MAILS + "".join(f'msgstr[{number}] "{form}"\n' for number, form in enumerate(forms))
    speaker = voice(parse(language, plurals, entries))
    numbers = (0, 1, 2, 5, 12, 22, 25, 101, 1002)
    assert ", ".join(speaker.speak(say_many("{count} mail", "{count} mails", number)) for number in numbers) == said


@pytest.mark.parametrize(
    "entries",
    [
        "",
        'msgid "Ticket {number}"\nmsgstr ""\n' + MAILS + 'msgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""\n',
        '#, fuzzy\nmsgid "Ticket {number}"\nmsgstr "Zgłoszenie {number}"\n',
        MAILS + 'msgstr[0] "{count} list"\nmsgstr[1] ""\nmsgstr[2] "{count} listów"\n',
        'msgid "Ticket {number}"\nmsgstr "Zgłoszenie {nummer}"\n'
        + MAILS
        + 'msgstr[0] "{n}"\nmsgstr[1] "{"\nmsgstr[2] "{0}"\n',
        'msgid "Ticket {number}"\nmsgstr "Zgłoszenie {number.real.nothing}"\n',
    ],
    ids=["absent", "empty", "fuzzy", "a form is empty", "wrong names", "more than a name"],
)
def test_what_cannot_be_said_is_said_in_english(entries: str) -> None:
    """No entry, none yet, one nobody looked at, half of one, and one with names the sentence has not."""
    speaker = voice(parse("pl", POLISH, entries))
    assert speaker.speak(say("Ticket {number}", number=12)) == "Ticket 12"
    said = [speaker.speak(say_many("{count} mail", "{count} mails", number)) for number in (1, 2, 5)]
    assert said == ["1 mail", "2 mails", "5 mails"]


@pytest.mark.parametrize(
    ("asked", "spoken", "english"),
    [
        ("pl", "pl", False),
        ("pl-PL", "pl-PL", False),
        ("en", "en", True),
        ("en-US", "en-US", True),
        ("de", "en", True),
        ("xx-YY", "en", True),
        ("", "en", True),
        ("../pl", "en", True),
    ],
)
def test_the_nearest_catalogue_is_taken(asked: str, spoken: str, english: bool) -> None:
    """A region's is that of its language; what there is none for is English, by name too, so that dates fit."""
    catalogue = read_catalogue(asked)
    assert catalogue.language == spoken
    assert (catalogue.translate("No mail arrived.") == "No mail arrived.") is english


@pytest.mark.parametrize("language", sorted(set(SPOKEN) - {"en"}))
def test_every_language_says_the_proof(language: str) -> None:
    """What opens each digest is translated in all of them."""
    catalogue = read_catalogue(language)
    for text in ("No mail arrived.", "No mail arrived", "Needs you"):
        assert catalogue.translate(text) != text
    for state in ("arrived", "answered", "planned", "held", "unreadable"):
        one, many = f"{{count}} {state}", f"{{count}} {state}"
        assert catalogue.translate_many(one, many, 5) != many


def test_english_needs_no_library() -> None:
    """What reads catalogues is loaded by a desk that needs one, and by no other."""
    program = (
        "import sys\nfrom triagebot.edge.catalogue import read_catalogue\n"
        "for language in sys.argv[1:]: read_catalogue(language)\n"
        "print('babel.messages' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", program, *asked], capture_output=True, text=True, check=True).stdout
        for asked in (("en", "de"), ("en", "pl"))
    ]
    assert said == ["False\n", "True\n"]
