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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
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
from triagebot.app.demo.play import Played, play
from triagebot.app.demo.stage import Outcome
from triagebot.core.outgoing.compose import plain_text

NOTHING_SENT = {
    "redesign": ("planned", "a draft for the developer's word"),
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
        database = self.played.exchange.page.parent / "desk" / "var" / "triagebot.db"
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
    shutil.rmtree(played.exchange.page.parent)


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
    """A redesign is not support: a quote ticket waits, and who has no plan is answered only by the developer's word."""
    assert day.ticket("redesign")[:2] == ("project", "new")
    outcome = day.outcomes["redesign"]
    assert outcome.drafted
    assert [name for name, one in day.outcomes.items() if one.drafted] == ["redesign"]
    ((raw,),) = day.rows("SELECT raw FROM outbox JOIN outbox_raw ON outbox = id WHERE mail = ?", outcome.row["id"])
    assert "larger than support" in plain_text(raw)


def test_a_retainers_work_is_planned(day: Day) -> None:
    """Work for a retainer is taken, with a date for the first answer, and planned into the support hours."""
    _, text = day.answer("opening-hours")
    assert "I have taken this on: you hear from me by" in text
    assert day.ticket("opening-hours")[0] == "work"
    assert "bakery" in {slot["client"] for slot in day.played.slots}


def test_thanks_close_the_ticket(day: Day) -> None:
    """Thanks in the thread of an outage closes its ticket and frees its slot."""
    assert day.outcomes["thanks"].row["ticket"] == day.outcomes["down-retainer"].row["ticket"]
    assert day.ticket("thanks") == ("emergency", "closed", 60)
    assert "florist" not in {slot["client"] for slot in day.played.slots}


def test_the_digest_names_everybody_who_needs_the_developer(day: Day) -> None:
    """The digest proves that nothing was lost and shows who waits, with the forged mail named as such."""
    html = day.played.exchange.page.read_text("utf-8")
    assert f"{len(DAY)} arrived, {len(DAY)} accounted for" in html
    needs_you = html[html.index("Needs you") : html.index("Answered for you")]
    for name in ("forged", "stranger"):
        assert DAY[[one.name for one in DAY].index(name)].subject in needs_you
    assert "NOT proven" in needs_you
    for name in ("Studio Lee", "Café Tom", "Mia&#x27;s Yoga", "Rita&#x27;s Flowers", "Bakery Nowak"):
        assert name in html


def test_the_digest_is_mailed_with_what_the_terminal_shows_of_it(day: Day) -> None:
    """The developer gets one digest; the excerpt is the part of it about what needs her and her next hour."""
    exchange = day.played.exchange
    assert day.rows("SELECT recipient, state FROM outbox WHERE class = 'digest'") == [(DEVELOPER, "sent")] * 2
    shown = exchange.excerpt
    left_out = [line for line in shown.splitlines() if line not in exchange.text.splitlines()]
    assert {line.strip() for line in left_out} == {"| …"}
    assert "Needs you" in shown
    assert "support hour" in shown
    assert "Suppressed" in exchange.text
    assert "Suppressed" not in shown
    headings = exchange.text.count("\n\n\n"), shown.count("\n\n\n")
    assert headings == (exchange.left_out + 2, 2)
    assert max(map(len, shown.splitlines())) < 79


def test_the_answer_is_believed_and_used_up(day: Day) -> None:
    """The developer's mail is proven by DMARC and taken as the answer to the digest, not as a request."""
    exchange = day.played.exchange
    ((auth, state, trail),) = day.rows(
        "SELECT auth, state, trail FROM mail JOIN digest_answer ON digest_answer.mail = mail.id"
    )
    assert (auth, state) == ("pass", "merged")
    assert f"{len(exchange.answer) - 1} of {len(exchange.answer)} lines done" in trail


def test_the_confirmation_leaves_at_once(day: Day) -> None:
    """What came of the answer is sent when it is decided, not when the outbox is looked into the next time."""
    times = day.rows("SELECT created_at, ended_at FROM outbox WHERE class = 'digest' ORDER BY id DESC LIMIT 1")
    ((decided, sent),) = [tuple(map(datetime.fromisoformat, row)) for row in times]
    assert (sent - decided).total_seconds() < 3


def test_each_good_line_is_done(day: Day) -> None:
    """A draft is approved, work is booked and done, another matter is moved, a held mail was seen, in this order."""
    exchange = day.played.exchange
    done = day.rows("SELECT line, verb FROM command WHERE outcome = 'done' ORDER BY id")
    assert [line for line, _ in done] == list(exchange.answer[:-1])
    verbs = [verb for _, verb in done]
    # Within the support hour itself the second matter may stand in tomorrow's.
    assert verbs in (["ok", "done", "move", "done"], ["ok", "done", "done"])
    redesign, asked = (day.outcomes[name].row["ticket"] for name in ("redesign", "opening-hours"))
    assert exchange.answer[0] == f"{redesign} ok"
    assert day.rows("SELECT class, approved_at <> '' FROM outbox WHERE ticket = ? AND mail <> ''", redesign) == [
        ("approved", 1)
    ]
    (minutes,) = re.findall(rf"^{asked} done (\d+)m", "\n".join(exchange.answer), re.MULTILINE)
    assert day.ticket("opening-hours")[1] == "done"
    assert day.rows("SELECT client, minutes FROM entry WHERE ticket = ?", asked) == [("bakery", int(minutes))]
    seen = day.outcomes["forged"].row["id"]
    assert exchange.answer[-2] == f"m{seen} done"
    assert day.rows("SELECT handled_at <> '' FROM mail WHERE id = ?", seen) == [(1,)]


def test_an_unclear_line_does_nothing_and_is_explained(day: Day) -> None:
    """A line that names nothing to do changes nothing; the confirmation quotes it with what is not understood."""
    exchange = day.played.exchange
    unclear, mail = exchange.answer[-1], day.outcomes["stranger"].row["id"]
    assert unclear.startswith(f"m{mail} ")
    assert day.rows("SELECT line FROM command WHERE outcome <> 'done'") == [(unclear,)]
    assert day.rows("SELECT handled_at FROM mail WHERE id = ?", mail) == [(None,)]
    done, _, not_clear = exchange.confirmation.partition("Not clear, so nothing was done")
    assert unclear in not_clear
    assert "is not understood" in not_clear
    assert all(line in done for line in exchange.answer[:-1])
    assert f"`undo {exchange.answer[0].split()[0]}` stops it" in done.replace("\n     | ", " ")


def test_the_page_has_links_that_answer(day: Day) -> None:
    """The digest as a file begins answers to the same address as the mail: `support+d-TOKEN@`."""
    html = day.played.exchange.page.read_text("utf-8")
    local, _, domain = SUPPORT.partition("@")
    assert re.search(rf"mailto:{local}(\+|%2B)d-[a-z2-7]{{42}}(@|%40){domain}", html)


@pytest.mark.parametrize("width", [80, 200])
def test_the_demo_command_ends_by_itself(tmp_path: Path, width: int) -> None:
    """`triagebot demo` ends with 0 within ten seconds, and shows each mail's fate, hours, digest, answer and what came
    of that, in lines that fit the terminal and are never longer than 100 columns."""
    began = time.monotonic()
    with _running_demo(tmp_path, width=width) as done:
        said = done.communicate(timeout=30)[0].decode()
    assert done.returncode == 0
    assert time.monotonic() - began < 10
    for one in DAY:
        assert one.subject[:14] in said
    for words in (
        *("What each mail got", "answer + alert, #1", "draft for Ada, #5", "held", "Coming support hours"),
        *("One mail to read", "Needs you", "One mail to answer", "maybe after the holidays", "What came of it"),
        *("4 done, 1 line not understood", "Not clear, so nothing was done"),
    ):
        assert words in said
    assert "\x1b" not in said
    page = said.rpartition("The developer's digest of this day: ")[2].strip()
    assert Path(page).is_file()
    assert max(len(line.rstrip()) for line in said.splitlines() if page not in line) <= min(width, 100)


def test_the_served_demo_stays_until_it_is_interrupted(tmp_path: Path) -> None:
    """`demo --serve` shows the day, tells ports and logins, answers clients and the developer who write to it, and ends
    with 0 at Ctrl-C."""
    with _running_demo(tmp_path, "--serve") as done:
        assert done.stdout is not None
        lines: list[str] = []
        while not lines or "End with Ctrl-C" not in lines[-1]:
            lines.append(done.stdout.readline().decode())
            assert lines[-1], "the demo ended"
        said = "".join(lines)
        found = re.search(
            r"^IMAP 127\.0\.0\.1:(\d+), SMTP 127\.0\.0\.1:(\d+), no TLS, password 'demo'$", said, re.MULTILINE
        )
        assert found
        assert said.index("What came of it") < found.start()
        assert all(address in said[found.end() :] for address in (*CLIENTS, DEVELOPER))
        imap, smtp = int(found[1]), int(found[2])
        olga = "olga@bakery.example"
        _submit(smtp, olga, SUPPORT, letter(olga, SUPPORT, "Permalinks"))
        assert _wait_for(imap, olga, lambda mail: mail["Subject"] == "Re: Permalinks")
        confirmed = _wait_for(imap, DEVELOPER, lambda mail: mail["Auto-Submitted"] == "auto-replied")
        to = confirmed["Reply-To"]
        _submit(smtp, DEVELOPER, to, letter(DEVELOPER, to, "Again", "undo 5"))
        told = _wait_for(imap, DEVELOPER, lambda mail: mail["Subject"] == "Re: Again")
        assert "1 done." in plain_text(told.as_bytes())
        done.send_signal(signal.SIGINT)
        assert done.wait(10) == 0


def _submit(port: int, author: str, to: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.login(author, "demo")
        smtp.sendmail(author, [to], raw)


def _wait_for(port: int, address: str, wanted: Callable[[Message], bool]) -> Message:
    deadline = time.monotonic() + 10
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=10) as box:
        box.login(address, "demo")
        while time.monotonic() < deadline:
            box.select_folder("INBOX", readonly=True)
            found = box.fetch(box.search(), ["BODY.PEEK[]"])
            mails = [message_from_bytes(one[b"BODY[]"], policy=default) for one in found.values()]
            for mail in filter(wanted, mails):
                return mail
            time.sleep(0.05)
    raise AssertionError(f"{address} did not get it")


@contextmanager
def _running_demo(directory: Path, *arguments: str, width: int = 80) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "triagebot", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(directory), "COLUMNS": str(width)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # one that has ended already takes no notice
