"""From a reply plan to the words a client reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from triagebot.core.decision import ReplyPlan, ReplyValues
from triagebot.core.desk import Vendor
from triagebot.edge.markdown import fill_html, fill_plain, place_mark
from triagebot.edge.replies import Replies
from triagebot.edge.wording import say_clock, say_date, say_money

_NAME_MARK = place_mark(99)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply in words. `subject` is the fixed one of frame.md when the client's may not be echoed."""

    language: str
    subject: str
    text: str
    html: str


def render_reply(plan: ReplyPlan, replies: Replies, *, automatic: bool = True) -> Rendered:
    """Given a plan and the reply files, return the reply. Raise ReplyError when a file cannot be filled in.
    `automatic`: it leaves by itself; else a person sends it.

    Each text becomes words and HTML on its own and is then put into its place in the frame: most are the
    same for many clients, so they are made once.
    """
    tier = plan.values.tier
    language = replies.choose_language((*plan.answers, plan.closing, "frame"), tier, plan.languages)
    words = say_values(plan.values, language)
    own_vendors = dict(plan.values.answer_vendors)
    pieces = [
        replies.render(name, tier, language, {**words, "vendors": _say_vendors(own_vendors.get(name, ()))})
        for name in plan.answers
    ]
    pieces.append(replies.render(plan.closing, tier, language, words))
    marks = [place_mark(number) for number in range(len(pieces))]
    name = plan.values.client_name
    hello = _NAME_MARK if name else ""
    frame = {**words, "answers": marks[:-1], "closing": marks[-1], "hello": hello, "automatic": automatic}
    markdown = replies.render("frame", tier, language, frame)
    subject = plan.subject or replies.render_subject("frame", tier, language, frame)
    return Rendered(
        language,
        subject.replace(_NAME_MARK, name),
        fill_plain(markdown, pieces).replace(_NAME_MARK, name),
        fill_html(markdown, pieces, language).replace(_NAME_MARK, escape(name)),
    )


def render_answer(name: str, values: ReplyValues, replies: Replies, language: str) -> str:
    """Given the name of an answer, a reply's values, the reply files and a language, return that answer alone, without
    the frame. Raise ReplyError when its file cannot be filled in."""
    return replies.render(name, values.tier, language, say_values(values, language))


def say_values(values: ReplyValues, language: str) -> dict[str, Any]:
    """Given a reply's values and its language, return the variables its templates see; empty, never missing."""
    booking, currency = values.booking, values.booking.currency

    def money(amount: Any) -> str:
        return "" if amount is None else say_money(amount, currency, language)

    estimate = values.estimate
    return {
        "desk": {"name": values.desk_name, "address": values.desk_address},
        "client": {"name": values.client_name},
        "tier": values.tier,
        "vendors": _say_vendors(values.vendors),
        "booking": {
            "url": booking.url,
            "rate": money(booking.rate),
            "emergency_rate": money(booking.emergency_rate),
            "emergency_url": booking.emergency_url,
        },
        "promise": say_date(values.promise, language) if values.promise else "",
        "estimate": {
            "low": say_money(estimate.low, estimate.currency, language) if estimate else "",
            "high": say_money(estimate.high, estimate.currency, language) if estimate else "",
            "minutes": estimate.minutes if estimate else 0,
            "until": say_date(values.estimate_until, language) if values.estimate_until else "",
        },
        "plans": [
            {
                "name": plan.name or plan.id,
                "price": money(plan.price),
                "minutes": plan.minutes,
                "hours": f"{plan.minutes / 60:g}",
            }
            for plan in values.plans
        ],
        "absence": {
            "until": say_date(values.absence.last, language) if values.absence else "",
            "note": values.absence.note if values.absence else "",
        },
        "waiting": values.waiting,
        "colleague": values.colleague,
        "seen_at": say_clock(values.seen_at, language) if values.seen_at is not None else "",
        "silent": values.silent,
        "moved": [
            {
                "subject": one.subject,
                "before": say_date(one.before, language) if one.before else "",
                "after": say_date(one.after, language) if one.after else "",
            }
            for one in values.moved
        ],
    }


def _say_vendors(vendors: tuple[Vendor, ...]) -> list[Mapping[str, Any]]:
    return [
        {
            "name": vendor.name,
            "kind": vendor.kind,
            "help": vendor.help,
            "contact": vendor.contact,
            "emergency": vendor.emergency,
            "ask_for": list(vendor.ask_for),
        }
        for vendor in vendors
    ]
