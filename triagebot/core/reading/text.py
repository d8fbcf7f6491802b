"""Received text made harmless: no controls, direction marks or half characters; reply prefixes folded."""

import re

SUBJECT_LENGTH = 200
"""Characters of a received subject that may stand in a reply (safety.md B, row Subject)."""

# safety.md F.2: lone surrogates break sqlite3, NUL ends its strings, C0 and C1 controls move cursors,
# and bidi controls let a line read backwards. Tab and line feed stay.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
# A line separator would start a new line in the digest and let received text pass for a command.
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_ZERO_WIDTH = re.compile("[\u200b-\u200f]+")
_WORDS = "re|aw|sv|vs|antw|odp|ynt|r|rif|rv|res|отв|ответ|回复|回覆|答复|返信"
_PREFIX = re.compile(rf"(?:{_WORDS}) ?(?:[\[(^*]\d{{1,4}}[\])]?)? ?[:\uff1a] ?", re.IGNORECASE)
_SUBJECT_READ = 4000


def clean(text: str) -> str:
    """Given received text, return it without surrogates, NUL, controls and bidi marks (safety.md F.2).

    Line feeds and tabs stay; every other kind of line end becomes a line feed.
    """
    if text.isprintable():
        # Printable excludes all controls, separators but the space, format marks and surrogates.
        return text
    return _HARMFUL.sub("", _LINE_ENDS.sub("\n", text))


def clean_line(text: str) -> str:
    """Given received text, return it clean and on one line, without zero-width characters (safety.md B)."""
    if text.isprintable():
        return text.strip()
    return _ZERO_WIDTH.sub("", clean(text)).replace("\n", " ").replace("\t", " ").strip()


def strip_prefixes(subject: str) -> str:
    """Given a decoded subject, return it clean, without the reply prefixes of design.md section 8."""
    text = " ".join(clean_line(subject[:_SUBJECT_READ]).split())
    start = 0
    while (prefix := _PREFIX.match(text, start)) is not None:
        start = prefix.end()
    return text[start:]


def reply_subject(subject: str) -> str:
    """Given a decoded subject, return the subject of its reply: one `Re: `, clean, at most 200 characters."""
    return f"Re: {strip_prefixes(subject)}"[:SUBJECT_LENGTH].rstrip()
