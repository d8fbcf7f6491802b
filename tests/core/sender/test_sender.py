"""Who is believed, whose mail it is, and where a reply may go (safety.md B.2, D; the sender rows of I)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import DESK, PASSED, authenticate_raw, letter, read_letter, write
from triagebot.core.decision import Authentication, AuthState, Destination, Sender
from triagebot.core.mail import Mail
from triagebot.core.sender.identify import choose_destination, find_lookalikes, identify
from triagebot.core.sender.organization import are_aligned, organizational_domain

FORM_SIGNED = Authentication("pass", ("dmarc",), signed_by=("mail.site.test",))


def stamped(*results: str, author: str = "jan@bakery.test", server: str = "mx.adaweb.test") -> bytes:
    """Given results, return a mail with an Authentication-Results header for each above all others."""
    lines = "".join(f"Authentication-Results: {server}; {result}\r\n" for result in results)
    return lines.encode() + write(author=author)


def answer(mail: Mail, authentication: Authentication = PASSED) -> tuple[Sender, Destination]:
    """Given a mail, return its sender and where a reply would go."""
    sender = identify(mail, authentication, DESK)
    return sender, choose_destination(mail, authentication, sender, DESK)


@pytest.mark.parametrize(
    ("results", "state"),
    [
        (["dmarc=pass header.from=bakery.test"], "pass"),
        (["dmarc=pass header.from=BAKERY.test"], "pass"),
        (["dmarc=pass header.from=evil.test"], "unknown"),
        (["dmarc=pass header.from=shop.bakery.test"], "unknown"),
        (["dmarc=pass"], "unknown"),
        (["dmarc=bestguesspass header.from=bakery.test"], "unknown"),
        (["dmarc=fail header.from=bakery.test"], "fail"),
        (["dmarc=FAIL header.from=bakery.test; dkim=pass header.d=bakery.test"], "fail"),
        (["dmarc=pass header.from=bakery.test; dmarc=fail header.from=bakery.test"], "fail"),
        (["dkim=pass header.d=bakery.test"], "pass"),
        (["dkim=pass header.d=mail.bakery.test"], "pass"),
        (["dkim=pass header.i=@mail.bakery.test"], "pass"),
        (["dkim=pass header.d=evil.test header.i=@bakery.test"], "unknown"),
        (["dmarc=none; dkim=pass header.d=bakery.test"], "pass"),
        (["dmarc=temperror; dkim=fail header.d=x.test; dkim=pass header.d=bakery.test"], "pass"),
        (["dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=evil.test"], "unknown"),
        (["dkim=pass"], "unknown"),
        (["dkim=policy header.d=bakery.test"], "unknown"),
        (["spf=pass smtp.mailfrom=jan@bakery.test"], "weak"),
        (["spf=pass smtp.mailfrom=bounce.bakery.test"], "weak"),
        (["spf=pass smtp.helo=bakery.test"], "unknown"),
        (["spf=softfail smtp.mailfrom=bakery.test"], "unknown"),
        (["spf=fail smtp.mailfrom=bakery.test"], "fail"),
        (["dkim=fail header.d=bakery.test; spf=none"], "fail"),
        (["compauth=pass"], "unknown"),
        (["none"], "unknown"),
        (["spf=pass smtp.mailfrom=bakery.test", "dmarc=pass header.from=bakery.test"], "pass"),
        (["dmarc=none", "dmarc=pass header.from=bakery.test"], "unknown"),
        (["dmarc=pass header.from=bakery.test", "dmarc=fail header.from=bakery.test"], "fail"),
        (["arc=pass; dmarc=fail header.from=bakery.test"], "fail"),
        (["arc=pass; dmarc=none"], "weak"),
        ([], "unknown"),
    ],
)
def test_state_of_a_message(results: list[str], state: str) -> None:
    """D.2: only a pass that speaks of the From domain proves it, and a believed DMARC failure ends it."""
    assert authenticate_raw(stamped(*results)).state == state


@pytest.mark.parametrize(
    ("server", "ids", "state"),
    [
        ("mx.adaweb.test", ("mx.adaweb.test",), "pass"),
        ("MX.adaweb.test", ("other.test", "Mx.Adaweb.Test"), "pass"),
        ("phl-mx-01.messagingengine.com", ("*.messagingengine.com",), "pass"),
        ("messagingengine.com", ("*.messagingengine.com",), "unknown"),
        ("evilmessagingengine.com", ("*.messagingengine.com",), "unknown"),
        ("mx.adaweb.test.evil.test", ("mx.adaweb.test",), "unknown"),
        ("mx.adaweb.test", (), "unknown"),
        ("office365-no-id", ("office365-no-id",), "unknown"),
    ],
)
def test_only_configured_servers_are_believed(server: str, ids: tuple[str, ...], state: str) -> None:
    """D.1.1 and D.1.2: the id is one of authserv_ids, exactly or by suffix; none configured believes nobody."""
    raw = stamped("dmarc=pass header.from=bakery.test", server=server)
    assert authenticate_raw(raw, ids).state == state


@pytest.mark.parametrize(
    ("hop", "trusted_mx", "state"),
    [
        ("Received: from x by mx.adaweb.test", (), "unknown"),
        ("Received: from x by mx.adaweb.test", ("mx.adaweb.test",), "pass"),
        ("Received: from x by in3.adaweb.test (by evil.test)", ("*.adaweb.test",), "pass"),
        ("Received: from x (by mx.adaweb.test) by evil.test", ("mx.adaweb.test",), "unknown"),
        ("Received: nonsense", ("*.adaweb.test",), "unknown"),
    ],
)
def test_results_below_a_foreign_hop_are_forged(hop: str, trusted_mx: tuple[str, ...], state: str) -> None:
    """D.1.2: a result stands above the first Received that no own relay wrote."""
    raw = hop.encode() + b"\r\n" + stamped("dmarc=pass header.from=bakery.test")
    assert authenticate_raw(raw, trusted_mx=trusted_mx).state == state


@pytest.mark.parametrize(
    ("ids", "trusted_mx", "above", "state"),
    [
        (("office365-no-id",), ("*.prod.outlook.com", "*.mail.protection.outlook.com"), b"", "pass"),
        (("office365-no-id",), (), b"", "unknown"),
        (("office365-no-id",), ("*.prod.outlook.com", "*.evil.test"), b"", "unknown"),
        (("mx.adaweb.test",), ("*.prod.outlook.com",), b"", "unknown"),
        (("office365-no-id",), ("*.prod.outlook.com",), b"Authentication-Results: x; none\r\n", "unknown"),
    ],
)
def test_microsofts_header_names_no_server(
    ids: tuple[str, ...], trusted_mx: tuple[str, ...], above: bytes, state: str
) -> None:
    """D.1.4: believed only under its own entry, with Microsoft's relays alone, and as the topmost instance."""
    hop = b"Received: from x by DB8.eurprd08.prod.outlook.com\r\n"
    results = b"Authentication-Results: spf=none; dmarc=pass action=none header.from=bakery.test\r\n"
    assert authenticate_raw(hop + above + results + write(), ids, trusted_mx).state == state


