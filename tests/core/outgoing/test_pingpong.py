"""Two machines answering each other, told from the story of one sender (safety.md C)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Limits
from triagebot.core.outgoing.pingpong import Heard, Loop, Story, Told, find_conversation, find_loop

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIMITS = Limits()
QUOTE = "On Tue, 24 Nov 2026 at 10:00, Desk <a@b.test> wrote:\n> Settings, then Permalinks."


def told(seconds: float, thread: int = 1, subject: str = "Re: Links of my pages", *, automatic: bool = True) -> Told:
    """Given seconds from now, return a mail of ours."""
    return Told(NOW + timedelta(seconds=seconds), subject, thread, automatic)


def heard(seconds: float, thread: int | None = 1, subject: str = "Hello", text: str = "") -> Heard:
    """Given seconds from now, return a mail of theirs."""
    return Heard(NOW + timedelta(seconds=seconds), subject, thread, text)


def look(ours: list[Told], theirs: list[Heard], limits: Limits = LIMITS) -> Loop | None:
    """Given our mails and theirs, return what the last of theirs shows."""
    *before, mail = theirs
    return find_loop(Story(tuple(ours), tuple(before), mail.thread), mail, limits)


@pytest.mark.parametrize(
    ("ours", "theirs", "thread"),
    [
        pytest.param([told(0)], [heard(20), heard(59)], 1, id="two-within-60-s-of-one"),
        pytest.param([told(0)], [heard(20), heard(61)], None, id="the-second-is-late"),
        pytest.param([told(0)], [heard(-20), heard(20)], None, id="the-first-was-there-before"),
        pytest.param([told(0)], [heard(0), heard(20)], None, id="the-same-second"),
        pytest.param([told(0, automatic=False)], [heard(20), heard(30)], None, id="a-person-wrote"),
        pytest.param([told(0)], [heard(20, 2), heard(30)], None, id="in-two-conversations"),
        pytest.param([told(0, 1), told(20, 2)], [heard(10, 2), heard(30, 3)], 0, id="new-conversation-each-time"),
        pytest.param([told(0, 1), told(20, 2)], [heard(10, 2), heard(25, 9), heard(90, 3)], None, id="then-it-paused"),
        pytest.param([told(0, 1), told(500, 2)], [heard(10, 2), heard(400, 7), heard(510, 3)], None, id="not-in-a-row"),
    ],
)
def test_pace(ours: list[Told], theirs: list[Heard], thread: int | None) -> None:
    """Two mails that each come right after an automatic one latch their conversation; after different ones, in a
    row, the sender (0 stands for that, None for no latch)."""
    loop = look(ours, theirs, replace(LIMITS, burst_mails=0))
    assert (loop and (loop.thread or 0)) == thread
    assert loop is None or "60 seconds" in loop.why


@pytest.mark.parametrize(
    ("ours", "theirs", "thread"),
    [
        pytest.param([told(0)], [heard(100), heard(300), heard(700)], 1, id="three-in-ten-minutes"),
        pytest.param([told(0)], [heard(100), heard(300), heard(701)], None, id="a-second-longer"),
        pytest.param([told(0)], [heard(300), heard(700)], None, id="two"),
        pytest.param([told(800)], [heard(100), heard(300), heard(700)], None, id="ours-came-after"),
        pytest.param([told(0), told(200, automatic=False)], [heard(100), heard(300), heard(400)], None, id="answered"),
        pytest.param([told(0)], [heard(t, t) for t in (100, 200, 300, 400, 500)], None, id="five-conversations"),
        pytest.param([told(0)], [heard(t, t) for t in (100, 200, 300, 400, 500, 600)], 0, id="six-conversations"),
        pytest.param([told(-900)], [heard(t, t) for t in (0, 100, 200, 300, 400, 500)], None, id="long-unanswered"),
    ],
)
def test_burst(ours: list[Told], theirs: list[Heard], thread: int | None) -> None:
    """Three mails in ten minutes with no reply of a person between latch a conversation, twice as many a sender."""
    loop = look(ours, theirs, replace(LIMITS, ping_pong=timedelta(0)))
    assert (loop and (loop.thread or 0)) == thread


@pytest.mark.parametrize(
    ("subjects", "loops"),
    [
        (["Re: Links of my pages: Re: Links of my pages"], True),
        (["[Ticket 7] Re: [Ticket 7] something"], True),
        (["#4711 reopened (was #4711)"], True),
        (["Links", "[T] Links", "[U] [T] Links"], True),
        (["Links", "Re: Links", "AW: Re: Links"], False),
        (["[Ticket 7] Re: Links of my pages"], False),
        (["Links of my pages"], False),
        (["Links", "Links and more", "Links and"], False),
    ],
)
def test_subjects(subjects: list[str], loops: bool) -> None:
    """Subjects that hold ours or a ticket mark twice, or that grow three times (freescout#2445, #3670)."""
    theirs = [heard(3600 * number, subject=subject) for number, subject in enumerate(subjects, 1)]
    assert bool(look([told(0)], theirs)) is loops
    assert look([], theirs) is None


def test_a_short_subject_is_no_sign_by_chance() -> None:
    """ "Hi" is in "this" as well."""
    assert look([told(0, subject="Re: Hi")], [heard(3600, subject="Hi, this is Jan, high up")]) is None
    assert look([told(0, subject="Re:")], [heard(3600, subject="Re: Re: and re:")]) is None


@pytest.mark.parametrize(("text", "loops"), [(QUOTE, True), (f"It did not help.\n\n{QUOTE}", False), ("Thanks", False)])
def test_answers_without_a_word(text: str, loops: bool) -> None:
    """An answer to an automatic mail that only quotes is no sign; the second is."""
    assert look([told(0)], [heard(3600, text=QUOTE)]) is None
    assert bool(look([told(0)], [heard(3600, text=QUOTE), heard(7200, text=text)])) is loops
    assert look([told(0)], [heard(3600, text=""), heard(7200, text=QUOTE)]) is None


@pytest.mark.parametrize(
    "off",
    [
        {"latch": timedelta(0)},
        {"ping_pong": timedelta(0), "burst_mails": 0},
        {"ping_pong": timedelta(0), "burst": timedelta(0)},
    ],
)
def test_each_sign_can_be_turned_off(off: dict[str, object]) -> None:
    """Zero turns a sign off, and no latch at all means no loops."""
    limits = replace(LIMITS, **off)  # type: ignore[arg-type]
    assert look([told(0)], [heard(one) for one in range(10, 60, 10)])
    assert look([told(0)], [heard(one) for one in range(10, 60, 10)], limits) is None


@pytest.mark.parametrize(
    ("subject", "ours", "thread"),
    [
        ("Re: Links", "Re: Links", 1),
        ("AW: Re: links", "Re: Links", 1),
        ("[Ticket 7] Re: Links", "Re: Links", 1),
        ("Links", "Re: Links", None),
        ("Re: Linksammlung", "Re: Links", None),
        ("Received: Your message to Ada", "Your message to Ada", 1),
        ("About your mail", "Mail", None),
        ("Re: Mail", "Mail", 1),
        ("Re:", "Re:", None),
        ("", "", None),
    ],
)
def test_a_subject_leads_to_its_conversation(subject: str, ours: str, thread: int | None) -> None:
    """By a reply prefix before the same subject, or by our whole subject inside another; never by chance."""
    assert find_conversation([told(0, 1, ours)], subject) == thread


def test_the_newest_conversation_is_the_one() -> None:
    """Of several automatic mails with one subject the last is answered; what a person wrote leads nowhere."""
    ours = [told(0, 1), told(10, 2), told(20, 3, automatic=False)]
    assert find_conversation(ours, "Re: Links of my pages") == 2


texts = st.text(alphabet=st.sampled_from("aA #[]7:Re\u0130\u200b日"), max_size=40)
moments = st.integers(-3000, 3000)


@given(
    st.lists(st.builds(told, moments, st.integers(1, 3), texts, automatic=st.booleans()), max_size=6),
    st.lists(st.builds(heard, moments, st.none() | st.integers(1, 3), texts, texts), min_size=1, max_size=12),
)
def test_without_an_automatic_mail_there_is_no_loop(ours: list[Told], theirs: list[Heard]) -> None:
    """For any story: never a failure, never a latch of another conversation, never one without a mail of ours."""
    loop = look(ours, theirs)
    assert loop is None or loop.thread in (None, theirs[-1].thread)
    assert look([one for one in ours if not one.automatic], theirs) is None
