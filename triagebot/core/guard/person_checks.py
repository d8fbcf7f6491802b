"""The guard's checks that leave a mail to a person (safety.md A.2 rows 20 to 29, D.5, F.2)."""

import re
from datetime import UTC, datetime

from triagebot.core.guard.evidence import Evidence, Finding, addresses_of, fold_subject
from triagebot.core.guard.signals import ENVELOPED_TYPES, OUT_OF_OFFICE
from triagebot.core.mail import MOST_BOUNCES
from triagebot.core.reading.address import parse_addresses, sender_key
from triagebot.core.reading.headers import QUARANTINE_DEFECTS

MOST_RECIPIENTS = 10
MOST_HOPS = 30
_RECIPIENT_HEADERS = ("bcc", "resent-to", "resent-cc", "resent-bcc")
_SPAM_LEVEL = re.compile(r"\s*(-?\d{1,3})")
_SPAM_REPORT_LEVEL = re.compile(r"(?:^|;)\s{0,9}SCL:(-?\d{1,3})", re.IGNORECASE)
_SPAM_LIMIT = 5
_STARTERS = tuple(fold_subject(starter) for starter in OUT_OF_OFFICE)


def check_out_of_office(evidence: Evidence) -> Finding:
    """Row 20: a subject that starts as absence notes do; `Re: Automatic reply` is a person answering one."""
    subject = evidence.subject
    starter = next((word for word in _STARTERS if subject.startswith(word) and _ends(subject, word)), "")
    if not starter:
        return Finding("the subject is no absence note's")
    if evidence.parent_kinds or evidence.facts.auto_sent_within_10_minutes:
        return Finding(f'the subject starts with "{starter}", and we wrote before', "never", "ooo-subject")
    return Finding(f'the subject starts with "{starter}"', "human", "ooo-subject")


def check_addressed(evidence: Evidence) -> Finding:
    """Row 21: one of our addresses must stand in To or Cc (RFC 5230 section 4.5); names do not count."""
    shown = (address.spec for address in evidence.mail.to)
    if any(evidence.is_own(spec) for spec in (*shown, *addresses_of(evidence, *_RECIPIENT_HEADERS))):
        return Finding("it is addressed to this desk")
    if evidence.on_my_list:
        return Finding("it is addressed to a list of [desk] list_ids")
    return Finding("none of this desk's addresses is in To or Cc", "human", "not-addressed")


def check_crowd(evidence: Evidence) -> Finding:
    """Row 22: a mail to many, or to undisclosed recipients."""
    count = len(evidence.mail.to)
    if count > MOST_RECIPIENTS:
        return Finding(f"it went to {count} addresses", "human", "many-recipients")
    if any("empty-group" in parse_addresses(value).defects for value in evidence.values("to")):
        return Finding("its recipients are undisclosed", "human", "many-recipients")
    return Finding("not many recipients")


def check_spam(evidence: Evidence) -> Finding:
    """Row 23: the mail provider's own verdict."""
    if evidence.facts.in_junk:
        return Finding("it is in the Junk folder", "never", "spam")
    verdicts = evidence.values("x-spam-flag", "x-spam-status", "x-spam")
    if any(value.strip().casefold().startswith("yes") for value in verdicts):
        return Finding("the mail server calls it spam", "never", "spam")
    levels = [_SPAM_LEVEL.match(value) for value in evidence.values("x-ms-exchange-organization-scl")]
    levels += [_SPAM_REPORT_LEVEL.search(value) for value in evidence.values("x-forefront-antispam-report")]
    if any(level is not None and int(level[1]) >= _SPAM_LIMIT for level in levels):
        return Finding("its spam confidence level is 5 or more", "never", "spam")
    return Finding("not marked as spam")


def check_from(evidence: Evidence) -> Finding:
    """Row 24: exactly one From header with one address and no doubt about it (RFC 5322 section 3.6.2)."""
    sender = evidence.mail.sender
    if len(sender.addresses) == 1 and not sender.defects:
        return Finding("one From address")
    doubts = ", ".join(sender.defects) or "no address"
    return Finding(f"From cannot be trusted: {doubts}", "human", "bad-from")


