"""Whatever comes in, what leaves stays within the limits: counted by the test in the outbox, not by Tally's code."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.desks import PLAN, client
from tests.app.quick_desks import DAY, MINUTE, NOW, QuickDesk, header, quick_desk, write

CLIENTS = ("jan@bakery.test", "eva@bakery.test", "mia@cafe.test")
STRANGERS = ("sam@firm.test", "tom@firm.test", "vic@gmail.com", "xia@solo.test")
TEXTS = (
    "See permalinks, dear Sir.",
    "Please change it to blue.",
    "Where are the permalinks?",
    "Please change the phone number.",
    "Our site is down!",
    "Thank you!",
    "The blue thing looks odd to my uncle.",
    "",
    "Where are the permalinks? Please change them.",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may leave: to a client and a stranger (a day, a week), to a domain a day, altogether (10 minutes, a day)."""

    client: tuple[int, int]
    stranger: tuple[int, int]
    domain: int
    desk: tuple[int, int]

    def file(self) -> str:
        """Return them as the desk's file says them."""
        return f"""
[limits]
client_per_day = {self.client[0]}
client_per_week = {self.client[1]}
stranger_per_day = {self.stranger[0]}
stranger_per_week = {self.stranger[1]}
domain_per_day = {self.domain}
desk_per_10_minutes = {self.desk[0]}
desk_per_day = {self.desk[1]}
same_answer = "1h"
same_body = "1h"
"""


NARROW = (
    Bounds((2, 50), (1, 50), 50, (50, 50)),
    Bounds((50, 3), (50, 2), 50, (50, 50)),
    Bounds((50, 50), (50, 50), 1, (50, 50)),
    Bounds((50, 50), (50, 50), 50, (2, 50)),
    Bounds((50, 50), (50, 50), 50, (50, 3)),
    Bounds((3, 5), (1, 2), 4, (3, 8)),
)
"""Each limit alone small enough for a short sequence to meet it, and all of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A mail that comes: after how many paces, from whom, what it says, and which earlier mail it answers (theirs or
    ours; 0: none). `release`: a person then releases an open breaker."""

    paces: int
    author: int
    text: str
    subject: str
    answers: int
    ours: bool
    release: bool


steps = st.builds(
    Step,
    paces=st.sampled_from([1, 1, 1, 1, 1, 2, 40]),
    author=st.integers(0, 6),
    text=st.sampled_from(TEXTS),
    subject=st.sampled_from(["Hello", "A matter", "Re: Hello", "[T#1] Re: [T#1] Hello", "Re: Your message"]),
    answers=st.sampled_from([0, 0, 0, 0, 1, 2, 9]),
    ours=st.booleans(),
    release=st.booleans(),
)


class Model:
    """Which conversation each id belongs to, by the references alone: nobody joins one of somebody else."""

    def __init__(self) -> None:
        self.conversation: dict[tuple[str, str], int] = {}
        self.theirs: list[str] = []
        self.told: list[tuple[datetime, str, int]] = []

    def write(self, desk: QuickDesk, author: str, step: Step, number: int) -> tuple[bytes, int]:
        """Given an author and a step, return the mail and the conversation it belongs to."""
        ours = [header(raw, "Message-ID") for raw in desk.sent()]
        known = ours if step.ours else self.theirs
        parent = known[-step.answers] if 0 < step.answers <= len(known) else ""
        headers = (f"In-Reply-To: {parent}",) if parent else ()
        raw = write(author, step.subject, step.text, *headers)
        place = self.conversation.get((party(author), parent), number)
        self.remember(author, raw, place)
        self.theirs.append(header(raw, "Message-ID"))
        return raw, place

    def remember(self, author: str, raw: bytes, place: int) -> None:
        """Given a mail of an author or to them, and its conversation, remember it."""
        self.conversation[party(author), header(raw, "Message-ID")] = place


def party(author: str) -> str:
    """Given an author, return who they are: the people of the bakery are one client."""
    return "bakery" if author.endswith("@bakery.test") else author


def most_within(moments: list[datetime], window: timedelta) -> int:
    """Given moments in order, return how many lie within any window of a length, both ends included."""
    return max((sum(one <= other <= one + window for other in moments) for one in moments), default=0)


def check_limits(told: list[tuple[datetime, str, int]], bounds: Bounds) -> None:
    """Given each automatic mail (when, to whom, in which conversation), hold the limits against all windows."""
    for author in CLIENTS + STRANGERS:
        per_day, per_week = bounds.client if author in CLIENTS else bounds.stranger
        moments = [at for at, whom, _ in told if whom == author]
        assert most_within(moments, DAY) <= per_day, author
        assert most_within(moments, 7 * DAY) <= per_week, author
    for domain in ("bakery.test", "cafe.test", "firm.test", "solo.test"):
        assert most_within([at for at, whom, _ in told if whom.endswith(f"@{domain}")], DAY) <= bounds.domain, domain
    conversations = [place for _, _, place in told]
    assert len(conversations) == len(set(conversations)), "two automatic mails in one conversation"


@pytest.mark.parametrize("bounds", NARROW, ids=["sender-day", "sender-week", "domain", "burst", "desk-day", "all"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([timedelta(seconds=1), timedelta(seconds=61), timedelta(minutes=70), timedelta(hours=5)]),
    st.lists(st.sampled_from(CLIENTS + STRANGERS), min_size=1, max_size=7, unique=True),
    st.lists(steps, min_size=15, max_size=30),
)
def test_no_sequence_of_mails_breaks_a_limit(
    bounds: Bounds, pace: timedelta, authors: list[str], sequence: list[Step]
) -> None:
    """Automatic mails per conversation, sender, domain and desk stay within the limits in every window; a breaker
    that is released lets no more than a fresh desk's number out."""
    clients = (
        PLAN + client("bakery", CLIENTS[0], "retainer", 'domains = ["bakery.test"]\n') + client("cafe", CLIENTS[2])
    )
    with (
        tempfile.TemporaryDirectory() as directory,
        quick_desk(Path(directory) / "desk", clients=clients, more=bounds.file()) as desk,
    ):
        model, at, since_release = Model(), NOW, [NOW]
        for number, step in enumerate(sequence):
            at += step.paces * pace
            author = authors[step.author % len(authors)]
            raw, place = model.write(desk, author, step, number)
            before = len(desk.sent())
            desk.receive(raw, at)
            fresh = desk.sent()[before:]
            assert len(fresh) <= 1, "two automatic mails for one"
            for mail in fresh:
                assert header(mail, "To") == author
                model.remember(author, mail, place)
                model.told.append((at, author, place))
            breakers = desk.store.latches.open_breakers()
            if step.release and breakers:
                with desk.store.transaction():
                    assert all(desk.store.latches.release(row, at + MINUTE) for row in breakers.values())
                since_release.append(at)
        check_limits(model.told, bounds)
        for begin, end in zip(since_release, [*since_release[1:], at + DAY], strict=True):
            moments = [moment for moment, _, _ in model.told if begin < moment <= end]
            assert most_within(moments, 10 * MINUTE) <= bounds.desk[0]
            assert most_within(moments, DAY) <= bounds.desk[1]
