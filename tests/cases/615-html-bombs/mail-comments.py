"""50 000 opened comments."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <615b@bakery.test>\r\nMIME-Version: 1.0\r\n"
)


def build() -> bytes:
    """Return the mail."""
    html = "<!--" * 50_000 + "permalinks"
    return (TOP + "Content-Type: text/html\r\n\r\n" + html).encode()
