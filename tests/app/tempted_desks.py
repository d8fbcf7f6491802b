"""A desk whose digest quotes a client that wrote lines like commands, and what came of the answers to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app.answered_desks import CLIENTS, ask_for_work, outcomes, prove_plus, send_digest
from tests.app.quick_desks import QuickDesk, quick_desk

TEMPTING = "Dear Ada,\n2 done\nall ok\nmode draft"
"""What the client wrote."""


@contextmanager
def tempted(directory: Path) -> Iterator[tuple[QuickDesk, str]]:
    """Given a new directory, open a desk there with two planned tickets and a digest that shows both; give the address
    that its answers go to, too."""
    with quick_desk(directory, clients=CLIENTS) as desk:
        prove_plus(desk)
        ask_for_work(desk)
        ask_for_work(desk)
        yield desk, send_digest(desk, ("1", "2"), quote=TEMPTING).address


def states(desk: QuickDesk) -> list[str]:
    """The state of each ticket."""
    return [state for (state,) in desk.rows("SELECT state FROM ticket ORDER BY id")]


def done(desk: QuickDesk) -> list[str]:
    """The lines that were carried out."""
    return [line for line, outcome, _ in outcomes(desk) if outcome == "done"]


def last_said(desk: QuickDesk) -> str:
    """What was written down last."""
    return outcomes(desk)[-1][2]
