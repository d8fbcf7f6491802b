"""The exceptions that cross a layer. Each message is one sentence for the user.

TriagebotError
├── SecretError          a password could not be had
├── ServerError          a mail server could not be used; worth trying again
│   ├── LoginRefused     the server does not take this user and password
│   ├── ServerRefusal    the server said no to one command; the connection still works
│   └── ServerUntrusted  TLS did not hold what was configured; no credentials were sent
├── ModeError            a mode cannot be set like this
├── LedgerError          minutes or money cannot be booked or billed like this
└── StoreError           the database cannot be written or read
    └── DeskBusy         another daemon holds this desk
"""

from triagebot.core.phrase import ENGLISH, Phrase, Words


class TriagebotError(Exception):
    """Something went wrong that the user can be told about. It is made from text, or from a phrase, so that the digest
    says it in the developer's language; as a text it is English."""

    @property
    def words(self) -> Words:
        """What is to be told."""
        told = self.args[0] if self.args else ""
        return told if isinstance(told, Phrase) else str(told)

    def __str__(self) -> str:
        return ENGLISH.speak(self.words)


class SecretError(TriagebotError):
    """A password could not be had."""


class ServerError(TriagebotError):
    """A mail server could not be used; trying again later may help."""


class LoginRefused(ServerError):
    """The server does not take this user and password."""


class ServerRefusal(ServerError):
    """The server said no to one command. The connection still works."""


class ServerUntrusted(ServerError):
    """TLS did not hold what was configured. No credentials were sent."""


class AbsenceError(TriagebotError):
    """Days away that cannot be written down like this."""


class ModeError(TriagebotError):
    """A mode cannot be set like this."""


class LedgerError(TriagebotError):
    """Minutes or money cannot be booked or billed like this."""


class StoreError(TriagebotError):
    """The database cannot be written or read."""


class DeskBusy(StoreError):
    """Another daemon holds this desk."""
