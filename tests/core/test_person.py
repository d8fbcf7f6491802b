"""Whose data is asked for: every spelling of an address is the same person, and nobody of the desk can be meant."""

import pytest

from triagebot.core.desk import Client, Desk, DeskSettings
from triagebot.core.person import NotAPerson, find_person, other_addresses

DESK = Desk(
    DeskSettings("Ada", "support@adaweb.test", ("ada@dev.test", "ada@home.test"), aliases=("help@adaweb.test",)),
    client=(Client("bakery", "Bakery", ("jan@bakery.test", "eva@bakery.test"), ("bäckerei.test",)),),
)


@pytest.mark.parametrize(
    "spelled", ["Jan@Bakery.test", "jan+x@bakery.TEST", "Jan Nowak <jan@bakery.test>", " jan@bakery.test "]
)
def test_spellings_of_an_address_are_one_person(spelled: str) -> None:
    """Case, +tag, a display name and space do not matter, in the question and in what is found."""
    person = find_person([spelled], None, DESK)
    assert person.keys == {"jan@bakery.test"}
    assert all(map(person.owns, ("JAN@bakery.test", "jan+y@bakery.test")))
    assert not any(map(person.owns, ("eva@bakery.test", "jan@other.test", "", None)))


def test_a_domain_with_accents_is_one_in_both_forms() -> None:
    """The A-label and the U-label of a domain are the same (RFC 5890)."""
    assert find_person(["jan@bäckerei.test"], None, DESK).owns("Jan@xn--bckerei-5wa.test")


def test_a_client_is_taken_whole_only_when_asked_for() -> None:
    """By an address, the client's others are a hint; by the client's id they are included."""
    person = find_person(["jan+a@bakery.test"], None, DESK)
    assert other_addresses(person, DESK) == ("bakery", ("eva@bakery.test", "*@bäckerei.test"))
    assert not person.owns("eva@bakery.test")
    whole = find_person([], "bakery", DESK)
    assert whole.owns("eva@bakery.test")
    assert other_addresses(whole, DESK) == ("", ())
    assert other_addresses(find_person(["x@bakery.test"], None, DESK), DESK) == ("", ())


@pytest.mark.parametrize(
    "address",
    [
        "support@adaweb.test",
        "Help+x@adaweb.test",
        "ADA@dev.test",
        "ada@home.test",
        "",
        "jan",
        "a@b.test, c@d.test",
        "<>",
    ],
)
def test_nobody_of_the_desk_and_nothing_unclear(address: str) -> None:
    """Addresses of the desk and the developer, and what is not one address, name nobody."""
    with pytest.raises(NotAPerson):
        find_person([address], None, DESK)


def test_own_domains_are_not_those_of_everybody() -> None:
    """A counter of a freemail domain counts others too."""
    assert find_person(["a@gmail.com", "b@mail.bakery.test"], None, DESK).own_domains == {"bakery.test"}
