"""Short ways to bring a database into a state, for the tests of triagebot/edge/store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triagebot.core.decision import AuthState, Decision, Guard, Sender
from triagebot.core.desk import Limits, Mode
from triagebot.core.mail import AddressList, Content, HeaderBlock, Mail
from triagebot.core.outgoing.limits import Tally
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.outbox import Outgoing
from triagebot.edge.store.received.facts import Question
from triagebot.edge.store.received.mails import Identity, Pending

NOW = datetime(2026, 11, 23, 12, 0, 30, 250, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=number) for number in (1, 60, 3600, 86400))
TICK = timedelta(microseconds=1)
ADA, BOB = "ada@client.test", "bob@client.test"


def arrive(store: Store, *uids: int, uidvalidity: int = 7, received: datetime = NOW) -> None:
    """Given UIDs, record that the server shows them."""
    with store.transaction():
        store.mails.open_folder("support", "INBOX", uidvalidity, NOW)
        store.mails.record_arrivals("support", "INBOX", uidvalidity, [(uid, 100, received) for uid in uids], NOW)


def claim(store: Store, uidvalidity: int = 7, after: int = 0) -> list[Pending]:
    """Return the next mails without a decision, attempts counted."""
    with store.transaction():
        return store.mails.claim("support", "INBOX", uidvalidity, 10, after)


def make_mail(message_id: str = "<1@client.test>", content_key: str = "content") -> Mail:
    """Given its ids, return a mail."""
    return Mail(
        HeaderBlock(),
        Content("Hello", "Hello"),
        AddressList(),
        (),
        AddressList(),
        "Hi",
        message_id,
        (),
        content_key,
        NOW,
    )


def decide(
    store: Store,
    mail_id: int,
    mail: Mail,
    sender: str = ADA,
    body: str = "body",
    thread: int = 1,
    state: str = "answered",
    auth: AuthState = "pass",
) -> bool:
    """Given a pending mail, decide it; return whether it was still pending."""
    decision = Decision(Guard("ok"), Sender(sender, auth), state=state)  # type: ignore[arg-type]
    with store.transaction():
        return store.mails.decide(mail_id, mail, decision, Identity(body, sender, thread), None, b"raw", NOW)


def outgoing(cause: str, **values: object) -> Outgoing:
    """Given its cause, return an automatic live mail, due now."""
    mail = Outgoing(
        outgoing="auto",
        inbox="support",
        mail_from="support@desk.test",
        recipient=ADA,
        subject="Re: Hi",
        message_id=f"<{cause}@desk.test>",
        dedupe_key=cause,
        raw=b"raw " + cause.encode(),
        mode="live",
        due=NOW,
        expires_at=NOW + DAY,
        sender_key=ADA,
        domain="client.test",
    )
    return replace(mail, **values)  # type: ignore[arg-type]


def add(store: Store, cause: str, now: datetime = NOW, **values: object) -> int | None:
    """Given a cause, add a mail to the outbox."""
    with store.transaction():
        return store.outbox.add(outgoing(cause, **values), now)


def states(store: Store) -> dict[str, int]:
    """Return how many mails of the outbox are in each state."""
    return store.outbox.count_states()


def due(store: Store, now: datetime = NOW, inbox: str = "support", limit: int = 8) -> list[int]:
    """Return the rows that are to be sent now, claimed."""
    with store.transaction():
        return [one.id for one in store.outbox.claim(inbox, limit, now, now + 15 * MINUTE)]


def question(**values: object) -> Question:
    """Return the question about a mail of Ada's, with some of its values changed."""
    asked = Question(1, "<1@client.test>", "content", "body", (), ADA, "client.test", None, "live")
    return replace(asked, **values)  # type: ignore[arg-type]


def tally(store: Store, now: datetime = NOW, thread: int | None = None, mode: Mode = "live") -> Tally:
    """Return what was sent before, for a mail of Ada's at a moment."""
    return store.facts.tally(question(mode=mode), thread, Limits(), now)
