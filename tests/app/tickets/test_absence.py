"""Absences move dates that were told, and each client hears of it once; `triagebot away` announces one on the spot."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.app.cover_desks import BAKERY, CAFE, body, make_files, outbox
from tests.app.desks import WIDE, Account, LiveDesk, proven
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, QuickDesk, header, open_desk, write
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triagebot.app.desk.check import check_desk_files
from triagebot.app.desk.snapshot import fingerprint
from triagebot.app.desk.view import load_view
from triagebot.app.tickets.absence import MovedTicket, move_promises
from triagebot.cli.main import triagebot

CHANGE = "Please change the phone number."
WHERE = {
    "Footer": "It stands at the bottom of all pages.",
    "Header": "We have moved to another building with many more telephones, so the old one rings at our neighbours.",
    "Menu *bold*": "Contact, imprint and careers list an assistant who retired in spring; hers goes, mine stays.",
}
ABSENCES = "\n[support_hour]\nabsences = [{ from = 2026-11-25, to = 2026-11-27 }]\n"
TOLD = date(2026, 11, 27)


def ask(desk: QuickDesk, author: str, subject: str, at: datetime = NOW) -> None:
    """Given an author, let a piece of work be asked for in a thread of its own."""
    desk.receive(write(author, subject, f"{CHANGE} {WHERE[subject]}"), at)


def promises(desk: QuickDesk) -> list[str]:
    """Return the dates told, the oldest ticket first."""
    return [row[0] for row in desk.rows("SELECT promise FROM ticket ORDER BY id")]


def moved_mails(desk: QuickDesk) -> list[bytes]:
    """Return the mails that tell a moved date, the oldest first."""
    return [desk.store.outbox.raw(row) for (row,) in desk.rows("SELECT id FROM outbox WHERE answers = 'moved'")]


def announce(config: Path, text: str = ABSENCES) -> None:
    """Given a config, write an absence into it."""
    config.write_text(config.read_text("utf-8") + text, "utf-8")


def move(config: Path, at: datetime = NOW + HOUR) -> tuple[MovedTicket, ...]:
    """Given a config, take its files as a daemon does and move what an absence moves."""
    with open_desk(config) as desk, desk.store.transaction():
        return move_promises(desk.store, desk.snapshot, desk.key, at)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A live desk that sends moved dates at once; two clients were told three dates."""
    made = make_files(tmp_path / "desk", settings='absence_mode = "live"\n', more=WIDE)
    with open_desk(made) as desk:
        ask(desk, BAKERY, "Footer")
        ask(desk, CAFE, "Header", NOW + MINUTE)
        ask(desk, CAFE, "Menu *bold*", NOW + 2 * MINUTE)
    return made


def test_dates_in_a_new_absence_move_and_each_client_is_told_once(config: Path) -> None:
    """A retainer's first answer goes to the first hour after it, other work behind that; one mail a client names old
    and new date, in the thread, after the undo window. Doing it again does nothing."""
    with open_desk(config) as desk:
        before = promises(desk)
    announce(config)
    assert [one.shift.ticket for one in move(config)] == [1, 2, 3]
    assert move(config, NOW + 2 * HOUR) == ()
    with open_desk(config) as desk:
        after = promises(desk)
        assert after[0] == "2026-11-30"
        assert all(new > old and new > "2026-11-27" for old, new in zip(before, after, strict=True))
        bakery, cafe = moved_mails(desk)
        assert outbox(desk, "recipient", "answers = 'moved'") == [BAKERY, CAFE]
        assert set(outbox(desk, "state", "answers = 'moved'")) == {"queued"}
        assert set(outbox(desk, "next_attempt > created_at", "answers = 'moved'")) == {1}
        assert header(bakery, "Subject") == "Re: Footer"
        assert header(bakery, "Auto-Submitted") == "auto-generated"
        assert header(bakery, "In-Reply-To") == desk.rows("SELECT message_id FROM mail ORDER BY id")[0][0]
        assert "Footer: Monday, 30 November 2026, instead of Wednesday, 25 November 2026" in body(bakery)
        assert "Header: " in body(cafe)
        assert "Menu bold: " in body(cafe)
        assert desk.rows("SELECT count(*) FROM event WHERE what LIKE 'date moved%'") == [(3,)]
        assert desk.rows("SELECT count(*) FROM slot WHERE day BETWEEN '2026-11-25' AND '2026-11-27'") == [(0,)]


def test_they_are_drafts_unless_the_desk_says_otherwise(tmp_path: Path) -> None:
    """By default a person looks at the mail first: it carries no mark of an automatic one."""
    made = make_files(tmp_path / "desk")
    with open_desk(made) as desk:
        ask(desk, BAKERY, "Footer")
    announce(made)
    move(made)
    with open_desk(made) as desk:
        assert outbox(desk, "state", "answers = 'moved'") == ["draft"]
        (mail,) = moved_mails(desk)
        assert header(mail, "Auto-Submitted") == ""


def test_who_was_told_nothing_gets_no_mail(tmp_path: Path) -> None:
    """In shadow mode nobody heard of the date: it moves, and the story says so."""
    made = make_files(tmp_path / "desk", mode="shadow", settings='absence_mode = "live"\n')
    with open_desk(made) as desk:
        ask(desk, BAKERY, "Footer")
    announce(made)
    (one,) = move(made)
    assert one.told is None
    with open_desk(made) as desk:
        assert promises(desk) == ["2026-11-30"]
        assert outbox(desk, "id", "answers = 'moved'") == []


