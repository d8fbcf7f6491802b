"""`triagebot digest` looked at: as text of the terminal's width, as JSON with keys that stay, as one whole file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.app.desks import PLAN, client
from tests.app.quick_desks import QuickDesk, quick_desk, write
from tests.html_lint import find_faults
from triagebot.cli.main import triagebot
from triagebot.core.columns import measure
from triagebot.core.digest.content import Digest, Item, Picture, Section, Table
from triagebot.core.digest.page import name_by_content, render_html
from triagebot.core.digest.values import describe_digest

BAKERY = "jan@bakery.test"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode that got a change an hour ago."""
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    known = PLAN + client("bakery", BAKERY, "retainer")
    with quick_desk(tmp_path / "desk", clients=known, mode="draft") as opened:
        text = f"Please change the footer: {'a very long line ' * 20}\n1 ok"
        opened.receive(write(BAKERY, "Footer", text), hour_ago)
        yield opened


def run(desk: QuickDesk, *arguments: str, columns: int = 80) -> Result:
    """Given a desk, arguments and a terminal's width, run the command."""
    command = ["--config", str(desk.config), "digest", *arguments]
    done = CliRunner(env={"COLUMNS": str(columns)}).invoke(triagebot, command)
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize(("columns", "most"), [(40, 40), (80, 80), (100, 100), (300, 100)])
def test_lines_fit_the_terminal(desk: QuickDesk, columns: int, most: int) -> None:
    """No line is longer than the terminal, nor than what can be read well."""
    lines = run(desk, columns=columns).output.splitlines()
    assert max(map(measure, lines)) == most
    assert "     | 1 ok" in lines


def test_a_terminal_is_told_what_answers(desk: QuickDesk) -> None:
    """No mail is there to be answered: the last lines name the command instead."""
    said = " ".join(run(desk).output.split())
    assert "`triagebot ticket` takes the commands" in said
    assert "Answer this mail" not in said


def test_json_keys(desk: QuickDesk) -> None:
    """The keys that scripts rely on; more may come, none may go."""
    digest: dict[str, Any] = json.loads(run(desk, "--json").output)
    assert {"title", "day", "language", "proof", "notices", "sections", "hints"} <= digest.keys()
    section = digest["sections"][0]
    assert {"heading", "items", "more", "table", "picture"} <= section.keys()
    item = section["items"][0]
    assert {"ref", "title", "lines", "quote", "commands", "tone", "shown", "beside", "links"} <= item.keys()
    assert (section["heading"], item["ref"], item["commands"][0]) == ("Needs you", "1", "ok")
    assert item["shown"].keys() == {"to", "subject", "text"}
    assert item["quote"].endswith("1 ok")


def test_figures_are_told_in_words() -> None:
    """In JSON a table is its cells, and a picture the words that stand for it."""
    section = Section(
        "Week", (Item("said"),), Table(("Reason", "Week"), (("mail", "3"),)), Picture("week", PNG, "mail: 3", 10, 5), 2
    )
    (told,) = describe_digest(Digest("title", "proof", (), (section, Section("empty"))))["sections"]
    assert told["table"] == {"columns": ["Reason", "Week"], "rows": [["mail", "3"]]}
    assert (told["picture"], told["more"]) == ("mail: 3", 2)


def test_the_file_is_whole(desk: QuickDesk, tmp_path: Path) -> None:
    """It opens without any other file and without the network; no link pretends that it could be answered."""
    page = tmp_path / "digest.html"
    run(desk, "--html", str(page))
    written = page.read_text("utf-8")
    assert find_faults(written, as_file=True) == []
    assert "mailto:" not in written
    picture = Picture("week", PNG, "mail: 3", 10, 5)
    shown = render_html(Digest("title", "proof", (), (Section("Week", picture=picture),)), name_picture=name_by_content)
    assert "data:image/png;base64,iVBORw0KGgo=" in shown
    assert "cid:" not in shown
