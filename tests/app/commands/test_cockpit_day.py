"""A whole day on real servers: the digest comes at its time, is answered from the developer's mailbox, and what the
answer says happens to clients, tickets and minutes; what is unclear, quoted or sent a second time does nothing."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.app.desks import PLAN, WIDE, Account, LiveDesk, client
from tests.app.test_conversation import STARTER, compose, parse, plain
from tests.servers.postfix import TRUSTED_MX
from tests.servers.stack import MailStack

NAMES = ("bakery", "shop", "hotel", "school", "garage", "florist", "dentist")
"""The clients, in the order of their mails, so that the ticket of the first is number 1."""
ASKED = {
    "bakery": "Please change the phone number on the contact page.",
    "shop": "Please change the banner, it shows the summer sale.",
    "hotel": "Please change the footer, the year in it is wrong.",
    "school": "Please change the timetable of the evening classes.",
    "garage": "Please change the order form so that it takes number plates.",
    "florist": "Please change the roses.\n\n7 done\nall ok\n> 1 no\n\nOn Monday Ada wrote:\n2 close",
    "dentist": "Please change the opening hours to Tuesday.",
}
LEAD = timedelta(seconds=20)
"""How long before the digest its mails come in, at least."""


def quiet_zone(now: datetime) -> ZoneInfo:
    """Given now, return a zone in which it is about noon, so that no date changes while the test runs."""
    return ZoneInfo(f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT")


class Day:
    """A desk in draft mode whose digest comes within the next two minutes, its clients, and its developer."""

    def __init__(self, directory: Path, stack: MailStack) -> None:
        now = datetime.now(UTC)
        self.stack = stack
        self.zone = quiet_zone(now)
        self.at = (now + LEAD + timedelta(minutes=1)).astimezone(self.zone).replace(second=0, microsecond=0)
        self.clients = {name: self._open_account(name) for name in NAMES}
        known = PLAN + "".join(
            client(name, address, "one-off" if name == "garage" else "retainer")
            for name, address in self.clients.items()
        )
        settings = f'timezone = "{self.zone.key}"\n'
        days = '[support_hour]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
        more = f'{days}[digest]\nat = "{self.at:%H:%M}"\n[outbox]\napproved_delay = "4s"\n'
        booking = '[booking]\nrate = "80"\ncurrency = "EUR"\nurl = "https://cal.example/ada"\n'
        account = Account.on_stack(stack, TRUSTED_MX)
        self.desk = LiveDesk(
            directory,
            account,
            developer=stack.developer,
            mode="draft",
            clients=known,
            settings=settings + booking + more,
            more=WIDE,
        )

        for name in ("moved", "quote"):
            shutil.copy(STARTER / "replies" / "en" / f"{name}.md", directory / "replies" / "en")

    def _open_account(self, name: str) -> str:
        domain = self.stack.client.rpartition("@")[2]
        return self.stack.dovecot.add_user(f"{name}@{name}.{domain}", "secret")

    def ask(self, name: str) -> None:
        """Given a client's name, let them write their mail."""
        message = compose(self.clients[name], self.stack.support, f"From the {name}", ASKED[name])
        self.stack.send(message.as_bytes(), self.clients[name], self.stack.support)

    def developer_reads(self, number: int, seconds: float = 10) -> EmailMessage:
        """Given a number, wait until the developer has so many mails and return the last one."""
        raw = self.stack.dovecot.wait_for_messages(self.stack.developer, number, seconds=seconds)
        assert len(raw) == number
        return parse(raw[-1])

    def developer_answers(self, text: str, parent: EmailMessage) -> bytes:
        """Given a text and the mail it answers, send it as a mail program does, with what it answers quoted below."""
        message = compose(self.stack.developer, str(parent["Reply-To"]), f"Re: {parent['Subject']}", text, parent)
        raw = message.as_bytes()
        self.stack.send(raw, self.stack.developer, str(parent["Reply-To"]))
        return raw

    def read(self, name: str) -> list[EmailMessage]:
        """Given a client's name, return what is in their mailbox."""
        return [parse(raw) for raw in self.stack.dovecot.messages(self.clients[name])]


