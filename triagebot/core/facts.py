"""What triage is given besides the mail: what the desk's files say, and what its database knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triagebot.core.desk import Desk, Mode
from triagebot.core.guard.judge import no_bounced_id
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import Booked
from triagebot.core.outgoing.limits import Tally
from triagebot.core.outgoing.pingpong import Story
from triagebot.core.rules.match import Rulebook
from triagebot.core.tickets.offered import Offer
from triagebot.core.tickets.ticket import OpenTicket


@dataclass(frozen=True, slots=True)
class Book:
    """What the desk's files say, as one immutable snapshot."""

    desk: Desk
    rules: Rulebook
    calendar: Calendar
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows that matters for one mail; all of it is read in the deciding transaction.

    Each mode counts for itself: `tallies` has those a reply to this mail may have, `tally` that of its sender.
    `offer` is what the mail may answer yes or no to, `open_offers` are all tickets of the client that wait for a yes,
    `gifted` says that the client had a courtesy; `person` is the key of who wrote.
    `alarms` are the reasons of which the developer was alerted just now for this client, `alerted` says that another
    alert would be too much whatever the reason; `silent`: nothing was done for so long that no date may be told.
    """

    loop_code: str
    is_own_id: Callable[[str], str | None]
    bounced_id: Callable[[str], str | None] = no_bounced_id
    tally: Tally = Tally()
    tallies: Mapping[Mode, Tally] = field(default_factory=dict)
    story: Story = field(default_factory=Story)
    booked: Booked = Booked()
    open_tickets: tuple[OpenTicket, ...] = ()
    thread_ticket: int | None = None
    person: str = ""
    offer: Offer | None = None
    open_offers: tuple[int, ...] = ()
    gifted: bool = False
    first_start: datetime | None = None
    backfill: bool = False
    rescan: bool = False
    auto_sent_within_10_minutes: bool = False
    in_junk: bool = False
    duplicate: bool = False
    id_reused: bool = False
    alerted: bool = False
    answered: bool = False
    alarms: frozenset[str] = frozenset()
    silent: bool = False
