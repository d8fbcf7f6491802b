"""The daemon is killed in the middle of its work, again and again: nothing is lost and nothing is sent twice."""

import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink_process import SinkProcess

MAILS = 500
KILLS = 6
WORK = 5  # every so manieth mail asks for work


def test_sigkill_during_a_backlog_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, account: str, tmp_path: Path
) -> None:
    """However often it is killed: each mail has one row with one final state, one answer in the outbox and at most
    one in the world, each request one ticket; what may have left is listed; the database is whole."""
    moments = random.Random(20261122)
    questions = [_ask(number, account) for number in range(MAILS)]
    with (
        SinkProcess(tmp_path / "sink.log") as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        assert desk.stop() == 0
        dovecot.append_many(account, questions)
        for _ in range(KILLS):
            goal = _progress(desk) + moments.randint(1, MAILS // KILLS)
            desk.begin()
            desk.until(lambda goal=goal: _progress(desk) >= goal, f"progress {goal}")  # type: ignore[misc]
            desk.kill()
        assert _progress(desk) < 2 * MAILS
        desk.start()
        desk.until_idle(MAILS, 40)
        assert desk.stop() == 0
        arrived = Counter(mail.recipients for mail in sink.mails)
        rows = desk.rows("SELECT recipient, state, mail FROM outbox WHERE class = 'auto'")
        mails = desk.rows("SELECT uid, state FROM mail")
        tickets = desk.rows("SELECT mail FROM ticket")
        slots = desk.rows("SELECT ticket, sum(minutes) FROM slot GROUP BY ticket")
        with closing(sqlite3.connect(desk.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len({uid for uid, _ in mails}) == len(mails) == MAILS
    assert Counter(state for _, state in mails) == {"planned": MAILS // WORK, "answered": MAILS - MAILS // WORK}
    assert len(tickets) == len(set(tickets)) == MAILS // WORK
    assert {minutes for _, minutes in slots} == {30}
    assert len({mail for _, _, mail in rows}) == len(rows) == MAILS
    assert {recipient for recipient, _, _ in rows} == {_author(number) for number in range(MAILS)}
    assert max(arrived.values()) == 1
    sent = {(recipient,) for recipient, state, _ in rows if state == "sent"}
    maybe = {(recipient,) for recipient, state, _ in rows if state == "ambiguous"}
    assert len(sent) + len(maybe) == MAILS
    assert sent <= set(arrived) <= sent | maybe
    assert len(maybe) <= 20 * KILLS


def _ask(number: int, account: str) -> bytes:
    text = "Please change the phone number" if number % WORK == 0 else "Where are the permalinks?"
    return proven(_author(number), account, f"Question {number}", text)


def _author(number: int) -> str:
    return f"ann@client{number}.test"


def _progress(desk: LiveDesk) -> int:
    """How many mails are decided plus how many are sent."""
    sent = desk.rows("SELECT count(*) FROM outbox WHERE state IN ('sent', 'ambiguous')")[0][0]
    return desk.decided() + int(sent)
