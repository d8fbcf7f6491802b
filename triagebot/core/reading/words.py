"""Encoded words of header values (RFC 2047), decoded in linear time and without looking at the disk."""

import binascii
import re
from encodings.aliases import aliases

from triagebot.core.reading.text import clean_line

DECODED_LENGTH = 998
"""Characters of a decoded value that are kept: a header line has no more (RFC 5322 section 2.1.1)."""

_ENCODED = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
# Codecs that are no charsets, or take quadratic time (idna, punycode), are never asked; an unknown
# name is not looked up, because Python would search the disk for it and keep each failure for ever.
_REFUSED = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "uu_codec", "zlib_codec")
)
_CHARSETS = {name: codec for name, codec in aliases.items() if codec not in _REFUSED}
_CHARSETS |= {codec: codec for codec in _CHARSETS.values()}
# What senders write under these names is the larger set (WHATWG Encoding Standard, section 4.2).
_CHARSETS |= {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
_CHARSETS |= {"euc_kr": "cp949", "ks_c_5601_1987": "cp949", "iso_8859_8_i": "iso8859_8"}


def decode_words(value: str, limit: int = DECODED_LENGTH) -> str:
    """Given an unfolded header value, return it decoded, clean and on one line, `limit` characters at most.

    Broken words, unknown charsets and wrong bytes never raise: what cannot be read stays or becomes U+FFFD.
    """
    return clean_line(decode_raw(value, limit))[:limit]


def decode_raw(value: str, limit: int = DECODED_LENGTH) -> str:
    """Given a header value, return it decoded but not cleaned, twice `limit` characters at most.

    Only for looking what stands in it, such as an encoded line break.
    """
    if "=?" not in value:
        return value[: 2 * limit]
    pieces: list[str] = []
    length = position = 0
    charset, pending = "", bytearray()
    for found in _ENCODED.finditer(value):
        gap = value[position : found.start()]
        position = found.end()
        between_words = bool(pending) and not gap.strip()
        # A character of several bytes may be split over two words of one charset.
        if pending and not (between_words and found[1] == charset):
            pieces.append(_decode_bytes(bytes(pending), charset))
            length += len(pieces[-1])
            pending.clear()
        if not between_words:
            pieces.append(gap)
            length += len(gap)
        if length > 2 * limit:
            break
        charset = found[1]
        pending += _decode_payload(found[2], found[3])
    if pending:
        pieces.append(_decode_bytes(bytes(pending), charset))
    pieces.append(value[position : position + 2 * limit])
    return "".join(pieces)[: 2 * limit]


def _decode_payload(encoding: str, payload: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(payload.encode("utf-8", "replace"), header=True)
    digits = _NOT_BASE64.sub("", payload)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


def _decode_bytes(payload: bytes, charset: str) -> str:
    # RFC 2231 section 5 lets a language follow the charset: iso-8859-1*de.
    name = charset.partition("*")[0].lower().replace("-", "_")
    known = _CHARSETS.get(name)
    if known is not None:
        try:
            return payload.decode(known, "replace")
        except (LookupError, UnicodeError):
            pass  # a few codecs raise in spite of "replace"; the bytes are then read like raw 8-bit
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")
