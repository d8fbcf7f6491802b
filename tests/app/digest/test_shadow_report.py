"""The shadow report: what would have been sent beside what the developer sent, which rules have earned live, and what a
correction does."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, SUPPORT, QuickDesk, header, quick_desk, read_quickly, write
from triagebot.app.desk.modes import set_mode
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.digest.shadow import FEWEST, RECENT, WINDOW, demote, gather_shadow, note_verdict
from triagebot.app.tickets.written import take_written
from triagebot.core.agreement import Verdict
from triagebot.core.digest.content import Item, Section
from triagebot.core.phrase import ENGLISH, Words
from triagebot.edge.modes import read_modes

JAN, ANN = "jan@bakery.test", "ann@client.test"
CLIENTS = PLAN + client("bakery", JAN, "retainer", "since = 2026-01-01\n") + client("ann", ANN, "one-off")
WIDE = "[limits]\nclient_per_day = 999\nclient_per_week = 999\nsame_answer = '0s'\nsame_body = '0s'\nthread = 99\n"
WIDE += "desk_per_10_minutes = 999\ndesk_per_day = 999\ndomain_per_day = 999\n"
RULES = ("permalinks", "site-down", "small-change", "thanks")
_uids = count(1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in shadow."""
    with quick_desk(tmp_path / "desk", mode="shadow", clients=CLIENTS, settings=WIDE) as opened:
        yield opened


def ask(desk: QuickDesk, at: datetime = NOW, author: str = JAN, text: str = "Where are the permalinks?") -> str:
    """Given when, who and what, let a client ask; return the mail's id."""
    raw = write(author, "A question", text)
    desk.receive(raw, at)
    return header(raw, "Message-ID")


def answer(desk: QuickDesk, message_id: str, at: datetime, text: str, to: str = JAN) -> None:
    """Given the id of a client's mail, when and what, let the developer answer from his mail program."""
    raw = write(SUPPORT, "Re: A question", text, *([f"In-Reply-To: {message_id}"] if message_id else []), to=to)
    mail = read_quickly(raw, at, desk.snapshot)
    with desk.store.transaction():
        take_written(desk.store, ("box0", "Sent", 3, next(_uids)), mail, desk.snapshot, desk.key, at + MINUTE)


def verdicts(desk: QuickDesk) -> list[tuple[int, str, str]]:
    """Return every verdict: mail, rule and what it is."""
    return [(row[0], row[1], row[2]) for row in desk.rows("SELECT mail, rule, verdict FROM agreement ORDER BY 1, 2")]


def judge(desk: QuickDesk, rule: str, given: Sequence[Verdict], at: datetime) -> None:
    """Given a rule and verdicts, write down one mail's for each."""
    with desk.store.transaction():
        for verdict in given:
            desk.store.agreements.said(next(_uids) + 10_000, [rule], verdict, "said", at)


def change_rules(desk: QuickDesk, old: str, new: str) -> None:
    """Given a piece of the rules, replace it and load the files anew."""
    file = desk.config.parent / "rules" / "10-small.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    loaded = load_snapshot(desk.config, NOW)
    assert loaded.snapshot is not None, loaded.errors
    desk.snapshot = loaded.snapshot


def report(desk: QuickDesk, at: datetime = NOW + 2 * HOUR) -> tuple[Section, ...]:
    """Return the report at a moment, with the desk's files as they are now."""
    loaded = load_snapshot(desk.config, at)
    assert loaded.snapshot is not None
    return gather_shadow(desk.store, loaded.snapshot, at, at - DAY)


def proposals(desk: QuickDesk, at: datetime = NOW) -> list[tuple[str, ...]]:
    """Return the commands that are proposed."""
    return [item.commands for section in report(desk, at)[1:] for item in section.items]


def say(words: Sequence[Words]) -> list[str]:
    """Given sentences, return them in English."""
    return [ENGLISH.speak(one) for one in words]


