"""Received text is made harmless, and reply prefixes fold to one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.text import clean, clean_line, reply_subject, strip_prefixes


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ("plain żółw 日本", "plain żółw 日本"),
        ("a\x00b\x07c\x9bd\x7fe", "abcde"),
        ("half \ud83d pair \udce4", "half  pair "),
        ("\u202eevil\u202c \u2066x\u2069\u200f", "evil x"),
        ("one\r\ntwo\rthree\u2028four\u0085five\tsix", "one\ntwo\nthree\nfour\nfive\tsix"),
    ],
)
def test_clean_removes_what_harms(received: str, kept: str) -> None:
    """Controls, surrogates and bidi marks go; letters, tabs and line ends stay (safety.md F.2)."""
    assert clean(received) == kept


@given(st.text())
def test_clean_line_is_one_printable_line(text: str) -> None:
    """Whatever is received, one line without controls comes out that sqlite and a header can hold."""
    line = clean_line(text)
    assert len(line.splitlines()) <= 1
    assert not set(line) & set(map(chr, range(32)))
    line.encode()


@pytest.mark.parametrize(
    "prefix",
    [
        *("Re", "RE", "Re[2]", "Re (3)", "AW", "SV", "VS", "Antw", "Odp", "YNT", "R", "RIF", "RV", "Res"),
        *("Отв", "Ответ", "回复", "回覆", "答复", "返信", "Re : RE: aw"),
    ],
)
@pytest.mark.parametrize("colon", [":", "\uff1a"])
def test_every_reply_prefix_folds_to_one(prefix: str, colon: str) -> None:
    """Each prefix of design.md section 8 becomes one `Re: `, with a full-width colon too."""
    assert reply_subject(f"{prefix}{colon} {prefix}{colon}Links") == "Re: Links"


@pytest.mark.parametrize("subject", ["Rental: links R: us", "Fwd: Links", "Report", "Resources: list", "R links"])
def test_words_that_are_no_prefix_stay(subject: str) -> None:
    """A word that only begins like a prefix, or a forward mark, is the subject's own."""
    assert strip_prefixes(subject) == subject


def test_reply_subject_is_short_and_never_ends_in_a_space() -> None:
    """A reply's subject has at most 200 characters, also for an empty or prefix-only one."""
    assert len(reply_subject("x" * 5000)) == 200
    assert reply_subject("") == reply_subject("Re: AW:") == "Re:"


@pytest.mark.parametrize("bomb", ["Re: " * 100_000, "Re" + " " * 400_000, "Re[" * 100_000, "\x00" * 400_000])
def test_subject_bombs_are_read_in_time(bomb: str) -> None:
    """Folding prefixes takes linear time."""
    start = time.perf_counter()
    reply_subject(bomb)
    clean(bomb)
    assert time.perf_counter() - start < 1
