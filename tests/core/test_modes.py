"""What words about modes make of those the desk's files have."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import TIERS, DeskSettings, Mode, Tier
from triagebot.core.modes import (
    CAUTION,
    ModeChange,
    Modes,
    Said,
    apply_to_desk,
    apply_to_rules,
    is_looser,
    mode_of,
    tell_words,
    yield_to_desk,
)
from triagebot.core.phrase import ENGLISH
from triagebot.core.rules.rule import Rule

DAY = date(2026, 11, 22)
SETTINGS = DeskSettings("Desk", "desk@desk.test", ("ada@desk.test",))
RULE = Rule("links", "howto/links", "question")
modes: st.SearchStrategy[Mode] = st.sampled_from(CAUTION)
words = st.lists(
    st.builds(
        Said,
        st.sampled_from(["desk", "rule links", *(f"tier {tier}" for tier in TIERS)]),
        modes,
        st.just(DAY),
        at_most=st.booleans(),
    ).map(lambda said: replace(said, at_most=False) if said.of == "desk" else said),
    unique_by=lambda said: said.of,
)


def said(of: str, mode: Mode, *, at_most: bool = False) -> Said:
    """Given whose mode, and which, return the word."""
    return Said(of, mode, DAY, "asked for", at_most)


@pytest.mark.parametrize(
    ("file", "tiers", "spoken", "desk", "retainer"),
    [
        ("shadow", {}, [], "shadow", "shadow"),
        ("shadow", {}, [said("desk", "live")], "live", "live"),
        ("shadow", {"retainer": "live"}, [said("desk", "draft")], "draft", "draft"),
        ("live", {"retainer": "draft"}, [said("desk", "live")], "live", "draft"),
        ("live", {"retainer": "live"}, [said("desk", "shadow")], "shadow", "shadow"),
        ("shadow", {}, [said("tier retainer", "live")], "shadow", "live"),
        ("live", {"retainer": "draft"}, [said("tier retainer", "live")], "live", "live"),
        ("live", {}, [said("desk", "shadow"), said("tier retainer", "live")], "shadow", "live"),
        ("shadow", {}, [said("tier retainer", "draft", at_most=True)], "shadow", "shadow"),
        ("live", {}, [said("tier retainer", "draft", at_most=True)], "live", "draft"),
    ],
)
def test_desk_and_tiers(file: Mode, tiers: dict[Tier, Mode], spoken: list[Said], desk: Mode, retainer: Mode) -> None:
    """A word stands over the file; one of the desk is the most its tiers may do, unless they have their own."""
    settings = apply_to_desk(replace(SETTINGS, mode=file, tier_modes=tiers), spoken)
    assert (settings.mode, settings.tier_modes.get("retainer", settings.mode)) == (desk, retainer)


@pytest.mark.parametrize(
    ("file", "desk", "spoken", "counts"),
    [
        ("", "shadow", [], "shadow"),
        ("", "shadow", [said("rule links", "live")], "live"),
        ("", "live", [said("rule links", "shadow")], "shadow"),
        ("", "live", [said("rule links", "draft", at_most=True)], "draft"),
        ("", "shadow", [said("rule links", "draft", at_most=True)], "shadow"),
        ("draft", "live", [said("rule links", "live")], "draft"),
        ("draft", "live", [said("rule links", "shadow")], "shadow"),
        ("live", "shadow", [], "live"),
        ("live", "shadow", [said("desk", "shadow")], "shadow"),
        ("live", "shadow", [said("desk", "shadow"), said("rule links", "live")], "live"),
        ("live", "live", [said("rule links", "draft", at_most=True)], "draft"),
        ("", "shadow", [said("rule others", "live")], "shadow"),
    ],
)
def test_rules(file: Mode, desk: Mode, spoken: list[Said], counts: Mode) -> None:
    """A rule may be given its own mode, never a looser one than its file has; a correction only holds it back."""
    (rule,) = apply_to_rules([replace(RULE, mode=file)], spoken)
    assert mode_of(rule, desk) == counts


@given(words, modes, st.sampled_from(["", *CAUTION]), st.dictionaries(st.sampled_from(TIERS), modes))
def test_a_word_that_holds_back_never_lets_more_leave(
    spoken: list[Said], desk: Mode, own: Mode, tiers: dict[Tier, Mode]
) -> None:
    """Whatever else was said: with `at_most`, desk, tiers and rule do no more than without it; and no rule does more
    than its file says."""
    file, rule = replace(SETTINGS, mode=desk, tier_modes=tiers), replace(RULE, mode=own)
    others = [one for one in spoken if not one.at_most]
    settings, free = apply_to_desk(file, spoken), apply_to_desk(file, others)
    (held,), (loose,) = apply_to_rules([rule], spoken), apply_to_rules([rule], others)
    for tier in TIERS:
        default, freely = settings.tier_modes.get(tier, settings.mode), free.tier_modes.get(tier, free.mode)
        assert not is_looser(default, freely)
        assert not is_looser(mode_of(held, default), mode_of(loose, freely))
        assert not own or not is_looser(mode_of(held, default), own)


@given(words, modes)
def test_the_whole_desk_is_silenced_by_one_word(spoken: list[Said], mode: Mode) -> None:
    """After a word for the whole desk nothing does more than that, whatever the files and earlier words say."""
    file = replace(SETTINGS, mode="live", tier_modes=dict.fromkeys(TIERS, "live"))
    left = [yield_to_desk(one, mode) for one in spoken if one.of != "desk"]
    now = [said("desk", mode), *(one for one in left if one is not None)]
    settings, (rule,) = apply_to_desk(file, now), apply_to_rules([replace(RULE, mode="live")], now)
    for tier in TIERS:
        default = settings.tier_modes.get(tier, settings.mode)
        assert not is_looser(default, mode)
        assert not is_looser(mode_of(rule, default), mode)


def test_what_was_drafts_by_word_stays_drafts_when_all_goes_live_again() -> None:
    """`mode shadow` for an hour does not forget that a rule was to make drafts."""
    word = yield_to_desk(said("rule links", "draft"), "shadow")
    assert word is not None
    (rule,) = apply_to_rules([RULE], [word])
    assert [mode_of(rule, mode) for mode in CAUTION] == ["shadow", "draft", "draft"]
    assert yield_to_desk(said("rule links", "live"), "draft") is None


def test_words_are_told_with_what_the_file_says() -> None:
    """Who reads config.toml must not wonder why the desk does something else."""
    spoken = (
        said("desk", "live"),
        said("tier none", "draft"),
        said("rule links", "draft", at_most=True),
        said("rule footer", "live"),
    )
    told = [ENGLISH.speak(one) for one in tell_words(Modes(spoken, "shadow", {"none": "shadow"}))]
    assert told == [
        "mode live (said on Sunday 22 November 2026; config.toml says shadow)",
        "tier none: mode draft (said on Sunday 22 November 2026; config.toml says shadow)",
        "rule links: at most draft since Sunday 22 November 2026 (asked for)",
        "rule footer: mode live (said on Sunday 22 November 2026)",
    ]


@given(words, words)
def test_a_change_goes_through_json(before: list[Said], after: list[Said]) -> None:
    """What undo needs is kept whole."""
    change = ModeChange("desk", "live", tuple(before), tuple(after))
    assert ModeChange.from_json(change.as_json()) == change
