"""Where answers to a mail go: one checked address, or none at all (safety.md B, row Reply-To)."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from triagebot.core.outgoing.compose import ComposeError, Draft, compose

KEY = b"k" * 32
DRAFT = Draft(
    message_id="<dg.aaaaaaaaaabbbbbbbbbbbbbbbb@company.test>",
    from_name="Desk",
    from_address="support@company.test",
    to="ada@company.test",
    subject="A day",
    date=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    text="Hello\n",
)


def test_most_mails_have_none() -> None:
    """RFC 3834 section 3.1.2: an automatic mail is answered to its sender."""
    assert "Reply-To" not in message_from_bytes(compose(DRAFT, KEY))


def test_a_token_address_stands_there_once() -> None:
    """As it was given, on one line."""
    address = f"support+d-{'a' * 42}@company.test"
    found = message_from_bytes(compose(replace(DRAFT, reply_to=address), KEY)).get_all("Reply-To")
    assert found == [address]


@pytest.mark.parametrize(
    "address",
    ["a@b.test, c@d.test", "a@b.test\r\nBcc: c@d.test", "Ada <a@b.test>", "a b@c.test", "@c.test", "ä@c.test"],
)
def test_anything_but_one_address_is_refused(address: str) -> None:
    """Nothing else can get into the header."""
    with pytest.raises(ComposeError):
        compose(replace(DRAFT, reply_to=address), KEY)
