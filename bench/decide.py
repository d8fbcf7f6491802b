"""Decide one plain mail many times in this process: `python -m bench.decide CONFIG MAIL`.

Of the benchmark only this and bench.plan import triagebot; all others see only its commands.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triagebot.app.answer import Answer, answer_mail
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.intake.arrival import Trust, authenticate_block
from triagebot.core.decision import Authentication
from triagebot.core.facts import Facts
from triagebot.core.mail import Content, Mail
from triagebot.core.reading.headers import body_of, content_key, read_headers, read_mail
from triagebot.core.triage import triage

TIMES = 60


def main(config: Path, path: Path) -> None:
    """Given a desk's config.toml and a mail whose body is plain UTF-8, print milliseconds as JSON."""
    now = datetime.now(UTC)
    started = time.perf_counter()
    loaded = load_snapshot(config, now)
    load_seconds = time.perf_counter() - started
    if loaded.snapshot is None:
        sys.exit("\n".join(map(str, loaded.errors)) or "the desk does not load")
    snapshot, raw = loaded.snapshot, path.read_bytes()
    facts = Facts(loop_code="", is_own_id=lambda _: None, first_start=now - timedelta(days=1))
    text = body_of(raw).decode()
    content = Content(text=text, new_text=text, languages=(("en", 0.9),), types=("text/plain",))
    passed = Authentication(state="pass")

    def read() -> tuple[Mail, Authentication]:
        block = read_headers(raw, snapshot.desk.limits)
        authentication = authenticate_block(block, snapshot.desk, Trust.of(*snapshot.desk.inbox))
        return read_mail(block, content, now, len(raw), content_key(block, body_of(raw))), authentication

    def decide() -> Answer:
        """All that is done with a mail in the daemon itself: header stage, guard, sender, rules, reply bytes."""
        mail, authentication = read()
        return answer_mail(mail, authentication, facts, snapshot, b"k" * 32, now)

    answer, (mail, _) = decide(), read()
    if not answer.raw:
        sys.exit(f"the mail gets no reply: {answer.decision.trail}")
    found = {
        "decide_ms": round(measure(decide) * 1000, 3),
        "triage_ms": round(measure(lambda: triage(mail, passed, facts, snapshot.book, now)) * 1000, 3),
        "load_ms": round(load_seconds * 1000, 1),
        "matched": len(answer.decision.matches),
    }
    print(json.dumps(found))


def measure(work: Callable[[], object]) -> float:
    """Given work, return the median of its seconds."""
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
