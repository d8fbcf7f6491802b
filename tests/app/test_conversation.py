"""Whole conversations on real servers: each mail in each mailbox, from the first request to the last thanks."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest

from tests.app.desks import WIDE, Account, LiveDesk, client, letter, proven
from tests.app.digests import unwrap
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import TRUSTED_MX
from tests.servers.sink import Sink
from tests.servers.stack import MailStack

STARTER = Path(__file__).resolve().parents[2]
RULES = """\
[[rule]]
id = "numer"
reason = "work/numer"
kind = "work"
any = ["zmienić numer*"]
reply = "small-change"
minutes = 30
[[rule.test]]
text = "Czy można zmienić numer telefonu na stronie?"

[[rule]]
id = "dziala"
reason = "desk/solved"
kind = "thanks"
any = ["działa"]
none = ["nie działa"]
[[rule.test]]
text = "Dziękuję, działa!"
"""
BOOKING = '[booking]\nrate = "80"\ncurrency = "EUR"\nurl = "https://cal.example/ada"\n'
ASKED = "Dzień dobry,\n\nczy można zmienić numer telefonu na naszej stronie? Nowy numer to 22 123 45 67.\n\nJan Nowak"


def open_desk(directory: Path, account: Account, developer: str, clients: str) -> LiveDesk:
    """Given a new directory, return a live desk with the starter files and a few Polish rules of its own."""
    desk = LiveDesk(directory, account, developer=developer, clients=clients, settings=BOOKING, more=WIDE)
    for name in ("rules", "replies"):
        shutil.rmtree(directory / name)
        shutil.copytree(STARTER / name, directory / name)
    (directory / "rules" / "05-polski.toml").write_text(RULES, "utf-8")
    return desk


@pytest.fixture
def desk(mail_stack: MailStack, tmp_path: Path) -> Iterator[LiveDesk]:
    """A desk on Dovecot and Postfix that knows one client, who pays by the request and reads Polish."""
    account = Account.on_stack(mail_stack, TRUSTED_MX)
    known = client("piekarnia", mail_stack.client, "one-off", 'language = "pl"\n')
    with open_desk(tmp_path / "desk", account, mail_stack.developer, known) as opened:
        opened.start()
        opened.wait_for_log("answers are looked for in Sent")
        yield opened


class Client:
    """A client with a mailbox, who writes and reads with an ordinary program."""

    def __init__(self, stack: MailStack) -> None:
        self._stack = stack

    def write(self, subject: str, text: str, *parents: EmailMessage) -> EmailMessage:
        """Given a subject, a text and the mails it answers, send it to the desk."""
        message = compose(self._stack.client, self._stack.support, subject, text, *parents)
        self._stack.send(message.as_bytes(), self._stack.client, self._stack.support)
        return message

    def read(self, number: int) -> EmailMessage:
        """Given a number, wait until so many mails have come and return the last one; there must not be more."""
        raw = self._stack.dovecot.wait_for_messages(self._stack.client, number)
        assert len(raw) == number
        return parse(raw[-1])


def parse(raw: bytes) -> EmailMessage:
    """Given a mail's bytes, return it."""
    return message_from_bytes(raw, policy=policy.default)


def compose(author: str, to: str, subject: str, text: str, *parents: EmailMessage) -> EmailMessage:
    """Given who writes to whom, return a mail as a mail program writes it; answers quote what they answer."""
    message = EmailMessage(policy.SMTP)
    message["From"], message["To"], message["Subject"] = author, to, subject
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = make_msgid(domain=author.rpartition("@")[2])
    if parents:
        message["In-Reply-To"] = parents[-1]["Message-ID"]
        message["References"] = " ".join(str(one["Message-ID"]) for one in parents)
        quoted = "\n".join(f"> {line}" for line in plain(parents[-1]).splitlines())
        text = f"{text}\n\nOn Mon, 23 Nov 2026 at 09:12, {parents[-1]['From']} wrote:\n{quoted}\n"
    message.set_content(text)
    return message


def plain(message: EmailMessage) -> str:
    """Given a mail, return its text part."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def answer_by_hand(stack: MailStack, text: str, *parents: EmailMessage) -> EmailMessage:
    """Given a text and the mails of the conversation, let the developer answer as mail programs do: submitted from the
    desk's account, and a copy put into Sent."""
    subject = f"Re: {str(parents[-1]['Subject']).removeprefix('Re: ')}"
    message = compose(stack.support, stack.client, subject, text, *parents)
    stack.send(message.as_bytes(), stack.support, stack.client)
    stack.dovecot.append(stack.support, message.as_bytes(), "Sent")
    return message


