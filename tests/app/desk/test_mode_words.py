"""Modes said by word: what they change, what they tell, and how they are taken back."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.desks import PLAN, client
from tests.app.quick_desks import DAY, HOUR, NOW, QuickDesk, open_desk, quick_desk, write
from triagebot.app.desk.modefiles import ModeFiles
from triagebot.app.desk.modes import end_word, hold_back, list_modes, set_mode, take_back
from triagebot.app.desk.snapshot import fingerprint, load_snapshot
from triagebot.app.desk.view import DeskView, load_view
from triagebot.core.desk import Mode
from triagebot.core.errors import ModeError, StoreError
from triagebot.core.modes import CAUTION, ModeChange, Said
from triagebot.core.phrase import ENGLISH
from triagebot.edge.modes import MODES, read_modes, write_modes

JAN, ANN = "jan@bakery.test", "ann@client.test"
CLIENTS = PLAN + client("bakery", JAN, "retainer", "since = 2026-01-01\n") + client("ann", ANN, "one-off")
TODAY = date(2026, 11, 24)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in shadow."""
    with quick_desk(tmp_path / "desk", mode="shadow", clients=CLIENTS) as opened:
        yield opened


def words(view: DeskView) -> tuple[Said, ...]:
    """Given a desk, return the words that stand in its file."""
    return read_modes(view.data, view.directory)[0]


def told(change: ModeChange) -> list[str]:
    """Given a change, return its sentences."""
    return [ENGLISH.speak(sentence) for sentence in change.sentences]


def state_of(desk: QuickDesk, raw: bytes) -> str:
    """Given a mail, let the desk with its files as they are now decide it; return the state of its answer."""
    with open_desk(desk.config) as now:
        now.receive(raw, NOW + HOUR)
        return str(now.rows("SELECT state FROM outbox ORDER BY id DESC LIMIT 1")[0][0])


def edit(desk: QuickDesk, old: str, new: str) -> None:
    """Given a piece of the rules, replace it."""
    file = desk.config.parent / "rules" / "10-small.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_desk_goes_live_and_back(desk: QuickDesk) -> None:
    """A word counts from the next loading of the files on; the file of the config is not touched."""
    config = desk.config.read_bytes()
    assert state_of(desk, write(JAN)) == "shadow"
    change = set_mode(desk.snapshot, "live", "", "by mail", NOW)
    assert words(desk.snapshot) == (Said("desk", "live", TODAY, "by mail"),)
    assert told(change) == [
        "From now on the desk is in live mode: clients get automatic mail. What was kept until now stays unsent."
    ]
    assert state_of(desk, write(ANN)) == "queued"
    set_mode(desk.snapshot, "shadow", "", "by mail", NOW)
    assert words(desk.snapshot) == ()
    assert state_of(desk, write("bo@client.test")) == "shadow"
    assert desk.config.read_bytes() == config


@pytest.mark.parametrize("target", ["permalinks", "rule permalinks", "RULE  Permalinks"])
def test_one_rule_goes_live_before_the_desk(desk: QuickDesk, target: str) -> None:
    """Its mails are answered, those of other rules are kept; a mail that both match waits for the more careful one."""
    change = set_mode(desk.snapshot, "live", target, "", NOW)
    assert change.after == (Said("rule permalinks", "live", TODAY),)
    assert state_of(desk, write(JAN)) == "queued"
    assert state_of(desk, write(ANN, text="Please change the phone number.")) == "shadow"
    assert state_of(desk, write("bo@client.test", text="Please change the permalinks.")) == "shadow"


@pytest.mark.parametrize("target", ["one-off", "tier one-off"])
def test_one_tier_has_its_own_mode(desk: QuickDesk, target: str) -> None:
    """Its clients get drafts, others stay in shadow."""
    set_mode(desk.snapshot, "draft", target, "", NOW)
    assert state_of(desk, write(ANN)) == "draft"
    assert state_of(desk, write(JAN)) == "shadow"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("permalink", "there is no rule 'permalink', did you mean 'permalinks'?"),
        ("rule retainer", "there is no rule 'retainer'; permalinks, site-down, small-change, thanks"),
        ("tier retainers", "there is no tier 'retainers', did you mean 'retainer'?"),
        ("tier permalinks", "there is no tier 'permalinks'; retainer, one-off, none"),
    ],
)
def test_an_unknown_target_is_told_with_the_nearest(desk: QuickDesk, target: str, sentence: str) -> None:
    """Nothing is written for a rule that does not exist."""
    with pytest.raises(ModeError) as error:
        set_mode(desk.snapshot, "live", target, "", NOW)
    assert str(error.value) == sentence
    assert words(desk.snapshot) == ()


