"""2 000 nested multiparts."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <611a@bakery.test>\r\nMIME-Version: 1.0\r\n"
)
TEXT = "\r\nWhere do I change the permalinks?\r\n"


def build() -> bytes:
    """Return the mail."""
    level = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n"
    levels = "".join(level.format(i) for i in range(2_000))
    return (TOP + levels + "Content-Type: text/plain\r\n" + TEXT).encode()
