"""What the digest says of outgoing mails that need a person."""

from datetime import datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.core.digest.content import Item
from triagebot.core.digest.order import Matter
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.interventions import ANSWERED_YOURSELF
from triagebot.edge.store.rows import instant

_NEED_YOU = ("failed", "ambiguous", "returned", "stopped")
_LATE = timedelta(hours=4)
"""After so long an approved mail that has not left is told (safety.md G.2)."""


def list_undelivered(store: Store, view: DeskView, now: datetime) -> tuple[Matter, ...]:
    """Given the store, the desk and now, return each mail that did not get where it should."""
    needing = store.outbox.listing(_NEED_YOU)
    rows = [row for row in needing if row["class"] != "canary" and row["answer"] != ANSWERED_YOURSELF]
    late = [
        row
        for row in store.outbox.listing(("queued", "retry"))
        if row["class"] == "approved" and row["undo_until"] and now - instant(str(row["undo_until"])) > _LATE
    ]
    told = [(row, _title(str(row["state"]), str(row["recipient"])), _mend(row["id"])) for row in rows]
    told += [
        (
            row,
            say("Mail to {who} is still not sent", who=str(row["recipient"])),
            say("`{drop}` drops it", drop=f"o{row['id']} no"),
        )
        for row in late
    ]
    return tuple(
        Matter(
            Item(
                title,
                (str(row["subject"]), str(row["answer"]), how),
                ref=f"o{row['id']}",
                commands=("no",) if row in late else ("ok", "no"),
                tone="bad",
            ),
            view.calendar.local(instant(str(row["created_at"]))).date(),
        )
        for row, title, how in told
    )


def _title(state: str, who: str) -> Words:
    return {
        "failed": say("Mail to {who} failed", who=who),
        "ambiguous": say("Mail to {who} was maybe sent", who=who),
        "returned": say("Mail to {who} came back", who=who),
        "stopped": say("Mail to {who} was stopped", who=who),
    }[state]


def _mend(row: object) -> Words:
    return say("`{retry}` sends it again, `{drop}` drops it", retry=f"o{row} ok", drop=f"o{row} no")