def only_item(desk: QuickDesk) -> Item:
    """Return the one mail that is shown beside the developer's own."""
    (item,) = report(desk)[0].items
    return item


def test_a_fresh_desk_has_no_report(desk: QuickDesk) -> None:
    """Nothing answered by the developer yet: nothing to compare, nothing said."""
    ask(desk)
    assert report(desk) == ()


def test_the_same_answer_is_shown_beside_the_developers_own(desk: QuickDesk) -> None:
    """Both texts whole, the verdict of each rule, and the one command that makes sense then."""
    answer(desk, ask(desk), NOW + HOUR, "Hi Jan,\nopen Settings and there Permalinks.\nAda")
    assert verdicts(desk) == [(1, "permalinks", "same")]
    item = only_item(desk)
    assert (ENGLISH.speak(item.title), item.ref, item.commands) == ("Bakery: A question", "m1", ("no",))
    assert say(item.lines) == ["permalinks: much the same as yours"]
    assert item.beside is not None
    assert "Settings, then Permalinks." in item.beside.ours
    assert item.beside.yours == "Hi Jan,\nopen Settings and there Permalinks.\nAda"


def test_the_frame_around_the_answer_is_not_compared(desk: QuickDesk) -> None:
    """Words of greeting and closing are in every mail; sharing them is no agreement."""
    answer(desk, ask(desk), NOW + HOUR, "Hello, this was about: question. Done!")
    assert verdicts(desk) == [(1, "permalinks", "differs")]
    assert say(only_item(desk).lines) == ["permalinks: differs from yours"]


def test_each_rule_has_its_own_verdict(desk: QuickDesk) -> None:
    """One mail asked two things: the developer said the same to one of them and something else to the other."""
    text = "Where are the permalinks? And please change the phone number."
    answer(
        desk, ask(desk, text=text), NOW + HOUR, "Settings, then Permalinks. The number stays, as we agreed by phone."
    )
    assert verdicts(desk) == [(1, "permalinks", "same"), (1, "small-change", "differs")]


def test_drafts_are_compared_before_they_are_stopped(tmp_path: Path) -> None:
    """In draft mode the developer's own answer stops the draft, and counts all the same."""
    with quick_desk(tmp_path / "desk", mode="draft", clients=CLIENTS, settings=WIDE) as desk:
        answer(desk, ask(desk), NOW + HOUR, "Settings, then Permalinks.")
        assert verdicts(desk) == [(1, "permalinks", "same")]
        assert desk.rows("SELECT state FROM outbox") == [("stopped",)]


def test_an_answer_without_a_reference_counts_for_the_thread(desk: QuickDesk) -> None:
    """The developer answers the second of two mails; only that one is compared, then the other by the thread."""
    first = ask(desk)
    raw = write(JAN, "Re: A question", "And the permalinks of the shop?", f"In-Reply-To: {first}")
    desk.receive(raw, NOW + MINUTE)
    answer(desk, header(raw, "Message-ID"), NOW + HOUR, "Settings, then Permalinks.")
    assert verdicts(desk) == [(2, "permalinks", "same")]
    answer(desk, header(raw, "Message-ID"), NOW + HOUR, "Nothing else to do.")
    assert verdicts(desk) == [(1, "permalinks", "differs"), (2, "permalinks", "same")]


@pytest.mark.parametrize("case", ["live", "note", "no rule", "stranger"])
def test_what_is_not_compared(tmp_path: Path, case: str) -> None:
    """A live answer, a note to somebody else, what no rule knew, an answer to another client's mail: no verdict."""
    with quick_desk(tmp_path / "desk", "support@company.test", "live" if case == "live" else "shadow", CLIENTS) as desk:
        message_id = ask(desk, text="How are you?" if case == "no rule" else "Where are the permalinks?")
        to = {"note": "help@host.test", "stranger": ANN}.get(case, JAN)
        answer(desk, message_id, NOW + HOUR, "Settings, then Permalinks.", to)
        assert verdicts(desk) == []


