"""Which mails are believed to be the developer's answer: every sign against it counts (safety.md E, A.2 rows 2-20)."""

from dataclasses import replace

import pytest

from tests.core.letters import DESK, FACTS, letter
from triagebot.core.commands.belief import AUTOMATIC, Doubt, find_doubt
from triagebot.core.decision import Authentication
from triagebot.core.guard.judge import CHECKS, judge
from triagebot.core.mail import Content, Mail

DEVELOPER = ("ada@adaweb.test", "Ada@bücher.test")
PROVEN = Authentication("pass", ("dmarc",))


def doubt(mail: Mail, authentication: Authentication = PROVEN) -> Doubt | None:
    """Given a mail, return why it is not believed, as the desk finds it out."""
    facts = replace(FACTS, own_addresses=DESK.own_addresses)
    return find_doubt(mail, authentication, judge(mail, authentication, facts), DEVELOPER)


@pytest.mark.parametrize(
    "author",
    ["ada@adaweb.test", "Ada <ADA@Adaweb.Test>", "ada@xn--bcher-kva.test", '"support@adaweb.test" <ada@adaweb.test>'],
)
def test_the_developer_is_believed(author: str) -> None:
    """At each configured address, however it is spelled, with DMARC's word."""
    assert doubt(letter(author=author)) is None


@pytest.mark.parametrize(
    "author",
    [
        *(
            "jan@bakery.test",
            "ada+x@adaweb.test",
            "eve@adaweb.test",
            "support@adaweb.test",
            "ada@adaweb.test.evil.test",
        ),
        *("ada@adaweb.test, jan@bakery.test", '"ada@adaweb.test" <jan@bakery.test>', "", "<>", "аda@adaweb.test"),
    ],
)
def test_nobody_else_is(author: str) -> None:
    """Not a colleague of the same domain, not a name that looks like the address."""
    found = doubt(letter(author=author))
    assert found is not None
    assert "not from the developer" in found.why or "machine" in found.why


@pytest.mark.parametrize(
    "authentication",
    [
        Authentication("pass", ("dkim",)),
        Authentication("weak", ("spf",)),
        Authentication("weak", ("arc",)),
        Authentication("weak", ("arc-forwarder",)),
        Authentication("fail", ("dmarc",)),
        Authentication("unknown", ("auth-unknown",)),
        Authentication("unknown", ("bad-from",)),
        Authentication("pass"),
    ],
)
def test_dmarc_alone_proves(authentication: Authentication) -> None:
    """A pass by another way is not enough, and a word about DMARC is no pass."""
    found = doubt(letter(author=DEVELOPER[0]), authentication)
    assert found is not None
    assert "DMARC does not prove" in found.why
    assert not found.quiet


@pytest.mark.parametrize(
    "content", [Content(problem="nested too deep"), Content("1 ok", partial="larger than allowed")]
)
def test_what_was_not_read_whole_is_not_believed(content: Content) -> None:
    """The part that nobody has read may say the opposite."""
    found = doubt(letter(author=DEVELOPER[0], content=content))
    assert found is not None
    assert "could not be read whole" in found.why


MACHINES = {
    "guard.dsn": ("Content-Type: message/delivery-status",),
    "guard.failed-recipients": ("X-Failed-Recipients: jan@bakery.test",),
    "guard.mdn": ("Content-Type: message/disposition-notification",),
    "guard.report": ("Content-Type: message/feedback-report",),
    "guard.calendar": ("Content-Type: text/calendar",),
    "guard.auto-submitted": ("Auto-Submitted: auto-replied",),
    "guard.list": ("List-Id: <x.adaweb.test>",),
    "guard.precedence": ("Precedence: junk",),
    "guard.suppress-header": ("X-Auto-Response-Suppress: OOF",),
    "guard.autoresponder-header": ("X-Autorespond: yes",),
    "guard.x-loop": ("X-Loop: ada@adaweb.test",),
    "guard.feedback-id": ("Feedback-ID: 1:2",),
}


@pytest.mark.parametrize("check", MACHINES)
def test_a_machine_is_not_believed(check: str) -> None:
    """Each of the guard's checks for machines is enough, also where the guard would leave the mail to a person. Servers
    put one header on people's mails too (safety.md 0.7): such a mail does nothing either, but it is shown."""
    found = doubt(letter(*MACHINES[check], author=DEVELOPER[0], content_type=None))
    assert check in AUTOMATIC
    assert found is not None
    assert found.quiet == (check != "guard.suppress-header")
    assert found.why.startswith("it was sent by a machine")


def test_the_rows_of_the_law_are_all_there() -> None:
    """Rows 2 to 20 of safety.md A.2 are the guard's checks from the bounce address to the absence note; row 1, our own
    loop, is not among them, since the developer may use the desk's address."""
    names = [name for name, _ in CHECKS]
    first, last = names.index("guard.bounce-address"), names.index("guard.ooo-subject")
    assert set(names[first : last + 1]) == AUTOMATIC