def test_a_conversation_in_polish_from_the_request_to_the_thanks(desk: LiveDesk, mail_stack: MailStack) -> None:
    """An estimate with price and date, "Tak, poproszę", a confirmation with that very date, the developer's answer from
    another program, its minutes booked, and thanks that close the ticket without another mail."""
    jan = Client(mail_stack)
    asked = jan.write("Numer telefonu", ASKED)
    estimate = jan.read(1)
    check_headers(estimate, asked, mail_stack)
    assert "40" in plain(estimate)
    assert "odpowiedzieć TAK" in plain(estimate).replace("*", "")
    ((ticket, state, promise, low),) = desk.rows("SELECT id, state, promise, price_low FROM ticket")
    assert (state, low is not None, promise is not None) == ("waiting-client", True, True)

    agreed = jan.write("Re: Numer telefonu", "Tak, poproszę", asked, estimate)
    confirmation = jan.read(2)
    check_headers(confirmation, agreed, mail_stack)
    said = plain(confirmation).replace("*", "")
    date = said.partition("Zaplanowany termin to ")[2].partition("\n")[0].partition(".")[0]
    assert date
    assert date in plain(estimate).replace("*", "")
    assert desk.rows("SELECT state, promise FROM ticket") == [("planned", promise)]

    by_hand = answer_by_hand(mail_stack, "Dzień dobry,\n\nnumer jest już zmieniony.\n\n25m", asked, estimate, agreed)
    assert "numer jest już zmieniony" in plain(jan.read(3))
    desk.reload()
    desk.until(lambda: bool(desk.rows("SELECT 1 FROM ticket WHERE answered_at IS NOT NULL")), "the answer seen in Sent")
    assert desk.rows("SELECT state FROM ticket") == [("planned",)]
    (offer,) = desk.ask("log", "--offers")
    assert (offer["ticket"], offer["client"], offer["minutes"], offer["guessed"]) == (ticket, "piekarnia", 25, False)
    assert f"[{ticket}] 25 min, " in unwrap(desk.run("digest").stdout).partition("Minutes to book")[2]
    booked = desk.run("log", "--accept", str(offer["number"]))
    assert booked.returncode == 0, booked.stderr.decode()
    assert desk.ask("log", "--offers") == []
    assert desk.rows("SELECT client, minutes, ticket, note FROM entry") == [("piekarnia", 25, ticket, "Numer telefonu")]

    jan.write("Re: Numer telefonu", "Dziękuję, działa!", asked, estimate, agreed, by_hand)
    desk.until(lambda: desk.rows("SELECT state FROM ticket") == [("closed",)], "the ticket closed")
    desk.until_idle(3)
    jan.read(3)
    check_story(desk, ticket, mail_stack.client)


def check_headers(mail: EmailMessage, parent: EmailMessage, stack: MailStack) -> None:
    """Given an automatic mail, check that it answers `parent` in Polish and says that it is automatic."""
    assert mail["In-Reply-To"] == parent["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Content-Language"] == "pl"
    assert mail["Subject"] == "Re: Numer telefonu"
    assert (mail["To"], stack.support in mail["From"]) == (stack.client, True)
    assert "Dzień dobry" in plain(mail)


def check_story(desk: LiveDesk, ticket: int, author: str) -> None:
    """Given the end of the conversation, check that the ticket's story tells each step, and by whom."""
    story = desk.rows("SELECT who, what FROM event WHERE ticket = ? ORDER BY id", ticket)
    assert story[0] == ("triagebot", "opened as waiting-client")
    assert ("developer", "answered by mail") in story
    assert ("developer", "25 minutes booked") in story
    assert story[-1] == (author, "closed")
    assert (author, "planned") in story
    assert desk.rows("SELECT DISTINCT ticket FROM mail") == [(ticket,)]
    assert desk.rows("SELECT state, ticket FROM outbox WHERE class = 'auto'") == [("sent", ticket)] * 2


def test_the_same_request_three_times_in_new_threads(desk: LiveDesk, mail_stack: MailStack) -> None:
    """One ticket, one date, one answer."""
    jan = Client(mail_stack)
    jan.write("Numer telefonu", ASKED)
    jan.read(1)
    before = desk.rows("SELECT id, state, promise FROM ticket")
    jan.write("Numer telefonu na stronie", f"{ASKED}\n\nProszę o odpowiedź.")
    desk.until_idle(2)
    jan.write("Przypomnienie: numer telefonu", f"Przypominam się.\n\n{ASKED}")
    desk.until_idle(3)
    assert desk.rows("SELECT id, state, promise FROM ticket") == before
    assert desk.rows("SELECT state, ticket FROM mail ORDER BY id")[1:] == [("merged", before[0][0])] * 2
    jan.read(1)


