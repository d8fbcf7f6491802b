"""Mail of ours that came back: which one it was, and what follows (safety.md A.6).

Only a Message-ID or a bounce address that carries our MAC finds a mail: whoever never got one cannot make a client's
address look dead.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.letters import post, write_to_developer
from triagebot.core.decision import Guard
from triagebot.core.desk import Mode
from triagebot.core.guard.judge import BOUNCE_ADDRESS
from triagebot.core.guard.signals import DELIVERED_TO
from triagebot.core.mail import Bounce, Mail
from triagebot.core.outgoing.delivery import Return, judge_return
from triagebot.core.outgoing.identity import bounced_id, own_id_kind
from triagebot.core.reading.address import parse_addresses
from triagebot.edge.store import Store

_MOST_IDS = 20
_LATE_WORDS = ("delay", "warning")


def take_back(store: Store, mail: Mail, guard: Guard, view: DeskView, key: bytes, now: datetime) -> None:
    """Given a mail the guard calls a bounce, in the transaction that decides it, write down what it says of ours."""
    if "quarantine" in guard.codes:
        return
    row = _find_row(store, mail, view, key)
    if row is None:
        return
    said = _read(mail, guard, row["recipient"])
    if said.kind == "delayed":
        store.outbox.tell(row["id"], "triagebot", "delivery delayed", said.words, now)
    if said.kind != "returned" or not store.outbox.set_returned(row["id"], said.words, now):
        return
    store.outbox.tell(row["id"], "triagebot", "came back", said.words, now)
    if said.dead and store.suppressions.suppress_recipient(row["id"], said.words, now):
        store.outbox.tell(row["id"], "triagebot", "address suppressed", said.words, now)
    if row["class"] == "approved" or (row["class"] == "auto" and row["kind"] == "emergency"):
        _alert(store, row, said, view, key, now)


def _find_row(store: Store, mail: Mail, view: DeskView, key: bytes) -> dict[str, Any] | None:
    for message_id in _own_ids(mail, view, key):
        row = store.outbox.find_by_message_id(message_id)
        if row is not None:
            return row
    return None


def _own_ids(mail: Mail, view: DeskView, key: bytes) -> Iterator[str]:
    """Message-IDs of ours a mail names, the surest first: where it went, what it brings back, what it answers."""
    delivered = (value.strip().strip("<>") for name in DELIVERED_TO for value in mail.headers.all(name))
    for address in (*(address.spec for address in mail.to), *delivered):
        message_id = bounced_id(key, address, view.desk.own_addresses)
        if message_id is not None:
            yield message_id
    for message_id in (mail.content.returned_id, *mail.parents[-_MOST_IDS:]):
        if message_id and own_id_kind(key, message_id) is not None:
            yield message_id


def _read(mail: Mail, guard: Guard, recipient: str) -> Return:
    """What a bounce says, by its delivery status, by Exim's header, or by being one and nothing else."""
    bounces = mail.content.bounces
    if not bounces:
        lists = map(parse_addresses, mail.headers.all("x-failed-recipients"))
        bounces = tuple(Bounce("failed", "", address.spec) for found in lists for address in found.addresses)
    if bounces:
        return judge_return(bounces, recipient)
    is_one = any(step.verdict == "bounce" and step.step != BOUNCE_ADDRESS for step in guard.trail)
    if not is_one:
        return Return("ignored")  # such as an absence note, which goes to the envelope's sender too
    late = any(word in mail.subject.casefold() for word in _LATE_WORDS)
    return Return("delayed" if late else "returned", mail.subject or "no reason given")


def _alert(store: Store, row: dict[str, Any], said: Return, view: DeskView, key: bytes, now: datetime) -> None:
    """The developer is told at once of a mail somebody relies on."""
    what = "The answer you approved" if row["class"] == "approved" else "The answer to an emergency"
    lines = (
        f"{what} did not reach {row['recipient']}.",
        "",
        f"Subject: {row['subject']}",
        "The server says:",
        f"    {said.words}",
        "",
        f"Reach them another way. The mail: triagebot outbox (number {row['id']}).",
    )
    subject, text = f"[came back] {row['recipient']}: {row['subject']}"[:200], "\n".join(lines) + "\n"
    local = now.astimezone(view.calendar.zone)
    draft = write_to_developer(view.desk, key, "alert", f"returned {row['message_id']}", subject, text, local)
    mode: Mode = "shadow" if view.desk.desk.mode == "shadow" else "live"
    post(store, draft, key, "alert", row["inbox"], mode, f"alert returned {row['id']}", now)
