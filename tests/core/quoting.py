"""How mail programs quote the mail that is answered, for tests of reading an answer."""

import textwrap
from collections.abc import Callable

Style = Callable[[str, str], str]
"""Given what the developer wrote and the text of the mail that is answered, the text of his answer."""

_ORIGINAL = "-----Original Message-----"
_POLISH = "Od: Ada <a@adaweb.example>\nWysłano: niedziela, 22 listopada 2026 08:30\nDo: Ada\nTemat: Ada"
_MUTT = "On Sun, Nov 22, 2026 at 08:30:00AM +0100, Ada Webworks wrote:"
_WROTE = "On Sun, 22 Nov 2026 at 08:30, Ada Webworks <support@adaweb.example> wrote:"
_OUTLOOK = (
    "From: Ada Webworks <support@adaweb.example>\nSent: Sunday, November 22, 2026 8:30 AM\n"
    "To: Ada <ada@adaweb.example>\nSubject: Ada Webworks: Sunday 22 November 2026"
)


def mark(text: str, sign: str = "> ") -> str:
    """Given a text, return it with a sign before each line."""
    return "\n".join(f"{sign}{line}".rstrip() for line in text.split("\n"))


def _wrapped(text: str, width: int) -> str:
    """Marked, then broken by a program that does not mark what it breaks off."""
    lines = (textwrap.wrap(f"> {line}", width, break_on_hyphens=False) or [">"] for line in text.split("\n"))
    return "\n".join(line for wrapped in lines for line in wrapped)


def _bare_wrapped(text: str, width: int) -> str:
    return "\n".join(line for one in text.split("\n") for line in (textwrap.wrap(one, width) or [""]))


STYLES: dict[str, Style] = {
    "gmail": lambda new, old: f"{new}\n\n{_WROTE}\n\n{mark(old)}\n",
    "apple mail": lambda new, old: f"{new}\n\nSent from my iPhone\n\n> {_WROTE}\n> \n{mark(old)}",
    "apple mail, older": lambda new, old: f"{new}\n\n{_WROTE}\n\n{mark(old)}\n",
    "outlook": lambda new, old: f"{new}\n\n{_OUTLOOK}\n\n{old}",
    "outlook, rule": lambda new, old: f"{new}\n\nGet Outlook for iOS\n{'_' * 32}\n{_OUTLOOK}\n\n{old}",
    "outlook, original": lambda new, old: f"{new}\n\n{_ORIGINAL}\n{_OUTLOOK}\n\n{old}",
    "outlook, prefixed": lambda new, old: f"{new}\n\n{mark(_ORIGINAL)}\n{mark(_OUTLOOK)}\n{mark(old)}",
    "outlook, polish": lambda new, old: f"{new}\n\n{_POLISH}\n\n{old}",
    "thunderbird": lambda new, old: f"{new}\n\nOn 11/22/26 08:30, Ada Webworks wrote:\n{mark(old)}\n",
    "thunderbird, below": lambda new, old: f"On 11/22/26 08:30, Ada Webworks wrote:\n{mark(old)}\n\n{new}\n",
    "mutt": lambda new, old: f"{_MUTT}\n{mark(old)}\n\n{new}\n-- \nAda",
    "k-9": lambda new, old: (
        f"{new}\n-- \nSent from my Android device with K-9 Mail.\n\nAm 22. November 2026 08:30:00 MEZ schrieb Ada:\n"
        f"{mark(old, '>')}"
    ),
    "bars": lambda new, old: f"{new}\n\n{mark(old, '| ')}",
    "drawn bars": lambda new, old: f"{new}\n\n{mark(old, '│ ')}",
    "initials": lambda new, old: f"{new}\n\n{mark(old, 'AW> ')}",
    "deep": lambda new, old: f"{new}\n\n{mark(mark(old), '>> ')}",
    "indented marks": lambda new, old: f"{new}\n\n{mark(old, '      > ')}",
    "html to text": lambda new, old: f"{new}\n\n{_WROTE}\n{old}",
    "html to text, marked": lambda new, old: f"{new}\n{_WROTE}\n{mark(old.replace(chr(10) * 2, chr(10)))}",
    "nothing said": lambda new, old: f"{new}\n\n{old}",
    "nothing said, wrapped": lambda new, old: f"{new}\n\n{_bare_wrapped(old, 40)}",
    "forwarded": lambda new, old: f"{new}\n\n---------- Forwarded message ---------\n{_OUTLOOK}\n\n{old}",
    "wrapped at 76": lambda new, old: f"{new}\n\n{_WROTE}\n{_wrapped(old, 76)}\n",
    "wrapped at 40": lambda new, old: f"{new}\n\n{_WROTE}\n{_wrapped(old, 40)}\n",
    "wrapped at 24": lambda new, old: f"{new}\n\n{_WROTE}\n{_wrapped(old, 24)}\n",
    "wrapped at 12": lambda new, old: f"{new}\n\n{_WROTE}\n{_wrapped(old, 12)}\n",
}
"""Every style by its name."""
