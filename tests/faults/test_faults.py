"""The fault proof in short: each point for each kind of mail, and some random kills. All of it: `make faults`."""

from pathlib import Path

import pytest

from tests.faults.old_database import MIGRATION_STEPS
from tests.faults.points import KINDS, NOT_APPLICABLE, POINTS, SERVER_FAULTS, Case, all_cases
from tests.faults.storm import run_storm
from tests.faults.trial import run_case
from tests.servers.dovecot import Dovecot

SHORT = [
    *(
        case
        for case in all_cases(MIGRATION_STEPS)
        if case.kind == "automatic" and case.point in POINTS and case.time == 1
    ),
    *(Case(point, "approved") for point in ("F7", "F8", "F11")),
    *(Case(point, "digest") for point in ("F2", "F8")),
    Case("F9", "approved", filed=True),
]
"""What a minute allows: every point with automatic mail, and those where other mail is treated otherwise."""


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_a_death_at_the_point_keeps_every_promise(case: Case, dovecot: Dovecot, tmp_path: Path) -> None:
    """Whatever the point: automatic mail at most once, approved mail and digests once or twice with the same bytes,
    nothing lost, every doubt listed, counted once, approved once, the database whole."""
    verdict = run_case(case, dovecot, tmp_path / "desk")
    assert verdict.breaches == ()


def test_random_kills_keep_every_promise(dovecot: Dovecot, tmp_path: Path) -> None:
    """Killed at random moments under mail of every kind, a desk that files copies in Sent loses and doubles nothing."""
    storm = run_storm(dovecot, tmp_path / "desk", 7, 10, filed=True, tell=lambda: None)
    assert storm.breaches == ()
    assert storm.kills == 10
    assert storm.under_way > 0


def test_no_point_is_left_out() -> None:
    """Every point and server fault is tried with every kind of mail, or the table says why it cannot be."""
    tried = {(case.point, case.kind) for case in all_cases(MIGRATION_STEPS)}
    assert tried | NOT_APPLICABLE.keys() == {(point, kind) for point in (*POINTS, *SERVER_FAULTS) for kind in KINDS}
    assert not tried & NOT_APPLICABLE.keys()
