"""Bounces as servers write them, about a mail of the desk."""

from email import message_from_bytes

from tests.app.quick_desks import SUPPORT


def bounce(
    original: bytes = b"",
    *,
    recipient: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    to: str = SUPPORT,
    headers: tuple[str, ...] = (),
    times: int = 1,
) -> bytes:
    """Given the mail it is about (b"" brings none back) and what became of it, return a delivery status notification
    (RFC 3464), with one block per recipient."""
    recipient = recipient or str(message_from_bytes(original)["To"])
    block = (
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; 550 {status} said the server",
        "",
    )
    returned = ("--b", "Content-Type: message/rfc822", "", *original.decode().splitlines()) if original else ()
    lines = (
        "Return-Path: <>",
        f"Delivered-To: {to}",
        "From: Mail Delivery System <MAILER-DAEMON@mx.company.test>",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        *headers,
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        f"Your mail: {action}.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.company.test",
        "",
        *block * times,
        *returned,
        "--b--",
        "",
    )
    return "\r\n".join(lines).encode()
