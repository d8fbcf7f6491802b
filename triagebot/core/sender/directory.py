"""The directory: the desk's clients by address, domain and name, looked up for every mail (safety.md D.3)."""

from dataclasses import dataclass

from triagebot.core.desk import Client, Desk
from triagebot.core.mail import Address, AddressList
from triagebot.core.reading.address import ascii_domain, sender_key
from triagebot.core.sender.freemail import FREEMAIL


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is known. `domains` are those mail may imitate, `names` display names with their bearers.

    Anybody may have a mailbox at a freemail domain, so nobody is known by one.
    """

    by_address: dict[str, Client]
    by_domain: dict[str, tuple[Client, ...]]
    domains: tuple[str, ...]
    names: dict[str, tuple[str, ...]]

    def find(self, author: Address) -> tuple[Client | None, str]:
        """Given an author, return the client of that address, else of its domain, and how it was found."""
        client = self.by_address.get(sender_key(author.spec))
        if client is not None:
            return client, f"{author.spec} is an address of {client.id}"
        owners = self.by_domain.get(author.domain, ())
        if len(owners) > 1:
            return None, f"{author.domain} is a domain of several clients: {', '.join(c.id for c in owners)}"
        return (owners[0], f"{author.domain} is a domain of {owners[0].id}") if owners else (None, "")


_remembered: list[tuple[Desk, Directory]] = []
_MOST_REMEMBERED = 4


def directory_of(desk: Desk) -> Directory:
    """Given a desk, return its directory. A desk never changes, so the last few directories are kept."""
    for known, directory in tuple(_remembered):
        if known is desk:
            return directory
    directory = _build(desk)
    _remembered[:] = [(desk, directory), *_remembered[: _MOST_REMEMBERED - 1]]
    return directory


def forwarders_of(author: AddressList, desk: Desk) -> tuple[str, ...]:
    """Given a mail's author and the desk, return the forwarders of the client the author claims to be (D.2 arc)."""
    if len(author.addresses) != 1:
        return ()
    client, _ = directory_of(desk).find(author.addresses[0])
    return client.forwarders if client is not None else ()


def _build(desk: Desk) -> Directory:
    by_address: dict[str, Client] = {}
    by_domain: dict[str, tuple[Client, ...]] = {}
    names: dict[str, tuple[str, ...]] = {}
    domains: set[str] = set()
    for client in desk.client:
        for address in client.addresses:
            by_address.setdefault(sender_key(address), client)
        for domain in _owned(client.domains):
            by_domain[domain] = (*by_domain.get(domain, ()), client)
        known = _owned((*client.domains, *client.addresses))
        domains.update(known)
        if client.name:
            names[client.name] = (*names.get(client.name, ()), *client.addresses, *known)
    staff = (*desk.own_addresses, *desk.desk.developer)
    domains.update(_owned(staff))
    names[desk.desk.name] = (*names.get(desk.desk.name, ()), *staff, *_owned(staff))
    return Directory(by_address, by_domain, tuple(sorted(domains)), names)


def _owned(places: tuple[str, ...]) -> tuple[str, ...]:
    """Given addresses or domains, return their domains as A-labels, each once, freemail left out."""
    found = dict.fromkeys(ascii_domain(place.rpartition("@")[2]) for place in places)
    return tuple(domain for domain in found if domain and domain not in FREEMAIL)
