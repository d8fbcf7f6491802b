"""Ids only this desk can make: the same for the same cause, and nobody else's (safety.md B, row Message-ID)."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from triagebot.core.outgoing.identity import (
    PREFIXES,
    address_code,
    bounce_address,
    bounced_id,
    loop_code,
    make_message_id,
    own_id_kind,
    plain_address,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
DOMAIN = "adaweb.example"
OWN = make_message_id(KEY, "auto", "cause", DOMAIN)

keys = st.binary(min_size=32, max_size=32)
kinds = st.sampled_from(sorted(PREFIXES))
causes = st.text(st.characters(codec="utf-8"), max_size=80)


def test_shape() -> None:
    """An automatic reply's id is <ar. + 26 characters of base32 + @ + the own domain + >."""
    assert re.fullmatch(r"<ar\.[a-z2-7]{26}@adaweb\.example>", OWN)


@given(keys, kinds, causes)
def test_own_ids_are_known_again(key: bytes, kind: str, cause: str) -> None:
    """The same cause gives the same id on every retry, it is ours by its MAC, and it tells its kind."""
    made = make_message_id(key, kind, cause, DOMAIN)
    assert made == make_message_id(key, kind, cause, DOMAIN)
    assert own_id_kind(key, made) == kind


@given(causes, causes, kinds, kinds)
def test_other_causes_give_other_ids(one: str, other: str, kind: str, other_kind: str) -> None:
    """Two causes, or two kinds of mail for one cause, never share an id."""
    assume((one, kind) != (other, other_kind))
    assert make_message_id(KEY, kind, one, DOMAIN) != make_message_id(KEY, other_kind, other, DOMAIN)


@given(keys.filter(lambda key: key != KEY), causes)
def test_ids_of_another_desk_are_not_ours(key: bytes, cause: str) -> None:
    """Who does not have the key cannot make an id that counts."""
    assert own_id_kind(KEY, make_message_id(key, "auto", cause, DOMAIN)) is None


@given(st.integers(0, len(OWN) - 1), st.characters(codec="utf-8"))
def test_one_altered_character_is_enough(position: int, character: str) -> None:
    """An id with any one character changed is not ours: prefix, nonce, MAC and domain are all covered."""
    altered = OWN[:position] + character + OWN[position + 1 :]
    assume(altered != OWN)
    assert own_id_kind(KEY, altered) is None


@pytest.mark.parametrize("prefix", sorted({*PREFIXES.values(), "xx", ""} - {"ar"}))
def test_another_prefix_is_refused(prefix: str) -> None:
    """The id of an automatic mail cannot be passed off as that of an approved one."""
    assert own_id_kind(KEY, OWN.replace("<ar.", f"<{prefix}.")) is None


@pytest.mark.parametrize(
    "received",
    ["", "<>", "<@>", "no id", f" {OWN}", f"{OWN} ", f"{OWN}\n", f"{OWN}{OWN}", OWN.upper(), f"<ar.{'a' * 26}@\udce4>"],
)
def test_strange_ids_are_not_ours(received: str) -> None:
    """What is no id, or ours with something around it, is nobody's; half characters do no harm."""
    assert own_id_kind(KEY, received) is None


def test_loop_code_belongs_to_the_key() -> None:
    """X-Triagebot-Loop is constant for a desk, 26 characters of base32, and another one for another desk."""
    assert re.fullmatch(r"[a-z2-7]{26}", loop_code(KEY))
    assert loop_code(KEY) == loop_code(bytes(KEY)) != loop_code(OTHER_KEY)


def test_the_loop_code_gives_no_id_away() -> None:
    """The marker every mail shows is no part of any id made with the key."""
    assert loop_code(KEY)[:16] not in OWN


@given(keys, kinds, causes, st.sampled_from(("support@adaweb.example", "Support@AdaWeb.example", "s+x@adaweb.example")))
def test_a_bounce_address_names_its_mail(key: bytes, kind: str, cause: str, own: str) -> None:
    """Whoever gets a bounce there knows which mail it is about, also when servers wrote it in capitals."""
    made = make_message_id(key, kind, cause, own.rpartition("@")[2])
    address = bounce_address(own, made)
    assert address != own
    assert bounced_id(key, address, ("other@desk.test", own)) == made
    assert bounced_id(key, address.upper(), (own,)) == made
    assert plain_address(address).partition("+")[0].partition("@")[0] == own.partition("+")[0].partition("@")[0]
    assert plain_address(own) == own


@given(keys.filter(lambda key: key != KEY), causes)
def test_nobody_else_can_make_one(key: bytes, cause: str) -> None:
    """Neither with another key, nor for another mailbox or domain, nor by changing a character."""
    own = f"support@{DOMAIN}"
    address = bounce_address(own, make_message_id(KEY, "auto", cause, DOMAIN))
    swapped = {"a": "b"}.get(address[10], "a")
    assert bounced_id(key, address, (own,)) is None
    assert bounced_id(KEY, address, (f"other@{DOMAIN}",)) is None
    assert bounced_id(KEY, address, ("support@elsewhere.test",)) is None
    assert bounced_id(KEY, address[:10] + swapped + address[11:], (own,)) is None


@pytest.mark.parametrize("address", ["", "@", "support@adaweb.example", "support+b-@adaweb.example", "+b-x@\udce4"])
def test_other_addresses_name_no_mail(address: str) -> None:
    """Nor does anything that only looks a little like one."""
    assert bounced_id(KEY, address, ("support@adaweb.example",)) is None


def test_a_local_part_has_room_for_64_characters() -> None:
    """Where the token would not fit, bounces come to the plain address (RFC 5321 section 4.5.3.1.1)."""
    for length in range(30, 40):
        own = f"{'s' * length}@{DOMAIN}"
        local = bounce_address(own, OWN).partition("@")[0]
        assert len(local) <= 64
        assert ("+b-" in local) == (length + 29 <= 64)


def test_an_address_has_one_code() -> None:
    """Each spelling of it has the same, another +tag and another desk another one."""
    code = address_code(KEY, "ann@xn--bcher-kva.example")
    assert code == address_code(KEY, " Ann@B\u00fccher.example ")
    assert code != address_code(KEY, "ann+shop@xn--bcher-kva.example")
    assert code != address_code(OTHER_KEY, "ann@xn--bcher-kva.example")
    assert re.fullmatch(r"[a-z2-7]{26}", code)
