"""40 000 encoded words in the subject."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <610b@bakery.test>\r\nMIME-Version: 1.0\r\n"
)
TEXT = "\r\nWhere do I change the permalinks?\r\n"


def build() -> bytes:
    """Return the mail."""
    words = "\r\n ".join(["=?utf-8?q?permalinks?="] * 40_000)
    return (TOP + f"Subject: {words}\r\n" + TEXT).encode()
