"""From evidence to problems, and from problems to what is told: once, when it lasts, and once more when it is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.watch import (
    JUMP,
    LITTLE_SPACE,
    UNDECIDED,
    UNSENT,
    Alarm,
    Canary,
    Evidence,
    Part,
    Problem,
    Review,
    find_problems,
    may_ping,
    measure_jump,
    review,
    say_span,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=number) for number in (1, 60, 3600, 86400))
AFTER = 10 * MINUTE
FRESH = Part("inbox support", NOW - MINUTE)
WELL = Evidence(parts=(FRESH,), inboxes=("support",), free_bytes=10**9, place="/var")


def find(evidence: Evidence) -> tuple[Problem, ...]:
    """Given evidence, return what is wrong, with the usual settings."""
    return find_problems(evidence, NOW, 15 * MINUTE, 15 * MINUTE)


def test_a_desk_that_works_has_no_problem() -> None:
    """Evidence of work and nothing that waits: nothing is told."""
    waiting = replace(WELL, oldest_unsent=NOW - MINUTE, oldest_pending=NOW - MINUTE)
    back = replace(WELL, canaries=(Canary("support", NOW - DAY, NOW - DAY + SECOND), Canary("support", NOW - MINUTE)))
    assert find(WELL) == find(waiting) == find(back) == ()


@pytest.mark.parametrize(
    ("evidence", "id", "weight", "words"),
    [
        (replace(WELL, parts=()), "inbox support", "halt", "never fetched yet"),
        (replace(WELL, parts=(Part("inbox support", NOW - HOUR),)), "inbox support", "halt", "60 minutes ago"),
        (
            replace(WELL, parts=(replace(FRESH, problem="gone"),), running=False),
            "inbox support",
            "halt",
            "inbox support: gone",
        ),
        (replace(WELL, parts=(FRESH, Part("send support", problem="421"))), "send support", "halt", "421"),
        (replace(WELL, parts=(FRESH, Part("files", problem="bad"))), "files", "trouble", "files: bad"),
        (replace(WELL, untrusting=("support",)), "trust support", "look", "nobody is answered"),
        (replace(WELL, oldest_unsent=NOW - UNSENT - SECOND), "outbox", "halt", "30 minutes ago"),
        (replace(WELL, oldest_pending=NOW - UNDECIDED - SECOND), "pending", "trouble", "not been decided"),
        (replace(WELL, ambiguous=2), "ambiguous", "look", "2 mails were maybe sent"),
        (replace(WELL, overdue=1), "overdue", "note", "1 ticket of retainer clients"),
        (replace(WELL, free_bytes=LITTLE_SPACE - 1), "disk", "halt", "the disk of /var is full: 1023 KiB"),
        (replace(WELL, jump=Part("clock", problem="set", since=NOW - HOUR)), "clock", "note", "set"),
        (replace(WELL, canaries=(Canary("support", NOW - HOUR),)), "canary support", "trouble", "not come back"),
    ],
)
def test_each_trouble_is_one_sentence(evidence: Evidence, id: str, weight: str, words: str) -> None:
    """Each kind of evidence makes exactly one problem, with an id that stays and a sentence."""
    (problem,) = find(evidence)
    assert (problem.id, problem.weight) == (id, weight)
    assert words in problem.text


def test_a_refused_login_is_told_at_once_and_other_trouble_is_not() -> None:
    """No waiting mends a wrong password (safety.md G.2); a server that is away comes back."""
    refused = Part("inbox support", NOW - DAY, "refuses the login", NOW, refused=True)
    (problem,) = find(replace(WELL, parts=(refused,)))
    assert problem.at_once
    assert "refuses the login (last fetched 24 hours ago)" in problem.text
    (problem,) = find(replace(WELL, parts=(replace(refused, refused=False),)))
    assert not problem.at_once


def test_a_canary_on_its_way_does_not_hide_the_lost_one_before_it() -> None:
    """Only one that came back says that the path works again."""
    lost, flying = Canary("support", NOW - HOUR), Canary("support", NOW - MINUTE)
    assert [problem.id for problem in find(replace(WELL, canaries=(lost, flying)))] == ["canary support"]
    back = replace(flying, back_at=NOW)
    assert find(replace(WELL, canaries=(lost, back))) == ()


def test_a_jump_of_the_clock_is_spoken_of_for_a_day() -> None:
    """Also when the clock went back, so that the moment it was noted lies ahead."""
    for distance in (HOUR, -HOUR, 23 * HOUR):
        assert find(replace(WELL, jump=Part("clock", problem="set", since=NOW - distance)))
    for distance in (DAY, -DAY, 9 * DAY):
        assert find(replace(WELL, jump=Part("clock", problem="set", since=NOW - distance))) == ()


DOWN = Problem("inbox support", "inbox support: gone", "halt")


def rounds(*steps: tuple[timedelta, tuple[Problem, ...]]) -> list[tuple[list[str], list[str]]]:
    """Given moments after the start and what was wrong then, return what was told and what was over, each time. What is
    told is taken by a route."""
    alarms: tuple[Alarm, ...] = ()
    told = []
    for after, problems in steps:
        found = review(problems, alarms, NOW + after, AFTER)
        told.append(([one.id for one in found.tell], [one.id for one in found.over]))
        alarms = taken(found, NOW + after)
    return told


def taken(found: Review, now: datetime) -> tuple[Alarm, ...]:
    """Given a review, return the alarms once a route took what was to be told."""
    ids = {one.id for one in found.tell}
    over = {one.id for one in found.over}
    kept = (one for one in found.alarms if one.id not in over)
    return tuple(replace(one, told_at=now) if one.id in ids else one for one in kept)


def test_what_lasts_is_told_once_and_its_end_once() -> None:
    """Ten minutes of trouble are one alert, however long it goes on; ten quiet minutes are one all-clear."""
    minutes = [(n * MINUTE, (DOWN,) if n <= 30 else ()) for n in range(60)]
    told = rounds(*minutes)
    assert [n for n, (tell, _) in enumerate(told) if tell] == [10]
    assert [n for n, (_, over) in enumerate(told) if over] == [41]


def test_short_trouble_is_never_told() -> None:
    """What ends before it has lasted is forgotten, and begins anew when it comes again."""
    minutes = [(n * MINUTE, (DOWN,) if n % 10 < 9 else ()) for n in range(100)]
    assert all(step == ([], []) for step in rounds(*minutes))


def test_trouble_that_comes_and_goes_is_one_alarm() -> None:
    """A told problem that is away for less than ten minutes has not ended."""
    minutes = [(n * MINUTE, (DOWN,) if n < 15 or 20 <= n < 40 else ()) for n in range(60)]
    told = rounds(*minutes)
    assert sum(len(tell) for tell, _ in told) == 1
    assert [n for n, (_, over) in enumerate(told) if over] == [50]


def test_what_needs_a_person_is_told_at_the_first_look() -> None:
    """A wrong password is told at once, once; notes and things the digest shows never."""
    refused = replace(DOWN, at_once=True)
    assert rounds((0 * MINUTE, (refused,)), (MINUTE, (refused,)), (HOUR, (refused,)))[0] == (["inbox support"], [])
    quiet = (Problem("clock", "set", "note"), Problem("ambiguous", "2 mails", "look", at_once=True))
    assert rounds((0 * MINUTE, quiet), (HOUR, quiet)) == [([], []), ([], [])]


def test_a_clock_that_goes_back_makes_nothing_silent() -> None:
    """An alarm that began in what is the future now counts as old: told too early rather than two days late."""
    alarm = Alarm("inbox support", "gone", NOW + 2 * DAY)
    assert [one.id for one in review((DOWN,), (alarm,), NOW, AFTER).tell] == ["inbox support"]


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), max_size=60))
def test_alerts_and_ends_alternate(steps: list[tuple[int, bool, bool]]) -> None:
    """For any course of a problem, seen at any intervals: an alert, an all-clear, an alert … never two alike in a row,
    and no alert about what is not there."""
    alarms: tuple[Alarm, ...] = ()
    now, story = NOW, []
    for minutes, there, urgent in steps:
        now += minutes * MINUTE
        found = review((replace(DOWN, at_once=urgent),) if there else (), alarms, now, AFTER)
        assert there or not found.tell
        assert not (there and found.over)
        story += ["begun"] * len(found.tell) + ["over"] * len(found.over)
        alarms = taken(found, now)
    assert all(first != second for first, second in pairwise(story))
    assert story[:1] in ([], ["begun"])


def test_the_heartbeat_follows_looks_into_every_inbox() -> None:
    """Given after a look that worked in each inbox since the last time, once a minute, and never while mail stands."""
    two = replace(WELL, inboxes=("a", "b"), parts=(Part("inbox a", NOW - SECOND), Part("inbox b", NOW - 2 * MINUTE)))
    earlier = NOW - HOUR
    assert may_ping(two, (), earlier, None, NOW)
    assert not may_ping(two, (), NOW - MINUTE, None, NOW)  # b was not looked into since
    assert not may_ping(two, (), earlier, NOW - 59 * SECOND, NOW)
    assert may_ping(two, (), earlier, NOW - MINUTE, NOW)
    assert not may_ping(replace(two, inboxes=("a", "b", "c")), (), earlier, None, NOW)
    assert not may_ping(two, (DOWN,), earlier, None, NOW)
    assert may_ping(two, (Problem("files", "bad"), Problem("ambiguous", "2", "look")), earlier, None, NOW)
    assert not may_ping(Evidence(), (), earlier, None, NOW)


def test_only_a_clock_that_was_set_is_a_jump() -> None:
    """Corrections of seconds, as time services make them, are none."""
    assert measure_jump(10 * SECOND, 9 * SECOND) is None
    assert measure_jump(JUMP + 10 * SECOND, 10 * SECOND) is None
    assert measure_jump(JUMP + 11 * SECOND, 10 * SECOND) == JUMP + SECOND
    assert measure_jump(-2 * DAY, 10 * SECOND) == -2 * DAY - 10 * SECOND


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 seconds ago"),
        (119, "119 seconds ago"),
        (120, "2 minutes ago"),
        (7199, "119 minutes ago"),
        (7200, "2 hours ago"),
        (172_800, "2 days ago"),
        (-7200, "2 hours ahead of the clock"),
    ],
)
def test_spans_are_said_as_people_say_them(seconds: int, told: str) -> None:
    """In the largest unit of which there are at least two."""
    assert say_span(timedelta(seconds=seconds)) == told