def test_a_name_of_tier_and_rule_is_asked_about(desk: QuickDesk) -> None:
    """`mode live none` could mean two things, so it means neither."""
    edit(desk, 'id = "thanks"', 'id = "none"')
    with pytest.raises(ModeError, match="none is a tier and a rule; write `tier none` or `rule none`"):
        set_mode(desk.snapshot, "live", "none", "", NOW)


def test_a_rules_own_line_is_not_loosened_by_a_word(desk: QuickDesk) -> None:
    """The sentence names the file and line; a stricter word is taken."""
    edit(desk, 'reply = "permalinks"', 'reply = "permalinks"\nmode = "draft"')
    with pytest.raises(ModeError) as error:
        set_mode(desk.snapshot, "live", "permalinks", "", NOW)
    assert str(error.value) == (
        'rule permalinks has mode = "draft" in rules/10-small.toml:1, and a word does not loosen that; change it there'
    )
    set_mode(desk.snapshot, "shadow", "permalinks", "", NOW)
    assert state_of(desk, write(JAN)) == "shadow"


def test_going_live_warns_of_what_stands_in_the_way(desk: QuickDesk) -> None:
    """No authserv_ids: nobody is answered; what stays more careful is named."""
    text = desk.config.read_text("utf-8")
    desk.config.write_text(text.replace('authserv_ids = ["mx.company.test"]', "authserv_ids = []"), "utf-8")
    hold_back(desk.snapshot, "permalinks", "corrected", NOW)
    view, _ = load_view(desk.config, NOW)
    assert view is not None
    set_mode(view, "draft", "one-off", "", NOW)
    assert told(set_mode(view, "live", "", "", NOW))[1:] == [
        "More careful still: tier one-off (draft), rule permalinks (draft).",
        "Inbox box0: authserv_ids is empty, so nobody is answered yet (`triagebot check --online`).",
    ]


def test_shadow_for_the_whole_desk_silences_all_of_it(desk: QuickDesk) -> None:
    """What went live by itself before is named, and kept from then on; going live again does not bring it back."""
    set_mode(desk.snapshot, "live", "permalinks", "", NOW)
    set_mode(desk.snapshot, "live", "retainer", "", NOW)
    change = set_mode(desk.snapshot, "shadow", "", "", NOW)
    assert told(change)[1] == "That counts for rule permalinks, tier retainer too."
    assert state_of(desk, write(JAN)) == "shadow"


def test_undo_puts_everything_back(desk: QuickDesk) -> None:
    """A change that went through JSON takes back all it did, once; not what was said since."""
    set_mode(desk.snapshot, "live", "permalinks", "", NOW)
    before = words(desk.snapshot)
    change = set_mode(desk.snapshot, "draft", "", "", NOW)
    kept = ModeChange.from_json(change.as_json())
    assert [ENGLISH.speak(one) for one in take_back(desk.snapshot, kept)] == [
        "From now on the desk is in shadow mode: answers are kept, and clients get no automatic mail."
    ]
    assert words(desk.snapshot) == before
    with pytest.raises(ModeError, match="the mode of the desk was changed again since; say which it is to be"):
        take_back(desk.snapshot, kept)


