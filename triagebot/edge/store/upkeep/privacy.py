"""What the database holds about one person: found by address, by client and by the mails they wrote (safety.md H)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from triagebot.core.desk import Limits
from triagebot.core.person import Person
from triagebot.core.reading.headers import read_headers, read_sender
from triagebot.edge.store.rows import Rows

Item = TypeVar("Item")
CHUNK = 200
"""Rows per statement or transaction: some milliseconds, so that a mail that is being decided hardly waits."""
_WORDS = {
    "mail": ("subject", "new_text", "text", "trail", "rules", "problem"),
    "ticket": ("subject", "text"),
    "event": ("why", "who"),
    "outbox": ("recipient", "subject", "answer"),
    "latch": ("reason", "last_subject"),
    "health": ("problem",),
    "entry": ("note",),
    "fee": ("note",),
    "invoice": ("lines",),
    "sent_mail": ("recipient", "subject", "text"),
    "command": ("line", "said", "undo"),
    "agreement": ("why",),
}
"""Where an address may stand in the words of others."""
_KEYS = {
    "counter": "scope",
    "suppression": "code",
    "health": "part",
    "entry": "key",
    "fee": "key",
    "agreement": "mail",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Keys of the rows that are about a person. `digests` are those whose stored bytes may quote them."""

    mails: tuple[int, ...]
    tickets: tuple[int, ...]
    events: tuple[int, ...]
    outbox: tuple[int, ...]
    digests: tuple[int, ...]
    latches: tuple[int, ...]
    counters: tuple[str, ...]
    suppressions: tuple[str, ...]
    entries: tuple[str, ...] = ()
    fees: tuple[str, ...] = ()
    sent: tuple[int, ...] = ()
    commands: tuple[int, ...] = ()
    agreements: tuple[int, ...] = ()

    def tables(self) -> Iterator[tuple[str, tuple[int, ...] | tuple[str, ...]]]:
        """Yield each table with its keys, the digests apart, which are the developer's."""
        yield "mail", self.mails
        yield "ticket", self.tickets
        yield "event", self.events
        yield "outbox", self.outbox
        yield "latch", self.latches
        yield "counter", self.counters
        yield "suppression", self.suppressions
        yield "entry", self.entries
        yield "fee", self.fees
        yield "sent_mail", self.sent
        yield "command", self.commands
        yield "agreement", self.agreements


