"""Digests of any kind, for properties: every field filled with texts, also with hostile ones."""

from hypothesis import strategies as st

from tests.digests import HOSTILE
from triagebot.core.digest.content import AnswerTo, Beside, Digest, Item, Picture, Section, Shown, Table
from triagebot.core.phrase import say

COMMANDS = ("ok", "25m", "hold", 'send "…"', "quote 3h …", "2026-12-01", "merge 9")

texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    (
        HOSTILE,
        "12 ok",
        "- 12 ok",
        "all ok",
        "mode live",
        "x" * 200,
        "日本語" * 40,
        "a " * 60 + "12 ok " * 20,
        "</p>",
        "&amp;",
    )
)
titles = texts.filter(bool)
words = titles | st.builds(lambda one, two: say("{client}: {subject}", client=one, subject=two), titles, texts)
links = st.tuples(words, st.sampled_from(("https://a.example/?a=1&b=2", "tel:+48225550101", "javascript:alert(1)")))
items = st.builds(
    Item,
    title=words,
    lines=st.lists(words, max_size=2).map(tuple),
    quote=texts,
    ref=st.sampled_from(("", "12", "m40", "o7")),
    commands=st.lists(st.sampled_from(COMMANDS), max_size=3, unique=True).map(tuple),
    tone=st.sampled_from(("calm", "warn", "bad")),
    shown=st.none() | st.builds(Shown, texts, texts, texts),
    beside=st.none() | st.builds(Beside, texts, texts),
    links=st.lists(links, max_size=2).map(tuple),
)
tables = st.builds(
    Table,
    columns=st.tuples(words, words),
    rows=st.lists(st.tuples(words, words), max_size=3).map(tuple),
    numbers=st.just(frozenset((1,))),
)
pictures = st.builds(
    Picture,
    titles,
    st.just(b"\x89PNG"),
    st.sampled_from(("Two of three", HOSTILE)),
    st.integers(1, 600),
    st.integers(1, 400),
)
sections = st.builds(
    Section,
    heading=st.sampled_from((say("Needs you"), say("Money"))),
    items=st.lists(items, max_size=3).map(tuple),
    table=st.none() | tables,
    picture=st.none() | pictures,
    more=st.integers(0, 2),
)
answers = st.none() | st.builds(AnswerTo, st.sampled_from(("support+d-a@a.example", "we%?&@a.example")), texts)
digests = st.builds(
    Digest,
    title=words,
    proof=words,
    notices=st.lists(words, max_size=2).map(tuple),
    sections=st.lists(sections, max_size=3).map(tuple),
    hints=st.lists(words, max_size=2).map(tuple),
    answer=answers,
)