def test_a_doubtful_from_proves_nothing() -> None:
    """D.2: two From headers or addresses are unknown, whatever passed."""
    raw = stamped("dmarc=pass header.from=bakery.test")
    assert authenticate_raw(b"From: x@evil.test\r\n" + raw).state == "unknown"
    both = stamped("dmarc=pass header.from=bakery.test", author="jan@bakery.test, x@evil.test")
    assert authenticate_raw(both).state == "unknown"


def test_a_trusted_forwarders_seal_is_weak() -> None:
    """D.2 arc: only the last seal that arrived counts, and only of a declared forwarder."""
    result = b"Authentication-Results: mx.adaweb.test; arc=pass; dmarc=fail header.from=bakery.test\r\n"
    hop = b"Received: from lists.test by mx.adaweb.test\r\n"
    seals = b"ARC-Seal: i=1; d=evil.test\r\nARC-Seal: i=2; a=rsa-sha256; d=lists.test; cv=pass\r\n"
    raw = result + hop + seals + write()
    found = authenticate_raw(raw, forwarders=("lists.test",))
    assert (found.state, found.codes) == ("weak", ("arc-forwarder",))
    assert authenticate_raw(raw, forwarders=("evil.test",)).state == "fail"
    own = b"ARC-Seal: i=3; d=adaweb.test; cv=pass\r\n"
    assert authenticate_raw(own + raw, forwarders=("lists.test",)).state == "weak"
    assert authenticate_raw(own + raw, forwarders=("adaweb.test",)).state == "fail"
    assert authenticate_raw(raw.replace(b"arc=pass", b"arc=none"), forwarders=("lists.test",)).state == "fail"


