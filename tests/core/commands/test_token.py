"""The token of an answer to the digest: only this desk makes one, and mail programs cannot spoil it (safety.md E)."""

from base64 import b32decode, b32encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import letter as plain_letter
from triagebot.core.commands.token import (
    Claim,
    code_of,
    find_claims,
    is_genuine,
    make_code,
    make_token,
    token_address,
    token_subject,
)
from triagebot.core.mail import Mail
from triagebot.core.outgoing.identity import make_message_id

KEY, OTHER_KEY = b"k" * 32, b"j" * 32
EXPIRES = datetime(2026, 12, 8, 8, 30, tzinfo=UTC)
DEVELOPER, DESK = "ada@company.test", "support@company.test"
CODE = make_code(KEY, "digest", "2026-11-24")
TOKEN = make_token(KEY, CODE, EXPIRES, DEVELOPER)
DIGEST_ID = make_message_id(KEY, "digest", "2026-11-24", "company.test")

keys = st.binary(min_size=32, max_size=32)
moments = st.datetimes(timezones=st.just(UTC))
causes = st.text(max_size=40)


def letter(*headers: str) -> Mail:
    """Given the headers that matter here, return a mail that has no others of them."""
    return plain_letter(*headers, to=None, subject=None, delivered_to=None)


@given(keys, causes, moments)
def test_a_token_is_known_again_in_any_case(key: bytes, cause: str, expires: datetime) -> None:
    """Of 42 letters, which mail programs may make small or big; it names its digest and is genuine."""
    token = make_token(key, make_code(key, "digest", cause), expires, DEVELOPER)
    assert len(token) == 42
    assert token == token.lower()
    for seen in (token, token.upper(), token.title()):
        assert code_of(seen) == make_code(key, "digest", cause)
        assert is_genuine(key, seen, expires, DEVELOPER)


@given(st.integers(0, 26 * 8 - 1))
def test_any_altered_bit_makes_it_false(bit: int) -> None:
    """Version, key, digest, item and MAC: no bit of them may be another."""
    raw = bytearray(b32decode(TOKEN.upper() + "=" * 6))
    raw[bit // 8] ^= 1 << bit % 8
    altered = b32encode(raw).decode().rstrip("=").lower()
    assert not is_genuine(KEY, altered, EXPIRES, DEVELOPER)


@pytest.mark.parametrize("place", [0, 1, 8, 9, 15, 16, 40, 41])
def test_any_altered_letter_makes_it_false(place: int) -> None:
    """Also the last one, two bits of which stand for nothing."""
    for other in "abcdefghijklmnopqrstuvwxyz234567":
        altered = f"{TOKEN[:place]}{other}{TOKEN[place + 1 :]}"
        assert is_genuine(KEY, altered, EXPIRES, DEVELOPER) == (altered == TOKEN)


@given(st.text(max_size=60))
def test_other_text_is_no_token(text: str) -> None:
    """Whatever stands in its place is answered with no, never with an error."""
    assert code_of(text) is None or len(text.lower()) == 42
    assert is_genuine(KEY, text, EXPIRES, DEVELOPER) == (text.lower() == TOKEN)


@pytest.mark.parametrize(
    ("key", "expires", "developer"),
    [
        (OTHER_KEY, EXPIRES, DEVELOPER),
        (KEY, EXPIRES + timedelta(microseconds=1), DEVELOPER),
        (KEY, EXPIRES, "eve@company.test"),
    ],
)
def test_it_holds_key_expiry_and_developer(key: bytes, expires: datetime, developer: str) -> None:
    """It is good for one desk, one developer and one moment of its end."""
    assert is_genuine(KEY, TOKEN, EXPIRES, DEVELOPER)
    assert not is_genuine(key, TOKEN, expires, developer)


@given(st.text("abcdefgh-.0123456789", min_size=1, max_size=64))
def test_the_address_keeps_to_64_octets(local: str) -> None:
    """RFC 5321 section 4.5.3.1.1; where it would be longer, the plain address is used."""
    address = token_address(f"{local}@company.test", TOKEN)
    assert len(address.rpartition("@")[0]) <= 64
    assert (address == f"{local}@company.test") == (len(local) > 19)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((f"To: {token_address(DESK, TOKEN)}",), TOKEN),
        ((f"To: {token_address(DESK, TOKEN).upper()}",), TOKEN),
        ((f"To: bob@x.test, Desk <{token_address(DESK, TOKEN)}>",), TOKEN),
        ((f"To: {DESK}", f"Cc: {token_address(DESK, TOKEN)}"), TOKEN),
        ((f"To: {DESK}", f"Delivered-To: {token_address(DESK, TOKEN)}"), TOKEN),
        ((f"To: {DESK}", f"X-Original-To: {token_address(DESK, TOKEN)}"), TOKEN),
        ((f"To: {DESK}", f"Envelope-To: <{token_address(DESK, TOKEN)}>"), TOKEN),
        ((f"To: {DESK}", f"Subject: {token_subject('Re: Desk', TOKEN)}"), TOKEN),
        ((f"To: {DESK}", f"Subject: {token_subject('Re: Desk', TOKEN).upper()}"), TOKEN),
        (("To: support+d-spoiled@company.test",), "spoiled"),
    ],
)
def test_where_a_mail_carries_it(headers: tuple[str, ...], found: str) -> None:
    """The address it came to, as the server or the mail program wrote it, or the subject of a link."""
    assert find_claims(letter(*headers), KEY, (DESK,)) == (Claim(token=found),)


@pytest.mark.parametrize("header", ["In-Reply-To", "References"])
def test_without_a_token_the_answered_id_tells(header: str) -> None:
    """Where plus-addressing is not proven: only an id this desk made for a digest counts."""
    assert find_claims(letter(f"{header}: {DIGEST_ID}"), KEY, (DESK,)) == (Claim(message_id=DIGEST_ID),)
    assert find_claims(letter(f"{header}: {DIGEST_ID}"), OTHER_KEY, (DESK,)) == ()
    automatic = make_message_id(KEY, "auto", "mail", "company.test")
    assert find_claims(letter(f"{header}: {automatic}"), KEY, (DESK,)) == ()


def test_the_nearest_mail_counts_before_the_subject() -> None:
    """A long conversation: the address first, then the mail that was answered, then those before it; a subject keeps
    the token of the link it was begun from."""
    older = make_message_id(KEY, "digest", "2026-11-23", "company.test")
    mail = letter(
        f"To: {token_address(DESK, TOKEN)}",
        f"References: {older} {DIGEST_ID}",
        f"In-Reply-To: {DIGEST_ID}",
        f"Subject: {token_subject('Re: x', TOKEN[::-1])}",
    )
    expected = (Claim(token=TOKEN), Claim(message_id=DIGEST_ID), Claim(message_id=older), Claim(token=TOKEN[::-1]))
    assert find_claims(mail, KEY, (DESK,)) == expected


@pytest.mark.parametrize(
    "headers",
    [
        (f"To: {DESK}",),
        (f"To: {token_address('support@elsewhere.test', TOKEN)}",),
        ("To: support+shop@company.test",),
        (f"To: {DESK}", "Subject: [d-day] The invasion"),
        (f"To: {DESK}", f"Subject: {TOKEN}"),
    ],
)
def test_other_mails_claim_nothing(headers: tuple[str, ...]) -> None:
    """An ordinary mail, mail to somebody else, other tags and other brackets."""
    assert find_claims(letter(*headers), KEY, (DESK,)) == ()
