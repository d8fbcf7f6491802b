"""Lines that run nothing, and what their writer is told to write instead."""

from datetime import date

import pytest

from triagebot.core.commands.command import Said
from triagebot.core.commands.lines import MOST_COMMANDS, read_commands
from triagebot.core.phrase import ENGLISH

WEDNESDAY = date(2026, 11, 25)


def refuse(text: str) -> str:
    """Why a text, of which nothing runs, is not clear."""
    said = read_commands(text, WEDNESDAY)
    assert said.commands == ()
    return " ".join(ENGLISH.speak(one.why) for one in said.unclear)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("12 ok no", "12 ok"),
        ("12 ok 13 no", "12 ok"),
        ("12 no ok", "12 no"),
        ("12 ok?", "12 ok"),
        ("12 not ok", "12 ok"),
        ("12 aprove", "12 ok"),
        ("12 is ok", "12 ok"),
        ("12ok", "12 ok"),
        ("I think 12 is ok", "12 ok"),
        ("please do not approve 12", "12 ok"),
        ("12² ok", "12 ok"),
        ("٣ ok", "12 ok"),
        ("0 ok", "12 ok"),
        ("ok", "12 ok"),
        ("12", "12 ok"),
        ("12 13 ok", "12, 13 ok"),
        ("12 call Jan about it", "12 ok"),
        ("12 closee", "12 close"),
        ("12 fryday", "12 friday"),
        ("12 tommorow", "12 tomorrow"),
        ("all no", "all ok"),
        ("all done", "all ok"),
        ("12. 13 ok", "12, 13 ok"),
        ("2. 12 ok", "2, 12 ok"),
    ],
)
def test_two_meanings_or_none(text: str, instead: str) -> None:
    """A line that is nearly a command runs nothing, and the nearest right line is shown."""
    assert instead in refuse(text)
    assert [one.line for one in read_commands(text, WEDNESDAY).unclear] == [text]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("12 25", "12 25m"),
        ("12 25 fixed it", "12 25m"),
        ("12 -25m", "undo 12"),
        ("12 0m", "12 25m"),
        ("12 13h", "12 25m"),
        ("12 1.5h30", "12"),
        ("12 1h 30 fixed", "12 1h30"),
        ("12 25m done 3 pages and close", "12 close"),
        ("12 25m menu done", "12 done"),
        ("12 25m ok", "12 ok"),
        ("12 25m fri", "12 fri"),
        ("12, 13 25m", "12 25m"),
        ("12 done 25", "12 done 25m"),
        ("12 done but not tested", "12 done"),
        ("12 done ok", "12 ok"),
        ("12, 13 done 25m", "12 done 25m"),
        ("12 book footer", "12 25m"),
        ("book 1.5h", "12 25m"),
        ("12 25m call\n12 25m call", "12 25m call"),
    ],
)
def test_minutes_that_are_not_clear(text: str, instead: str) -> None:
    """Minutes are money: nothing is guessed, and nothing booked twice."""
    assert instead in refuse(text)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("12 wed", "2026-12-03"),
        ("12 środa", "2026-12-03"),
        ("12 2026-11-24", "2026-12-03"),
        ("12 24.11.2026", "2026-12-03"),
        ("12 24.11.", "2026-12-03"),
        ("12 24 Nov", "2026-12-03"),
        ("12 3/4", "2026-12-03"),
        ("12 03/04/2026", "2026-12-03"),
        ("12 1.12", "2026-12-03"),
        ("12 31.2.", "2026-12-03"),
        ("12 2026-02-31", "2026-12-03"),
        ("12 2026-2-3", "2026-12-03"),
        ("12 13.13.", "2026-12-03"),
        ("12 3d", "12 +3d"),
        ("12 fri call Jan", "12 fri"),
        ("12 move", "12 tomorrow"),
        ("12 move soon", "12 tomorrow"),
        ("snooze 12", "12 tomorrow"),
        ("12 fri\n12 thu", "12 2026-11-27"),
        ("away", "away 2026"),
        ("away soon", "away 2026"),
        ("away fri mon", "away 2026"),
        ("away wed", "2026-12-03"),
        ("away 2026-12-31..2026-12-24", "away 2026"),
        ("away 2026-11-01..2026-12-24", "2026-12-03"),
        ("away 2026-12-24..2028-12-31", "away 2026"),
        ("away 9998-01-01..9998-01-02", "more than two years away"),
        ("back later", "back 2026-11-25"),
        ("12 away fri", "away 2026"),
    ],
)
def test_days_that_are_not_clear(text: str, instead: str) -> None:
    """A wrong date would be told to a client: today's weekday, past days and slashes are asked about."""
    assert instead in refuse(text)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("12 quote", "12 quote 3h 240"),
        ("12 quote 240", "12 quote 3h 240"),
        ("12 quote 240 3h", "12 quote 3h 240"),
        ("12 quote 3 240", "12 quote 3h 240"),
        ("12 quote 3h 0", "12 quote 3h 240"),
        ("12 quote 3h -240", "12 quote 3h 240"),
        ("12 quote 0h 240", "12 quote 3h 240"),
        ("12 quote 3h 1.240", "12 quote 3h 240"),
        ("12 quote 3h 1 240", "12 quote 3h 240"),
        ("12 quote 3h 240 net", "12 quote 3h 240"),
        ("12 quote 3h 240 EUR USD", "12 quote 3h 240"),
        ("12, 13 quote 3h 240", "12 quote 3h 240"),
        ("12 quote 3h 240\n12 quote 3h 250", "12 quote 3h 240"),
        ("12 merge", "12 merge 9"),
        ("12 merge 12", "12 merge 9"),
        ("merge 9 12", "9 merge 9"),
        ("12 merge into 9", "12 merge 9"),
        ("12 merge m40", "12 merge 9"),
        ("12 merge 9 10", "12 merge 9"),
        ("12 split 40", "12 split m40"),
        ("12 split m40 m41", "12 split m40"),
        ("new", "new bakery 30m menu"),
        ("new bakery", "new bakery 30m menu"),
        ("new bakery 30m", "new bakery 30m menu"),
        ("new bakery 0m menu", "new bakery 30m menu"),
        ("12 new bakery menu", "new bakery 30m menu"),
        ("mode", "mode live"),
        ("mode loud", "mode live"),
        ("mode live everything now", "mode live"),
        ("mode live rule", "mode draft tier none"),
        ("mode live\nmode draft", "mode live"),
    ],
)
def test_other_verbs_that_are_not_clear(text: str, instead: str) -> None:
    """What a verb needs is asked for; what it cannot take is no part of it."""
    assert instead in refuse(text)


