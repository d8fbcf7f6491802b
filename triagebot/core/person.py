"""Whose data is asked for: the spellings of one person's addresses (safety.md H)."""

from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.core.desk import Desk
from triagebot.core.reading.address import parse_addresses, sender_key
from triagebot.core.sender.freemail import FREEMAIL
from triagebot.core.sender.organization import organizational_domain


class NotAPerson(ValueError):
    """What was asked for is no address of a person who writes to the desk; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the addresses as given, the keys all spellings of them share (lower case, no +tag, A-label), and
    the client whose whole correspondence is meant, or None."""

    addresses: tuple[str, ...]
    keys: frozenset[str]
    client: str | None = None

    def owns(self, address: str | None) -> bool:
        """Given an address in any spelling, return whether it is one of theirs."""
        return bool(address) and sender_key(address or "") in self.keys

    @property
    def name(self) -> str:
        """What the person is called where one word is wanted."""
        return self.addresses[0] if self.addresses else self.client or ""

    @property
    def own_domains(self) -> frozenset[str]:
        """The organizational domains of their addresses, but for those where anybody has a mailbox."""
        domains = (organizational_domain(key.rpartition("@")[2]) for key in self.keys)
        return frozenset(domain for domain in domains if domain not in FREEMAIL)


def find_person(addresses: Sequence[str], client_id: str | None, desk: Desk) -> Person:
    """Given addresses in any spelling and the id of a client to be taken whole (or None), return the person.

    Raise NotAPerson for what is no address, for an unknown client, and for addresses of the desk or the developer.
    """
    specs = tuple(dict.fromkeys(_read(address) for address in addresses))
    if client_id is not None:
        client = desk.client_by_id(client_id)
        if client is None:
            raise NotAPerson(f"there is no client {client_id} in the config; give an address with --address")
        specs = tuple(dict.fromkeys((*specs, *client.addresses)))
    if not specs and client_id is None:
        raise NotAPerson("nobody is named; give --address ADDRESS, or --client ID")
    own = {sender_key(address) for address in (*desk.own_addresses, *desk.desk.developer)}
    for spec in specs:
        if sender_key(spec) in own:
            raise NotAPerson(f"{spec} is the desk's or the developer's own address; name the person who wrote to it")
    return Person(specs, frozenset(map(sender_key, specs)), client_id)


def _read(address: str) -> str:
    found = parse_addresses(address)
    if len(found.addresses) != 1 or found.defects:
        raise NotAPerson(f"{address!r} is not one mail address; write it as name@example.org")
    return found.addresses[0].spec


def other_addresses(person: Person, desk: Desk) -> tuple[str, tuple[str, ...]]:
    """Given a person, return the client one of the addresses belongs to, and what else that client writes from:
    addresses, and domains as `*@domain`. Two empty values when there is none, or the client is meant anyway."""
    for client in desk.client:
        if person.client is None and any(map(person.owns, client.addresses)):
            others = [address for address in client.addresses if not person.owns(address)]
            return client.id, (*others, *(f"*@{domain}" for domain in client.domains))
    return "", ()
