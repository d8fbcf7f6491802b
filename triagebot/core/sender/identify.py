"""The sender: whose mail this is, and where an answer would go (safety.md B.2, D.3, D.5)."""

from triagebot.core.decision import Authentication, Destination, Sender, Step
from triagebot.core.desk import Client, Desk, Form
from triagebot.core.guard.lookalike import lookalikes
from triagebot.core.guard.machine_checks import is_robot
from triagebot.core.mail import Address, Mail
from triagebot.core.reading.address import ascii_domain, sender_key
from triagebot.core.sender.authentication import AuthHeader, AuthResult, authenticate
from triagebot.core.sender.directory import directory_of
from triagebot.core.sender.freemail import FREEMAIL
from triagebot.core.sender.organization import are_aligned, organizational_domain

__all__ = [
    "AuthHeader",
    "AuthResult",
    "authenticate",
    "choose_destination",
    "find_lookalikes",
    "identify",
    "organizational_domain",
    "sender_key",
]


def identify(mail: Mail, authentication: Authentication, desk: Desk) -> Sender:
    """Given a mail, what is proven about it and the desk, return its sender.

    Only an authenticated mail has a client and a tier; any other merely claims one. A declared contact
    form is nobody's mail: its visitor is unknown.
    """
    author = _author(mail)
    if author is None:
        why = "From is not exactly one clear address"
        return Sender("", authentication.state, trail=(Step("sender", "unknown", why),))
    form = _form_of(author, desk)
    if form is not None:
        return _identify_form(author, form, authentication)
    client, why = directory_of(desk).find(author)
    proven = client is not None and authentication.state == "pass"
    flags = () if proven else find_lookalikes(mail, desk)
    if not client and why:
        flags = (*flags, "ambiguous-client")
    if _reply_to_is_foreign(mail, author, client):
        flags = (*flags, "reply-to-mismatch")
    if client is None:
        step = Step("sender", "stranger", why or f"{author.spec} belongs to no client")
        return Sender(author.spec, authentication.state, flags=flags, trail=(step,))
    if authentication.state != "pass":
        step = Step("sender", "claims", f"claims to be {client.id}, not proven")
        return Sender(author.spec, authentication.state, claims=client.id, flags=flags, trail=(step,))
    step = Step("sender", client.id, why)
    return Sender(author.spec, "pass", client.id, client.tier, flags=flags, trail=(step,))


def choose_destination(mail: Mail, authentication: Authentication, sender: Sender, desk: Desk) -> Destination:
    """Given a mail and its sender, return the one address an automatic reply may go to, or none (B.2)."""
    author = _author(mail)
    if author is None:
        return _nowhere("From is not exactly one clear address")
    accepted = authentication.state == "pass" or (
        authentication.state == "weak" and desk.desk.answer_weak and "arc" not in authentication.codes
    )
    if not accepted:
        return _nowhere("the sender is not authenticated")
    form = _form_of(author, desk)
    if form is not None:
        return _destination_of_form(mail, sender, form, desk)
    client = desk.client_by_id(sender.client or "")
    address, why = author, "the From address"
    if mail.reply_to.addresses or mail.reply_to.defects:
        if not _reply_to_is_foreign(mail, author, client):
            address, why = mail.reply_to.addresses[0], "Reply-To of the same owner"
        else:
            why = "the From address: Reply-To is not one clear address of the same owner"
    return _checked(address, why, desk)


def find_lookalikes(mail: Mail, desk: Desk) -> tuple[str, ...]:
    """Given a mail and the desk, return a flag for each way its sender imitates somebody known (D.5)."""
    author = _author(mail)
    if author is None:
        return ()
    directory = directory_of(desk)
    return lookalikes(author, () if author.domain in FREEMAIL else directory.domains, directory.names)


def _author(mail: Mail) -> Address | None:
    only = len(mail.sender.addresses) == 1 and not mail.sender.defects
    return mail.sender.addresses[0] if only else None


def _form_of(author: Address, desk: Desk) -> Form | None:
    return next((form for form in desk.form if form.sender.lower() == author.spec.lower()), None)


def _identify_form(author: Address, form: Form, authentication: Authentication) -> Sender:
    signed = any(are_aligned(domain, ascii_domain(form.dkim_domain)) for domain in authentication.signed_by)
    if authentication.state == "pass" and signed:
        step = Step("sender", "form", f"{author.spec} is a declared contact form")
        return Sender(author.spec, "pass", form=True, flags=("form",), trail=(step,))
    step = Step("sender", "claims", f"claims to be a contact form, not signed by {form.dkim_domain}")
    return Sender(author.spec, authentication.state, flags=("form-unsigned",), trail=(step,))


def _reply_to_is_foreign(mail: Mail, author: Address, client: Client | None) -> bool:
    """Does Reply-To lead elsewhere than to one clear address of the same owner, or on the client's list?"""
    replies = mail.reply_to
    if not replies.addresses and not replies.defects:
        return False
    if len(replies.addresses) != 1 or replies.defects:
        return True
    wanted = replies.addresses[0]
    key = sender_key(wanted.spec)
    if key == sender_key(author.spec):
        return False
    if client is not None and any(sender_key(address) == key for address in client.addresses):
        return False
    # Two mailboxes at gmail.com have one organizational domain and two owners.
    return wanted.domain in FREEMAIL or not are_aligned(wanted.domain, author.domain)


def _destination_of_form(mail: Mail, sender: Sender, form: Form, desk: Desk) -> Destination:
    if not sender.form:
        return _nowhere(f"the form's mail is not signed by {form.dkim_domain}")
    if form.reply_to == "ignore":
        return _nowhere("the form's Reply-To is not to be answered")
    if len(mail.reply_to.addresses) != 1 or mail.reply_to.defects:
        return _nowhere("the form names no one clear visitor in Reply-To")
    return _checked(mail.reply_to.addresses[0], "the visitor the contact form names", desk)


def _checked(address: Address, why: str, desk: Desk) -> Destination:
    if not address.spec.isascii():
        return _nowhere("its local part needs SMTPUTF8")
    if sender_key(address.spec) in {sender_key(own) for own in desk.own_addresses}:
        return _nowhere("it would go to this desk")
    if is_robot(address.local):
        return _nowhere(f"nobody reads {address.spec}")
    return Destination(address.spec, trail=(Step("destination", address.spec, why),))


def _nowhere(why: str) -> Destination:
    return Destination("", "no-destination", (Step("destination", "none", why),))
