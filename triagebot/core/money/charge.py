"""Who pays for a piece of work, and at what price: the plan, the hour, a price told, or nobody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from triagebot.core.desk import Client, Desk
from triagebot.core.errors import LedgerError
from triagebot.core.money.entry import BILLINGS, Billing
from triagebot.core.phrase import Money, Words, say
from triagebot.core.rules.rule import Kind


@dataclass(frozen=True, slots=True)
class Job:
    """What a ticket says about money. `billing` is what was decided when it was opened, "" for nothing."""

    ticket: int
    client: str | None
    kind: Kind
    state: str
    reason: str
    subject: str
    opened_at: datetime
    billing: str = ""
    high: Decimal | None = None
    fixed: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """Who pays, the price of an hour where there is one, and both in words."""

    billing: Billing
    rate: Decimal | None
    words: Words


def is_covered(client: Client, day: date) -> bool:
    """Given a client and a local date, return whether its plan is in force then."""
    begun = client.since is not None and client.since <= day
    return client.tier == "retainer" and bool(client.plan) and begun and (client.until is None or day <= client.until)


def is_under_warranty(client: Client, day: date) -> bool:
    """Given a client and the local date a fault was reported, return whether it is mended for nothing (the last day
    of the warranty included)."""
    if client.delivered is None:
        return False
    return client.delivered <= day <= client.delivered + timedelta(days=client.warranty_days)


def choose_charge(
    desk: Desk, client: Client, day: date, job: Job | None, reported: date, asked: Billing | None
) -> Charge:
    """Given a desk, one of its clients, the day of the work, its ticket, the day it was reported and who is to pay
    (None: whoever does by the rules), return the charge. Raise LedgerError when there is no such price.

    A price told goes before the plan: it was accepted as it was told.
    """
    billing = asked or _usual(client, day, job, reported)
    if billing == "hourly":
        rate = _need(client.hourly if client.hourly is not None else desk.booking.rate, "rate")
        price = Money(rate, desk.booking.currency)
        if job is None or job.high is None or job.fixed:
            return Charge(billing, rate, say("by the hour at {price}", price=price))
        most = Money(job.high, job.currency)
        return Charge(billing, rate, say("by the hour at {price}, at most {most} as told", price=price, most=most))
    if billing == "emergency":
        rate = _need(desk.booking.emergency_rate, "emergency_rate")
        price = Money(rate, desk.booking.currency)
        return Charge(billing, rate, say("as an emergency at {price} an hour", price=price))
    if billing == "fixed":
        if job is None or not job.fixed or job.high is None:
            if job is None:
                raise LedgerError(say("a fixed price belongs to a ticket; book by the hour: --hourly"))
            raise LedgerError(
                say(
                    "ticket {number} has no fixed price; give one with `{number} quote 3h 240`, or book by the hour:"
                    " --hourly",
                    number=job.ticket,
                )
            )
        price = Money(job.high, job.currency or desk.booking.currency)
        return Charge(billing, None, say("within the price told, {price}", price=price))
    words = {"balance": say("paid by the plan"), "warranty": say("under warranty, not billed")}
    return Charge(billing, None, words.get(billing, say("as a courtesy, not billed")))


def _usual(client: Client, day: date, job: Job | None, reported: date) -> Billing:
    decided = next((one for one in BILLINGS if job is not None and job.billing == one), None)
    if decided is not None:
        return decided
    if job is not None and job.high is not None:
        return "fixed" if job.fixed else "hourly"
    if job is not None and _is_fault(job) and is_under_warranty(client, reported):
        return "warranty"
    if is_covered(client, day):
        return "balance"
    return "emergency" if job is not None and job.kind == "emergency" else "hourly"


def _is_fault(job: Job) -> bool:
    """A fault's reason is `fault`, or a path that begins so."""
    return job.reason == "fault" or job.reason.startswith("fault/")


def _need(price: Decimal | None, key: str) -> Decimal:
    if price is None:
        if key == "rate":
            raise LedgerError(
                say(
                    "there is no price of an hour for this; give `rate` to [booking], or `hourly` to the client, then"
                    " book it again"
                )
            )
        raise LedgerError(
            say("there is no price of an hour for this; give `{key}` to [booking], then book it again", key=key)
        )
    return price
