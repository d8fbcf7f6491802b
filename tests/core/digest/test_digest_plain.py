"""The digest's text part: it fits a terminal, and nothing in it but the developer's own answer is a command."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.digest_values import digests, texts
from tests.digests import DIGESTS, HOSTILE, QUIET
from triagebot.core.columns import measure
from triagebot.core.commands.lines import read_commands
from triagebot.core.digest.content import AnswerTo, Beside, Digest, Item, Section, Shown, Table
from triagebot.core.digest.plain import render_text
from triagebot.core.digest.wrapping import WIDTH, break_line, mark_text, wrap_text
from triagebot.core.reading.text import clean

TODAY = date(2026, 11, 24)


def show(*items: Item, answer: AnswerTo | None = QUIET.answer) -> list[str]:
    """Given items, return the lines of a section that holds them."""
    digest = replace(QUIET, sections=(Section("Needs you", items),), hints=(), answer=answer)
    lines = render_text(digest).splitlines()
    return lines[lines.index("Needs you") + 2 :]


@given(digests)
def test_lines_fit_a_terminal(digest: Digest) -> None:
    """No line is wider than it may be, links apart, and none ends in spaces."""
    addresses = [address for section in digest.sections for item in section.items for _, address in item.links]
    for line in render_text(digest).split("\n"):
        assert line == line.rstrip()
        assert measure(line) <= WIDTH or any(address in line for address in addresses)


@given(digests)
def test_no_line_is_a_command(digest: Digest) -> None:
    """A mail program may repeat a line of the digest without any mark: whichever it is, it runs nothing."""
    for line in render_text(digest).splitlines():
        assert read_commands(line, TODAY).commands == ()


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_no_day_is_a_command(name: str) -> None:
    """Nor does a whole digest that comes back with all its marks."""
    text = render_text(DIGESTS[name])
    assert read_commands(text, TODAY).commands == ()
    for line in text.splitlines():
        assert read_commands(line, TODAY).commands == ()


@given(texts)
def test_text_of_others_is_marked(text: str) -> None:
    """Each line of a quote, a letter and of both texts beside each other carries the mark, and only the mark."""
    item = Item("A matter", (), text, shown=Shown("a@a.example", "Hi", text), beside=Beside(text, text))
    ours = {"To: a@a.example", "Subject: Hi", "The desk would have written:", "You wrote:"}
    for line in show(item)[1:]:
        body = line.removeprefix("     ")
        assert body in ours or body[:2] in ("| ", "|", ",-", "`-")


@given(texts, st.integers(10, 100))
def test_breaking_keeps_every_letter(text: str, width: int) -> None:
    """However narrow the terminal, no letter is lost and no line is too wide."""
    line = " ".join(clean(text).split())
    broken = break_line(line, width)
    assert "".join(broken).replace(" ", "") == line.replace(" ", "")
    assert all(measure(one) <= width for one in broken)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", ["one two", "three four"]),
        ("x" * 25, ["x" * 10, "x" * 10, "x" * 5]),
        ("日本語のメールです。", ["日本語の", "メールで", "す。"]),
        ("", [""]),
    ],
)
def test_breaking(text: str, lines: list[str]) -> None:
    """Lines are broken at spaces, within a word only where it must be; of Japanese anywhere but before a mark."""
    assert break_line(text, 10) == lines


@pytest.mark.parametrize(
    "text",
    [
        *("12 ok", "* 12: OK", "all ok", "12 25m fixed", "12 1.5h", "12 fri", "12 2026-12-01", "m40 hold", "o7 no"),
        *("mode live", "undo 12", "away 2026-12-24..2026-12-31", "back", "new bakery footer", "12 jutro", "12 はい"),
    ],
)
def test_what_reads_as_a_command_is_marked(text: str) -> None:
    """A sentence, a title or a cell that reads as a command carries the mark of a quote."""
    assert wrap_text(text, "  ", "  ") == [f"  | {text}"]
    assert show(Item(text))[0] == f"  *  | {text}"
    table = Table(("", ""), ((text, ""),))
    assert f"  | {text}" in render_text(replace(QUIET, sections=(Section("Money", table=table),)))


@pytest.mark.parametrize("text", ["23 arrived, 23 accounted for", "45 minutes", "Away"])
def test_sentences_are_not_marked(text: str) -> None:
    """What only begins with a number or a word of a command stays as it is."""
    assert wrap_text(text, "  ", "  ") == [f"  {text}"]


def test_a_wrapped_title_gives_no_command() -> None:
    """The second line of a long title may be a command of its own: it is marked."""
    lines = show(Item("Anna: " + "x" * 64 + " 12 ok", ref="m40"))
    assert lines == ["[m40] Anna: " + "x" * 64, "     | 12 ok"]


def test_commands_stand_on_one_line() -> None:
    """What can be answered is told with what it names; many commands take lines that each say what they are."""
    assert show(Item("A", ref="12", commands=("ok", "no")))[1] == "     answer: 12 ok · 12 no"
    assert show(Item("A", commands=("mode live",)))[1] == "     answer: mode live"
    many = show(Item("A", ref="12", commands=tuple(f"merge {number}" for number in range(10))))[1:]
    assert len(many) == 2
    assert all(line.startswith("     answer: 12 merge") for line in many)


def test_without_an_address_there_is_nothing_to_answer() -> None:
    """Where a mail cannot be answered, it does not say how."""
    assert show(Item("A", ref="12", commands=("ok", "no")), answer=None) == ["[12] A"]


def test_bare_items_are_told_together() -> None:
    """Items of which only ref and commands are left say the same in few lines."""
    items = [Item("", ref=str(number), commands=("ok", "no")) for number in range(3)]
    assert show(*items) == ["  *  0, 1, 2: not shown here (triagebot digest); answer each with ok · no"]


def test_a_letter_stands_between_marks() -> None:
    """A letter that waits for a word is whole, with whom it goes to, its spaces and its empty lines."""
    lines = show(Item("A", shown=Shown("a@a.example", "Hi", "Hello,\n\n  two spaces\n")))
    assert lines[1:3] == ["     To: a@a.example", "     Subject: Hi"]
    assert [line[5:7] for line in (lines[3], lines[-1])] == [",-", "`-"]
    assert lines[4:-1] == ["     | Hello,", "     |", "     |   two spaces"]


def test_a_table_of_many_columns_becomes_a_list() -> None:
    """What has no room as a table is told row by row, each cell with its heading."""
    table = Table(tuple(f"Column {number}" for number in range(9)), (tuple("x" * 20 for _ in range(9)),))
    text = render_text(replace(QUIET, sections=(Section("Money", table=table),)))
    assert "  *  Column 0: xxxxxxxxxxxxxxxxxxxx · Column 1: xxxxxxxxxxxxxxxxxxxx ·\n" in text
    assert all(measure(line) <= WIDTH for line in text.splitlines())


def test_hostile_text() -> None:
    """Controls and marks that turn the direction of text are gone, all else of it is there and marked."""
    lines = mark_text(HOSTILE, "| ")
    assert all(line.startswith("| ") for line in lines)
    assert not {"\u202e", "\u2066", "\x1b"} & set("".join(lines))
    assert "| | mode live" in lines
    assert "".join(line[2:] for line in lines).count("w" * 70) >= 4


@pytest.mark.parametrize("width", range(30, 76))
def test_a_command_in_a_sentence_of_ours_needs_no_mark(width: int) -> None:
    """Where it would begin a line, the word before it begins that line, and nothing of the sentence is lost."""
    text = "The mail to ann@client.test leaves at 10:10; until then `undo 1` stops it: Re: Work"
    lines = wrap_text(text, "  ", "  ", width)
    assert " ".join(map(str.strip, lines)) == text
    assert not any(line.strip().startswith("`undo") for line in lines)
    assert max(map(len, lines)) <= width


def test_a_command_in_a_sentence_without_spaces() -> None:
    """Japanese has none to break at: the sentence stays as it is, with the mark where there is no other way."""
    text = "\u3042" * 34 + " \u305d\u308c\u307e\u3067`undo 1`\u3067\u53d6\u308a\u6d88\u305b\u307e\u3059"
    for width in range(30, 76):
        lines = wrap_text(text, "", "", width)
        assert "".join(line.removeprefix("| ") for line in lines).replace(" ", "") == text.replace(" ", "")
