"""The mail that says what came of an answer: what was done and until when it can be undone, what was not done and why,
and what was not clear with the line to write instead. It can be answered in its turn."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triagebot.app.commands.answerable import answer_to, post_answerable
from triagebot.app.commands.run import Result
from triagebot.app.desk.snapshot import Snapshot
from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.mail import Mail
from triagebot.core.phrase import ENGLISH, Phrase, Words, list_words, say, say_many
from triagebot.core.reading.text import reply_subject
from triagebot.edge.store import Store
from triagebot.edge.store.digests.commands import CommandOutcome
from triagebot.edge.store.digests.digests import DigestKind, KnownDigest
from triagebot.edge.wording import say_time

MOST_EXPLANATIONS = 5
"""A day. An answer that does nothing gets a mail that says so; a machine that answers it without any sign of being one
must not get one for ever."""
_TOKEN = re.compile(r"\s*\[d-[a-z2-7]+\]", re.IGNORECASE)
_LINE = 80
_CAN_UNDO = say(
    "What was done can be taken back with `undo N`: a mail until it leaves, anything else until it changes again."
)


def confirm(
    store: Store,
    snapshot: Snapshot,
    key: bytes,
    inbox: str,
    mail: Mail,
    digest: KnownDigest,
    results: Sequence[Result],
    now: datetime,
) -> bool:
    """Given a believed answer, the digest it answers and what came of its lines, put the mail that says so into the
    outbox, for the developer alone. Return False when there were too many that had nothing to say."""
    kind: DigestKind = "confirmation" if any(result.outcome == "done" for result in results) else "explanation"
    day = timedelta(days=1)
    if kind == "explanation" and store.digests.count_since(kind, now - day) >= MOST_EXPLANATIONS:
        return False
    cause = mail.content_key
    answer = answer_to(snapshot, store, key, kind, cause, now)
    content = replace(write_confirmation(results, snapshot, digest), answer=answer)
    post_answerable(
        *(store, snapshot, key, content, kind, cause, inbox, now),
        subject=reply_subject(_TOKEN.sub("", mail.subject)),
        parents=(*mail.references, mail.message_id) if mail.message_id else (),
        automatic="auto-replied",
    )
    return True


def write_confirmation(results: Sequence[Result], snapshot: Snapshot, digest: KnownDigest) -> Digest:
    """Given what came of the lines of an answer, and the digest it answers, return what the confirmation says."""
    parts: tuple[tuple[CommandOutcome, Phrase], ...] = (
        ("done", say("Done")),
        ("refused", say("Not done")),
        ("unclear", say("Not clear, so nothing was done")),
    )
    can_undo = any(_undo_of(number, results) for number in range(len(results)))
    return Digest(
        title=say("What came of your answer"),
        proof=say(
            "To the mail of {day}: {counts}.",
            day=snapshot.calendar.local(digest.made_at).date(),
            counts=_count(results),
        ),
        notices=(),
        sections=tuple(
            Section(
                heading,
                tuple(
                    _item(result, _undo_of(number, results), snapshot)
                    for number, result in enumerate(results)
                    if result.outcome == outcome
                ),
            )
            for outcome, heading in parts
        ),
        hints=(_CAN_UNDO,) if can_undo else (),
    )


def _count(results: Sequence[Result]) -> Words:
    """What came of how many lines; of none nothing is said, unless there were none at all."""
    done, refused, unclear = (
        sum(result.outcome == outcome for result in results) for outcome in ("done", "refused", "unclear")
    )
    counts = (
        (done, say_many("{count} done", "{count} done", done)),
        (refused, say_many("{count} not done", "{count} not done", refused)),
        (unclear, say_many("{count} line not understood", "{count} lines not understood", unclear)),
    )
    return list_words([words for count, words in counts if count] or [counts[0][1]])


def _undo_of(number: int, results: Sequence[Result]) -> str:
    """The line that takes a result back, "" where there is none: of several about one thing, `undo` takes the last."""
    result, later = results[number], results[number + 1 :]
    if not result.can_undo or any(one.can_undo and result.ref in ("", one.ref) for one in later):
        return ""
    return f"undo {result.ref}".rstrip()


def _item(result: Result, undo: str, snapshot: Snapshot) -> Item:
    lines: list[Words] = list(result.sentences)
    if undo and result.undo_until and not any(f"`{undo}`" in ENGLISH.speak(line) for line in lines):
        time = say_time(result.undo_until, snapshot.calendar.zone)
        lines.append(say("Until {time} `{undo}` takes it back.", time=time, undo=undo))
    title = " ".join(result.line.split())
    shown = title if len(title) <= _LINE else f"{title[:_LINE]}…"
    return Item(
        shown or say("Your answer"),
        tuple(lines),
        ref=result.ref,
        commands=("undo",) if undo else (),
        tone="calm" if result.outcome == "done" else "warn",
    )
