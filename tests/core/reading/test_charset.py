"""Bytes become text whatever their sender said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.charset import decode_bytes

SENTENCES = {
    "cp1250": "Dzień dobry, nie działa mi strona, proszę o pomoc i życzę miłego dnia",
    "cp1254": "Merhaba, sitedeki ödeme sayfası açılmıyor, lütfen yardım eder misiniz, teşekkürler",
    "cp1252": "Señor, ¿está roto el menú? Großartig wäre es, où ça coûte déjà très peu",
    "cp1251": "Добрый день! Почта не приходит со вчерашнего вечера.",
    "koi8_r": "Добрый день! Почта не приходит со вчерашнего вечера.",
    "cp932": "いつもお世話になっております。カートが動きません。",
    "euc_jis_2004": "いつもお世話になっております。カートが動きません。",
}


@pytest.mark.parametrize("charset", SENTENCES)
def test_likeliest_reading(charset: str) -> None:
    """Undeclared 8-bit text is read by the charset that makes words of it."""
    assert decode_bytes(SENTENCES[charset].encode(charset))[0] == SENTENCES[charset]


def test_the_declared_charset_wins_a_tie() -> None:
    """Where several charsets make equally good words, the declared one is believed."""
    data = "ändern".encode("cp1250")
    assert decode_bytes(data, "windows-1250") == ("ändern", "windows-1250")
    assert decode_bytes(data, "iso-8859-1") == ("ändern", "cp1252")


def test_unknown_charset_names() -> None:
    """A charset nobody knows, or a broken name, counts as none."""
    for name in ("x-klingon", "\0", "'utf-8'", "unknown-8bit", "rot13", "hex", "a" * 10_000):
        assert decode_bytes("zażółć gęślą".encode(), name)[0] == "zażółć gęślą"


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "iso-2022-jp", "utf-16", "koi8-r", "utf-7", "shift_jis"]))
def test_any_bytes_give_text(data: bytes, declared: str) -> None:
    """No bytes under any declaration raise."""
    text, charset = decode_bytes(data, declared)
    assert isinstance(text, str)
    assert charset


@given(st.text(min_size=1).filter(lambda text: not text.startswith("\ufeff") and "\x1b" not in text))
def test_utf8_is_always_believed(text: str) -> None:
    """Valid UTF-8 is UTF-8, whatever is declared besides."""
    for declared in ("", "utf-8", "iso-8859-1"):
        assert decode_bytes(text.encode(), declared)[0] == text
