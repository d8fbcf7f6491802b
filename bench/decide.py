"""Decide one plain mail many times in this process: `python -m bench.decide CONFIG MAIL`.

The one module of the benchmark that imports triagebot; all others see only its commands.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triagebot.app.snapshot import Snapshot, load_snapshot
from triagebot.core.decision import Authentication
from triagebot.core.mail import Content, Mail
from triagebot.core.reading.headers import body_of, content_key, read_headers, read_mail
from triagebot.core.triage import Facts, triage

TIMES = 60


def main(config: Path, path: Path) -> None:
    """Given a desk's config.toml and a mail whose body is plain UTF-8, print milliseconds as JSON."""
    now = datetime.now(UTC)
    started = time.perf_counter()
    loaded = load_snapshot(config, now)
    load_seconds = time.perf_counter() - started
    if loaded.snapshot is None:
        sys.exit("\n".join(map(str, loaded.errors)) or "the desk does not load")
    snapshot = loaded.snapshot
    mail = read_plain_mail(path.read_bytes(), snapshot, now)
    authentication = Authentication(state="pass")
    facts = Facts(loop_code="", is_own_id=lambda _: None, first_start=now - timedelta(days=1))
    decision = triage(mail, authentication, facts, snapshot.book, now)
    if decision.reply is None:
        sys.exit(f"the mail gets no reply: {decision.trail}")
    seconds = measure(lambda: triage(mail, authentication, facts, snapshot.book, now))
    found = {
        "decide_ms": round(seconds * 1000, 3),
        "load_ms": round(load_seconds * 1000, 1),
        "matched": len(decision.matches),
    }
    print(json.dumps(found))


def read_plain_mail(raw: bytes, snapshot: Snapshot, now: datetime) -> Mail:
    """Given the bytes of a plain UTF-8 mail, return it as triage sees it."""
    block = read_headers(raw, snapshot.desk.limits)
    text = body_of(raw).decode()
    content = Content(text=text, new_text=text, languages=(("en", 0.9),), types=("text/plain",))
    return read_mail(block, content, now, len(raw), content_key(block, body_of(raw)))


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
