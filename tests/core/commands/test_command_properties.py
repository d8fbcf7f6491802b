"""What holds of reading any answer at all."""

import string
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.commands.command import Command, Unclear
from triagebot.core.commands.lines import MOST_COMMANDS, read_commands
from triagebot.core.commands.written import write_command, write_length
from triagebot.core.phrase import ENGLISH

SUNDAY = date(2026, 11, 22)
_VERBS = ["ok", "send", "no", "book", "done", "start", "move", "quote", "merge", "split", "hold", "close", "reopen"]
_VERBS += ["new", "undo", "mode", "away", "back", "all"]
_PIECES = st.one_of(
    st.sampled_from(
        [*_VERBS, "12", "#13", "m40", "o7", "25m", "1h30", "fri", "1.12.", "3/4", '"', "“", ",", "\n", "> ", "|"]
    ),
    st.sampled_from(
        ["240", "tier", "rule", "live", "-- ", "wrote:", "and", "?", "tak", "はい", "²", "..", "to", "EUR", "0"]
    ),
    st.text(max_size=8),
)
ANSWERS = st.one_of(st.text(), st.lists(_PIECES, max_size=40).map(" ".join))


@given(ANSWERS, st.dates(), st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_read(text: str, today: date, shown: list[str]) -> None:
    """Nothing raises, on any day; there is always something to tell, and never more than twenty commands."""
    said = read_commands(text, today, shown)
    assert said.commands or said.unclear
    assert len(said.commands) <= MOST_COMMANDS
    for one in said.unclear:
        assert isinstance(one, Unclear)
        assert ENGLISH.speak(one.why)


@given(ANSWERS, st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_what_is_read_has_one_meaning(text: str, today: date) -> None:
    """What a command needs is there, and nothing is decided twice."""
    commands = read_commands(text, today).commands
    for one in commands:
        assert one.day is None or one.day >= today
        assert one.price is None or one.price > 0
        assert one.minutes is None or one.minutes > 0
        assert (one.verb == "send") <= bool(one.text)
        assert one.first is None or one.last is None or one.first <= one.last
    answers = [one.ref for one in commands if one.verb in ("ok", "send", "no")]
    assert len(set(answers)) == len(answers)


_REFS = st.builds("{}{}".format, st.sampled_from(["", "m", "o"]), st.integers(1, 999_999_999))
_TICKETS = st.integers(1, 999_999).map(str)
_WORD = st.text(string.ascii_letters + "ążşıñß", min_size=2, max_size=9).map(lambda word: f"x{word}")
_NOTE = st.lists(_WORD, max_size=9).map(" ".join)
_MATTER = st.lists(_WORD, min_size=1, max_size=9).map(" ".join)
_MINUTES = st.integers(1, 720)
_DAYS = st.integers(0, 300).map(lambda days: SUNDAY + timedelta(days=days))
_TEXT = st.lists(_NOTE, min_size=1, max_size=5).map("\n".join).filter(str.strip).map(str.strip)
_PRICES = st.decimals(Decimal("0.01"), Decimal(999_999), places=2)
_SHORT = st.sampled_from(["ok", "no", "start", "hold", "close", "reopen", "undo", "done", "split"])
_MODES = st.sampled_from(["live", "draft", "shadow"])
_TARGETS = st.one_of(st.just(""), _WORD, _WORD.map("rule {}".format), _WORD.map("tier {}".format))


@st.composite
def absences(draw: st.DrawFn) -> Command:
    """A command for days away."""
    first = draw(_DAYS)
    last = first + timedelta(days=draw(st.integers(0, 300)))
    return Command("", "away", text=draw(_NOTE), first=first, last=last)


COMMANDS = st.one_of(
    st.builds(Command, st.just(""), _SHORT, _REFS),
    st.builds(Command, st.just(""), st.just("send"), _REFS, text=_TEXT),
    st.builds(Command, st.just(""), st.just("book"), _REFS, text=_NOTE, minutes=_MINUTES),
    st.builds(Command, st.just(""), st.just("done"), _REFS, text=_NOTE, minutes=st.none() | _MINUTES),
    st.builds(Command, st.just(""), st.just("move"), _REFS, day=_DAYS),
    st.builds(Command, st.just(""), st.just("quote"), _REFS, minutes=st.integers(1, 9000), price=_PRICES),
    st.builds(Command, st.just(""), st.just("merge"), _TICKETS, other=_TICKETS).filter(
        lambda one: one.ref != one.other
    ),
    st.builds(Command, st.just(""), st.just("split"), _TICKETS, other=_TICKETS.map("m{}".format)),
    st.builds(Command, st.just(""), st.just("new"), text=_MATTER, other=_WORD, minutes=st.none() | _MINUTES),
    st.builds(Command, st.just(""), st.just("mode"), mode=_MODES, target=_TARGETS),
    st.builds(Command, st.just(""), st.just("back"), first=st.none() | _DAYS),
    absences(),
    st.sampled_from([Command("", "ok", "all"), Command("", "undo")]),
)


@given(COMMANDS)
def test_a_written_command_is_read_again(command: Command) -> None:
    """The form that hints and confirmations use means just this command."""
    said = read_commands(write_command(command), SUNDAY)
    assert [replace(one, line="") for one in said.commands] == [command], said.unclear


@pytest.mark.parametrize(
    ("minutes", "written"), [(None, ""), (0, "0m"), (25, "25m"), (60, "1h"), (90, "1h30"), (65, "1h05"), (720, "12h")]
)
def test_lengths_as_they_are_typed(minutes: int | None, written: str) -> None:
    """Hours and minutes, as short as they are clear."""
    assert write_length(minutes) == written


_LONG = 200_000
ADVERSARIAL = {
    "one word": "a" * _LONG,
    "one number": "1" * _LONG,
    "numbers": "1," * (_LONG // 2),
    "refs": "12 and " * (_LONG // 7) + "ok",
    "spaces": "12" + " " * _LONG + "ok",
    "quotes": '12 send "' * (_LONG // 9),
    "open quotes": '12 send "x\n' * (_LONG // 11),
    "closed quotes": '12 send "x"\n' * (_LONG // 12),
    "marks": ">" * _LONG,
    "marked lines": "> 12 ok\n" * (_LONG // 8),
    "bullets": "* " * (_LONG // 2),
    "commands": "12 ok\n" * (_LONG // 6),
    "short lines": "a\n" * (_LONG // 2),
    "empty lines": "12 ok" + "\n" * _LONG + "13 ok",
    "shown words": "the menu is broken 12 ok " * (_LONG // 25),
    "shown lines": "the menu\nis broken\n12 ok\n" * (_LONG // 25),
    "wrapped": "> the menu\nis broken\n" * (_LONG // 21),
    "dots": "12 " + "1." * (_LONG // 2),
    "dashes": "away " + "fri-" * (_LONG // 4),
    "attributions": "On 1.1.2026 at 10:00 Ada wrote:\n" * (_LONG // 32),
    "notes": "12 25m " + "note " * (_LONG // 5),
    "numbered": "".join(f"{number}. 12 25m x\n" for number in range(1, _LONG // 14)),
    "invisible": "12\u200b" * (_LONG // 3) + " ok",
    "signatures": "-- \n12 ok\n" * (_LONG // 10),
}


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_long_answers_end(name: str) -> None:
    """However an answer is made, reading it takes time that grows with its length: no test here takes long."""
    shown = ["the menu is broken 12 ok"] * (_LONG // 25)
    said = read_commands(ADVERSARIAL[name], SUNDAY, shown)
    assert len(said.commands) <= MOST_COMMANDS
    assert len(said.unclear) <= MOST_COMMANDS + 1
