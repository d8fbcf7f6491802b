"""Which ids say what thread a mail is in (field.md 20 to 23)."""

import pytest

from tests.core.letters import letter
from triagebot.core.tickets.threading import MOST_LINKS, Known, choose_threads, list_links, list_parties

OURS = "<ours@desk.test>"


def links(**headers: str) -> tuple[str, ...]:
    """Given headers, return the ids a mail with them is placed by; only OURS is a mail of the desk."""
    lines = (f"{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return list_links(letter(*lines, message_id="<own@client.test>"), lambda one: one == OURS)[1:]


def test_the_nearest_id_comes_first() -> None:
    """What a mail answers, then its chain backwards to the root."""
    assert links(In_Reply_To="<c@x.test>", References="<a@x.test> <b@x.test> <c@x.test>") == (
        "<c@x.test>",
        "<b@x.test>",
        "<a@x.test>",
    )
    assert links(References="<a@x.test>\r\n <b@x.test>") == ("<b@x.test>", "<a@x.test>")
    assert links(In_Reply_To="Your mail <c@x.test> of yesterday") == ("<c@x.test>",)
    assert links() == ()


def test_overwritten_references_do_not_count() -> None:
    """Where References know nothing of what is answered, a program has written others over them (field.md 23);
    a mail of ours is evidence wherever it stands."""
    assert links(In_Reply_To="<c@x.test>", References="<other@x.test> <matter@x.test>") == ("<c@x.test>",)
    assert links(In_Reply_To="<c@x.test>", References=f"<other@x.test> {OURS}") == ("<c@x.test>", OURS)


def test_outlooks_thread_index_is_not_looked_at() -> None:
    """It glues unrelated mails together (field.md 21)."""
    assert links(Thread_Index="AQHaBcDeFg==", Thread_Topic="Footer") == ()


def test_of_a_long_chain_the_nearest_and_the_root_count() -> None:
    """So that two answers far down from the same root are still one thread."""
    chain = [f"<{number}@x.test>" for number in range(500)]
    found = links(In_Reply_To=chain[-1], References=" ".join(chain))
    assert len(found) == MOST_LINKS
    assert found[0] == chain[-1]
    assert found[-1] == chain[0]
    assert set(chain[-MOST_LINKS + 1 :]) < set(found)


@pytest.mark.parametrize(
    ("client", "key", "auth", "form", "parties"),
    [
        ("bakery", "jan@bakery.test", "pass", False, ("client bakery", "address jan@bakery.test")),
        (None, "jan@bakery.test", "weak", False, ("address jan@bakery.test",)),
        (None, "jan@bakery.test", "fail", False, ()),
        (None, "jan@bakery.test", "unknown", False, ()),
        (None, "jan@bakery.test", "pass", True, ()),
        (None, "", "pass", False, ()),
    ],
)
def test_only_who_is_proven_has_threads(
    client: str | None, key: str, auth: str, form: bool, parties: tuple[str, ...]
) -> None:
    """A forger and the visitor of a form join nothing; a client keeps what was begun before becoming one."""
    assert list_parties(client, key, auth, form=form) == parties  # type: ignore[arg-type]


def test_a_conversation_that_was_set_apart_stays_apart() -> None:
    """An answer to it names older ids too; they do not glue it to where it came from."""
    known = {"<a@x>": [Known(3)], "<b@x>": [Known(9, apart=True)], "<c@x>": [Known(9)]}
    assert choose_threads(("<new@x>", "<c@x>", "<b@x>", "<a@x>"), known) == (9,)
    assert choose_threads(("<new@x>", "<c@x>", "<a@x>"), known) == (3, 9)
    assert choose_threads(("<new@x>",), known) == ()
