"""Prices that clients were told, as values: what an answer to one is judged by (consent.py)."""

from dataclasses import dataclass
from datetime import date, datetime

from triagebot.core.decision import Slot, TicketState
from triagebot.core.desk import Tier
from triagebot.core.money.offer import Estimate
from triagebot.core.rules.rule import Kind

ASSENT = "assent"
"""The step of the trail that says how an answer to an offer was read."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket whose client was told a price. `told`: the mail with it left, or the answer names it; `closed_as` is
    how it ended unaccepted: declined or expired. `slots` are the coming ones that are held for it."""

    ticket: int
    state: TicketState
    kind: Kind
    minutes: int
    tier: Tier
    client: str | None
    sender_key: str
    request: str
    language: str
    told: bool
    expires_at: datetime
    promise: date | None = None
    slots: tuple[Slot, ...] = ()
    price: Estimate | None = None
    fixed: bool = False
    closed_as: str = ""
