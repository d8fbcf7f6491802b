"""Asking what is held about a person: the same question before an export and before an erasure."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from triagebot.app.desk.view import DeskView
from triagebot.core.errors import TriagebotError
from triagebot.core.outgoing.identity import address_code
from triagebot.core.person import NotAPerson, Person, find_person, other_addresses
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store, open_store_to_read
from triagebot.edge.store.upkeep.privacy import Held

DATABASE = "triagebot.db"


class WrongPerson(TriagebotError):
    """Nobody's data can be looked up by what was given; the message says why."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A person and what is held. `codes` are the keyed codes of the addresses; `mentions` are rows of others in whose
    words an address stands; `client` and `others` name what the same client writes from besides; `waiting` mails have
    not been read yet, so nobody knows whose they are."""

    person: Person
    codes: tuple[str, ...]
    held: Held
    mentions: dict[str, tuple[int | str, ...]]
    client: str
    others: tuple[str, ...]
    waiting: int

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are held, by table; digests are those whose stored copy may quote the person."""
        found = {table: len(keys) for table, keys in self.held.tables()}
        return {**found, "digest": len(self.held.digests)}


def name_person(view: DeskView, addresses: Sequence[str], client: str | None) -> Person:
    """Given addresses and a client's id or None, return the person. Raise WrongPerson."""
    try:
        return find_person(addresses, client, view.desk)
    except NotAPerson as error:
        raise WrongPerson(str(error)) from None


def inquire(view: DeskView, store: Store, person: Person) -> Inquiry:
    """Given an open database and a person, return what is held about them. Nothing is changed."""
    key = load_key(view.data / "key")
    codes = tuple(dict.fromkeys(address_code(key, one) for one in (*person.addresses, *sorted(person.keys))))
    held = store.privacy.find(person, codes)
    own = {table: frozenset(keys) for table, keys in held.tables()}
    mentions = {
        table: others
        for table, keys in store.privacy.mentions(person).items()
        if (others := tuple(key for key in keys if key not in own.get(table, frozenset())))
    }
    client, others = other_addresses(person, view.desk)
    return Inquiry(person, codes, held, mentions, client, others, store.mails.count_states().get("pending", 0))


@contextmanager
def reading(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database to be read. Raise StoreError when there is none."""
    store = open_store_to_read(view.data / DATABASE)
    try:
        yield store
    finally:
        store.close()
