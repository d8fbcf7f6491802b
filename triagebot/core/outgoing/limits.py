"""How many automatic mails may leave (safety.md C; design.md section 8, "Caps")."""

from dataclasses import dataclass

from triagebot.core.desk import Limits


@dataclass(frozen=True, slots=True)
class Tally:
    """What was sent automatically before, as the caps need it.

    `answers` are the reply names this sender got within limits.same_answer; `changes` how often the developer
    changed the state of the thread's ticket, each of which allows one automatic mail more.
    """

    sender_day: int = 0
    sender_week: int = 0
    thread: int = 0
    domain_day: int = 0
    desk_10_minutes: int = 0
    desk_day: int = 0
    form_day: int = 0
    answers: frozenset[str] = frozenset()
    same_body: bool = False
    visitor_answered: bool = False
    latched: bool = False
    breaker: bool = False
    suppressed: bool = False
    changes: int = 0


def check_caps(
    tally: Tally, limits: Limits, answers: tuple[str, ...], *, known: bool, form: bool
) -> tuple[tuple[str, str], ...]:
    """Given what was sent before and the reply names of a new reply, return each cap it would break as
    (reason code of safety.md A.7, sentence). `known` is a known authenticated client; `form` a contact form."""
    day = limits.client_per_day if known else limits.stranger_per_day
    week = limits.client_per_week if known else limits.stranger_per_week
    repeated = bool(answers) and all(answer in tally.answers for answer in answers)
    checks = (
        (tally.suppressed, "suppressed-address", "mail to this address came back as undeliverable"),
        (tally.breaker, "breaker", "the desk's breaker is open: too many automatic mails"),
        (tally.latched, "ping-pong", "this conversation looked like two machines answering each other"),
        (tally.same_body, "duplicate", "the same text came from this sender, or its domain, before"),
        (
            tally.thread >= limits.thread + tally.changes,
            "rate-thread",
            f"{tally.thread} automatic mails in this thread",
        ),
        (repeated, "rate-sender", f"got {', '.join(answers)} within {limits.same_answer}"),
        (not form and tally.sender_day >= day, "rate-sender", f"{tally.sender_day} of {day} mails today"),
        (
            not form and tally.sender_week >= week,
            "rate-sender",
            f"{tally.sender_week} of {week} mails this week",
        ),
        (form and tally.visitor_answered, "rate-sender", "this visitor of the form was answered before"),
        (
            form and tally.form_day >= limits.form_per_day,
            "rate-sender",
            f"{tally.form_day} mails for this form",
        ),
        (
            tally.domain_day >= limits.domain_per_day,
            "rate-domain",
            f"{tally.domain_day} of {limits.domain_per_day} mails to this domain today",
        ),
        (
            tally.desk_10_minutes >= limits.desk_per_10_minutes,
            "rate-global",
            f"{tally.desk_10_minutes} of {limits.desk_per_10_minutes} mails in 10 minutes",
        ),
        (
            tally.desk_day >= limits.desk_per_day,
            "rate-global",
            f"{tally.desk_day} of {limits.desk_per_day} mails today",
        ),
    )
    return tuple((code, why) for broken, code, why in checks if broken)