def test_a_mere_closing_is_not_compared(desk: QuickDesk) -> None:
    """That it is planned says nothing a person's own words could agree with."""
    change_rules(desk, 'reply = "small-change"\n', "")
    answer(desk, ask(desk, text="Please change the phone number."), NOW + HOUR, "Hello, this was about: work.")
    assert desk.rows("SELECT state, answers FROM outbox") == [("shadow", "closing.work")]
    assert verdicts(desk) == []


def test_a_word_counts_more_than_a_comparison(desk: QuickDesk) -> None:
    """`ok`, `no` and a text of one's own say what the developer means; the last word stands."""
    answer(desk, ask(desk), NOW + HOUR, "Done by hand.")
    for verdict in ("ok", "no", "differs"):
        with desk.store.transaction():
            note_verdict(desk.store, 1, verdict, NOW + HOUR)
        assert verdicts(desk) == [(1, "permalinks", verdict)]
    with desk.store.transaction():
        note_verdict(desk.store, 99, "no", NOW)
    assert len(verdicts(desk)) == 1


def test_the_table_counts_each_rule_over_time(desk: QuickDesk) -> None:
    """Verdicts of the last weeks stand apart from those before; those that are too old do not count."""
    judge(desk, "permalinks", ["same", "ok", "differs"], NOW - RECENT - DAY)
    judge(desk, "permalinks", ["same", "no"], NOW - DAY)
    judge(desk, "permalinks", ["no"], NOW - WINDOW - DAY)
    judge(desk, "thanks", ["differs"], NOW - DAY)
    answer(desk, ask(desk), NOW + HOUR, "Settings, then Permalinks.")
    table = report(desk)[1].table
    assert table is not None
    assert say(table.columns)[-2:] == ["30 days", "before"]
    assert [say(row) for row in table.rows] == [
        ["permalinks", "6", "4", "1", "1", "2 of 3", "2 of 3"],
        ["thanks", "1", "0", "1", "0", "0 of 1", "-"],
    ]


@pytest.mark.parametrize(
    ("given", "at", "earned"),
    [
        (["same"] * FEWEST, NOW - DAY, True),
        (["same"] * (FEWEST - 1), NOW - DAY, False),
        (["same", "ok"] * 9 + ["same", "differs"], NOW - DAY, True),
        (["same"] * 18 + ["differs"] * 2, NOW - DAY, False),
        (["same"] * 19 + ["no"], NOW - DAY, False),
        (["same"] * 19 + ["no"], NOW - RECENT - DAY, True),
        (["same"] * FEWEST, NOW - WINDOW - DAY, False),
    ],
)
def test_a_rule_earns_live(desk: QuickDesk, given: list[Verdict], at: datetime, earned: bool) -> None:
    """Ten verdicts in sixty days, nineteen of twenty in favour, and no correction for a month: then the digest offers
    the whole line to answer with."""
    judge(desk, "permalinks", given, at)
    assert proposals(desk) == ([("mode live rule permalinks",)] if earned else [])


def test_a_proposal_is_made_until_it_is_taken(desk: QuickDesk) -> None:
    """With its reason; the rule is live afterwards and not proposed again."""
    judge(desk, "permalinks", ["same"] * 12, NOW - DAY)
    (item,) = report(desk, NOW)[1].items
    assert [ENGLISH.speak(item.title), *say(item.lines)] == [
        "Rule permalinks has earned live.",
        "12 of 12 answers fitted in 60 days, and none was corrected in the last 30.",
        "To let it answer by itself: `mode live rule permalinks`",
    ]
    _, *target = item.commands[0].split(" ", 2)[1:]
    set_mode(desk.snapshot, "live", target[0], "", NOW)
    assert proposals(desk) == []


