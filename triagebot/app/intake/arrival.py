"""From raw bytes to a mail that can be decided: header stage, authentication, then the limited reader."""

from dataclasses import dataclass, replace
from datetime import datetime

from triagebot.app.intake.reader import Reader
from triagebot.core.decision import Authentication
from triagebot.core.desk import Desk, Inbox
from triagebot.core.mail import Content, HeaderBlock, Mail
from triagebot.core.reading.headers import body_of, content_key, read_headers, read_mail, read_sender
from triagebot.core.sender.authentication import authenticate
from triagebot.core.sender.directory import forwarders_of
from triagebot.edge.authentication import read_results

BEGINNING = 262_144
"""Bytes that are read of a mail larger than limits.mail_bytes (safety.md F.1)."""
_OVER_LIMITS = {
    "header-bytes": "the header block is larger than limits.header_bytes",
    "header-line": "a header is longer than limits.header_line",
    "header-count": "there are more headers than limits.header_count",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose Authentication-Results to believe: of one inbox, or of all inboxes of a desk."""

    authserv_ids: tuple[str, ...]
    trusted_mx: tuple[str, ...]

    @classmethod
    def of(cls, *inboxes: Inbox) -> "Trust":
        """Given inboxes, return what any of them trusts."""
        return cls(
            tuple(dict.fromkeys(one for inbox in inboxes for one in inbox.authserv_ids)),
            tuple(dict.fromkeys(one for inbox in inboxes for one in inbox.trusted_mx)),
        )


def read_raw(
    raw: bytes, received_at: datetime, desk: Desk, trust: Trust, reader: Reader, size: int = 0
) -> tuple[Mail, Authentication]:
    """Given a mail's bytes and INTERNALDATE, return it read and with its authentication. Never raises for bad mail.

    Of a mail larger than limits.mail_bytes the beginning is enough; `size` is then that of all of it.

    The order is the law's (safety.md F.2): limits and verdicts from the raw header block first; only what
    keeps them is parsed, in the limited child process.
    """
    size = max(size, len(raw))
    partial = ""
    if size > desk.limits.mail_bytes:
        raw = raw[: min(BEGINNING, desk.limits.mail_bytes)]
        partial = f"larger than limits.mail_bytes ({size} bytes): only its beginning was read; see your mail program"
    block = read_headers(raw, desk.limits)
    broken = next((_OVER_LIMITS[defect] for defect in block.defects if defect in _OVER_LIMITS), "")
    found: list[tuple[Authentication, str]] = []

    def look_at_headers() -> None:
        found.append((authenticate_block(block, desk, trust), content_key(block, body_of(raw))))

    content = Content(problem=broken) if broken else reader.read(raw, look_at_headers)
    if not found:
        look_at_headers()
    authentication, key = found[0]
    return read_mail(block, replace(content, partial=partial), received_at, size, key), authentication


def authenticate_block(block: HeaderBlock, desk: Desk, trust: Trust) -> Authentication:
    """Given a header block, the desk and whom to trust, return who the mail provably comes from."""
    sender = read_sender(block)
    return authenticate(
        block, sender, read_results(block), trust.authserv_ids, trust.trusted_mx, forwarders_of(sender, desk)
    )
