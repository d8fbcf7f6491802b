"""100 000 quotes in From."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <610a@bakery.test>\r\nMIME-Version: 1.0\r\n"
)
TEXT = "\r\nWhere do I change the permalinks?\r\n"


def build() -> bytes:
    """Return the mail."""
    quotes = '"' * 100_000
    return (TOP + f"From: {quotes} <jan@bakery.test>\r\n" + TEXT).encode()
