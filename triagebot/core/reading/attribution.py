"""Lines above a quote that say who wrote it and when: "On … Anna wrote:", or a block of header fields."""

import re

from triagebot.core.reading import quotewords

MOST_CHARACTERS = 400
"""Of a line, those that are looked at."""
_YEAR_OR_DATE = re.compile(r"\b(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d年")
_CLOCK = re.compile(r"\d{1,2} ?[:.h時] ?\d{2}|\d ?[ap]\.?m\b")
_HEADER_WORDS = {
    **dict.fromkeys(quotewords.OTHER_FIELDS, "other"),
    **dict.fromkeys(quotewords.TO, "to"),
    **dict.fromkeys(quotewords.SUBJECT, "subject"),
    **dict.fromkeys(quotewords.DATE, "date"),
    **dict.fromkeys(quotewords.FROM, "from"),
}


def fold_line(text: str) -> str:
    """Given a line, return it for comparing, in as many characters."""
    # casefold alone turns the Turkish İ into two characters
    return text.replace("İ", "i").casefold()


def header_word(line: str) -> str:
    """Return which field a line such as "*Gesendet:* Montag" of a quoted header block is, else ""."""
    head = line[:40]
    if ":" not in head and "：" not in head:
        return ""
    name = fold_line(head.replace("：", ":").partition(":")[0])
    return _HEADER_WORDS.get(name.strip("*> \t"), "")


def names_writer_fully(line: str) -> bool:
    """Whether a line says who wrote what follows in full: a date, a time, and an ending only programs write.

    A person's own sentence may well end in a colon, hold a time, an address and the word "wrote".
    """
    if len(line) > MOST_CHARACTERS or not (_YEAR_OR_DATE.search(line) and _CLOCK.search(line)):
        return False
    return names_writer(line)


def names_writer(line: str) -> bool:
    """Whether a folded line that ends in a colon names a writer, as far as its ending tells."""
    body = line.rstrip(":： ")
    if body.endswith(quotewords.ENDING_VERBS):
        return True
    if line.startswith(quotewords.OPENING_WORDS) and any(verb in line for verb in quotewords.MIDDLE_VERBS):
        return True
    return body.endswith((">", ")", "]")) and "@" in body[-120:] and _CLOCK.search(line) is not None
