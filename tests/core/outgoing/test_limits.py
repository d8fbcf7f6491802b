"""How many automatic mails may leave (safety.md C; design.md section 8, "Caps")."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Limits
from triagebot.core.outgoing.limits import Tally, check_caps

LIMITS = Limits()
REPLY = ("permalinks",)
KNOWN: dict[str, Any] = {"known": True, "form": False}
STRANGER: dict[str, Any] = {"known": False, "form": False}
FORM: dict[str, Any] = {"known": False, "form": True}


def codes(tally: Tally, answers: tuple[str, ...] = REPLY, limits: Limits = LIMITS, **who: Any) -> list[str]:
    """Given what was sent before, return the codes of the caps a new reply would break."""
    return [code for code, _ in check_caps(tally, limits, answers, **(who or KNOWN))]


@pytest.mark.parametrize("who", [KNOWN, STRANGER, FORM], ids=["known", "stranger", "form"])
def test_the_first_mail_is_within_all_caps(who: dict[str, Any]) -> None:
    """Who never got an automatic mail may get one."""
    assert codes(Tally(), **who) == []


@pytest.mark.parametrize(
    ("allowed", "over", "who", "code"),
    [
        ({"sender_day": 4}, {"sender_day": 5}, KNOWN, "rate-sender"),
        ({"sender_week": 14}, {"sender_week": 15}, KNOWN, "rate-sender"),
        ({"sender_day": 0}, {"sender_day": 1}, STRANGER, "rate-sender"),
        ({"sender_week": 2}, {"sender_week": 3}, STRANGER, "rate-sender"),
        ({"thread": 0}, {"thread": 1}, KNOWN, "rate-thread"),
        ({"domain_day": 9}, {"domain_day": 10}, KNOWN, "rate-domain"),
        ({"desk_10_minutes": 19}, {"desk_10_minutes": 20}, KNOWN, "rate-global"),
        ({"desk_day": 99}, {"desk_day": 100}, KNOWN, "rate-global"),
        ({"form_day": 19, "sender_day": 50}, {"form_day": 20}, FORM, "rate-sender"),
        ({"form_day": 99}, {"visitor_answered": True}, KNOWN, None),
        ({"sender_week": 99}, {"visitor_answered": True}, FORM, "rate-sender"),
        ({"answers": frozenset({"dns"})}, {"answers": frozenset({"permalinks"})}, KNOWN, "rate-sender"),
        ({}, {"same_body": True}, KNOWN, "duplicate"),
        ({}, {"latched": True}, KNOWN, "ping-pong"),
        ({}, {"breaker": True}, KNOWN, "breaker"),
        ({}, {"suppressed": True}, KNOWN, "suppressed-address"),
    ],
)
def test_each_cap(allowed: dict[str, Any], over: dict[str, Any], who: dict[str, Any], code: str | None) -> None:
    """Just below its number a cap lets a mail through, at it the mail is stopped with the cap's own code."""
    assert codes(Tally(**allowed), **who) == []
    assert codes(Tally(**over), **who) == ([code] if code else [])


@pytest.mark.parametrize(
    ("given_before", "answers", "stopped"),
    [
        (set(), ("a",), False),
        ({"a"}, ("a",), True),
        ({"a"}, ("a", "b"), False),
        ({"a", "b", "c"}, ("a", "b"), True),
        ({"a"}, (), False),
        ({"closing.unmatched"}, ("closing.unmatched",), True),
    ],
)
def test_the_same_answer_is_given_once(given_before: set[str], answers: tuple[str, ...], stopped: bool) -> None:
    """A reply that says nothing new is stopped; one with a new answer is not."""
    assert bool(codes(Tally(answers=frozenset(given_before)), answers)) is stopped


def test_every_broken_cap_is_told() -> None:
    """All caps a reply would break are named, each with a sentence, not only the first."""
    tally = Tally(sender_day=9, thread=3, desk_day=1000, latched=True)
    broken = check_caps(tally, LIMITS, REPLY, known=True, form=False)
    assert {code for code, _ in broken} == {"rate-sender", "rate-thread", "rate-global", "ping-pong"}
    assert all(why for _, why in broken)


CAPS = sorted(
    {"client_per_day", "client_per_week", "stranger_per_day", "stranger_per_week", "thread", "domain_per_day"}
    | {"desk_per_10_minutes", "desk_per_day", "form_per_day"}
)


@pytest.mark.parametrize("cap", CAPS)
def test_every_cap_is_a_key(cap: str) -> None:
    """Raising a cap's key in [limits] lets through what the default stops, and zero stops everything."""
    who = FORM if cap == "form_per_day" else STRANGER if cap.startswith("stranger") else KNOWN
    number = getattr(LIMITS, cap)
    counters = {
        "client_per_day": "sender_day", "client_per_week": "sender_week", "stranger_per_day": "sender_day",
        "stranger_per_week": "sender_week", "thread": "thread", "domain_per_day": "domain_day",
        "desk_per_10_minutes": "desk_10_minutes", "desk_per_day": "desk_day", "form_per_day": "form_day",
    }  # fmt: skip
    changes: dict[str, Any] = {counters[cap]: number}
    tally = replace(Tally(), **changes)
    raised: dict[str, Any] = {cap: number + 1}
    stopped: dict[str, Any] = {cap: 0}
    assert codes(tally, **who)
    assert not codes(tally, limits=replace(LIMITS, **raised), **who)
    assert codes(Tally(), limits=replace(LIMITS, **stopped), **who)


counts = st.integers(0, 200)
tallies = st.builds(
    Tally,
    **{
        field.name: st.booleans() if field.type in (bool, "bool") else counts
        for field in fields(Tally)
        if field.name != "answers"
    },
)


@given(tallies, counts, st.sampled_from([KNOWN, STRANGER, FORM]))
def test_more_sent_before_never_allows_more(tally: Tally, more: int, who: dict[str, Any]) -> None:
    """Counting further only adds broken caps."""
    later = replace(
        tally, thread=tally.thread + more, sender_day=tally.sender_day + more, desk_day=tally.desk_day + more
    )
    assert set(codes(tally, **who)) <= set(codes(later, **who))