def test_signers_are_kept() -> None:
    """The domains of believed DKIM passes are known, for declared contact forms."""
    found = authenticate_raw(
        stamped("dkim=pass header.d=a.test; dkim=fail header.d=b.test; dkim=pass header.i=@c.test")
    )
    assert found.signed_by == ("a.test", "c.test")


@pytest.mark.parametrize(
    ("author", "state", "client", "claims"),
    [
        ("jan@bakery.test", "pass", "bakery", None),
        ("JAN+web@Bakery.test", "pass", "bakery", None),
        ("nina@bakery.test", "pass", "bakery", None),
        ("nina@shop.bakery.test", "pass", None, None),
        ("jan@bakery.test", "weak", None, "bakery"),
        ("jan@bakery.test", "fail", None, "bakery"),
        ("jan@bakery.test", "unknown", None, "bakery"),
        ("granny.smith@gmail.com", "pass", "granny", None),
        ("neighbour@gmail.com", "pass", None, None),
        ("mia@coffee-post.test", "pass", "cafe", None),
        ("other@coffee-post.test", "pass", None, None),
        ("x@shared.test", "pass", None, None),
        ("x@stranger.test", "pass", None, None),
    ],
)
def test_clients_are_known_by_address_then_domain(
    author: str, state: AuthState, client: str | None, claims: str | None
) -> None:
    """D.3: pinned addresses, then declared domains that are not freemail; an unproven mail only claims."""
    sender, _ = answer(letter(author=author), Authentication(state))
    tier = DESK.client_by_id(client).tier if client else "none"  # type: ignore[union-attr]
    assert (sender.client, sender.claims, sender.tier, sender.auth) == (client, claims, tier, state)


@pytest.mark.parametrize(
    ("author", "reply_to", "destination", "mismatch"),
    [
        ("jan@bakery.test", None, "jan@bakery.test", False),
        ("jan@bakery.test", "JAN@bakery.test", "JAN@bakery.test", False),
        ("jan@bakery.test", "orders@shop.bakery.test", "orders@shop.bakery.test", False),
        ("mia@cafe.test", "mia@coffee-post.test", "mia@coffee-post.test", False),
        ("jan@bakery.test", "mia@coffee-post.test", "jan@bakery.test", True),
        ("jan@bakery.test", "jan@bakery.test.evil.test", "jan@bakery.test", True),
        ("jan@bakery.test", "a@bakery.test, b@bakery.test", "jan@bakery.test", True),
        ("jan@bakery.test", "a@bakery.test <b@bakery.test>", "jan@bakery.test", True),
        ("jan@bakery.test", "", "jan@bakery.test", True),
        ("anna@teashop.co.uk", "x@other.co.uk", "anna@teashop.co.uk", True),
        ("one@gmail.com", "victim@gmail.com", "one@gmail.com", True),
        ("jan@bakery.test", "noreply@bakery.test", "", False),
        ("x@adaweb.test", "support+x@adaweb.test", "", False),
    ],
)
def test_reply_to_is_followed_within_one_owner(
    author: str, reply_to: str | None, destination: str, mismatch: bool
) -> None:
    """B.2: From, or one clear Reply-To of the same owner; never another owner, a robot or this desk."""
    more = [] if reply_to is None else [f"Reply-To: {reply_to}"]
    sender, found = answer(letter(*more, "Sender: s@evil.test", author=author))
    assert (found.address, "reply-to-mismatch" in sender.flags) == (destination, mismatch)
    assert found.code == ("" if destination else "no-destination")


