"""Everything that is held about a person, as files for them (GDPR Art. 15 and 20; safety.md H)."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.privacy.inquiry import Inquiry, inquire, reading
from triagebot.core.person import Person
from triagebot.edge.archive import write_folder
from triagebot.edge.store import Store

_JSON_COLUMNS = ("rules", "trail")
_README = """\
What {desk} holds about {who}
made on {when}

data.json      everything, by table: mails (sender, subject, text, what was decided and why: the trail), tickets,
               events (the log of what was done), outbox and sent_mail (mails to you), counters, latches, suppression,
               entry and fee (minutes and amounts booked for you), command (what was commanded about your matters),
               agreement (how well automatic answers to you fitted)
received/      mails that were kept whole because they could not be read, by their number in data.json
sent/          mails that were written to you or about you, as they were (or would have been) sent

{counts}

The text of a mail is kept, its attachments are not. Times are UTC. How long each kind is kept:
automatic mail {automatic} days, conversations {conversations} days after their end, bytes of sent mails {sent} days.
Mails on the mail server itself are not in here.
"""


def export(view: DeskView, person: Person, target: Path, now: datetime) -> Inquiry:
    """Given a person and a new directory, or the name of a new .zip file, write everything held about them there,
    readable by the owner alone. Return what that was. Raise StoreError, or ArchiveError when it cannot be written."""
    with reading(view) as store:
        inquiry = inquire(view, store, person)
        data: dict[str, Any] = {
            "about": {
                "desk": view.desk.desk.name,
                "addresses": list(person.addresses),
                "client": person.client,
                "made_at": now.isoformat(timespec="seconds"),
            }
        }
        files: dict[str, bytes] = {}
        for table, keys in inquiry.held.tables():
            data[table] = [_readable(row, table, files) for row in store.privacy.read(table, keys)]
        files |= _sent(store, inquiry)
    files["data.json"] = json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    files["README.txt"] = _explain(view, inquiry, now).encode()
    write_folder(target, files)
    return inquiry


def _readable(row: dict[str, Any], table: str, files: dict[str, bytes]) -> dict[str, Any]:
    """A row as JSON has it; a mail's bytes become a file."""
    raw = row.pop("raw", None)
    if raw is not None:
        row["file"] = f"received/{row['id']}.eml"
        files[row["file"]] = bytes(raw)
    if table == "mail":
        row |= {name: json.loads(row[name]) for name in _JSON_COLUMNS if row[name]}
    return row


def _sent(store: Store, inquiry: Inquiry) -> dict[str, bytes]:
    found = {row: store.privacy.bytes_of(row) for row in inquiry.held.outbox}
    return {f"sent/{row}.eml": raw for row, raw in found.items() if raw is not None}


def _explain(view: DeskView, inquiry: Inquiry, now: datetime) -> str:
    kept = view.desk.retention
    counts = (f"{count:6} {table}" for table, count in inquiry.counts.items() if table != "digest")
    return _README.format(
        desk=view.desk.desk.name,
        who=", ".join(inquiry.person.addresses) or inquiry.person.name,
        when=now.astimezone(view.calendar.zone).strftime("%Y-%m-%d %H:%M %Z"),
        counts="\n".join(counts),
        automatic=kept.automatic.days,
        conversations=kept.conversations.days,
        sent=kept.sent.days,
    )
