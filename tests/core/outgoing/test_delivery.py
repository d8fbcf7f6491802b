"""What a refusing reply of the SMTP server means for the mail (safety.md G.2)."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.mail import Bounce
from triagebot.core.outgoing.delivery import (
    Outcome,
    OutcomeKind,
    classify_reply,
    enhanced_code,
    is_about_sender,
    is_dead,
    is_policy,
    judge_return,
)

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


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("5.1.1 <x@client.test>: no such user", "5.1.1"),
        ("550 5.7.1 refused", "5.7.1"),
        ("550-5.7.26 unauthenticated", "5.7.26"),
        ("no such user (5.1.1)", ""),
        ("192.0.2.1 is listed", ""),
        ("5.1.1234 is no code", ""),
        ("", ""),
    ],
)
def test_enhanced_codes_stand_first(words: str, code: str) -> None:
    """RFC 3463: the code begins the reply; a number in its middle is whatever the server wants to say."""
    assert enhanced_code(words) == code


@pytest.mark.parametrize(
    ("code", "dead"), [("5.1.1", True), ("5.1.2", True), ("5.1.10", True), ("5.1.0", False), ("5.2.1", False)]
)
def test_only_no_such_address_is_dead(code: str, dead: bool) -> None:
    """A disabled or full mailbox may come back."""
    assert is_dead(code) == dead


@pytest.mark.parametrize(
    ("kind", "text", "policy", "sender"),
    [
        ("permanent", "5.7.1 spam", True, True),
        ("permanent", "5.1.8 bad sender's domain", False, True),
        ("permanent", "5.1.1 no such user", False, False),
        ("permanent", "go away", False, False),
        ("temporary", "4.7.1 greylisted", False, False),
        ("stop", "5.7.8 wrong password", False, False),
    ],
)
def test_whom_a_refusal_means(kind: OutcomeKind, text: str, policy: bool, sender: bool) -> None:
    """Us, the envelope's sender, or this one mail."""
    outcome = Outcome(kind, 550, text)
    assert (is_policy(outcome), is_about_sender(outcome)) == (policy, sender)


FAILED = Bounce("failed", "5.1.1", "Ann@client.test", "550 no such user")
DELAYED = Bounce("delayed", "4.4.1", "ann@client.test")
OTHER = Bounce("failed", "5.1.1", "old@elsewhere.test")


def test_a_failure_outweighs_all_else() -> None:
    """In whatever order the recipients are told of: failed, then delayed, then nothing at all."""
    fine = Bounce("delivered", "2.0.0", "ann@client.test")
    for bounces in permutations((FAILED, DELAYED, fine, OTHER)):
        said = judge_return(bounces, "ann@client.test")
        assert (said.kind, said.dead) == ("returned", True)
        assert said.words == "5.1.1 Ann@client.test 550 no such user"
    assert judge_return((fine, DELAYED), "ann@client.test").kind == "delayed"
    assert judge_return((fine,), "ann@client.test").kind == "ignored"
    assert judge_return((), "ann@client.test").kind == "ignored"


def test_whose_death_counts() -> None:
    """The recipient's, or one nobody is named for; never that of a mailbox the recipient forwards to."""
    assert not judge_return((OTHER,), "ann@client.test").dead
    assert judge_return((Bounce("failed", "5.1.1", ""),), "ann@client.test").dead
    assert not judge_return((Bounce("failed", "4.1.1", ""),), "ann@client.test").dead
