"""Which authserv_ids and trusted_mx an inbox should have, read off its recent mail (safety.md D.1)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triagebot.core.mail import HeaderBlock
from triagebot.core.sender.authentication import NO_ID, AuthHeader, written_by

_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to put into the inbox's config, and on how many of the looked-at mails it rests."""

    authserv_ids: tuple[str, ...]
    trusted_mx: tuple[str, ...]
    stamped: int
    looked_at: int


def propose_trust(mails: Iterable[tuple[HeaderBlock, Sequence[AuthHeader]]]) -> Proposal:
    """Given recent mails with their Authentication-Results, return the server that stamps at least half of them,
    topmost, and the relays whose Received lines stand above its stamp. Proposes nothing when no server does."""
    ids: Counter[str] = Counter()
    relays: dict[str, Counter[str]] = {}
    looked_at = 0
    for block, headers in mails:
        looked_at += 1
        if not headers or headers[0].problem:
            continue
        top = headers[0]
        name = top.authserv_id or NO_ID
        ids[name] += 1
        above = (field.value for field in block.fields[: top.position] if field.name == "received")
        relays.setdefault(name, Counter()).update({host for value in above if (host := written_by(value))})
    if not ids or ids.most_common(1)[0][1] < looked_at * _SHARE:
        return Proposal((), (), sum(ids.values()), looked_at)
    name, stamped = ids.most_common(1)[0]
    trusted = tuple(sorted(host for host, count in relays[name].items() if count >= stamped * _SHARE))
    return Proposal((name,), trusted, stamped, looked_at)
