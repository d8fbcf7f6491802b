"""Minutes and money: entries, fees and invoices (core/money). Rows are only ever added; closing a month marks them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from triagebot.core.errors import LedgerError
from triagebot.core.money.charge import Job
from triagebot.core.money.entry import Account, Entry, Fee
from triagebot.core.rules.rule import Kind
from triagebot.edge.fault import crash_at
from triagebot.edge.store.rows import Rows, instant, stamp

_ENTRY = "key, client, day, source, target, minutes, note, ticket, rate"
_FEE = "key, client, day, amount, note, kind"
_BILLED = "('hourly', 'emergency', 'overage', 'fixed')"
_UNBILLED = f"invoice IS NULL AND (source IN {_BILLED} OR target IN {_BILLED})"


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """A month that was closed; `lines` is the text that core/money/document.py wrote."""

    number: int
    month: str
    closed_at: datetime
    lines: str


class Ledger(Rows):
    """The rows of entries, fees and invoices, and what tickets say about money."""

    def add(self, entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
        """Given entries, add those whose cause is not known yet; return them."""
        added = []
        for one in entries:
            row = self._db.execute(
                f"INSERT INTO entry ({_ENTRY}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING",
                (
                    *(one.key, one.client, one.day.isoformat(), one.source, one.target, one.minutes, one.note),
                    *(one.ticket, None if one.rate is None else str(one.rate), stamp(now)),
                ),
            )
            if row.rowcount == 1:
                added.append(one)
        return tuple(added)

    def add_fees(self, fees: Iterable[Fee], now: datetime) -> tuple[Fee, ...]:
        """Given fees, add those whose cause is not known yet; return them."""
        added = []
        for one in fees:
            row = self._db.execute(
                f"INSERT INTO fee ({_FEE}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (one.key, one.client, one.day.isoformat(), str(one.amount), one.note, one.kind, stamp(now)),
            )
            if row.rowcount == 1:
                added.append(one)
        return tuple(added)

    def entries(self, client: str | None = None) -> tuple[Entry, ...]:
        """Given a client (None: all), return its entries in the order of their days."""
        return self._entries("WHERE client = ?" if client is not None else "", () if client is None else (client,))

    def find(self, key: str) -> Entry | None:
        """Given a key, return the entry, or None."""
        return next(iter(self._entries("WHERE key = ?", (key,))), None)

    def repeats(self, entry: Entry, since: datetime) -> bool:
        """Given an entry and a moment, return whether another one that says the same was made since."""
        row = self._db.execute(
            "SELECT 1 FROM entry WHERE client = ? AND day = ? AND source = ? AND target = ? AND minutes = ?"
            " AND note = ? AND coalesce(ticket, 0) = ? AND created_at >= ? AND key <> ?",
            (
                *(entry.client, entry.day.isoformat(), entry.source, entry.target, entry.minutes),
                *(entry.note, entry.ticket or 0, stamp(since), entry.key),
            ),
        ).fetchone()
        return row is not None

    def repeats_fee(self, fee: Fee, since: datetime) -> bool:
        """Given a fee and a moment, return whether one that says the same was made since."""
        row = self._db.execute(
            "SELECT 1 FROM fee WHERE client = ? AND day = ? AND amount = ? AND note = ? AND created_at >= ?",
            (fee.client, fee.day.isoformat(), str(fee.amount), fee.note, stamp(since)),
        ).fetchone()
        return row is not None

    def fees(self, client: str | None = None) -> tuple[Fee, ...]:
        """Given a client (None: all), return its fees in the order of their days."""
        return self._fees("WHERE client = ?" if client is not None else "", () if client is None else (client,))

    def billed_on(self, client: str) -> dict[str, int]:
        """Given a client, return the number of the invoice each of its entries and fees stands on, by their keys."""
        return dict(
            self._db.execute(
                "SELECT key, invoice FROM entry WHERE client = ? AND invoice IS NOT NULL"
                " UNION ALL SELECT key, invoice FROM fee WHERE client = ? AND invoice IS NOT NULL",
                (client, client),
            ).fetchall()
        )

    def open_entries(self) -> tuple[Entry, ...]:
        """Return the entries that are to be billed and stand on no invoice yet."""
        return self._entries(f"WHERE {_UNBILLED}")

    def open_fees(self) -> tuple[Fee, ...]:
        """Return the fees that stand on no invoice yet."""
        return self._fees("WHERE invoice IS NULL")

    def invoices(self) -> tuple[StoredInvoice, ...]:
        """Return every month that was closed, the oldest first."""
        rows = self._db.execute("SELECT id, month, closed_at, lines FROM invoice ORDER BY month").fetchall()
        return tuple(StoredInvoice(row[0], row[1], instant(row[2]), row[3]) for row in rows)

    def last_closed(self) -> str | None:
        """Return the last month that was closed, such as "2026-11", or None."""
        row = self._db.execute("SELECT max(month) FROM invoice").fetchone()
        return str(row[0]) if row and row[0] else None

    def close(self, month: str, lines: str, keys: Sequence[str], now: datetime) -> int:
        """Given a month, its lines and the keys of the entries and fees they stand for, close it; return its number.

        Raise LedgerError when it is closed already, or one of them stands on another invoice: nothing is billed twice.
        """
        row = self._db.execute(
            "INSERT INTO invoice (month, closed_at, lines) VALUES (?, ?, ?)"
            " ON CONFLICT (month) DO NOTHING RETURNING id",
            (month, stamp(now), lines),
        ).fetchone()
        if row is None:
            raise LedgerError(f"{month} was just closed by somebody else; see `triagebot invoice --month {month}`")
        crash_at("F13")
        for key in keys:
            marked = sum(
                self._db.execute(
                    f"UPDATE {table} SET invoice = ? WHERE key = ? AND invoice IS NULL", (row[0], key)
                ).rowcount
                for table in ("entry", "fee")
            )
            if marked != 1:
                raise LedgerError(f"{key} stands on another invoice; nothing was closed, try it again")
            crash_at("F14")
        return int(row[0])

    def job(self, ticket: int) -> Job | None:
        """Given a ticket's number, return what it says about money, or None when there is none."""
        return next(iter(self._jobs("WHERE id = ?", (ticket,))), None)

    def priced_jobs(self) -> tuple[Job, ...]:
        """Return every ticket whose client was told a price that may be billed: a fixed one, or one with time on it
        that stands on no invoice yet. What nobody agreed to, thousands in years, is not read, nor is what was paid."""
        return self._jobs(
            f"WHERE price_high IS NOT NULL AND id IN (SELECT ticket FROM entry WHERE {_UNBILLED}"
            " UNION SELECT id FROM ticket WHERE price_fixed = 1)"
        )

    def done_at(self, ticket: int) -> datetime | None:
        """Given a ticket, return when it was first done, or else closed after work on it; None while it is open."""
        row = self._db.execute(
            "SELECT coalesce((SELECT min(at) FROM event WHERE ticket = :id AND what = 'done'),"
            " CASE WHEN state = 'done' OR (state = 'closed' AND minutes_done > 0) THEN changed_at END)"
            " FROM ticket WHERE id = :id AND state IN ('done', 'closed')",
            {"id": ticket},
        ).fetchone()
        return instant(row[0]) if row and row[0] else None

    def count_minutes(self, ticket: int, minutes: int, now: datetime) -> None:
        """Given a ticket and minutes that were worked on it (negative: taken back), count them there."""
        self._db.execute(
            "UPDATE ticket SET minutes_done = CASE WHEN minutes_done + ? > 0 THEN minutes_done + ? ELSE 0 END,"
            " changed_at = ? WHERE id = ?",
            (minutes, minutes, stamp(now), ticket),
        )

    def duties_done(self, client: str, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Given a client and two moments, return name and end of each duty that was done between them."""
        rows = self._db.execute(
            "SELECT subject, coalesce((SELECT min(at) FROM event WHERE ticket = ticket.id AND what = 'done'),"
            " changed_at) AS ended FROM ticket WHERE client = ? AND duty IS NOT NULL"
            " AND (state = 'done' OR (state = 'closed' AND minutes_done > 0))",
            (client,),
        ).fetchall()
        return [(name, instant(at)) for name, at in rows if stamp(since) <= at < stamp(until)]

    def drafts_of(self, cause: str) -> list[tuple[int, str]]:
        """Given what mails were made for, such as "statement bakery 2026-11", return row and state of each, the first
        one first. Their causes are numbered."""
        return self._db.execute(
            "SELECT id, state FROM outbox WHERE dedupe_key >= ? AND dedupe_key < ? ORDER BY id",
            (f"{cause} ", f"{cause}!"),
        ).fetchall()

    def counted_since(self) -> datetime | None:
        """Return when the desk was first started, or None."""
        row = self._db.execute("SELECT min(first_start) FROM inbox").fetchone()
        return instant(row[0]) if row and row[0] else None

    def _entries(self, where: str, values: tuple[object, ...] = ()) -> tuple[Entry, ...]:
        rows = self._db.execute(f"SELECT {_ENTRY} FROM entry {where} ORDER BY day, key", values).fetchall()
        return tuple(
            Entry(
                *(row[0], row[1], date.fromisoformat(row[2]), cast(Account, row[3]), cast(Account, row[4])),
                *(row[5], row[6], row[7], None if row[8] is None else Decimal(row[8])),
            )
            for row in rows
        )

    def _fees(self, where: str, values: tuple[object, ...] = ()) -> tuple[Fee, ...]:
        rows = self._db.execute(f"SELECT {_FEE} FROM fee {where} ORDER BY day, key", values).fetchall()
        return tuple(Fee(row[0], row[1], date.fromisoformat(row[2]), Decimal(row[3]), row[4], row[5]) for row in rows)

    def _jobs(self, where: str, values: tuple[object, ...] = ()) -> tuple[Job, ...]:
        rows = self._db.execute(
            "SELECT id, client, kind, state, coalesce(reason, ''), subject, opened_at, coalesce(billing, ''),"
            f" price_high, price_fixed, coalesce(currency, '') FROM ticket {where} ORDER BY id",
            values,
        ).fetchall()
        return tuple(
            Job(
                *(row[0], row[1], cast(Kind, row[2]), row[3], row[4], row[5], instant(row[6]), row[7]),
                *(None if row[8] is None else Decimal(row[8]), bool(row[9]), row[10]),
            )
            for row in rows
        )
