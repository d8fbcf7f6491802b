"""The commands that look at a desk, on one that has had a day, and on everything that can be wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from click.testing import CliRunner

from tests.app.desks import PLAN, Account, LiveDesk, client, letter, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triagebot.cli.main import triagebot
from triagebot.core.errors import TriagebotError

SUPPORT = "support@commands.test"
RETAINER, ONE_OFF, REFUSED = "rita@florist.test", "tom@cafe.test", "gone@nowhere.test"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said and its exit status; a known failure is 1, as `main` makes it."""

    status: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """What it said, as JSON."""
        assert self.status == 0, self.err
        return json.loads(self.out)


def invoke(config: Path, *arguments: str) -> Said:
    """Given a config file and a command, run it. Fail on anything a user would see as a traceback."""
    done = CliRunner().invoke(triagebot, ["--config", str(config), *arguments])
    if isinstance(done.exception, TriagebotError):
        return Said(1, done.stdout, str(done.exception))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def played(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDesk]:
    """A desk after a day: a question, an outage, a small change, an answer that was refused, a forged mail."""
    dovecot.add_user(SUPPORT)
    clients = PLAN + client("florist", RETAINER, "retainer") + client("cafe", ONE_OFF, "one-off")
    with Sink(answers={REFUSED: ["550 5.1.1 no such user"]}) as sink:
        box = Account.on_dovecot(dovecot, SUPPORT, sink.port)
        with LiveDesk(tmp_path_factory.mktemp("played") / "desk", box, clients=clients) as desk:
            desk.start()
            desk.wait_for_log("connected folder=INBOX")
            day = [
                proven(RETAINER, SUPPORT, "Permalinks"),
                proven(RETAINER, SUPPORT, "Help [bold]us[/bold]", "Our site is down!"),
                proven(ONE_OFF, SUPPORT, "Phone", "Please change the phone number"),
                proven(REFUSED, SUPPORT, "Permalinks"),
                letter(RETAINER, SUPPORT, "Forged", "Please change the bank account"),
            ]
            dovecot.append_many(SUPPORT, day)
            desk.until_idle(len(day))
            assert desk.stop() == 0
            yield desk


def test_tickets(played: LiveDesk) -> None:
    """`tickets` lists open work, what breaks first on top, in a table with the client's own words as they are."""
    listed = invoke(played.config, "tickets", "--json").object
    assert [(one["id"], one["kind"], one["state"], one["client"]) for one in listed] == [
        (1, "emergency", "planned", "florist"),
        (2, "work", "waiting-client", "cafe"),
    ]
    table = invoke(played.config, "tickets").out
    assert "2 tickets" in table
    assert "Help [bold]us[/bold]" in table
    assert str(listed[0]["promise"]) in table


def test_ticket_show(played: LiveDesk) -> None:
    """`ticket show` tells a ticket's story and the client's words."""
    shown = invoke(played.config, "ticket", "show", "1", "--json").object
    assert (shown["kind"], shown["reason"], shown["minutes"]) == ("emergency", "outage/site", 60)
    assert shown["events"][0]["what"] == "opened as planned"
    text = invoke(played.config, "ticket", "show", "1").out
    assert "Our site is down!" in text
    assert "triagebot: opened as planned" in text


def test_hours(played: LiveDesk) -> None:
    """`hours` shows the coming support hours with what is planned into them."""
    hours = invoke(played.config, "hours", "--json").object
    slots = [slot for hour in hours for slot in hour["slots"]]
    assert {(slot["ticket"], slot["client"]) for slot in slots} == {(1, "florist"), (2, "cafe")}
    assert sum(slot["minutes"] for slot in slots) == 95  # five of them for the first answer
    assert (slots[0]["ticket"], slots[0]["answer"], slots[0]["minutes"]) == (1, True, 5)
    assert [hour["day"] for hour in hours] == sorted(hour["day"] for hour in hours)
    assert all(hour["planned"] + hour["free"] == hour["minutes"] for hour in hours)
    table = invoke(played.config, "hours", "--days", "5").out
    assert "60 of 60 min" in table
    assert "first answer" in table


def test_hours_as_a_calendar(played: LiveDesk, tmp_path: Path) -> None:
    """`hours --ics` writes a file calendar programs read: the coming hours with their work, and what is promised."""
    file = tmp_path / "hours.ics"
    assert invoke(played.config, "hours", "--ics", str(file)).status == 0
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert "promise-1@commands.test" in events
    assert "promise-2@commands.test" not in events  # nobody said yes
    first = next(event for uid, event in events.items() if uid.startswith("hour-"))
    assert "#1 Help [bold]us[/bold]" in str(first["description"])
    assert first.decoded("dtstart").utcoffset() == timedelta(0)
    assert invoke(played.config, "hours", "--ics", "-").out.startswith("BEGIN:VCALENDAR")


