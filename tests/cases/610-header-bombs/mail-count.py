"""1 100 header lines."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <610f@bakery.test>\r\nMIME-Version: 1.0\r\n"
)
TEXT = "\r\nWhere do I change the permalinks?\r\n"


def build() -> bytes:
    """Return the mail."""
    lines = "".join(f"X-{i}: a\r\n" for i in range(1_100))
    return (lines + TOP + TEXT).encode()
