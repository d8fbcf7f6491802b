"""References of 2 MB."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <610d@bakery.test>\r\nMIME-Version: 1.0\r\n"
)
TEXT = "\r\nWhere do I change the permalinks?\r\n"


def build() -> bytes:
    """Return the mail."""
    ids = "\r\n ".join(f"<r{i}@bakery.test>" for i in range(100_000))
    return (TOP + f"References: {ids}\r\n" + TEXT).encode()
