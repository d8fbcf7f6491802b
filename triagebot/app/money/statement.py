"""The monthly statement of a client: drawn up, put into words, and left as a draft for the developer to send."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from triagebot.app.desk.opening import reading
from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import find_client, find_missing, settle_client
from triagebot.app.outgoing.answers import recipient_code
from triagebot.app.outgoing.letters import post, write_to_client
from triagebot.app.render import Rendered, say_values
from triagebot.core.decision import ReplyValues
from triagebot.core.desk import Client, Mode
from triagebot.core.errors import LedgerError
from triagebot.core.money.ledger import Terms
from triagebot.core.money.month import Month
from triagebot.core.money.statement import Duty, Statement, StatementLine, make_statement
from triagebot.core.outgoing.compose import plain_text
from triagebot.edge.markdown import escape_markdown, fill_html, fill_plain
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.wording import say_month, say_short_date

if TYPE_CHECKING:
    from triagebot.app.database import Database
    from triagebot.app.desk.snapshot import Snapshot

_REPLY = "statement"
_UNSENT = ("draft", "drafted", "shadow")


@dataclass(frozen=True, slots=True)
class Account:
    """What a statement is made of: whose it is, under which plan, and what happened."""

    client: Client
    terms: Terms | None
    statement: Statement


def read_statement(snapshot: "Snapshot", client_id: str, month: Month, now: datetime) -> Rendered:
    """Given a client's id and a month, return its statement in words. Raise LedgerError."""
    client = find_client(snapshot, client_id)
    with reading(snapshot) as store:
        return write_statement(snapshot, draw_up(store, snapshot, client, month, now))


def read_last_statement(snapshot: "Snapshot", client_id: str, now: datetime) -> Rendered:
    """Given a client's id and now, return its statement of the month before this one."""
    month = Month.of(snapshot.calendar.local(now).date()).previous
    return read_statement(snapshot, client_id, month, now)


def draw_up(store: Store, view: DeskView, client: Client, month: Month, now: datetime) -> Account:
    """Given a client, a month and now, return its account in that month, with what is not written down yet."""
    terms, missing, _ = find_missing(store, view, client, now)
    zone = view.calendar.zone
    since, until = (datetime.combine(day, datetime.min.time(), zone) for day in (month.first, month.next.first))
    duties = [
        Duty(name, view.calendar.local(at).date()) for name, at in store.ledger.duties_done(client.id, since, until)
    ]
    entries = (*store.ledger.entries(client.id), *missing)
    return Account(client, terms, make_statement(client.id, entries, month, duties))


def write_statement(snapshot: "Snapshot", account: Account) -> Rendered:
    """Given an account, return its statement in the client's language. Raise LedgerError when its reply file is missing
    or cannot be filled in."""
    desk, client, replies = snapshot.desk, account.client, snapshot.replies
    languages = tuple(filter(None, (client.language, desk.desk.language)))
    language = replies.choose_language((_REPLY,), client.tier, languages)
    words = say_values(
        ReplyValues(desk.desk.name, desk.desk.address, client.tier, desk.booking, client_name=client.name), language
    )
    words["statement"] = say_statement(account, language)
    if replies.key(_REPLY, client.tier, language) is None:
        missing = f"{desk.desk.replies}/{language}/{_REPLY}.md"
        raise LedgerError(f"{missing} is missing; copy it from a desk that `triagebot init DIR` writes")
    try:
        subject = replies.render_subject(_REPLY, client.tier, language, words)
        words["client"] = {"name": escape_markdown(client.name)}
        markdown = replies.render(_REPLY, client.tier, language, words)
    except ReplyError as error:
        raise LedgerError(str(error)) from None
    return Rendered(language, subject, fill_plain(markdown, ()), fill_html(markdown, (), language))


def say_statement(account: Account, language: str) -> dict[str, Any]:
    """Given an account and a language, return what its template sees as `statement`. Minutes that came or went have a
    sign, and are empty where there are none."""
    one = account.statement
    return {
        "month": say_month(one.month.first, language),
        "first_day": say_short_date(one.month.first, language),
        "last_day": say_short_date(one.month.last, language),
        "plan": escape_markdown(account.terms.name) if account.terms else "",
        "opening": one.opening,
        "granted": _sign(one.granted) or "0",
        "used": _sign(-one.used) or "0",
        "adjusted": _sign(one.adjusted),
        "expired": _sign(-one.expired),
        "overage": _sign(one.overage),
        "closing": one.closing,
        "lines": [_say_line(line, language) for line in one.lines],
        "duties": [
            {"name": escape_markdown(duty.name), "date": say_short_date(duty.day, language)} for duty in one.duties
        ],
    }


def _say_line(line: StatementLine, language: str) -> dict[str, Any]:
    return {
        "date": say_short_date(line.day, language),
        "kind": line.kind,
        "note": escape_markdown(line.note),
        "ticket": line.ticket,
        "worked": line.worked,
        "minutes": _sign(line.minutes),
        "left": line.left,
    }


def _sign(minutes: int) -> str:
    return f"{minutes:+}" if minutes else ""


async def draft_monthly(database: "Database", snapshot: "Snapshot", key: bytes, now: datetime) -> None:
    """The daily chore: from the first support day of a month on, the statements of the month before lie in Drafts."""
    await database.ask(lambda store: draft_statements(store, snapshot, key, now))


def draft_statements(store: Store, snapshot: "Snapshot", key: bytes, now: datetime) -> int:
    """Given now, inside a transaction, put the statement of the last month of each retainer into the outbox as a
    draft, once; one whose minutes have changed before it was sent is made anew. Return how many were.

    None ever leaves by itself: what a client has left is told by a person.
    """
    today = snapshot.calendar.local(now).date()
    month = Month.of(today).previous
    is_early = today < snapshot.calendar.first_of_month(today)
    if is_early or not snapshot.desk.invoice.statements or not snapshot.desk.inbox:
        return 0
    drafted = 0
    for client in snapshot.desk.client:
        settle_client(store, snapshot, client, now)
        account = draw_up(store, snapshot, client, month, now)
        if account.terms is not None and account.statement.lines and client.addresses:
            drafted += _draft(store, snapshot, account, key, now)
    return drafted


def _draft(store: Store, snapshot: "Snapshot", account: Account, key: bytes, now: datetime) -> bool:
    cause = f"statement {account.client.id} {account.statement.month}"
    rendered = write_statement(snapshot, account)
    before = store.ledger.drafts_of(cause)
    if before:
        row, state = before[-1]
        if state not in _UNSENT or plain_text(store.outbox.raw(row)) == rendered.text:
            return False
        store.outbox.change(row, _UNSENT, "dropped", now, now)
        store.outbox.tell(row, "triagebot", "mail dropped", "its minutes have changed; it was drafted anew", now)
    cause = f"{cause} {len(before)}"
    words = replace(rendered, subject=rendered.subject or rendered.text.splitlines()[0])
    draft = write_to_client(snapshot, key, "approved", cause, account.client.addresses[0], words, (), now)
    mode: Mode = "shadow" if snapshot.desk.desk.mode == "shadow" else "draft"
    code, inbox = recipient_code(draft.to, snapshot.desk, key), snapshot.desk.inbox[0].id
    post(store, draft, key, "approved", inbox, mode, cause, now, client=account.client.id, recipient_code=code)
    return True
