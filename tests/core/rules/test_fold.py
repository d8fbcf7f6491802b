"""Folding and words (core/fold.py)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.rules.fold import fold, show, split_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İSTANBUL Istanbul ıstanbul", "istanbul istanbul istanbul"),
        ("I\u0307zmir", "izmir"),
        ("Straße STRASSE", "strasse strasse"),
        ("ŻÓŁĆ z\u0307", "żółć ż"),
        ("ПАРОЛЬ", "пароль"),
        ("ＷｏｒｄＰｒｅｓｓ　７", "wordpress 7"),
        ("ﾊﾞﾅｰ", "バナー"),
        ("が か", "が か"),
        ("Σίσυφος", "σίσυφοσ"),
        ("pass\u00adword zero\u200bwidth", "password zerowidth"),
        ("…", "..."),
        ("", ""),
    ],
)
def test_fold_gives_one_spelling(text: str, folded: str) -> None:
    """Case, width, Turkish dots and invisible characters do not survive; accents do."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wp-admin, wp_admin & wp.admin", " wp admin wp admin wp admin "),
        ("don't don’t", " don t don t "),
        ("日本WordPressサイト2024年", " 日本 wordpress サイト 2024 年 "),
        ("リンクを\n変更 したい。困る", " リンクを変更したい 困る "),
        ("เปลี่ยนรหัสผ่าน ได้", " เปลี่ยนรหัสผ่านได้ "),
        ("हिन्दी में", " हिन्दी में "),
        ("비밀번호를 변경", " 비밀번호를 변경 "),
        ("thanks👍🏽 ok", " thanks 👍 ok "),
        (" \r\n\t...", ""),
        ("\x00a\x00b", " a b "),
    ],
)
def test_split_words_puts_one_space_around_each_word(text: str, words: str) -> None:
    """Punctuation separates; scripts without spaces are runs that line wraps do not break."""
    assert split_words(fold(text)) == words


def test_letters_digits_and_marks_are_words_and_punctuation_is_not() -> None:
    """Every character of the first Unicode plane that folding keeps is on the right side."""
    first = unicodedata.ucd_3_2_0  # newer marks depend on Python's tables
    for code in range(0x10000):
        character = chr(code)
        category = first.category(character)
        if fold(character) != character or category != unicodedata.category(character):
            continue
        if category[0] in "LN" or category in ("Mn", "Mc"):
            assert split_words(character) == f" {character} ", hex(code)
        elif category[0] in "PZ" or category in ("Cc", "Cs"):
            assert split_words(character) == "", hex(code)


@given(st.text(), st.text())
def test_long_and_short_texts_are_split_alike(text: str, other: str) -> None:
    """The short cut for long texts changes no word."""
    short = split_words(fold(f"{text} x {other}"))
    long = split_words(fold(f"{text} x {other}" + " pad" * 60))
    assert long.replace(" pad", "") == short.replace(" pad", "")


@given(st.text(alphabet=st.characters()))
def test_any_text_folds_and_splits(text: str) -> None:
    """Lone surrogates, NUL or anything else never raise, and words hold no double space."""
    words = split_words(fold(text))
    assert "  " not in words
    assert words == "" or (words[0] == words[-1] == " " and len(words) > 2)


@given(st.text(alphabet="aA日 -🙂é\u0301İß\n"), st.text(alphabet="aA日 -🙂é\u0301İß\n"))
def test_words_of_a_part_stand_in_the_words_of_the_whole(before: str, after: str) -> None:
    """Splitting is local: what the literals of an expression become stands in any text that holds them."""
    part = fold("x日-b")
    assert split_words(part).strip() in split_words(fold(before) + part + fold(after))


def test_show_gives_one_short_clean_line() -> None:
    """Nothing a mail holds can break a listing: control characters go, long lines are cut."""
    assert show("a\x1b[31m\r\nb\ud800") == "a [31m b"
    assert show("word " * 40) == ("word " * 40)[:79] + "…"
