"""Addresses mail came back from as undeliverable: nothing is sent there until a person says so (safety.md G.2)."""

from datetime import datetime

from triagebot.edge.store.rows import Rows, stamp


def refusal(address: str) -> str:
    """Given a suppressed address, return why nothing is sent there and how that ends."""
    return (
        f"mail to {address} was undeliverable, so nothing is sent there;"
        f" if it works again: triagebot outbox unsuppress {address}"
    )


class Suppressions(Rows):
    """The rows of suppressed addresses. `code` is core.identity.address_code of the address: it stays when the
    address itself has to be erased."""

    def suppress_recipient(self, row_id: int, reason: str, now: datetime) -> bool:
        """Given an outgoing mail whose recipient does not exist, suppress the address. Return whether that is new.

        Mails to the desk's own addresses and to the developer carry no code and suppress nothing.
        """
        added = self._db.execute(
            "INSERT INTO suppression (code, address, reason, since, outbox)"
            " SELECT recipient_code, recipient, ?, ?, id FROM outbox WHERE id = ? AND recipient_code <> ''"
            " ON CONFLICT (code) DO NOTHING",
            (reason, stamp(now), row_id),
        )
        return added.rowcount == 1

    def has(self, code: str) -> bool:
        """Given the code of an address, say whether it is suppressed."""
        return self._db.execute("SELECT 1 FROM suppression WHERE code = ?", (code,)).fetchone() is not None

    def release(self, code: str) -> bool:
        """Given the code of an address, send there again. Return whether it was suppressed."""
        return self._db.execute("DELETE FROM suppression WHERE code = ?", (code,)).rowcount == 1

    def listing(self) -> list[dict[str, object]]:
        """Return every suppressed address with reason, since and the mail that came back; the newest last."""
        cursor = self._db.execute("SELECT address, reason, since, outbox FROM suppression ORDER BY since, code")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
