"""What stands on top of the digest: broken, at risk or old, the rest; each by its date, nothing lost on the way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.digest.content import Item, Shown, Tone
from triagebot.core.digest.order import PATIENCE, Matter, put_in_order

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


def matter(ref: str, since: int = 0, promise: int | None = None, tone: Tone = "calm") -> Matter:
    """Given a ref, how many days ago it came, in how many days it was promised, and a tone, return a matter."""
    told = None if promise is None else TODAY + promise * DAY
    return Matter(Item(f"about {ref}", ref=ref, tone=tone), TODAY - since * DAY, told)


def order(*matters: Matter) -> list[tuple[str, Tone]]:
    """Given matters, return ref and tone of each in their order."""
    return [(item.ref, item.tone) for item in put_in_order(matters, TODAY)]


@pytest.mark.parametrize(
    ("matters", "expected"),
    [
        ((matter("new"), matter("broken", promise=-1, tone="bad")), [("broken", "bad"), ("new", "calm")]),
        ((matter("new"), matter("risk", promise=1, tone="warn")), [("risk", "warn"), ("new", "calm")]),
        ((matter("later", promise=3), matter("sooner", promise=1)), [("sooner", "calm"), ("later", "calm")]),
        ((matter("young", since=1), matter("old", since=3)), [("old", "calm"), ("young", "calm")]),
        ((matter("promised", promise=2), matter("old", since=PATIENCE.days)), [("old", "warn"), ("promised", "calm")]),
        (
            (matter("far", since=30, promise=60), matter("near", promise=2, tone="warn")),
            [("far", "warn"), ("near", "warn")],
        ),
        (
            (matter("broken", promise=-1, tone="bad"), matter("ancient", since=300)),
            [("broken", "bad"), ("ancient", "warn")],
        ),
    ],
)
def test_order(matters: tuple[Matter, ...], expected: list[tuple[str, Tone]]) -> None:
    """What breaks first is on top; what has waited five days is pulled up, whatever was promised."""
    assert order(*matters) == expected


def test_matters_of_one_ref_are_one_item() -> None:
    """A ticket with a draft and a broken promise is told once, with all lines and commands, by the gravest of it."""
    draft = Item(
        "draft", ("one", "two"), "asked", "12", ("ok", "no"), shown=Shown("jan@bakery.test", "Re: Phone", "Hello")
    )
    risk = Item("risk", ("two", "three"), "", "12", ("done", "no"), "bad")
    (found,) = put_in_order((Matter(draft, TODAY), Matter(risk, TODAY - DAY, TODAY - DAY)), TODAY)
    assert (found.title, found.lines, found.quote, found.tone) == ("draft", ("one", "two", "three"), "asked", "bad")
    assert found.commands == ("ok", "no", "done")
    assert found.shown == draft.shown


matters_strategy = st.lists(
    st.builds(
        matter,
        st.sampled_from(["", "1", "2", "3", "m4", "o5"]),
        st.integers(0, 40),
        st.none() | st.integers(-20, 20),
        st.sampled_from(["calm", "warn", "bad"]),
    ),
    max_size=12,
)


@given(matters_strategy)
def test_nothing_is_lost_or_told_twice(matters: list[Matter]) -> None:
    """Each ref is there once, each matter without one as often as it was, and no calm item stands above a worse one."""
    items = put_in_order(matters, TODAY)
    refs = [item.ref for item in items if item.ref]
    assert sorted(refs) == sorted({one.item.ref for one in matters} - {""})
    assert sum(not item.ref for item in items) == sum(not one.item.ref for one in matters)
    ranks = [("bad", "warn", "calm").index(item.tone) for item in items]
    assert ranks == sorted(ranks)
