"""What kind of mail was left without an answer, in a few plain words; its codes are `triagebot explain`'s."""

from triagebot.core.phrase import Phrase, Words, say

_AUTOMATIC = say("an automatic reply")
_LIST = say("a newsletter or a list")
_BOUNCE = say("a bounce")
_KINDS: dict[str, Phrase] = {
    "auto-submitted": _AUTOMATIC,
    "autoresponder-header": _AUTOMATIC,
    "ooo-subject": _AUTOMATIC,
    "suppress-header": _AUTOMATIC,
    "x-loop": _AUTOMATIC,
    "list": _LIST,
    "feedback-id": _LIST,
    "precedence": _LIST,
    "dsn": _BOUNCE,
    "null-return-path": _BOUNCE,
    "robot-sender": say("a mail from a machine"),
    "spam": say("spam, as the mail provider marked it"),
    "mdn": say("a read receipt"),
    "report": say("a machine's report"),
    "own-loop": say("a mail of this desk's own"),
    "hops": say("a mail that went in circles"),
}


def say_silence(codes: str) -> Words:
    """Given the codes of a mail that nobody is to answer, the gravest first (core/guard), return what kind of mail it
    is; the first code itself where no word stands for it."""
    found = codes.split()
    return next((_KINDS[code] for code in found if code in _KINDS), found[0] if found else "")
