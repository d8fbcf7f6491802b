"""Two machines answering each other, told from the recent story of one sender (safety.md C; field.md 27 to 29).

Headers say that a mail is automatic; this is for machines that do not say it. Every sign needs an automatic
mail of ours before it: without one there is nothing to loop with. A sign latches the conversation; one that
shows across conversations latches the sender, because some machines begin a new one each time.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from triagebot.core.desk import Limits
from triagebot.core.reading.newtext import says_something, split_new_text
from triagebot.core.reading.text import strip_prefixes
from triagebot.core.rules.fold import fold

_FLOOD = 2
"""A sender's mails in any conversations latch at this many times `burst_mails`."""
_TELLING = 10
"""A subject of ours that is this long (or starts with a reply prefix) is in nobody's subject by chance."""
_GROWN = 3
_MARK = re.compile(r"\[[^\[\]]{0,40}\d[^\[\]]{0,40}\]|#\d{2,}")


@dataclass(frozen=True, slots=True)
class Told:
    """A mail of ours to the sender: when it was made, its subject and thread; `automatic` if no person approved it."""

    at: datetime
    subject: str
    thread: int | None
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail of the sender: when the server took it in, its subject and thread.

    `text` is its whole text if it refers to an automatic mail of ours, else empty.
    """

    at: datetime
    subject: str
    thread: int | None
    text: str = ""

    @property
    def wordless(self) -> bool:
        """Whether it answers an automatic mail and a person wrote nothing above what it quotes."""
        return bool(self.text) and not says_something(split_new_text(self.text).new)


@dataclass(frozen=True, slots=True)
class Story:
    """What went to and fro with one sender lately, the oldest first, and the thread of the mail that is judged."""

    told: tuple[Told, ...] = ()
    heard: tuple[Heard, ...] = ()
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Why a conversation (or, where `thread` is None, all mail of a sender) is left unanswered from now on."""

    thread: int | None
    why: str


def find_conversation(told: Sequence[Told], subject: str) -> int | None:
    """Given our mails to a sender, the oldest first, and the subject of a mail of theirs that names no id we know,
    return the thread of the automatic mail it answers by its subject, or None."""
    echoed = (one.thread for one in reversed(told) if one.automatic and _echoes(subject, one.subject))
    return next(echoed, None)


def find_loop(story: Story, mail: Heard, limits: Limits) -> Loop | None:
    """Given the story of a sender and the mail of theirs that has just come, return why it looks like a machine
    that answers ours, or None. The mail itself must show the sign, so that an old one does not latch for ever."""
    if not limits.latch or not any(one.automatic for one in story.told):
        return None
    signs = (_look_at_subject, _look_at_words, _look_at_pace, _look_at_burst)
    return next(filter(None, (sign(story, mail, limits) for sign in signs)), None)


def _look_at_subject(story: Story, mail: Heard, _: Limits) -> Loop | None:
    """Subjects that machines make of each other's (freescout#2445, #3670)."""
    told, heard = _conversation(story)
    if not told:
        return None
    subject = _flatten(mail.subject)
    if any(subject.count(needle) > 1 for one in told if (needle := _needle(one.subject))):
        return Loop(story.thread, "the subject holds ours twice")
    if any(number > 1 for number in Counter(_MARK.findall(subject)).values()):
        return Loop(story.thread, "the subject holds the same ticket mark twice")
    grown = [_flatten(strip_prefixes(one.subject)) for one in (*heard[1 - _GROWN :], mail)]
    grows = (one and one in other and one != other for one, other in pairwise(grown))
    if len(grown) == _GROWN and all(grows):
        return Loop(story.thread, f"the subject grew in {_GROWN} successive mails")
    return None


def _look_at_words(story: Story, mail: Heard, _: Limits) -> Loop | None:
    """A person who answers an automatic mail writes something; nobody does it twice without a word."""
    heard = _conversation(story)[1]
    if mail.wordless and any(one.wordless for one in heard):
        return Loop(story.thread, "it answers an automatic mail without a word of its own, again")
    return None


def _look_at_pace(story: Story, mail: Heard, limits: Limits) -> Loop | None:
    """Mails that come right after automatic ones: two in a conversation, or two in a row after different ones."""
    why = f"two mails came within {limits.ping_pong.total_seconds():.0f} seconds of automatic ones"
    causes = [_cause(story.told, one, limits) for one in (*story.heard[-1:], mail)]
    last, this = causes[0], causes[-1]
    if this is None or len(causes) == 1:
        return None
    if last is not None and last is not this and last.thread != this.thread:
        return Loop(None, why)
    told, heard = _conversation(story)
    if _cause(told, mail, limits) and any(_cause(told, one, limits) for one in heard):
        return Loop(story.thread, why)
    return None


def _look_at_burst(story: Story, mail: Heard, limits: Limits) -> Loop | None:
    """Many mails with no reply of a person between, after an automatic one."""
    if not limits.burst_mails:
        return None
    since = max((one.at for one in story.told if not one.automatic), default=mail.at - limits.burst)
    since = max(since, mail.at - limits.burst)
    minutes = limits.burst.total_seconds() / 60
    told, heard = _conversation(story)
    number = 1 + sum(one.at >= since for one in heard)
    if number >= limits.burst_mails and any(one.automatic and one.at < mail.at for one in told):
        return Loop(story.thread, f"{number} mails in {minutes:.0f} minutes with no reply of yours between")
    number = 1 + sum(one.at >= since for one in story.heard)
    answered = any(one.automatic and since <= one.at < mail.at for one in story.told)
    if number >= _FLOOD * limits.burst_mails and answered:
        return Loop(None, f"{number} mails in {minutes:.0f} minutes with no reply of yours between")
    return None


def _conversation(story: Story) -> tuple[list[Told], list[Heard]]:
    if story.thread is None:
        return [], []
    told = [one for one in story.told if one.thread == story.thread]
    return told, [one for one in story.heard if one.thread == story.thread]


def _cause(told: Sequence[Told], heard: Heard, limits: Limits) -> Told | None:
    """The automatic mail of ours that a mail came right after. What the server had taken in before (it waited
    while the desk was down) came after nothing."""
    before = (one for one in reversed(told) if one.automatic)
    return next((one for one in before if one.at < heard.at <= one.at + limits.ping_pong), None)


def _echoes(subject: str, ours: str) -> bool:
    """Whether a subject answers ours: the same behind a reply prefix, or ours whole with something around it."""
    bare = _flatten(strip_prefixes(ours))
    if not bare:
        return False
    if strip_prefixes(subject) != " ".join(subject.split()) and _flatten(strip_prefixes(subject)) == bare:
        return True
    whole = _flatten(ours)
    padded = f" {_flatten(subject)} "
    return (whole != bare or len(whole) >= _TELLING) and f" {whole} " in padded


def _needle(ours: str) -> str:
    """What of our subject a machine's subject holds twice; empty where ours says nothing."""
    bare = _flatten(strip_prefixes(ours))
    return bare if len(bare) >= _TELLING or not bare else f"re: {bare}"


def _flatten(subject: str) -> str:
    return " ".join(fold(subject[:1000]).split())