class Privacy(Rows):
    """Looks up what is held about a person."""

    def find(self, person: Person, codes: Sequence[str]) -> Held:
        """Given a person and the keyed codes of the addresses, return what is held about them."""
        mails = self._mails(person)
        tickets = sorted(
            {*self._where("ticket", "sender_key", person.keys), *self._where("ticket", "client", _client(person))}
            | {*self._where("ticket", "mail", mails)}
        )
        events = {*self._where("event", "ticket", tickets), *self._where("event", "mail", mails)}
        events |= {*self._where("event", "who", self._spelled("event", "who", person))}
        outbox = self._outbox(person, mails, tickets)
        events |= {*self._where("event", "outbox", outbox)}
        return Held(
            mails=tuple(mails),
            tickets=tuple(tickets),
            events=tuple(sorted(events)),
            outbox=tuple(outbox),
            digests=self._digests(mails),
            latches=tuple(sorted(self._where("latch", "sender_key", person.keys))),
            counters=self._counters(person),
            suppressions=self._suppressions(person, codes),
            entries=self._booked("entry", person),
            fees=self._booked("fee", person),
            sent=self._sent(person, tickets),
            commands=self._commands(mails, tickets, outbox),
            agreements=tuple(sorted({*self._where("agreement", "mail", mails)})),
        )

    def read(self, table: str, keys: Sequence[int] | Sequence[str]) -> list[dict[str, Any]]:
        """Given a table and keys of it, return the whole rows in their order."""
        found: list[dict[str, Any]] = []
        for chunk in chunks(keys):
            sql = f"SELECT * FROM {table} WHERE {_KEYS.get(table, 'id')} IN ({_marks(chunk)}) ORDER BY 1"
            cursor = self._db.execute(sql, tuple(chunk))
            names = [column[0] for column in cursor.description]
            found += [dict(zip(names, row, strict=True)) for row in cursor]
        return found

    def bytes_of(self, row_id: int) -> bytes | None:
        """Given an outgoing mail, return its bytes, or None when they are gone."""
        row = self._db.execute("SELECT raw FROM outbox_raw WHERE outbox = ?", (row_id,)).fetchone()
        return bytes(row[0]) if row else None

    def mentions(self, person: Person) -> dict[str, tuple[int | str, ...]]:
        """Given a person, return the rows in whose words an address of theirs stands, by table."""
        found: dict[str, tuple[int | str, ...]] = {}
        needles = sorted({*person.keys, *(address.lower() for address in person.addresses)})
        for table, columns in _WORDS.items():
            tests = [f"lower({column}) LIKE ? ESCAPE '!'" for column in columns for _ in needles]
            values = [_like(needle) for _ in columns for needle in needles]
            if needles:
                sql = f"SELECT {_KEYS.get(table, 'id')} FROM {table} WHERE {' OR '.join(tests)} ORDER BY 1"
                rows = tuple(row[0] for row in self._db.execute(sql, values))
                found |= {table: rows} if rows else {}
        return found

    def _mails(self, person: Person) -> list[int]:
        found = {*self._where("mail", "sender_key", person.keys), *self._where("mail", "client", _client(person))}
        nameless = "sender_key IS NULL OR sender_key = ''"  # known by its headers alone, or not read at all
        for row, sender in self._db.execute(f"SELECT id, sender FROM mail WHERE sender IS NOT NULL AND ({nameless})"):
            if person.owns(sender):
                found.add(row)
        for row, raw in self._db.execute(f"SELECT id, raw FROM mail WHERE raw IS NOT NULL AND ({nameless})"):
            if _wrote(person, raw):
                found.add(row)
        return sorted(found)

    def _outbox(self, person: Person, mails: Sequence[int], tickets: Sequence[int]) -> list[int]:
        found = {*self._where("outbox", "sender_key", person.keys), *self._where("outbox", "client", _client(person))}
        found |= {*self._where("outbox", "mail", mails), *self._where("outbox", "ticket", tickets)}
        found |= {*self._where("outbox", "recipient", self._spelled("outbox", "recipient", person))}
        return sorted(found)

    def _digests(self, mails: Sequence[int]) -> tuple[int, ...]:
        """A digest quotes what came before it; which ones quoted these mails is not written down."""
        if not mails:
            return ()
        rows = self._db.execute(
            "SELECT id FROM outbox JOIN outbox_raw ON outbox = id WHERE class = 'digest' AND created_at >="
            " (SELECT recorded_at FROM mail WHERE id = ?) ORDER BY id",
            (min(mails),),
        )
        return tuple(row[0] for row in rows)

    def _sent(self, person: Person, tickets: Sequence[int]) -> tuple[int, ...]:
        """The developer's own mails to the person, whoever else they are to, and those of their tickets."""
        found = {*self._where("sent_mail", "ticket", tickets), *self._where("sent_mail", "client", _client(person))}
        for row, recipient in self._db.execute("SELECT id, recipient FROM sent_mail WHERE recipient <> ''").fetchall():
            if any(map(person.owns, recipient.split(", "))):
                found.add(row)
        return tuple(sorted(found))

    def _commands(self, mails: Sequence[int], tickets: Sequence[int], outbox: Sequence[int]) -> tuple[int, ...]:
        """The developer's commands about what is the person's, by the names that digests give it."""
        refs = [*map(str, tickets), *(f"m{number}" for number in mails), *(f"o{number}" for number in outbox)]
        return tuple(sorted({*self._where("command", "ref", refs), *self._where("command", "mail", mails)}))

    def _counters(self, person: Person) -> tuple[str, ...]:
        scopes = (row[0] for row in self._db.execute("SELECT DISTINCT scope FROM counter ORDER BY scope"))
        return tuple(scope for scope in scopes if scope.split(" ")[-1] in person.own_domains | person.keys)

    def _suppressions(self, person: Person, codes: Sequence[str]) -> tuple[str, ...]:
        rows = self._db.execute("SELECT code, address FROM suppression ORDER BY code").fetchall()
        return tuple(code for code, address in rows if code in codes or person.owns(address))

    def _booked(self, table: str, person: Person) -> tuple[str, ...]:
        sql = f"SELECT key FROM {table} WHERE client = ? ORDER BY day, key"
        return tuple(row[0] for row in self._db.execute(sql, _client(person)).fetchall()) if _client(person) else ()

    def _spelled(self, table: str, column: str, person: Person) -> list[str]:
        """The values of a column that are an address of the person, in whatever spelling."""
        rows = self._db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} LIKE '%@%'")
        return [value for (value,) in rows.fetchall() if person.owns(value)]

    def _where(self, table: str, column: str, values: Iterable[object]) -> Iterator[int]:
        for chunk in chunks(tuple(values)):
            sql = f"SELECT {_KEYS.get(table, 'id')} FROM {table} WHERE {column} IN ({_marks(chunk)})"
            yield from (row[0] for row in self._db.execute(sql, tuple(chunk)).fetchall())


def _client(person: Person) -> tuple[str, ...]:
    return (person.client,) if person.client is not None else ()


def _wrote(person: Person, raw: bytes) -> bool:
    """Whether the From header of bytes that were not read whole names the person."""
    return any(person.owns(address.spec) for address in read_sender(read_headers(raw, Limits())).addresses)


def _like(needle: str) -> str:
    escaped = needle.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Given keys, yield them in pieces of at most CHUNK."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
