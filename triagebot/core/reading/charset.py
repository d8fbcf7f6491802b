"""Bytes of unknown origin become text: the declared charset first, then what the bytes themselves say.

The order is a hint before a heuristic (field.md rows 11 and 42): escape sequences of
ISO-2022-JP, valid UTF-8, the declared charset, and only then the candidate whose
letters make the most plausible words.
"""

import codecs
import re

_GUESS_BYTES = 20_000

# Supersets that mailers really mean when they name the smaller set (WHATWG Encoding, section 4.2)
_MEANT = {
    "us-ascii": "",
    "ascii": "",
    "ansi_x3.4-1968": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "8bit": "",
    "default": "",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jis_2004",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
}
_SEVEN_BIT = ("utf-7", "utf-16", "utf-32", "hz")
_ESCAPING = {"iso-2022-jp", "iso-2022-jp-ms", "iso2022-jp", "csiso2022jp", "cp50220", "cp50221", "cp50222"}
_ESCAPE = re.compile(rb"(\x1b(?:\([BJI]|\$[@B]))")
_WIDE = (b"\x1b$@", b"\x1b$B")
_HALF_WIDTH = b"\x1b(I"

_LATIN_LETTERS = {
    "cp1252": re.compile("[äöüßÄÖÜéèêëàâçîïôûùœÉÈÊÀÇáíóúñÁÍÓÚÑ¿¡ãõÃÕåÅæøÆØìòÌÒ]"),
    "cp1254": re.compile("[çğıöşüÇĞİÖŞÜâîû]"),
    "cp1250": re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüÄÖÜôľĺŕ]"),
    "iso8859_2": re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüÄÖÜôľĺŕ]"),
}
_NEUTRAL = re.compile("[\x00-\x7f\xa0€‚„…‘’“”•–—«»°§´™©®]")
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5")
_SMALL_CYRILLIC = re.compile("[а-яё]")
_LARGE_CYRILLIC = re.compile("[А-ЯЁ]")
_ODD_CYRILLIC = re.compile("[а-яё][А-ЯЁ]|[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]")
_JAPANESE = ("cp932", "euc_jis_2004")
_KANA = re.compile("[ぁ-ヿ]")
_KANJI = re.compile("[一-鿿、。！？]")

_LOADED = (
    *("utf-8", "utf-8-sig", "ascii", "latin-1", "utf-16", "utf-7", "hz", "iso2022_kr", "big5", "koi8_u"),
    *("cp850", "cp852", "mac_roman", "cp1253", "cp1255", "cp1256", "cp1257", "cp1258"),
    *(f"iso8859_{part}" for part in (3, 4, 6, 7, 8, 10, 13, 15, 16)),
)


def load_codecs() -> None:
    """Load the codecs that mail needs: a process that may not open files any more can load none later."""
    for charset in (*_LATIN_LETTERS, *_CYRILLIC, *_JAPANESE, *filter(None, _MEANT.values()), *_LOADED):
        codecs.lookup(charset)


def decode_bytes(data: bytes, declared: str = "") -> tuple[str, str]:
    """Given bytes and the declared charset, or "", return the text and the charset it was read as."""
    name = declared.strip().strip("\"'").casefold()
    if b"\x1b" in data and (name in _ESCAPING or _ESCAPE.search(data)):
        return _decode_japanese(data), "iso-2022-jp"
    meant = _MEANT.get(name, name)
    if meant.startswith(_SEVEN_BIT) and (text := _decode(data, meant)) is not None:
        return text, meant
    if data.isascii():
        return data.decode("ascii"), "us-ascii"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), "utf-16"
    if (text := _decode(data, "utf-8-sig")) is not None:
        return text, "utf-8"
    if meant in {"", "utf-8"} or meant in _LATIN_LETTERS or (text := _decode(data, meant)) is None:
        return _guess(data, meant)
    return text, meant


def _decode(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (LookupError, ValueError):
        return None


def _decode_japanese(data: bytes) -> str:
    """Read ISO-2022-JP (RFC 1468) with what Microsoft adds: half-width kana, NEC's characters of row 13."""
    pieces: list[str] = []
    escape = b""
    for piece in _ESCAPE.split(data):
        if piece[:1] == b"\x1b":
            escape = piece
        elif escape in _WIDE or escape == _HALF_WIDTH:
            raised = bytes(octet | 0x80 if octet > 0x20 else octet for octet in piece)
            pieces.append(raised.decode("cp932" if escape == _HALF_WIDTH else "euc_jis_2004", "replace"))
        else:
            pieces.append(decode_bytes(piece)[0])
    return "".join(pieces)


def _guess(data: bytes, meant: str) -> tuple[str, str]:
    """Given 8-bit bytes that are no clean UTF-8, return the likeliest reading, the declared one in a tie."""
    nearly = data.decode("utf-8", "replace")
    if nearly.count("\ufffd") * 5 <= sum(not letter.isascii() for letter in nearly):
        return nearly, "utf-8"
    sample = data[:_GUESS_BYTES]
    scores = {charset: _score(sample, charset) for charset in (*_LATIN_LETTERS, *_CYRILLIC, *_JAPANESE)}
    if meant in scores:
        scores[meant] = scores[meant] * 1.2 + 2
    best = max(scores, key=lambda charset: scores[charset])
    return data.decode(best if scores[best] > 0 else "cp1252", "replace"), best


def _score(sample: bytes, charset: str) -> float:
    if charset in _JAPANESE:
        # the sample may end inside a character
        text = _decode(sample, charset) or _decode(sample[:-1], charset)
        kana = len(_KANA.findall(text)) if text else 0
        return 2.0 * kana + len(_KANJI.findall(text)) if text and kana else -1.0
    text = sample.decode(charset, "replace")
    if charset in _CYRILLIC:
        small, large = len(_SMALL_CYRILLIC.findall(text)), len(_LARGE_CYRILLIC.findall(text))
        foreign = len(text) - small - large - len(_NEUTRAL.findall(text))
        return small + 0.3 * large - 3 * len(_ODD_CYRILLIC.findall(text)) - 2 * foreign
    expected = len(_LATIN_LETTERS[charset].findall(text))
    foreign = len(text) - expected - len(_NEUTRAL.findall(text))
    return 1.0 * expected - 2 * foreign
