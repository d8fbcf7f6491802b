"""What an opaquely signed S/MIME mail says (RFC 5652 section 5), its signature not looked at."""

# id-data, 1.2.840.113549.1.7.1, as an OBJECT IDENTIFIER
_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
_EXPLICIT = 0xA0
_OCTETS = 0x04
_PIECES = 0x24
_INDEFINITE = 0x80


def signed_words(message: bytes) -> bytes:
    """Given a CMS message in DER or BER, return the content it signs, or nothing if it holds none."""
    found = message.find(_DATA)
    if found < 0:
        return b""
    try:
        tag, start, _ = _element(message, found + len(_DATA))
        # encrypted content has an algorithm here
        return _octets(message, start) if tag == _EXPLICIT else b""
    except IndexError:
        return b""


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Return an element's tag, where its content starts and where it ends, -1 if only its pieces tell."""
    tag, length = data[at], data[at + 1]
    start = at + 2
    if length == _INDEFINITE:
        return tag, start, -1
    if length > _INDEFINITE:
        size = length - _INDEFINITE
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise IndexError
    return tag, start, start + length


def _octets(data: bytes, at: int) -> bytes:
    tag, start, end = _element(data, at)
    if tag == _OCTETS:
        return data[start:end]
    pieces = []
    while tag == _PIECES and start != end:
        inner, begin, after = _element(data, start)
        if inner != _OCTETS:
            break
        pieces.append(data[begin:after])
        start = after
    return b"".join(pieces)