QUESTION = "Where do I switch the permalinks?"


@pytest.fixture
def opened(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> Callable[..., LiveDesk]:
    """A function that makes a desk with ten minutes to undo, on an account of Dovecot's."""

    def make(mode: str = "live", more: str = "") -> LiveDesk:
        box = Account.on_dovecot(dovecot, account, sink.port, more)
        return LiveDesk(tmp_path / "desk", box, mode=mode, settings='[outbox]\ndelay = "10m"\n')

    return make


def sent_by_hand(author: str, parent: bytes) -> bytes:
    """Given a client's mail, return an answer from a mail program."""
    asked = parse(parent)
    answers = f"In-Reply-To: {asked['Message-ID']}"
    return letter(author, str(asked["From"]), f"Re: {asked['Subject']}", "See above.", answers)


def until_stopped(desk: LiveDesk) -> None:
    """Given a desk, wait until the answer that waited is stopped because the developer answered."""
    words = "SELECT 1 FROM outbox WHERE state = 'stopped' AND answer LIKE 'you answered yourself%'"
    desk.until(lambda: bool(desk.rows(words)), "the automatic answer stopped")


def test_an_answer_by_hand_stops_the_draft_and_takes_it_away(
    opened: Callable[..., LiveDesk], dovecot: Dovecot, account: str
) -> None:
    """In draft mode ours leaves Drafts, so that nobody sends it as well; the first look takes nothing older in."""
    dovecot.append(account, letter(account, "old@client.test", "Before the desk"), "Sent")
    with opened("draft") as desk:
        desk.start()
        desk.wait_for_log("answers are looked for in Sent")
        asked = proven("ann@client.test", account, "Links", QUESTION)
        dovecot.append(account, asked)
        desk.until(lambda: desk.rows("SELECT state FROM outbox") == [("drafted",)], "the draft filed")
        dovecot.append(account, sent_by_hand(account, asked), "Sent")
        desk.reload()
        until_stopped(desk)
        desk.until(lambda: dovecot.messages(account, "Drafts") == [], "our draft removed")
        assert desk.rows("SELECT count(*) FROM sent_mail") == [(1,)]
        assert desk.stop() == 0


def test_a_renumbered_sent_folder_is_read_once_more_and_nothing_counts_twice(
    opened: Callable[..., LiveDesk], dovecot: Dovecot, account: str
) -> None:
    """Mails known by their ids stay one; what came with the new numbers is taken in; a named sub-folder is used."""
    with dovecot.connect(account) as connection:
        connection.create_folder("Mail/Gone out")
    with opened(more='sent = "Mail/Gone out"') as desk:
        desk.start()
        desk.wait_for_log("answers are looked for in Mail/Gone out")
        first, second = (proven(f"{name}@client.test", account, "Links", QUESTION) for name in ("ann", "bob"))
        dovecot.append_many(account, [first, second])
        desk.until_decided(2)
        answers = [sent_by_hand(account, one) for one in (first, second)]
        dovecot.append(account, answers[0], "Mail/Gone out")
        desk.reload()
        until_stopped(desk)
        with dovecot.connect(account) as connection:
            connection.delete_folder("Mail/Gone out")
            connection.create_folder("Mail/Gone out")
        dovecot.append_many(account, answers, "Mail/Gone out")
        desk.reload()
        desk.until(lambda: len(desk.rows("SELECT 1 FROM sent_mail")) == 2, "the second answer")
        assert [row[0] for row in desk.rows("SELECT state FROM outbox ORDER BY id")] == ["stopped", "stopped"]
        assert desk.stop() == 0


def test_what_was_answered_while_the_desk_was_down_is_not_answered_again(
    opened: Callable[..., LiveDesk], dovecot: Dovecot, account: str
) -> None:
    """Sent is looked into before the inbox is decided."""
    with opened() as desk:
        desk.start()
        desk.wait_for_log("answers are looked for in Sent")
        assert desk.stop() == 0
        asked = proven("ann@client.test", account, "Links", QUESTION)
        dovecot.append(account, asked)
        dovecot.append(account, sent_by_hand(account, asked), "Sent")
        desk.start()
        desk.until_decided(1)
        assert desk.states() == {"answered": 1}
        assert desk.rows("SELECT count(*) FROM outbox") == [(0,)]
        assert desk.stop() == 0
