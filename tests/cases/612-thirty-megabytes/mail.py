"""A text of 30 MB."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <612@bakery.test>\r\nMIME-Version: 1.0\r\n"
)


def build() -> bytes:
    """Return the mail."""
    body = "permalinks and nothing else on this line of the text\r\n" * 600_000
    return (TOP + "Content-Type: text/plain\r\n\r\n" + body).encode()
