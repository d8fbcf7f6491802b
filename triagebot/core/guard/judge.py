"""The guard: may this mail be answered automatically? (safety.md A)

The checks stand in the order of the table A.2 (a delivery status before the empty Return-Path it
comes with, as the better reason); all of them are made, and each leaves a step in the trail. The
gravest verdict counts (A.1), and its first code is the reason.
"""

from collections.abc import Callable

from triagebot.core.decision import Authentication, Guard, Step, Verdict
from triagebot.core.guard import machine_checks as machine
from triagebot.core.guard import person_checks as person
from triagebot.core.guard.evidence import Evidence, Finding, GuardFacts, gather, no_bounced_id
from triagebot.core.mail import Mail

__all__ = ["BOUNCE_ADDRESS", "CHECKS", "GuardFacts", "judge", "no_bounced_id"]

BOUNCE_ADDRESS = "guard.bounce-address"
"""The one check that an absence note of a recipient trips as well: where it went, not what it is."""

CHECKS: tuple[tuple[str, Callable[[Evidence], Finding]], ...] = (
    ("guard.own-loop", machine.check_own_loop),
    (BOUNCE_ADDRESS, machine.check_bounce_address),
    ("guard.dsn", machine.check_delivery_status),
    ("guard.failed-recipients", machine.check_failed_recipients),
    ("guard.bounce-sender", machine.check_bounce_sender),
    ("guard.bounce-subject", machine.check_bounce_subject),
    ("guard.null-return-path", machine.check_return_path),
    ("guard.mdn", machine.check_disposition),
    ("guard.report", machine.check_report),
    ("guard.calendar", machine.check_calendar),
    ("guard.auto-submitted", machine.check_auto_submitted),
    ("guard.list", machine.check_list),
    ("guard.precedence", machine.check_precedence),
    ("guard.suppress-header", machine.check_suppress_header),
    ("guard.autoresponder-header", machine.check_autoresponder),
    ("guard.x-loop", machine.check_loop_headers),
    ("guard.feedback-id", machine.check_feedback_id),
    ("guard.robot-sender", machine.check_robot_sender),
    ("guard.ooo-subject", person.check_out_of_office),
    ("guard.not-addressed", person.check_addressed),
    ("guard.many-recipients", person.check_crowd),
    ("guard.spam", person.check_spam),
    ("guard.bad-from", person.check_from),
    ("guard.authentication", person.check_authentication),
    ("guard.age", person.check_age),
    ("guard.reply-to-auto", person.check_reply_to_auto),
    ("guard.hops", person.check_hops),
    ("guard.encrypted", person.check_encrypted),
    ("guard.lookalike", person.check_lookalike),
    ("guard.quarantine", person.check_readable),
)

_GRAVEST_FIRST: tuple[Verdict, ...] = ("bounce", "report", "calendar", "never", "human", "capped", "ok")
_OWN_LOOP = "own-loop"


def judge(mail: Mail, authentication: Authentication, facts: GuardFacts) -> Guard:
    """Given a mail, its authentication and the desk's facts, return the verdict, all codes and the trail.

    Order of gravity: own loop, bounce, report, calendar, never, human, capped, ok (safety.md A.1).
    """
    evidence = gather(mail, authentication, facts)
    findings = [(step, check(evidence)) for step, check in CHECKS]
    trail = tuple(Step(step, found.verdict or "pass", found.why) for step, found in findings)
    signals = sorted((found for _, found in findings if found.verdict is not None), key=_gravity)
    verdict: Verdict = (signals[0].verdict if signals else None) or "ok"
    return Guard(verdict, tuple(dict.fromkeys(found.code for found in signals if found.code)), trail)


def _gravity(found: Finding) -> int:
    if found.code == _OWN_LOOP:
        return -1
    return _GRAVEST_FIRST.index(found.verdict or "ok")
