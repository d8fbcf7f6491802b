"""Dovecot and Postfix together, with accounts of one test's own."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix


@dataclass(frozen=True, slots=True)
class MailStack:
    """The running servers and three fresh accounts on them, in two domains nobody else uses."""

    dovecot: Dovecot
    postfix: Postfix
    support: str
    developer: str
    client: str

    def password(self, address: str) -> str:
        """Given one of the accounts, return its password."""
        return self.dovecot.users[address]

    def send(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Given a mail, submit it as the logged-in `sender` (dmarc=pass if From is this address)."""
        with smtplib.SMTP("localhost", self.postfix.submission_port, timeout=10) as connection:
            connection.starttls(context=self.postfix.certificate.client_context())
            connection.login(sender, self.password(sender))
            connection.sendmail(sender, recipients, raw)

    def send_from_outside(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Given a mail, hand it to the MX port (dmarc=fail unless `postfix.dmarc` says otherwise)."""
        with smtplib.SMTP(self.postfix.host, self.postfix.mx_port, timeout=10) as connection:
            connection.sendmail(sender, recipients, raw)


def make_stack(dovecot: Dovecot, postfix: Postfix, number: int) -> MailStack:
    """Given the servers and a number no other test uses, return them with fresh accounts."""
    names: Sequence[str] = (
        f"support@desk{number}.test",
        f"ada@desk{number}.test",
        f"alice@client{number}.test",
    )
    support, developer, client = (dovecot.add_user(name, f"secret-{number}") for name in names)
    return MailStack(dovecot, postfix, support, developer, client)