@pytest.mark.parametrize("state", ["weak", "fail", "unknown"])
def test_unproven_senders_have_no_destination(state: AuthState) -> None:
    """B.2: without a pass nobody is answered; weak only with answer_weak, and never on a stranger's ARC seal."""
    mail = letter()
    _, found = answer(mail, Authentication(state))
    assert (found.address, found.code) == ("", "no-destination")
    weak = replace(DESK, desk=replace(DESK.desk, answer_weak=True))
    sender = identify(mail, Authentication(state), weak)
    expected = "jan@bakery.test" if state == "weak" else ""
    assert choose_destination(mail, Authentication(state), sender, weak).address == expected
    assert choose_destination(mail, Authentication(state, ("arc",)), sender, weak).address == ""


@pytest.mark.parametrize(
    ("author", "reply_to", "authentication", "form", "destination"),
    [
        ("noreply@site.test", "visitor@x.test", FORM_SIGNED, True, "visitor@x.test"),
        ("noreply@site.test", "jan@bakery.test", FORM_SIGNED, True, "jan@bakery.test"),
        ("noreply@site.test", "a@x.test, b@x.test", FORM_SIGNED, True, ""),
        ("noreply@site.test", "support@adaweb.test", FORM_SIGNED, True, ""),
        ("noreply@site.test", "visitor@x.test", PASSED, False, ""),
        ("noreply@site.test", "visitor@x.test", Authentication("fail"), False, ""),
        ("mute@site.test", "visitor@x.test", FORM_SIGNED, True, ""),
        ("form@undeclared.test", "visitor@x.test", PASSED, False, "form@undeclared.test"),
    ],
)
def test_contact_forms(
    author: str, reply_to: str, authentication: Authentication, form: bool, destination: str
) -> None:
    """B.2.3: a declared, signed form is answered to its one visitor, who is nobody's client."""
    sender, found = answer(letter(f"Reply-To: {reply_to}", author=author), authentication)
    assert (sender.form, sender.client, found.address) == (form, None, destination)


def test_internationalised_local_parts_have_no_destination() -> None:
    """B.2: without SMTPUTF8 such an address cannot be written to."""
    _, found = answer(letter(author="żółw@bakery.test"))
    assert found.address == ""


def test_imitators_of_clients_and_of_the_desk_are_flagged() -> None:
    """D.5: compared with clients, their addresses and the developer, never by a freemail domain."""
    assert find_lookalikes(letter(author="jan@bakrey.test"), DESK) == ("lookalike-domain:bakery.test",)
    assert find_lookalikes(letter(author="Ada Webworks <a@evil.test>"), DESK) == ("lookalike-name:Ada Webworks",)
    assert find_lookalikes(letter(author="x@gmail.com"), DESK) == ()
    assert find_lookalikes(letter(author="x@grnail.com"), DESK) == ()
    assert "lookalike-domain:bakery.test" in answer(letter(author="jan@bakrey.test"))[0].flags


@pytest.mark.parametrize(
    ("domain", "organization"),
    [
        ("bakery.test", "bakery.test"),
        ("a.b.bakery.test", "bakery.test"),
        ("www.teashop.co.uk", "teashop.co.uk"),
        ("co.uk", "co.uk"),
        ("me.github.io", "me.github.io"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_organizational_domains(domain: str, organization: str) -> None:
    """The label above the public suffix; a suffix belongs to nobody and stays as it is."""
    assert organizational_domain(domain) == organization


def test_neighbours_under_a_public_suffix_are_not_aligned() -> None:
    """Two firms under co.uk, or two users of a hosting suffix, have two owners; nothing is aligned with nothing."""
    assert are_aligned("a.teashop.co.uk", "b.teashop.co.uk")
    assert not are_aligned("one.co.uk", "two.co.uk")
    assert not are_aligned("me.github.io", "github.io")
    assert not are_aligned("", "")


@given(st.binary(max_size=300), st.sampled_from(["pass", "weak", "fail", "unknown"]))
def test_any_bytes_have_a_sender(raw: bytes, state: AuthState) -> None:
    """Any bytes are authenticated and identified; a destination is one ASCII address of a proven sender."""
    authenticate_raw(b"Authentication-Results: mx.adaweb.test; " + raw)
    _, found = answer(read_letter(raw), Authentication(state))
    assert found.address.isascii()
    assert state == "pass" or not found.address