def test_a_rule_that_would_refuse_the_word_is_not_proposed(desk: QuickDesk) -> None:
    """A line of its file says draft, or it is gone."""
    judge(desk, "gone", ["same"] * 12, NOW - DAY)
    change_rules(desk, 'reply = "permalinks"', 'reply = "permalinks"\nmode = "draft"')
    judge(desk, "permalinks", ["same"] * 12, NOW - DAY)
    assert proposals(desk) == []


def test_the_desk_is_proposed_when_most_rules_have_earned_it(desk: QuickDesk) -> None:
    """Three of five, one of them live already; neither two of three nor three of six."""
    judge(desk, "thanks", ["differs"], NOW - DAY)
    for rule in RULES[:2]:
        judge(desk, rule, ["same"] * 12, NOW - DAY)
    assert proposals(desk) == [("mode live rule permalinks",), ("mode live rule site-down",)]
    judge(desk, RULES[2], ["same"] * 12, NOW - DAY)
    set_mode(desk.snapshot, "live", RULES[2], "", NOW)
    judge(desk, "other", ["differs"], NOW - DAY)
    assert proposals(desk)[0] == ("mode live",)
    (item, *_) = report(desk, NOW)[1].items
    assert ENGLISH.speak(item.title) == "The desk has earned live: so have 3 of the 5 rules that answered."
    judge(desk, "another", ["differs"], NOW - DAY)
    assert ("mode live",) not in proposals(desk)


def test_a_live_desk_has_no_report(desk: QuickDesk) -> None:
    """Nothing is kept any more, so there is nothing to report."""
    judge(desk, "permalinks", ["same"] * 12, NOW - DAY)
    set_mode(desk.snapshot, "live", "", "", NOW)
    assert report(desk) == ()


def test_a_correction_demotes_the_rule_that_made_the_answer(tmp_path: Path) -> None:
    """A live answer was wrong: from the next loading on that rule makes drafts, others stay live."""
    with quick_desk(tmp_path / "desk", clients=CLIENTS, settings=WIDE) as desk:
        ask(desk)
        with desk.store.transaction():
            told = demote(desk.store, desk.snapshot, 1, NOW + HOUR)
        assert say(told) == [
            "From now on rule permalinks makes drafts at most (corrected: mail 1);"
            " `mode live rule permalinks` lifts that."
        ]
        assert verdicts(desk) == [(1, "permalinks", "no")]
        loaded = load_snapshot(desk.config, NOW)
        assert loaded.snapshot is not None
        desk.snapshot = loaded.snapshot
        ask(desk, NOW + HOUR, ANN)
        ask(desk, NOW + HOUR, ANN, "Please change the phone number.")
        assert [row[0] for row in desk.rows("SELECT state FROM outbox ORDER BY id")] == ["queued", "draft", "queued"]
        with desk.store.transaction():
            again = demote(desk.store, desk.snapshot, 1, NOW + HOUR)
        assert say(again) == ["Rule permalinks makes drafts at most already."]


def test_a_correction_in_shadow_waits_for_the_day_the_desk_goes_live(desk: QuickDesk) -> None:
    """It changes nothing at once, and the rule is not let loose with the others."""
    judge(desk, "permalinks", ["same"] * 50, NOW - DAY)
    ask(desk)
    with desk.store.transaction():
        demote(desk.store, desk.snapshot, 1, NOW)
    assert proposals(desk) == []
    set_mode(desk.snapshot, "live", "", "", NOW)
    (word, _) = read_modes(desk.snapshot.data, desk.snapshot.directory)[0]
    assert (word.of, word.mode, word.at_most) == ("rule permalinks", "draft", True)


def test_a_correction_of_what_no_rule_made(desk: QuickDesk) -> None:
    """An answer to a mail nobody foresaw, a row that is not there: a sentence, and nothing else."""
    ask(desk, text="How are you?")
    for row in (1, 99):
        with desk.store.transaction():
            assert say(demote(desk.store, desk.snapshot, row, NOW)) == [
                "No rule made that answer, so none is held back."
            ]
    assert read_modes(desk.snapshot.data, desk.snapshot.directory) == ((), [])
