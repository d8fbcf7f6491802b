"""Received text made safe: nothing dangerous stays, and nothing else goes."""

from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.plaintext import (
    MOST_CHARACTERS,
    MOST_LINES,
    cap_text,
    clean_name,
    clean_text,
    join_flowed,
    unwrap_signed,
)


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    """No control, surrogate, bidirectional override or odd line end is left; cleaning twice changes nothing."""
    clean = clean_text(text)
    clean.encode("utf-8")
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in clean)
    assert not set(clean) & set("\x7f\x85\u2028\u202a\u202e\u2066\u2069\ufeff")
    assert clean_text(clean) == clean


def test_letters_of_all_scripts_stay() -> None:
    """Cleaning takes no letter, accent or emoji away, joined ones included."""
    for text in ("Zażółć", "ığüşöç İ", "Привет", "日本語①", "e\u0301", "👩\u200d💻", "tab\there"):
        assert clean_text(text) == text


def test_names_have_no_folder_and_keep_their_ending() -> None:
    """A file name is one component of bounded length that keeps its ending."""
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("C:\\temp\\a\nb.pdf") == "a b.pdf"
    assert clean_name("a" * 300 + ".pdf") == "a" * 116 + ".pdf"
    assert [clean_name(name) for name in ("", "..", "/", "\0")] == ["unnamed"] * 4


def test_caps() -> None:
    """Characters, lines and blank runs are capped; only lost words count as a cut."""
    assert cap_text("a" * (MOST_CHARACTERS + 1)) == ("a" * MOST_CHARACTERS, True)
    assert cap_text("a\n" * (MOST_LINES + 1))[1]
    assert cap_text("a" + "\n" * 50 + "b ") == ("a\n\n\n\nb", False)
    assert cap_text("text\n-- \nJan") == ("text\n-- \nJan", False)


FLOWED = ["word ", "word", "> quoted ", "> quoted", ">> deep ", "-- ", "", " stuffed "]


@given(st.lists(st.sampled_from(FLOWED)), st.booleans())
def test_joining_flowed_lines_keeps_the_words(lines: list[str], delete_space: bool) -> None:
    """Joining changes line ends and quote marks only, never a word or the number of quoted words."""
    text = "\n".join(lines)
    joined = join_flowed(text, delete_space)
    squeeze = str.maketrans("", "", "> \n")
    assert joined.translate(squeeze) == text.translate(squeeze)
    assert joined.count("\n") <= text.count("\n")


def test_a_flowed_paragraph_becomes_one_line() -> None:
    """Lines that end in a space go on in the next; quote depths are not mixed (RFC 3676 section 4)."""
    assert join_flowed("a \nb\n> q \n> r\n>> s \nc \n d", False) == "a b\n> q r\n>> s \nc d"
    assert join_flowed("日本 \n語", True) == "日本語"


def test_signed_text_without_its_armor() -> None:
    """The words inside an OpenPGP signature come out as they were; other text is left alone."""
    armor = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: X\n\n- -- Jan\nwords\n-----BEGIN PGP SIGNATURE-----\nx\n"
    assert unwrap_signed(f"{armor}-----END PGP SIGNATURE-----\nbelow") == "-- Jan\nwords\nbelow"
    assert unwrap_signed("no armor") == "no armor"
