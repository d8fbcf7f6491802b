"""`triagebot explain`: the decision about a mail and its trail, as if it had just arrived. Touches nothing."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triagebot.app.answer import Answer, answer_mail
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.intake.arrival import Trust, read_raw
from triagebot.app.intake.reader import Reader
from triagebot.core.desk import Limits
from triagebot.core.errors import StoreError
from triagebot.core.facts import Facts
from triagebot.core.mail import Mail
from triagebot.core.outgoing.compose import header_fields, plain_text
from triagebot.core.outgoing.identity import loop_code, own_id_kind
from triagebot.core.reading.headers import decode_words, read_headers
from triagebot.edge.keys import read_key_or_throwaway


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains mails with one desk, one key and one clock."""

    snapshot: Snapshot
    reader: Reader
    key: bytes
    now: datetime

    def explain(self, raw: bytes) -> dict[str, Any]:
        """Given a mail's bytes, return the object of design.md section 5."""
        desk = self.snapshot.desk
        mail, authentication = read_raw(raw, self.now, desk, Trust.of(*desk.inbox), self.reader)
        facts = Facts(loop_code=loop_code(self.key), is_own_id=lambda message_id: own_id_kind(self.key, message_id))
        return self._object(mail, answer_mail(mail, authentication, facts, self.snapshot, self.key, self.now))

    def _object(self, mail: Mail, answer: Answer) -> dict[str, Any]:
        decision = answer.decision
        sender, ticket = decision.sender, decision.ticket
        return {
            "message_id": mail.message_id,
            "from": decode_words(mail.headers.first("from")),
            "subject": mail.subject,
            "language": decision.language,
            "new_text": mail.content.new_text,
            "guard": {"verdict": decision.guard.verdict, "codes": list(decision.guard.codes)},
            "sender": {
                "address": sender.address,
                "auth": sender.auth,
                "client": sender.client,
                "tier": sender.tier,
                "claims": sender.claims,
                "flags": list(sender.flags),
            },
            "rules": [match.rule for match in decision.matches],
            "kind": decision.kind,
            "reason": decision.reason,
            "state": decision.state,
            "alert": decision.alert,
            "reply": self._reply(answer),
            "ticket": ticket
            and {
                "kind": ticket.kind,
                "minutes": ticket.minutes,
                "promise": ticket.promise.isoformat() if ticket.promise else None,
                "state": ticket.state,
            },
            "trail": [{"step": step.step, "verdict": step.verdict, "why": step.why} for step in decision.trail],
        }

    def _reply(self, answer: Answer) -> dict[str, Any] | None:
        plan, rendered, draft = answer.decision.reply, answer.rendered, answer.draft
        if plan is None or rendered is None or draft is None:
            return None
        fields = header_fields(draft, self.key)
        return {
            "template": list(plan.answers),
            "closing": plan.closing,
            "language": rendered.language,
            "to": draft.to,
            "subject": draft.subject,
            "text": rendered.text,
            "html": rendered.html,
            "headers": {name: value.replace("\r\n", "") for name, value in fields},
            "mode": plan.mode,
        }


def explain_all(
    snapshot: Snapshot, mails: Iterable[bytes | int], now: datetime, started: Reader | None = None
) -> Iterator[dict[str, Any]]:
    """Given a desk, mails as bytes or as numbers of handled ones, and now, yield one object each, in order.

    `started` is a reader that loads already; it serves if it has this desk's limits. It is closed in any case.
    Raise StoreError for a number the desk does not know.
    """
    reader = started or Reader(snapshot.desk.limits)
    if not reader.has_limits(snapshot.desk.limits):
        reader.close()
        reader = Reader(snapshot.desk.limits)
    explainer = Explainer(snapshot, reader, read_key_or_throwaway(snapshot.data / "key"), now)
    try:
        for mail in mails:
            yield _recall(snapshot, mail) if isinstance(mail, int) else explainer.explain(mail)
    finally:
        reader.close()


def read_kept(view: DeskView, number: int) -> bytes:
    """Given a desk and a mail's number, return the bytes that were kept of it. Raise StoreError if there are none."""
    from triagebot.edge.store import open_store_to_read  # late: explaining a file needs no database

    with closing(open_store_to_read(view.data / "triagebot.db")) as store:
        row = store.mails.find(number)
    if row is None:
        raise StoreError(f"there is no mail {number} on this desk")
    if not isinstance(row["raw"], bytes):
        raise StoreError(
            f"no bytes are kept of mail {number}, which is {row['state']}: only of those that could not be read;"
            f" look for it with your mail program (UID {row['uid']} in {row['folder']})"
        )
    return row["raw"]


def _recall(snapshot: Snapshot, number: int) -> dict[str, Any]:
    """What was decided about a handled mail, as it stands in the database."""
    from triagebot.edge.store import open_store_to_read  # late: explaining a file needs no database

    store = open_store_to_read(snapshot.data / "triagebot.db")
    row = store.mails.find(number)
    if row is None:
        raise StoreError(f"there is no mail {number} on this desk")
    sent = store.outbox.of_mail([number]).get(number)
    ticket = store.tickets.find(int(str(row["ticket"]))) if row["ticket"] else None
    store.close()
    trail = json.loads(str(row["trail"] or "[]"))
    return {
        "message_id": row["message_id"] or "",
        "from": row["sender"] or "",
        "subject": row["subject"] or "",
        "language": row["language"] or "",
        "new_text": row["new_text"] or "",
        "guard": {"verdict": row["verdict"], "codes": str(row["codes"] or "").split()},
        "sender": {
            "address": row["sender"],
            "auth": row["auth"],
            "client": row["client"],
            "tier": row["tier"],
            "claims": None,
            "flags": [],
        },
        "rules": [match["rule"] for match in json.loads(str(row["rules"] or "[]"))],
        "kind": row["kind"],
        "reason": row["reason"],
        "state": row["state"],
        "problem": row["problem"],
        "reply": _recall_reply(sent),
        "ticket": ticket and {key: ticket[key] for key in ("id", "kind", "minutes", "promise", "state")},
        "trail": [{"step": step, "verdict": verdict, "why": why} for step, verdict, why in trail],
    }


def _recall_reply(sent: dict[str, Any] | None) -> dict[str, Any] | None:
    if sent is None:
        return None
    fields = read_headers(sent["raw"], Limits()).fields
    return {
        "template": str(sent["answers"]).split(),
        "language": next((field.value for field in fields if field.name == "content-language"), ""),
        "to": sent["recipient"],
        "subject": sent["subject"],
        "text": plain_text(sent["raw"]),
        "headers": {field.name: field.value for field in fields},
        "mode": sent["state"],
    }
