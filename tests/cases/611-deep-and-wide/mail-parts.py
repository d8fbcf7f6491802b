"""10 000 parts."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <611b@bakery.test>\r\nMIME-Version: 1.0\r\n"
)


def build() -> bytes:
    """Return the mail."""
    parts = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000
    return (TOP + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + "--b--\r\n").encode()
