"""What the demo's developer answers: only what the digest offers, and each matter once."""

import pytest

from triagebot.app.demo.answer import choose_lines
from triagebot.core.digest.content import Digest, Item, Section

DRAFT = Item("a draft", ref="5", commands=("ok", "no"))
HELD = Item("held", ref="m14", commands=("done",))
STRANGER = Item("held too", ref="m15", commands=('send "…"', "done"))
WORK = Item("work", ref="4", commands=("done", "15m", "tue"))
NEXT = Item("more work", ref="3", commands=("done", "30m", "tue"))
SAME = Item("the draft's ticket, in the hour", ref="5", commands=("done", "30m", "tue"))
SAID = Item("nothing to say to it", ref="7")


@pytest.mark.parametrize(
    ("needs", "hour", "lines"),
    [
        ((), (), ()),
        ((SAID,), (), ()),
        ((DRAFT, HELD), (), ("5 ok", "m14 done")),
        ((DRAFT,), (SAME, WORK), ("5 ok", "4 done 15m changed as asked")),
        ((HELD, STRANGER), (WORK,), ("4 done 15m changed as asked", "m14 done", "m15 maybe after the holidays")),
        (
            (DRAFT, SAID, HELD, STRANGER),
            (WORK, SAME, NEXT),
            ("5 ok", "4 done 15m changed as asked", "3 tue", "m14 done", "m15 maybe after the holidays"),
        ),
    ],
)
def test_only_what_is_offered_is_answered(
    needs: tuple[Item, ...], hour: tuple[Item, ...], lines: tuple[str, ...]
) -> None:
    """One line for each kind of command the digest offers, about a matter that no other line is about."""
    digest = Digest("title", "proof", (), (Section("Needs you", needs), Section("The hour", hour)))
    assert choose_lines(digest) == lines
