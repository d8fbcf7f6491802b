"""100 000 parameters in the header of a part."""

TOP = (
    "Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n"
    "Received: from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100\r\n"
    "From: Jan <jan@bakery.test>\r\n"
    "Subject: permalinks\r\n"
    "To: support@adaweb.test\r\nMessage-ID: <613@bakery.test>\r\nMIME-Version: 1.0\r\n"
)


def build() -> bytes:
    """Return the mail."""
    params = "".join(f";\r\n p{i}=1" for i in range(100_000))
    part = f"--b\r\nContent-Type: text/plain{params}\r\n\r\npermalinks\r\n--b--\r\n"
    return (TOP + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part).encode()