def test_without_the_text_no_date_moves(config: Path) -> None:
    """A date that cannot be told anew stays; the health says which file is missing, and once it is there it is done."""
    text = config.parent / "replies" / "en" / "moved.md"
    words = text.read_text("utf-8")
    text.unlink()
    announce(config)
    assert move(config) == ()
    with open_desk(config) as desk:
        assert promises(desk)[0] == "2026-11-25"
        assert any("moved.md" in part.problem for part in desk.store.health.parts())
    text.write_text(words, "utf-8")
    assert len(move(config)) == 3
    with open_desk(config) as desk:
        assert not any(part.problem for part in desk.store.health.parts())


def test_an_absence_that_hits_nobody_moves_nothing(config: Path) -> None:
    """A year later, nobody is written to."""
    announce(config, "\n[support_hour]\nabsences = [{ from = 2027-11-25, to = 2027-11-27 }]\n")
    assert move(config) == ()
    with open_desk(config) as desk:
        assert outbox(desk, "id", "answers = 'moved'") == []


def away(config: Path, *arguments: str) -> Result:
    """Given arguments, run the command on the desk."""
    return CliRunner().invoke(triagebot, ["--config", str(config), "away", *arguments])


def test_a_sick_day_takes_effect_is_listed_and_ends(tmp_path: Path) -> None:
    """Announced, it is in the calendar of whatever reads the files next, also a running daemon; --back ends it."""
    made = make_files(tmp_path / "desk")
    with open_desk(made) as desk:
        before = fingerprint(made, desk.snapshot)
        today = desk.snapshot.calendar.local(datetime.now().astimezone()).date()
    done = away(
        made,
        f"{today}..{today.replace(year=today.year + 1) - DAY}",
        'a "flu"\nBcc: x',
        "--colleague",
        "Eva",
        "e@f.test",
    )
    assert done.exit_code == 0, done.output
    with open_desk(made) as desk:
        assert fingerprint(made, desk.snapshot) != before
        absence = desk.snapshot.calendar.absence_on(today)
        assert absence is not None
        assert (absence.note, absence.colleague and absence.colleague.name) == ('a "flu" Bcc: x', "Eva")
        assert desk.store.health.names_done("absence/") != []
    (row,) = json.loads(away(made, "--json").stdout)
    assert (row["from"], row["announced by"]) == (str(today), "triagebot away")
    again = away(made, "today")
    assert (again.exit_code, type(again.exception).__name__) == (1, "AbsenceError")
    assert away(made, "--back").exit_code == 0
    assert json.loads(away(made, "--json").stdout) == []
    assert load_view(made, NOW)[0] is not None


def test_a_broken_file_of_absences_is_named(tmp_path: Path) -> None:
    """Edited by hand and wrong, it is a problem with its line, as in any file of the desk."""
    made = make_files(tmp_path / "desk")
    data = made.parent / "var"
    data.mkdir(exist_ok=True)
    (data / "absences.toml").write_text('[[absence]]\nfrom = 2026-11-25\nto = "soon"\n', "utf-8")
    view, problems = load_view(made, NOW)
    assert view is None
    assert [(problem.file, problem.line) for problem in problems if problem.severity == "error"] == [
        ("var/absences.toml", 3)
    ]


def test_a_running_desk_takes_an_absence_up(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """The command announces it: the ticket has its new date at once, and the daemon reads the file. An absence written
    into the config does the same by itself."""
    clients = '[[client]]\nid = "cafe"\nname = "Cafe"\naddresses = ["mia@client.test"]\ntier = "one-off"\n'
    with LiveDesk(
        tmp_path / "desk",
        Account.on_dovecot(dovecot, account, sink.port),
        clients=clients,
        settings='absence_mode = "live"\n',
        more=WIDE,
    ) as desk:
        words = "{% for one in moved %}{{ one.after }}{% endfor %}\n"
        (desk.directory / "replies" / "en" / "moved.md").write_text(words, "utf-8")
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("mia@client.test", account, "Footer", "Please change the footer."))
        desk.until_idle(1)
        ((told,),) = desk.rows("SELECT promise FROM ticket")
        done = desk.ask("away", f"{told}..{told}")
        assert [one["ticket"] for one in done["moved"]] == [1]
        assert desk.rows("SELECT promise > ? FROM ticket", told) == [(1,)]
        desk.wait_for_log("files reloaded")
        ((told,),) = desk.rows("SELECT promise FROM ticket")
        desk.edit(WIDE, f"{WIDE}\n[support_hour]\nabsences = [{{ from = {told}, to = {told} }}]\n")
        desk.wait_for_log("absence moved the dates of 1 tickets")
        assert desk.rows("SELECT count(*) FROM outbox WHERE answers = 'moved'") == [(2,)]
        assert desk.stop() == 0


def test_check_warns_of_absences_that_cannot_be_told(tmp_path: Path) -> None:
    """A desk with days away and without the text for moved dates hears of it before they come."""
    made = make_files(tmp_path / "desk", more=ABSENCES)
    text = made.parent / "replies" / "en" / "moved.md"
    assert "moved.md" not in str(check_desk_files(made, NOW).problems)
    text.unlink()
    assert any("moved.md: warning: is missing" in str(problem) for problem in check_desk_files(made, NOW).problems)