def check_authentication(evidence: Evidence) -> Finding:
    """Row 25: only who is proven to be the sender is answered (safety.md D.2, design.md section 8)."""
    state, codes = evidence.authentication.state, evidence.authentication.codes
    if state == "pass":
        return Finding("the sender is authenticated")
    if state == "fail":
        return Finding("the sender's authentication failed", "human", "auth-fail")
    if state == "unknown":
        return Finding("nothing proves the sender", "human", "auth-unknown")
    # Anybody can seal an ARC chain, so ARC alone never makes a reply leave (RFC 8617 section 5.2).
    if evidence.facts.answer_weak and "arc" not in codes:
        return Finding("the sender is weakly authenticated, which answer_weak accepts", "capped")
    return Finding("the sender is only weakly authenticated", "human", "auth-unknown")


def check_age(evidence: Evidence) -> Finding:
    """Row 26: mail from before this desk, or older than `answer_within`, is history."""
    facts, received = evidence.facts, _aware(evidence.mail.received_at)
    if facts.backfill:
        return Finding("it was found while reading the mailbox again", "human", "backfill")
    if facts.first_start is not None and received < _aware(facts.first_start):
        return Finding("it arrived before the desk's first start", "human", "backfill")
    if _aware(facts.now) - received > facts.answer_within:
        return Finding(f"it is older than {facts.answer_within}", "human", "too-old")
    return Finding("it is fresh")


def check_reply_to_auto(evidence: Evidence) -> Finding:
    """Row 27: an answer to an automatic mail of ours gets no automatic mail (design.md section 8)."""
    if "auto" in evidence.parent_kinds:
        return Finding("it answers an automatic mail of this desk", "human", "reply-to-auto")
    return Finding("it answers no automatic mail")


def check_hops(evidence: Evidence) -> Finding:
    """Row 28: a mail that goes round (RFC 5321 section 6.3)."""
    hops = len(evidence.values("received"))
    if hops > MOST_HOPS:
        return Finding(f"it passed {hops} servers", "never", "hops")
    delivered = [sender_key(value.strip().strip("<>")) for value in evidence.values("delivered-to")]
    if any(delivered.count(own) > 1 for own in evidence.own):
        return Finding("it was delivered to this desk twice", "never", "hops")
    return Finding(f"it passed {hops} servers")


def check_encrypted(evidence: Evidence) -> Finding:
    """Row 29: nothing in it can be read."""
    enveloped = evidence.types & ENVELOPED_TYPES and evidence.smime_type != "signed-data"
    if "multipart/encrypted" in evidence.types or enveloped:
        return Finding("it is encrypted", "human", "encrypted")
    return Finding("not encrypted")


def check_lookalike(evidence: Evidence) -> Finding:
    """D.5: a sender that looks like somebody known but is not."""
    if evidence.facts.lookalikes:
        return Finding(", ".join(evidence.facts.lookalikes), "human", "lookalike")
    return Finding("the sender imitates nobody known")


def check_readable(evidence: Evidence) -> Finding:
    """F.2: a mail over a limit, or one that no parser could read, is quarantined. F.1: of a huge one the beginning is
    read, and a person sees to it."""
    problem = evidence.mail.content.problem
    if problem:
        return Finding(problem, "human", "quarantine")
    if "many-bounces" in evidence.mail.content.defects:
        return Finding(f"it reports more than {MOST_BOUNCES} recipients", "human", "quarantine")
    broken = [defect for defect in evidence.mail.headers.defects if defect in QUARANTINE_DEFECTS]
    if broken:
        return Finding(f"its headers are over a limit: {', '.join(broken)}", "human", "quarantine")
    if evidence.mail.content.partial:
        return Finding(evidence.mail.content.partial, "human")
    return Finding("it could be read")


def _ends(subject: str, starter: str) -> bool:
    """Is the starter a whole word of the subject? Han, Kana and Hangul words need no end."""
    after = subject[len(starter) : len(starter) + 1]
    return not (after.isalnum() and starter[-1].isalnum() and starter[-1] < "\u3000")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
