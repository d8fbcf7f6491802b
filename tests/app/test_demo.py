"""The demo, judged by what reached whom: the real daemon plays a day against the embedded provider."""

import asyncio
import os
import re
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from tests.app.desks import letter
from triagebot.app.demo.desk import CLIENTS, DEVELOPER, SUPPORT
from triagebot.app.demo.letters import DAY
from triagebot.app.demo.play import Outcome, Played, play
from triagebot.core.outgoing.compose import plain_text

NOTHING_SENT = {
    "repeated": ("merged", "the request was made before"),
    "thanks": ("merged", "the ticket is solved"),
    "out-of-office": ("suppressed", "auto-submitted"),
    "bounce": ("suppressed", "dsn"),
    "newsletter": ("suppressed", "list"),
    "forged": ("held", "auth-fail"),
    "stranger": ("held", "nothing matched"),
}
"""Letter: its final state, and why it gets nothing."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day that was played, by the letters' names, and its database."""

    played: Played
    outcomes: dict[str, Outcome]

    def answer(self, name: str) -> tuple[Message, str]:
        """Given a letter, return the one automatic answer its author got and its text."""
        (raw,) = [raw for to, raw in self.outcomes[name].sent if to != DEVELOPER]
        return message_from_bytes(raw, policy=default), plain_text(raw)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Given a query, return its rows."""
        database = self.played.digest.parent / "desk" / "var" / "triagebot.db"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def ticket(self, name: str) -> tuple[Any, ...]:
        """Given a letter, return kind, state and minutes of the ticket it made or joined."""
        row = self.outcomes[name].row["ticket"]
        (found,) = self.rows("SELECT kind, state, minutes FROM ticket WHERE id = ?", row)
        return found


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """The whole day, played once."""
    played = asyncio.run(play(lambda *_: None))
    yield Day(played, {outcome.letter.name: outcome for outcome in played.outcomes})
    shutil.rmtree(played.digest.parent)


def test_every_letter_has_one_outcome(day: Day) -> None:
    """Every letter of the day is decided, in order, and only those said so here get nothing."""
    assert [outcome.letter for outcome in day.played.outcomes] == list(DAY)
    got_nothing = {name for name, outcome in day.outcomes.items() if not outcome.sent}
    assert got_nothing == set(NOTHING_SENT)
    assert {name: day.outcomes[name].row["state"] for name in NOTHING_SENT} == {
        name: state for name, (state, _) in NOTHING_SENT.items()
    }
    for name in ("out-of-office", "bounce", "newsletter", "forged"):
        assert NOTHING_SENT[name][1] in day.outcomes[name].row["codes"].split()


@pytest.mark.parametrize("name", [one.name for one in DAY if one.name not in NOTHING_SENT])
def test_an_answer_goes_to_its_author_in_the_thread(day: Day, name: str) -> None:
    """Who is answered gets one mail: to the author alone, from the desk, under the question, in its language."""
    asked = day.outcomes[name].letter
    answer, text = day.answer(name)
    assert answer["To"] == asked.address
    assert answer["From"] == f"Ada Webworks <{SUPPORT}>"
    assert answer["Subject"] == f"Re: {asked.subject}"
    assert re.fullmatch(r"<demo\.\d+\.\d+@.+>", answer["In-Reply-To"])
    assert answer["References"] == answer["In-Reply-To"]
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["Content-Language"] == "en"
    assert "This is an automatic answer" in text


def test_questions_get_their_canned_answer(day: Day) -> None:
    """Permalinks, variations and DNS are answered with the way to do it, and make no ticket."""
    for name, words in (
        ("permalinks", "Settings → Permalinks"),
        ("variations", "Variations"),
        ("dns", "https://namehouse.example/help"),
    ):
        _, text = day.answer(name)
        assert words in text
        assert (day.outcomes[name].row["state"], day.outcomes[name].row["ticket"]) == ("answered", None)
    assert "support hour on" in day.answer("permalinks")[1]  # a retainer may say "not solved"
    assert "https://cal.example/ada" in day.answer("variations")[1]  # who pays by the hour may book one
    assert "https://cal.example/ada" not in day.answer("permalinks")[1]


def test_two_questions_get_two_answers_in_one_mail(day: Day) -> None:
    """A mail with two questions gets both answers, in one mail."""
    _, text = day.answer("two-questions")
    assert "touches more than one topic" in text
    assert "Users → Add User" in text
    assert "Appearance → Menus" in text


def test_a_retainers_outage_wakes_the_developer(day: Day) -> None:
    """Site down for a retainer: the developer is told at once, the client is told the first slot and what to do."""
    sent = day.outcomes["down-retainer"].sent
    assert [to for to, _ in sent].count(DEVELOPER) == 1
    alert = message_from_bytes(next(raw for to, raw in sent if to == DEVELOPER), policy=default)
    assert alert["Subject"] == "[emergency] Rita's Flowers: Website down!!!"
    assert alert["Auto-Submitted"] == "auto-generated"
    assert "+44 20 7946 0000" in plain_text(alert.as_bytes())
    assert "error 503" in plain_text(alert.as_bytes())
    _, text = day.answer("down-retainer")
    first_day = day.rows("SELECT why FROM event WHERE what = 'opened as planned' ORDER BY id LIMIT 1")[0][0]
    assert first_day.startswith("emergency, 60 minutes, promised for ")
    assert "+44 20 7946 0000" in text


def test_a_one_off_clients_outage_gets_the_hosts_emergency_contact(day: Day) -> None:
    """Site down without a retainer: the host first, then the emergency rate; nobody is woken."""
    _, text = day.answer("down-one-off")
    assert "Steadyhost" in text
    assert "+44 20 7946 0000" in text
    assert "€140" in text
    assert [to for to, _ in day.outcomes["down-one-off"].sent] == ["tom@cafe.example"]
    assert day.ticket("down-one-off") == ("emergency", "waiting-client", 60)


def test_a_small_change_gets_an_estimate(day: Day) -> None:
    """Work of who pays by the hour: an estimate and a date, held until the client says yes."""
    _, text = day.answer("small-change")
    assert "€" in text
    assert "Reply YES and it is planned for" in text
    assert day.ticket("small-change")[:2] == ("work", "waiting-client")


def test_a_repeated_request_joins_its_ticket(day: Day) -> None:
    """The same request again makes no second ticket and gets no second answer."""
    repeated, first = day.outcomes["repeated"], day.outcomes["small-change"]
    assert repeated.row["ticket"] == first.row["ticket"]
    assert not repeated.sent


def test_a_redesign_is_a_project(day: Day) -> None:
    """A redesign is not support: an estimate of its own is promised, and a quote ticket waits."""
    _, text = day.answer("redesign")
    assert "larger than support" in text
    assert day.ticket("redesign")[:2] == ("project", "new")


def test_thanks_close_the_ticket(day: Day) -> None:
    """Thanks in the thread of an outage closes its ticket and frees its slot."""
    assert day.outcomes["thanks"].row["ticket"] == day.outcomes["down-retainer"].row["ticket"]
    assert day.ticket("thanks") == ("emergency", "closed", 60)
    assert "florist" not in {slot["client"] for slot in day.played.slots}


def test_the_digest_names_everybody_who_needs_the_developer(day: Day) -> None:
    """The digest proves that nothing was lost and shows who waits, with the forged mail named as such."""
    html = day.played.digest.read_text("utf-8")
    assert f"{len(DAY)} arrived, {len(DAY)} accounted for" in html
    needs_you = html[html.index("Needs you") : html.index("Support hours")]
    for name in ("forged", "stranger"):
        assert DAY[[one.name for one in DAY].index(name)].subject in needs_you
    assert "auth-fail" in needs_you
    for name in ("Studio Lee", "Café Tom", "Mia&#x27;s Yoga", "Rita&#x27;s Flowers", "Bakery Nowak"):
        assert name in html


def test_the_demo_command_ends_by_itself(tmp_path: Path) -> None:
    """`triagebot demo` ends with 0 within ten seconds and shows each mail's fate, hours and the digest."""
    began = time.monotonic()
    done = _run_demo(tmp_path)
    said = done.communicate(timeout=30)[0].decode()
    assert done.returncode == 0
    assert time.monotonic() - began < 10
    for one in DAY:
        assert one.subject[:30] in said
    for words in ("What each mail got", "Coming support hours", "answer + alert to Ada", "nothing sent"):
        assert words in said
    digest = Path(said.rpartition("The developer's digest of this day: ")[2].strip())
    assert digest.is_file()


