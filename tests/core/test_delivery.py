"""What a refusing reply of the SMTP server means for the mail (safety.md G.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.delivery import OutcomeKind, classify_reply

STOPS = (530, 534, 535, 538)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (421, "temporary"), (450, "temporary"), (451, "temporary"), (452, "temporary"), (454, "temporary"),
        (500, "permanent"), (550, "permanent"), (551, "permanent"), (552, "permanent"), (553, "permanent"),
        (554, "permanent"), (530, "stop"), (534, "stop"), (535, "stop"), (538, "stop"),
    ],
)  # fmt: skip
def test_codes(code: int, kind: OutcomeKind) -> None:
    """4xx is tried again, 5xx is final, and a refused account stops the whole queue instead of failing its mails."""
    assert classify_reply(code) == kind


def test_a_full_mailbox_is_temporary() -> None:
    """552 to RCPT says the mailbox is full (tried again); 552 to the mail itself says that it is too large (final)."""
    assert classify_reply(552, recipient=True) == "temporary"
    assert classify_reply(552) == "permanent"


@given(st.integers(400, 599), st.booleans())
def test_no_refusal_counts_as_sent(code: int, recipient: bool) -> None:
    """A refusal never means that the mail is out or may be out, and only 5xx may end a mail for good."""
    kind = classify_reply(code, recipient=recipient)
    assert kind in ("temporary", "permanent", "stop")
    assert kind == "temporary" or code >= 500


@given(st.integers(-1, 399) | st.integers(600, 999))
def test_what_is_no_refusal_is_tried_again(code: int) -> None:
    """A reply code nobody defined loses no mail."""
    assert classify_reply(code) == "temporary"
