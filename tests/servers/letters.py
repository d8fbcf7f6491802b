"""Small mails for the tests of this folder."""

from email import message_from_bytes

MAIL = b"From: Alice <alice@client.test>\r\nSubject: Hello\r\n\r\nDots:\r\n.\r\n..\r\nEnd.\r\n"


def mail_from(author: str, *headers: str) -> bytes:
    """Given an author and further headers, return a mail."""
    return "\r\n".join((f"From: {author}", *headers, "Subject: Hello", "", "Text.", "")).encode()


def header_names(raw: bytes) -> list[str]:
    """Given a mail, return its header names in order, in lower case."""
    return [name.lower() for name in message_from_bytes(raw).keys()]  # noqa: SIM118 - a Message is no mapping