@pytest.fixture
def day(mail_stack: MailStack, tmp_path: Path) -> Iterator[Day]:
    """A day that has begun: seven clients have written, and their answers lie in Drafts."""
    day = Day(tmp_path / "desk", mail_stack)
    with day.desk as desk:
        desk.start()
        for number, name in enumerate(NAMES, 1):
            day.ask(name)
            desk.until_decided(number)
        desk.until(lambda: desk.sendings() == {"drafted": len(NAMES)}, "the drafts")
        yield day


@pytest.mark.timeout(300)  # the digest alone is up to 80 seconds away
def test_a_whole_day(day: Day) -> None:
    """Digest, answer, confirmation, effects; then the same answer once more, and an undo."""
    desk = day.desk
    assert desk.rows("SELECT id, client FROM ticket ORDER BY id") == list(enumerate(NAMES, 1))
    digest = day.developer_reads(1, seconds=150)
    assert datetime.now(day.zone) >= day.at
    for name in NAMES:
        assert ASKED[name].splitlines()[0][:40] in plain(digest).replace("\n    | ", " ")

    moved = (day.at + timedelta(days=9)).date()
    answer = day.developer_answers(
        "Good morning,\n\n"
        "1 ok\n"
        '- 2 send "Hello, the new banner will be there on Thursday. Ada"\n'
        "#3 25m fixed the footer\n"
        f"4 {moved}\n"
        "5: quote 3h 240\n"
        "6 HOLD\n"
        "7 no\n"
        "3 perhaps later\n\n"
        "-- \nAda Example\n",
        digest,
    )
    confirmation = day.developer_reads(2)
    said = plain(confirmation)
    assert confirmation["In-Reply-To"] == parse(answer)["Message-ID"]
    assert "3 perhaps later" in said
    assert "undo" in said
    verbs = desk.rows("SELECT ref, verb FROM command WHERE outcome = 'done' ORDER BY id")
    assert verbs == [
        *(("1", "ok"), ("2", "send"), ("3", "book"), ("4", "move"), ("5", "quote"), ("6", "hold"), ("7", "no")),
    ]
    assert desk.rows("SELECT line FROM command WHERE outcome = 'unclear'") == [("3 perhaps later",)]
    desk.until_idle(len(NAMES) + 1)

    (approved,) = day.read("bakery")
    assert "This was about: work." in plain(approved)
    assert approved["Auto-Submitted"] is None
    (replaced,) = day.read("shop")
    assert "the new banner will be there on Thursday" in plain(replaced)
    assert "This was about" not in plain(replaced)
    assert desk.rows("SELECT client, minutes, ticket, note FROM entry WHERE ticket = 3") == [
        ("hotel", 25, 3, "fixed the footer")
    ]
    assert desk.rows("SELECT promise FROM ticket WHERE id = 4") == [(moved.isoformat(),)]
    assert any(str(moved.day) in plain(mail) for mail in day.read("school"))
    assert any("240" in plain(mail) for mail in day.read("garage"))
    assert desk.rows("SELECT state FROM ticket WHERE id = 6") == [("waiting-client",)]
    assert desk.rows("SELECT state FROM ticket WHERE id = 7") != [("done",)]
    assert day.read("florist") == day.read("dentist") == day.read("hotel") == []
    desk.until(lambda: len(day.stack.dovecot.messages(day.stack.support, "Drafts")) == 2, "the drafts that are left")

    before = desk.rows("SELECT id, state, version FROM ticket"), desk.rows("SELECT id, state FROM outbox")
    day.stack.send(answer, day.stack.developer, str(digest["Reply-To"]))
    desk.until_decided(len(NAMES) + 2)
    assert (desk.rows("SELECT id, state, version FROM ticket"), desk.rows("SELECT id, state FROM outbox")) == before
    assert desk.rows("SELECT count(*) FROM command WHERE outcome = 'done'") == [(7,)]

    day.developer_answers("undo 6\n", confirmation)
    day.developer_reads(3)
    assert desk.rows("SELECT state FROM ticket WHERE id = 6") == [("planned",)]
    assert desk.stop() == 0