def test_the_served_demo_stays_until_it_is_interrupted(tmp_path: Path) -> None:
    """`demo --serve` tells ports and logins, answers who writes to it, and ends with 0 at Ctrl-C."""
    done = _run_demo(tmp_path, "--serve")
    assert done.stdout is not None
    ports, lines = "", []
    while "End with Ctrl-C" not in (line := done.stdout.readline().decode()):
        assert line, "the demo ended"
        ports = line if line.startswith("IMAP ") else ports
        lines.append(line)
    found = re.fullmatch(r"IMAP 127\.0\.0\.1:(\d+), SMTP 127\.0\.0\.1:(\d+), no TLS, password 'demo'\n", ports)
    assert found
    assert all(any(address in line for line in lines) for address in CLIENTS)
    with smtplib.SMTP("127.0.0.1", int(found[2]), timeout=10) as smtp:
        smtp.login("mia@yoga.example", "demo")
        smtp.sendmail("mia@yoga.example", [SUPPORT], letter("mia@yoga.example", SUPPORT, "Permalinks"))
    assert _has_answer(int(found[1]), "mia@yoga.example", "Re: Permalinks")
    done.send_signal(signal.SIGINT)
    assert done.wait(10) == 0
    done.stdout.close()


def _has_answer(port: int, address: str, subject: str) -> bool:
    deadline = time.monotonic() + 10
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=10) as box:
        box.login(address, "demo")
        while time.monotonic() < deadline:
            box.select_folder("INBOX", readonly=True)
            found = box.fetch(box.search(), ["BODY.PEEK[HEADER]"])
            if any(f"Subject: {subject}".encode() in one[b"BODY[HEADER]"] for one in found.values()):
                return True
            time.sleep(0.05)
    return False


def _run_demo(directory: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "triagebot", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(directory), "COLUMNS": "200"},
    )
