"""How well the desk's own answers fitted, and the kept ones that the developer has answered himself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from triagebot.core.agreement import Verdict
from triagebot.core.desk import Tier
from triagebot.edge.store.rows import Rows, instant, stamp


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of the desk that waits in shadow or as a draft: its row, the mail it answers, its bytes, the names of
    its reply files, and of the mail who it is from, its language and the rules that matched (as JSON)."""

    outgoing: int
    mail: int
    raw: bytes
    answers: tuple[str, ...]
    client: str | None
    tier: Tier
    language: str
    rules: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How well an answer fitted for one rule, when, with what it is about; `sent` is the developer's own mail, None
    where he only said so."""

    mail: int
    rule: str
    verdict: Verdict
    at: datetime
    client: str | None
    sender: str
    subject: str
    sent: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many answers of a rule got a verdict, before a moment and since."""

    rule: str
    verdict: Verdict
    before: int
    since: int


class Agreements(Rows):
    """The rows of what fitted and what did not."""

    def find_kept(self, answers: str, thread: int, sent_at: datetime) -> Kept | None:
        """Given the id of the mail that a mail of the developer's answers ("" for none), its thread and when it was
        sent, return the answer the desk kept for that mail, or else its newest one in the thread; None where there is
        none, or the developer has answered it before."""
        row = self._db.execute(
            "SELECT outbox.id, outbox.mail, outbox_raw.raw, outbox.answers, mail.client, coalesce(mail.tier, 'none'),"
            " coalesce(mail.language, ''), coalesce(mail.rules, '[]') FROM outbox"
            " JOIN outbox_raw ON outbox_raw.outbox = outbox.id JOIN mail ON mail.id = outbox.mail"
            " WHERE outbox.thread = ? AND outbox.created_at <= ? AND outbox.class = 'auto'"
            " AND outbox.state IN ('shadow', 'draft', 'drafted')"
            " AND NOT EXISTS (SELECT 1 FROM agreement WHERE agreement.mail = outbox.mail)"
            " ORDER BY CASE WHEN mail.message_id = ? THEN 0 ELSE 1 END, outbox.id DESC LIMIT 1",
            (thread, stamp(sent_at), answers),
        ).fetchone()
        return Kept(row[0], row[1], bytes(row[2]), tuple(row[3].split()), *row[4:]) if row else None

    def compared(self, mail: int, verdicts: Iterable[tuple[str, Verdict]], sent: int, now: datetime) -> None:
        """Given a mail, for each rule whether its answer fits the developer's own, and that mail of his, write it down;
        what he said by word stays."""
        self._db.executemany(
            "INSERT INTO agreement (mail, rule, verdict, why, at, sent) VALUES (?, ?, ?, 'compared', ?, ?)"
            " ON CONFLICT (mail, rule) DO NOTHING",
            [(mail, rule, verdict, stamp(now), sent) for rule, verdict in verdicts],
        )

    def said(self, mail: int, rules: Iterable[str], verdict: Verdict, why: str, now: datetime) -> None:
        """Given a mail, the rules that made its answer, and the developer's word about it, write that down; the last
        word counts, and more than any comparison."""
        self._db.executemany(
            "INSERT INTO agreement (mail, rule, verdict, why, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (mail, rule) DO UPDATE SET verdict = excluded.verdict, why = excluded.why, at = excluded.at",
            [(mail, rule, verdict, why, stamp(now)) for rule in rules],
        )

    def counts(self, since: datetime, between: datetime) -> list[Count]:
        """Given since when verdicts count and a moment between then and now, return how many each rule got before that
        moment and after it."""
        rows = self._db.execute(
            "SELECT rule, verdict, sum(CASE WHEN at < ? THEN 1 ELSE 0 END), sum(CASE WHEN at < ? THEN 0 ELSE 1 END)"
            " FROM agreement WHERE at >= ? GROUP BY rule, verdict ORDER BY rule, verdict",
            (stamp(between), stamp(between), stamp(since)),
        ).fetchall()
        return [Count(*row) for row in rows]

    def judged(self, since: datetime, limit: int) -> list[Judged]:
        """Given a moment, return the verdicts since, the newest first."""
        rows = self._db.execute(
            "SELECT agreement.mail, agreement.rule, agreement.verdict, agreement.at, mail.client,"
            " coalesce(mail.sender, ''), coalesce(mail.subject, ''), agreement.sent FROM agreement"
            " JOIN mail ON mail.id = agreement.mail WHERE agreement.at >= ?"
            " ORDER BY agreement.at DESC, agreement.mail, agreement.rule LIMIT ?",
            (stamp(since), limit),
        ).fetchall()
        return [Judged(row[0], row[1], row[2], instant(row[3]), *row[4:]) for row in rows]

    def text_of(self, sent: int) -> str:
        """Given a mail of the developer's, return its words; "" when they are not kept any more."""
        row = self._db.execute("SELECT text FROM sent_mail WHERE id = ?", (sent,)).fetchone()
        return str(row[0]) if row else ""

    def rules_of(self, outgoing: int) -> tuple[int, tuple[str, ...], str] | None:
        """Given the row of an answer, return the mail it answers, the names of its reply files and the rules that
        matched (as JSON); None when there is no such answer to a mail."""
        row = self._db.execute(
            "SELECT outbox.mail, outbox.answers, coalesce(mail.rules, '[]') FROM outbox JOIN mail"
            " ON mail.id = outbox.mail WHERE outbox.id = ? AND outbox.class IN ('auto', 'approved')",
            (outgoing,),
        ).fetchone()
        return (int(row[0]), tuple(row[1].split()), str(row[2])) if row else None
