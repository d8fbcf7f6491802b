"""Words of the desk that a developer reads in his language: states, kinds of matters, what is proven of a sender."""

from triagebot.core.phrase import Words, say

_NAMES: dict[str, Words] = {
    "answered": say("answered"),
    "acknowledged": say("acknowledged"),
    "planned": say("planned"),
    "merged": say("merged"),
    "held": say("held"),
    "suppressed": say("suppressed"),
    "unreadable": say("unreadable"),
    "history": say("history"),
    "pending": say("pending"),
    "new": say("new"),
    "waiting-client": say("waiting-client"),
    "accepted": say("accepted"),
    "doing": say("doing"),
    "done": say("done"),
    "closed": say("closed"),
    "emergency": say("emergency"),
    "project": say("project"),
    "work": say("work"),
    "vendor": say("vendor"),
    "enquiry": say("enquiry"),
    "question": say("question"),
    "thanks": say("thanks"),
    "weak": say("weak"),
    "fail": say("fail"),
    "unknown": say("unknown"),
}


def say_name(word: str) -> Words:
    """Given a state of a mail or ticket, a kind, or how well a sender is proven, return the reader's word for it. Words
    of commands and files (modes, tiers, codes) stay as they are written there."""
    return _NAMES.get(word, word)