@pytest.mark.parametrize(
    "text",
    [
        "12 send Hello",
        '12 "Hello"',
        '12 send ""',
        '12 send "…"',
        '12 send "text"',
        '12 send now "Hello"',
        '12, 13 send "Hello"',
        '12 ok "Hello"',
        '12 send "Hello" and close',
        "12 send 'Hello'",
        '12 send "Hello\n13 ok\n14 25m call',
        '12 send "the 5" screen"\n13 ok',
        '12 done "first\n13 ok',
    ],
)
def test_a_text_that_is_not_clear(text: str) -> None:
    """A text stands in double quotes, alone; of an open quote nobody knows where it ends, so nothing below it runs."""
    assert '12 send "text"' in refuse(text)


@pytest.mark.parametrize(
    "text", ["12 tomorrow", "12 +999w", "12 fri", "12 1 Dec", "12 next week", "away fri-tue", "12 2.1."]
)
def test_the_end_of_all_days(text: str) -> None:
    """Where no later day can be written, a day that would be later is not clear."""
    assert read_commands(text, date.max).commands == ()


def test_commands_above_an_open_quote_run() -> None:
    """An unclear line stops itself and what it may hold, not what was clear before."""
    said = read_commands('12 ok\n13 send "Hello\n14 ok', WEDNESDAY)
    assert [command.ref for command in said.commands] == ["12"]
    assert [one.line for one in said.unclear] == ['13 send "Hello']


def test_an_unclear_line_stops_only_itself() -> None:
    """The others run, in their order."""
    said = read_commands("12 ok\n13 perhaps\n14 no", WEDNESDAY)
    assert [command.ref for command in said.commands] == ["12", "14"]
    assert [one.line for one in said.unclear] == ["13 perhaps"]


@pytest.mark.parametrize(
    "text",
    [
        "12 ok\n12 no",
        '12 ok\n12 send "Hello"',
        '12 send "Hello"\n12 send "Bye"',
        "12 done\n12 hold",
        "12 close\n12 reopen",
        "all ok\n12 no",
        'all ok\n12 send "Hello"',
    ],
)
def test_lines_that_contradict(text: str) -> None:
    """Of two lines that decide the same thing differently neither runs; each is listed."""
    said = read_commands(f"{text}\n7 ok", WEDNESDAY)
    assert [command.ref for command in said.commands] == ["7"]
    assert [one.line for one in said.unclear] == text.split("\n")


def test_lines_that_only_look_alike() -> None:
    """Different matters of one ticket go together."""
    said = read_commands("12 ok\n12 25m call\n12 fri\n12 25m menu\n12 undo\n12 undo", WEDNESDAY)
    assert [command.verb for command in said.commands] == ["ok", "book", "move", "book", "undo"]
    assert said.unclear == ()


@pytest.mark.parametrize(
    "below", ["but only after Friday", "Unless Jan objects.", "no wait", "\nnot yet, sorry", "aber"]
)
def test_a_line_that_limits_the_command_above(below: str) -> None:
    """What takes back or limits a command stops it."""
    said = read_commands(f"13 ok\n12 ok\n{below}", WEDNESDAY)
    assert [command.ref for command in said.commands] == ["13"]
    assert [one.line for one in said.unclear] == ["12 ok"]


@pytest.mark.parametrize("text", ["", "Hello", "Thanks, that was quick!\n\nAda", "> 12 ok", "-- \n12 ok", "\n\n"])
def test_no_command_at_all(text: str) -> None:
    """Prose, and an answer with nothing of its own, is told what a command looks like."""
    assert refuse(text) == "no command was found; write for example 12 ok on a line of its own"


def test_too_many_commands() -> None:
    """Up to twenty run; of more none (safety.md E). Several on one line count each."""
    most = "\n".join(f"{number} ok" for number in range(1, MOST_COMMANDS + 1))
    assert len(read_commands(most, WEDNESDAY).commands) == MOST_COMMANDS
    for more in (f"{most}\n99 ok", ", ".join(map(str, range(1, MOST_COMMANDS + 2))) + " ok", f"{most}\n99 perhaps"):
        said = read_commands(more, WEDNESDAY)
        assert isinstance(said, Said)
        assert said.commands == ()
        assert "20" in ENGLISH.speak(said.unclear[0].why)
        assert len(said.unclear) == 1
