"""What the digest says of outgoing mails that need a person."""

from datetime import datetime, timedelta

from triagebot.core.digest.content import Item
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.interventions import ANSWERED_YOURSELF
from triagebot.edge.store.rows import instant

_NEED_YOU = {
    "failed": "failed",
    "ambiguous": "was maybe sent",
    "returned": "came back",
    "stopped": "was stopped",
}
_LATE = timedelta(hours=4)
"""After so long an approved mail that has not left is told (safety.md G.2)."""


def gather_outbox_items(store: Store, now: datetime) -> tuple[Item, ...]:
    """Given the store and now, return an item for each mail that did not get where it should."""
    needing = store.outbox.listing(tuple(_NEED_YOU))
    rows = [row for row in needing if row["class"] != "canary" and row["answer"] != ANSWERED_YOURSELF]
    late = [
        row
        for row in store.outbox.listing(("queued", "retry"))
        if row["class"] == "approved" and row["undo_until"] and now - instant(str(row["undo_until"])) > _LATE
    ]
    told = [(row, _NEED_YOU[str(row["state"])], "retry or drop") for row in rows]
    told += [(row, "is still not sent", "drop") for row in late]
    return tuple(
        Item(
            f"Mail to {row['recipient']} {what}",
            (str(row["subject"]), str(row["answer"]), f"triagebot outbox {how} {row['id']}"),
        )
        for row, what, how in told
    )
