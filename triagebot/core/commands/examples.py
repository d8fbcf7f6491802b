"""What can be written in an answer, line by line, with what it does."""

from triagebot.core.commands.command import Verb
from triagebot.core.phrase import Phrase, say

EXAMPLES: tuple[tuple[str, Phrase], ...] = (
    ("12 ok", say("send the draft of ticket 12 as it is shown")),
    ("all ok", say("send every draft that is shown")),
    ('12 send "shorter text"', say("send this text instead")),
    ("12 no", say("drop the draft, or say that an answer was wrong")),
    ("12 25m fixed the footer", say("book 25 minutes, with a note")),
    ("12 done", say("the work is done; minutes and a note may follow")),
    ("12 start", say("it is being worked on")),
    ("12 fri", say("promise it for Friday and tell the client; also tomorrow, 2026-12-01, 1 Dec, +3d")),
    ("12 quote 3h 240", say("offer the work for a fixed price")),
    ("12 hold", say("wait for the client")),
    ("12 close", say("end it")),
    ("12 reopen", say("take it up again")),
    ("12 merge 9", say("ticket 9 is the same matter")),
    ("12 split m40", say("mail 40 is another matter")),
    ("new bakery 30m menu is broken", say("write down what a client said on the phone")),
    ("away 2026-12-24..2026-12-31 holidays", say("be away on these days")),
    ("back", say("end the absence")),
    ("mode draft tier none", say("change the mode: of the desk, a tier or a rule")),
    ("undo 12", say("take the last command about 12 back")),
)
"""Every command, the usual ones first."""

_ENDINGS: dict[Verb, str] = {
    "ok": "ok",
    "send": 'send "text"',
    "no": "no",
    "book": "25m fixed the footer",
    "done": "done",
    "start": "start",
    "quote": "quote 3h 240",
    "merge": "merge 9",
    "split": "split m40",
    "hold": "hold",
    "close": "close",
    "reopen": "reopen",
    "undo": "undo",
}
_WITHOUT_REF: dict[Verb, str] = {
    "new": "new bakery 30m menu is broken",
    "mode": "mode live",
    "away": "away 2026-12-24..2026-12-31 holidays",
    "back": "back",
}


def example_of(verb: Verb, ref: str = "", day: str = "tomorrow") -> str:
    """Given a verb, what it is about ("" for nothing) and a day, return a line that is right."""
    if verb in _WITHOUT_REF:
        return _WITHOUT_REF[verb]
    return f"{ref or '12'} {day if verb == 'move' else _ENDINGS[verb]}"