def test_outbox(played: LiveDesk) -> None:
    """`outbox` lists what was not sent and why; `retry` and `drop` change only what may be changed."""
    (failed,) = invoke(played.config, "outbox", "--json").object
    assert (failed["state"], failed["recipient"]) == ("failed", REFUSED)
    assert "550 5.1.1 no such user" in failed["answer"]
    assert REFUSED in invoke(played.config, "outbox").out
    everything = invoke(played.config, "outbox", "--all", "--json").object
    assert sorted(one["state"] for one in everything) == ["failed", "sent", "sent", "sent", "sent"]
    sent = next(str(one["id"]) for one in everything if one["state"] == "sent")
    for command in ("retry", "drop"):
        refused = invoke(played.config, "outbox", command, sent)
        assert (refused.status, refused.out) == (1, "")
        assert f"mail {sent} is not" in refused.err
    number = str(failed["id"])
    assert f"unsuppress {REFUSED}" in invoke(played.config, "outbox", "retry", number).err
    assert invoke(played.config, "outbox", "suppressed", "--json").object[0]["address"] == REFUSED
    assert REFUSED in invoke(played.config, "outbox", "suppressed").out
    assert invoke(played.config, "outbox", "unsuppress", REFUSED.upper()).status == 0
    assert invoke(played.config, "outbox", "suppressed", "--json").object == []
    assert invoke(played.config, "outbox", "retry", number).status == 0
    assert invoke(played.config, "outbox", "--json").object[0]["state"] == "queued"
    assert invoke(played.config, "outbox", "drop", number).status == 0
    assert invoke(played.config, "outbox", "--json").object == []


def test_digest(played: LiveDesk, tmp_path: Path) -> None:
    """`digest` prints, saves or sends the digest; the forged mail stands under what needs the developer."""
    text = invoke(played.config, "digest").out
    assert "5 arrived, 5 accounted for" in text
    assert "Forged" in text[text.index("Needs you") : text.index("Answered for you")]
    said = invoke(played.config, "digest", "--json").object
    assert {"title", "proof", "notices", "sections"} <= said.keys()
    page = tmp_path / "digest.html"
    assert invoke(played.config, "digest", "--html", str(page)).status == 0
    assert "Help [bold]us[/bold]" in page.read_text("utf-8")
    assert invoke(played.config, "digest", "--send").status == 0
    waiting = [one for one in invoke(played.config, "outbox", "--json").object if one["class"] == "digest"]
    assert [(one["recipient"], one["state"]) for one in waiting] == [("ada@company.test", "queued")]
    assert invoke(played.config, "outbox", "drop", str(waiting[0]["id"])).status == 0


def test_status(played: LiveDesk) -> None:
    """`status` tells how the desk is, with 0 only when it is healthy."""
    said = invoke(played.config, "status", "--json")
    status = json.loads(said.out)
    assert status["healthy"] == (said.status == 0)
    assert (status["mode"], status["running"]) == ("live", "no")
    assert status["counts"]["mails"] == {"answered": 2, "held": 1, "planned": 2}
    table = invoke(played.config, "status").out
    assert "inbox box0" in table
    assert "send box0" in table


def test_rules_test(played: LiveDesk, tmp_path: Path) -> None:
    """`rules test` ends with 1 when a test fails and names its place."""
    good = invoke(played.config, "rules", "test")
    assert (good.status, good.out) == (0, "4 of 4 rule tests hold.\n")
    desk = LiveDesk(tmp_path / "desk", Account(SUPPORT, "secret", 143, 25))
    rules = desk.directory / "rules" / "10-small.toml"
    rules.write_text(rules.read_text().replace("Our site is down!", "All is well."), "utf-8")
    bad = invoke(desk.config, "rules", "test")
    assert bad.status == 1
    assert "10-small.toml:16: rule[site-down].test" in bad.out
    assert "3 of 4 rule tests hold." in bad.out
    results = [json.loads(line) for line in invoke(desk.config, "rules", "test", "--json").out.splitlines()]
    assert [one["ok"] for one in results].count(False) == 1


