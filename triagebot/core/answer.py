"""Which answers a mail gets, in which mode, and what their texts may say (design.md section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from triagebot.core.decision import ReplyValues, RuleMatch, Sender, TicketPlan
from triagebot.core.desk import Client, Desk, DeskSettings, Mode, OutboxSettings, Tier
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import WORK_CLASS, Booked, is_long_wait, place, promise_day
from triagebot.core.modes import mode_of, stricter
from triagebot.core.money.offer import Estimate, price_work
from triagebot.core.rules.rule import DEMAND, Kind, Rule
from triagebot.core.rules.ruletest import choose_answers as choose_answering_rules

if TYPE_CHECKING:
    from triagebot.core.rules.match import Rulebook

DEFAULT_MINUTES = {"work": 30, "project": 30, "emergency": 60}
ANSWER_MINUTES = 15
"""What looking into a mail nobody foresaw takes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the matched rules make of a mail: the rules, the most demanding first, and what that one says."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, matches: Sequence[RuleMatch], book: "Rulebook") -> "Reading":
        """Given the matches in rule order, return the reading; equal demand keeps the rule order."""
        rules = [book.by_id(match.rule) for match in matches]
        return cls(tuple(sorted(rules, key=lambda rule: DEMAND.index(rule.kind))))

    @property
    def kind(self) -> Kind | None:
        """The most demanding kind, or None when nothing matched."""
        return self.rules[0].kind if self.rules else None

    @property
    def reason(self) -> str | None:
        """The reason of the most demanding rule."""
        return self.rules[0].reason if self.rules else None

    @property
    def minutes(self) -> int:
        """How long the work takes by the most demanding kind's rules."""
        stated = [rule.minutes for rule in self.rules if rule.kind == self.kind]
        return max(stated, default=0) or DEFAULT_MINUTES.get(self.kind or "", ANSWER_MINUTES)


def choose_answers(reading: Reading) -> tuple[str, ...]:
    """Given a reading, return the reply names it is answered with: three at most, the most demanding first."""
    return tuple(rule.reply for rule in choose_answering_rules(reading.rules))


def effective_mode(reading: Reading, tier: Tier, settings: DeskSettings) -> Mode:
    """Given a reading and a tier, return the mode of the reply: a rule's own, else the tier's, else the desk's,
    held back where a correction did; of several rules the most careful one."""
    default = settings.tier_modes.get(tier, settings.mode)
    return stricter(*[mode_of(rule, default) for rule in reading.rules] or [default])


def effective_delay(reading: Reading, settings: OutboxSettings) -> timedelta:
    """Given a reading, return how long its answer waits: the longest delay of its rules, else the desk's."""
    return max((rule.delay for rule in reading.rules if rule.delay is not None), default=settings.delay)


def reply_values(
    reading: Reading,
    sender: Sender,
    ticket: TicketPlan | None,
    desk: Desk,
    calendar: Calendar,
    booked: Booked,
    now: datetime,
) -> ReplyValues:
    """Given what triage knows, return the values the reply's texts may use. Nothing private is among them."""
    client = desk.client_by_id(sender.client or "")
    promise = ticket.promise if ticket and ticket.promise else _next_date(sender.tier, calendar, booked, now)
    vendors = [(rule.reply, desk.vendors_of(client, rule.vendor)) for rule in reading.rules if rule.reply]
    return ReplyValues(
        desk_name=desk.desk.name,
        desk_address=desk.desk.address,
        tier=sender.tier,
        booking=desk.booking,
        plans=desk.plan,
        client_name=client.name if client else "",
        vendors=tuple(dict.fromkeys(vendor for _, found in vendors for vendor in found)),
        answer_vendors=tuple(vendors),
        promise=promise,
        waiting=is_long_wait(promise, calendar, now),
        estimate=_estimate(ticket, client, desk),
        estimate_until=calendar.last_day(ticket.expires_at) if ticket and ticket.expires_at else None,
        absence=calendar.absence_on(calendar.local(now).date()),
    )


def _next_date(tier: Tier, calendar: Calendar, booked: Booked, now: datetime) -> date | None:
    """The date of an answer, if the client writes back: for a retainer the next support hour."""
    if tier == "retainer":
        return calendar.next_hour(now)
    return promise_day(place(ANSWER_MINUTES, WORK_CLASS[tier], calendar, booked, now), calendar, now)


def _estimate(ticket: TicketPlan | None, client: Client | None, desk: Desk) -> Estimate | None:
    """The price that is written down with the ticket; a retainer's own texts may tell one that binds nobody."""
    if ticket is None or ticket.kind != "work" or ticket.billing:
        return None
    return ticket.price if ticket.expires_at is not None else price_work(ticket.minutes, client, desk)
