"""Folding: bring pattern and mail to one spelling, then to words.

`fold` takes away case, width, Turkish dots and what nobody sees; `split_words` writes the
folded text as its words with one space around each (" change the links "), so that a
phrase is one substring and a space is a word's edge. Both sides of every comparison go
through the same two functions.

Words are runs of letters, digits and combining marks; everything else separates. Scripts
written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar, and emoji) form runs of their
own: white space inside such a run is a line wrap and vanishes, and where it meets another
script a word ends, so 日本WordPressサイト is three words.
"""

import re
import unicodedata

UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf"  # Thai, Lao
    "\u1000-\u1049\u1050-\u109d\ua9e0-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f"  # Myanmar
    "\u1780-\u17d3\u17d7\u17dc-\u17f9"  # Khmer
    "\u3005-\u3007\u3021-\u302f\u3031-\u3035\u303b\u303c\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u23e9-\u23fa\u2600-\u2767\u2794-\u27bf\u2b50\U0001f000-\U0001f3fa\U0001f400-\U0001faff"  # emoji
)
"""Characters of scripts written without spaces, as the inside of a regular expression's class."""

# Combining marks that Python's \w leaves out although they are part of a word (Unicode categories
# Mn and Mc); ranges run on over letters where no separator stands between.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u074a\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u082d"
    "\u0859-\u085b\u0898-\u08e1\u08e3-\u0963\u0971-\u0df3\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e\u0f3f"
    "\u0f71-\u0f84\u0f86-\u0fbc\u0fc6\u135d-\u135f\u1712-\u1715\u1732-\u1734\u1752\u1753\u1772\u1773"
    "\u180b-\u180d\u1885\u1886\u18a9\u1920-\u193b\u1a17-\u1a1b\u1a55-\u1a7f\u1ab0-\u1ace\u1b00-\u1b44"
    "\u1b6b-\u1b73\u1b80-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1cf9\u1dc0-\u1dff\u20d0-\u20e2\u20e4-\u20f0"
    "\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ua802-\ua827"
    "\ua880-\ua8c5\ua8e0-\ua8f1\ua8ff-\ua92d\ua947-\ua953\ua980-\ua9c0\uaa29-\uaa4d\uaaeb-\uaaef"
    "\uaaf5\uaaf6\uabe3-\uabea\uabec\uabed\ufb1e\ufe20-\ufe2f"
)
# Soft hyphen, zero widths, direction marks, joiners and variation selectors: nobody sees them.
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f\ufeff"
)
_WORD = re.compile(f"(?:[^\\W_]+|[{_MARKS}]+)+")
# A run of unspaced characters, line wraps included. Captured, so that split() keeps it.
_RUN = re.compile(f"([{UNSPACED}][{UNSPACED} \\t\\r\\n\\v\\f]*)")
_FIRST_UNSPACED = UNSPACED[0]
_ASCII_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum()}
# From here on, replacing sign by sign is faster than looking at each character of the text.
_LONG = 200
# In a long text these are replaced before splitting, which changes no word.
_PUNCTUATION = ".,!?:;()\"'-/_@<>*=…’“”„«»–—。、「」"
# White space to str.split(), but not to _RUN: punctuation ends a run, a line wrap does not.
_SEPARATOR = "\x1f"


def fold(text: str) -> str:
    """Given any text, return its one spelling: NFKC, case folded, Turkish İ and ı as i, nothing invisible.

    Accents stay (ş is not s, が is not か); ß becomes ss.
    """
    if text.isascii():
        return text.lower()
    if len(text) > _LONG or not _INVISIBLE.isdisjoint(text):
        for character in _INVISIBLE:
            if character in text:
                text = text.replace(character, "")
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Case folding writes İ as i with a dot above (U+0307) and leaves ı alone.
    folded = folded.replace("\u0131", "i").replace("\u0307", "")
    return unicodedata.normalize("NFKC", folded)


def split_words(folded: str) -> str:
    """Given folded text, return its words with one space before, between and after them; "" without words."""
    if folded.isascii():
        words = folded.translate(_ASCII_SEPARATORS).split()
    else:
        if len(folded) > _LONG:
            for mark in _PUNCTUATION:
                folded = folded.replace(mark, _SEPARATOR)
        words = []
        for index, part in enumerate(_RUN.split(folded)):
            words += ("".join(part.split()),) if index % 2 else _split_spaced(part)
    return f" {' '.join(words)} " if words else ""


def _split_spaced(text: str) -> list[str]:
    """Given text without unspaced characters and common punctuation, return its words."""
    words = text.split()
    if not words or "".join(words).isalnum():
        return words
    return [word for chunk in words for word in ((chunk,) if chunk.isalnum() else _WORD.findall(chunk))]


def is_unspaced(character: str) -> bool:
    """Given one character, return whether its script is written without spaces."""
    return character >= _FIRST_UNSPACED and _RUN.match(character) is not None


def cut(line: str, limit: int = 80) -> str:
    """Given one line, return at most `limit` characters of it, the last one … if some are left out."""
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def show(text: str) -> str:
    """Given any text of a mail, return it fit for a listing: one short line without control characters."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return cut(" ".join(text.split()))