def test_explain_remembers_what_was_decided(played: LiveDesk) -> None:
    """`explain NUMBER` tells what was decided then, with the answer that was sent."""
    said = invoke(played.config, "explain", "--json", "1", "5")
    answered, forged = (json.loads(line) for line in said.out.splitlines())
    assert (answered["subject"], answered["reply"]["mode"]) == ("Permalinks", "sent")
    assert "Settings, then Permalinks." in answered["reply"]["text"]
    assert (forged["state"], forged["reply"]) == ("held", None)
    assert "auth-unknown" in forged["guard"]["codes"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("ticket", "show", "99"), 1, "there is no ticket 99"),
        (("ticket", "show", "9" * 30), 2, "9999"),
        (("ticket", "show", "one"), 2, "'one' is not a valid integer"),
        (("ticket", "show"), 2, "Missing argument"),
        (("outbox", "retry", "99"), 1, "mail 99 is not"),
        (("outbox", "drop", "9" * 30), 2, "9999"),
        (("outbox", "approve", "99"), 1, "there is no mail 99"),
        (("outbox", "approve", "1"), 1, "no answer that waits for you: auto, sent"),
        (("outbox", "unsuppress", "nobody@client.test"), 1, "nobody@client.test is not suppressed"),
        (("outbox", "resume", "box0"), 1, "no queue of an inbox box0 stands still"),
        (("hours", "--days", "0"), 2, "--days"),
        (("hours", "--days", "-3"), 2, "--days"),
        (("hours", "--days", "9999999"), 2, "--days"),
        (("digest", "--html", "no/such/folder/digest.html"), 1, "no/such/folder/digest.html"),
        (("explain", "99"), 1, "there is no mail 99"),
        (("explain", "9" * 30), 2, "there is no file '9999"),
        (("explain", "no-such-file.eml"), 2, "there is no file 'no-such-file.eml'"),
        (("explain", "²"), 2, "there is no file '²'"),
        (("explain", "."), 2, "there is no file '.'"),
        (("explain", "/proc/self/mem"), 1, "/proc/self/mem"),
        (("explain",), 2, "Missing argument"),
        (("explain", "--at", "25:00", "1"), 2, "is no ISO 8601 moment"),
        (("tickets", "--colour"), 2, "No such option"),
        (("ticket", "sing", "1"), 2, "No such command"),
        (("sing",), 2, "No such command"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_sentence(
    played: LiveDesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    sentence: str,
) -> None:
    """A wrong number, name or flag ends with a sentence that names it; never with a traceback."""
    monkeypatch.chdir(tmp_path)
    said = invoke(played.config, *arguments)
    assert (said.status, said.out) == (status, "")
    assert sentence in said.err


@pytest.mark.parametrize(
    "command", ["tickets", "ticket show 1", "hours", "outbox", "outbox retry 1", "digest", "status", "explain 1"]
)
def test_a_desk_that_never_ran_says_so(tmp_path: Path, command: str) -> None:
    """Without a database each command says how there comes to be one, and makes none itself."""
    desk = LiveDesk(tmp_path / "desk", Account(SUPPORT, "secret", 143, 25))
    said = invoke(desk.config, *command.split())
    assert said.status == 1
    assert "there is no database" in said.err
    assert "triagebot run" in said.err
    assert not desk.database.exists()


@pytest.mark.parametrize("command", ["tickets", "hours", "outbox", "digest", "status", "check", "rules test", "run"])
def test_a_config_that_is_not_there_is_named(tmp_path: Path, command: str) -> None:
    """A missing config file is named by every command, and so is a directory in its place."""
    for config in (tmp_path / "nowhere.toml", tmp_path):
        said = invoke(config, *command.split())
        assert said.status == 1
        assert config.name in said.out + said.err


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    """A file that is no database of ours is one sentence, and stays as it is."""
    desk = LiveDesk(tmp_path / "desk", Account(SUPPORT, "secret", 143, 25))
    desk.database.parent.mkdir()
    desk.database.write_bytes(b"This is no database at all, but a text. " * 100)
    before = desk.database.read_bytes()
    for command in ("tickets", "status", "digest"):
        said = invoke(desk.config, command)
        assert said.status == 1
        assert "database" in said.err
    done = desk.run("run", "--once")
    assert done.returncode == 1
    assert done.stderr.decode().startswith("triagebot: ")
    assert "database" in done.stderr.decode().splitlines()[-1]
    assert desk.database.read_bytes() == before


def test_a_failure_ends_with_1_and_a_sentence_on_the_terminal(tmp_path: Path) -> None:
    """The program itself turns a failure into one line on standard error."""
    desk = LiveDesk(tmp_path / "desk", Account(SUPPORT, "secret", 143, 25))
    done = desk.run("tickets")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith("triagebot: there is no database at ")
    assert len(done.stderr.splitlines()) == 1