_steps = st.lists(
    st.tuples(st.sampled_from(CAUTION), st.sampled_from(["", "retainer", "none", "permalinks", "thanks", "corrected"])),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
def test_any_words_are_taken_back_one_by_one(desk: QuickDesk, steps: list[tuple[Mode, str]]) -> None:
    """What is said counts at once; taken back from the last to the first, all is as it was after each."""
    view = desk.snapshot
    write_modes(view.data, [])
    story = []
    for mode, target in steps:
        before = set(words(view))
        if target == "corrected":
            change = hold_back(view, "permalinks", "corrected", NOW)
        else:
            change = set_mode(view, mode, target, "", NOW)
            assert ModeFiles.read(view).mode_of(change.of) == mode
        story.append((before, change))
    for before, change in reversed(story):
        if change is not None:
            take_back(view, change)
        assert set(words(view)) == before


def test_the_same_word_twice_changes_nothing(desk: QuickDesk) -> None:
    """The second one says so, keeps the first one's date, and has nothing to undo."""
    set_mode(desk.snapshot, "live", "", "", NOW)
    again = set_mode(desk.snapshot, "live", "", "", NOW + DAY)
    assert (again.before, again.after) == ((), ())
    assert told(again) == ["The mode of the desk is live already."]
    assert words(desk.snapshot)[0].since == TODAY


def test_a_word_is_ended(desk: QuickDesk) -> None:
    """Then the files count again; also when the rule it was about is gone."""
    set_mode(desk.snapshot, "live", "permalinks", "", NOW)
    set_mode(desk.snapshot, "live", "", "", NOW)
    edit(desk, 'id = "permalinks"', 'id = "links"')
    assert told(end_word(desk.snapshot, "rule permalinks")) == [
        "The word about rule permalinks is gone, as the rule is."
    ]
    assert told(end_word(desk.snapshot, ""))[0].startswith("From now on the desk is in shadow mode")
    with pytest.raises(ModeError, match="no mode was said of the desk"):
        end_word(desk.snapshot, "")


def test_a_corrected_rule_is_held_back_until_it_is_set_live(desk: QuickDesk) -> None:
    """In shadow it stays in shadow; when the desk goes live it makes drafts; one word ends that."""
    change = hold_back(desk.snapshot, "permalinks", "corrected: mail 4", NOW)
    assert change is not None
    assert told(change) == [
        "From now on rule permalinks makes drafts at most (corrected: mail 4); `mode live rule permalinks` lifts that."
    ]
    assert hold_back(desk.snapshot, "permalinks", "corrected: mail 5", NOW) is None
    assert state_of(desk, write(JAN)) == "shadow"
    set_mode(desk.snapshot, "live", "", "", NOW)
    assert state_of(desk, write(ANN)) == "draft"
    set_mode(desk.snapshot, "live", "permalinks", "", NOW)
    assert [said.of for said in words(desk.snapshot)] == ["desk"]
    assert state_of(desk, write("bo@client.test")) == "queued"


def test_the_list_shows_what_counts_and_why(desk: QuickDesk) -> None:
    """Desk, tiers and rules with a mode of their own, beside what the files say."""
    set_mode(desk.snapshot, "live", "", "asked for", NOW)
    set_mode(desk.snapshot, "draft", "tier none", "", NOW)
    hold_back(desk.snapshot, "thanks", "corrected: mail 4", NOW)
    assert [tuple(row.values()) for row in list_modes(desk.snapshot)] == [
        ("desk", "live", "shadow", "2026-11-24", "asked for"),
        ("tier none", "draft", "", "2026-11-24", ""),
        ("rule thanks", "draft", "", "2026-11-24", "corrected: mail 4"),
    ]


def test_a_running_desk_sees_the_file_change(desk: QuickDesk) -> None:
    """The file of words is among those a daemon watches."""
    before = fingerprint(desk.config, desk.snapshot)
    set_mode(desk.snapshot, "live", "", "", NOW)
    assert fingerprint(desk.config, desk.snapshot) != before


def test_a_damaged_file_stops_the_desk_and_is_not_written_over(desk: QuickDesk) -> None:
    """Fail closed: nobody guesses what was said; check names the place, and a new word is refused."""
    file = desk.snapshot.data / MODES
    file.write_text('[[mode]]\nof = "desk"\nmode = "lively"\nsince = 2026-11-22\n', "utf-8")
    loaded = load_snapshot(desk.config, NOW)
    assert loaded.snapshot is None
    assert [(problem.file, problem.line) for problem in loaded.errors] == [("var/modes.toml", 3)]
    with pytest.raises(StoreError, match=r"var/modes\.toml:3: .*mend it, or remove the file"):
        set_mode(desk.snapshot, "live", "", "", NOW)


def test_a_word_about_a_rule_that_is_gone_is_told(desk: QuickDesk) -> None:
    """The desk runs on; the warning says how to end the word."""
    set_mode(desk.snapshot, "draft", "permalinks", "", NOW)
    edit(desk, 'id = "permalinks"', 'id = "links"')
    loaded = load_snapshot(desk.config, NOW)
    assert loaded.snapshot is not None
    (warning,) = (str(problem) for problem in loaded.problems if problem.file == "var/modes.toml")
    assert warning.startswith("var/modes.toml: mode[rule permalinks]: warning: there is no rule 'permalinks'")
    assert warning.endswith("end it with: triagebot mode rule permalinks --back")
