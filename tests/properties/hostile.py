"""Mails nobody should have to read: strategies for raw bytes, mutated real mails, header soups and deep MIME."""

import random
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

CASES = Path(__file__).parents[1] / "cases"
_LARGEST = 12_000

PIECES: tuple[bytes, ...] = (
    b"\x00", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\x1b[31m", b"\x85", b"\xff\xfe", b"\xed\xa0\x80", b"\xe4",
    "\u202e".encode(), "\u2066".encode(), "\u2028".encode(), "\ufeff".encode(), b'"' * 300, b"(" * 300, b"<" * 50,
    b"=?utf-8?q?=0D=0AX1_EXPUNGE?=", b"=?utf-8?b?DQpCY2M6IHhAZXZpbC50ZXN0?=", b"=?utf-8?q?a=00b=E2=80=AE?=",
    b"=?utf-7?q?+2AA-?=", b"=?utf-16?b?2AA=?=", b"=?x-none?q?=80?=", b"=?utf-8?b?7aCA?=", b"=?hz?b?fn4=?=",
    b"\r\nBcc: victim@evil.test", b"\r\nFrom: x@evil.test", b"\r\nReply-To: x@evil.test", b"\r\nContent-Type: ",
    b"{{7*7}}{% raw %}${x}", b"') OR 1=1 --", b"%s%n%(x)s", b"\r\n.\r\nRCPT TO:<x@evil.test>\r\n",
    b"multipart/mixed; boundary=\"", b"; charset=\"unknown-\xff\"", b"; name*0*=utf-8''%00%0d; name*1*=x",
    b"\r\n--b\r\n", b"\r\n--b--\r\n", b"<script>alert(1)</script><img src=http://evil.test/x>", b",;:@<>[]\\",
)  # fmt: skip
"""Bytes that have broken mail programs: controls, halves of characters, encoded line breaks, other languages' code."""

_NAMES: tuple[bytes, ...] = (
    b"From", b"To", b"Cc", b"Subject", b"Message-ID", b"In-Reply-To", b"References", b"Reply-To", b"Date", b"Sender",
    b"Received", b"Return-Path", b"Delivered-To", b"Authentication-Results", b"ARC-Seal", b"Content-Type",
    b"Content-Transfer-Encoding", b"Content-Disposition", b"List-Id", b"Auto-Submitted", b"Precedence",
    b"X-Auto-Response-Suppress", b"X-Triagebot-Loop", b"X-Spam-Status", b"MIME-Version", b"X\x00Y", b"", b"\xff",
)  # fmt: skip
_VALUES: tuple[bytes, ...] = (
    b"Jan Nowak <jan@bakery.test>", b"jan@bakery.test", b"support@adaweb.test", b"Ada <support@adaweb.test>",
    b"<one@bakery.test>", b"<a@b> <c@d>", b"", b"text/plain; charset=utf-8", b"text/html", b"message/rfc822",
    b"multipart/mixed; boundary=b", b"multipart/report; report-type=delivery-status; boundary=b", b"base64",
    b"quoted-printable", b"attachment; filename=a.exe", b"dmarc=pass header.from=bakery.test", b"no",
    b"mx.adaweb.test; dmarc=pass header.from=bakery.test", b"i=1; d=forward.test; cv=none", b"Links of my pages",
    b"a@good.test <evil@x.test>", b"undisclosed-recipients:;", b"Tue, 24 Nov 2026 09:58:00 +0100",
)  # fmt: skip
_BODIES: tuple[bytes, ...] = (
    b"where do I change the permalinks of my pages?",
    b"Our site is down!",
    b"Please change the phone number.",
    b"--b\r\nContent-Type: text/plain\r\n\r\npermalinks\r\n--b--\r\n",
    b"> permalinks",
)

BOMBS: tuple[bytes, ...] = (
    b"From: " + b'"' * 100_000 + b"\r\n\r\npermalinks",
    b"From: " + b"(" * 5000 + b"\r\n\r\npermalinks",
    b"Subject: " + b"=?utf-8?q?a?= " * 40_000 + b"\r\n\r\npermalinks",
    b"Content-Type: text/plain" + b";\r\n a=b" * 100_000 + b"\r\n\r\npermalinks",
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000,
)
"""What costs the standard parser minutes or all of its stack (safety.md 0.2)."""

pieces = st.sampled_from(PIECES) | st.binary(max_size=20)


def small_cases() -> tuple[bytes, ...]:
    """Return the mails of the golden corpus that are small enough to be changed hundreds of times."""
    found = (file.read_bytes() for file in sorted(CASES.glob("*/mail*.eml")))
    return tuple(raw for raw in found if len(raw) <= _LARGEST)


@st.composite
def mutated_cases(draw: st.DrawFn) -> bytes:
    """A real mail with some of its bytes changed, cut, doubled or mixed with hostile pieces."""
    raw = bytearray(draw(st.sampled_from(small_cases())))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 60)))
        change = draw(st.sampled_from(("put", "replace", "double", "cut")))
        if change == "put":
            raw[start:start] = draw(pieces)
        elif change == "replace":
            raw[start:end] = draw(pieces)
        elif change == "double":
            raw[start:start] = raw[start:end] * draw(st.integers(1, 5))
        else:
            del raw[start:end]
    return bytes(raw)


@st.composite
def header_soups(draw: st.DrawFn) -> bytes:
    """Headers in any order and number, with values of any kind, over a body that a rule might match."""
    value = st.lists(st.sampled_from(_VALUES) | pieces, min_size=1, max_size=4).map(b"".join)
    field = st.tuples(st.sampled_from(_NAMES), value).map(lambda pair: b": ".join(pair))
    lines = draw(st.lists(field, max_size=25))
    end = draw(st.sampled_from((b"\r\n", b"\n", b"\r", b"\r\n\t")))
    return end.join((*lines, b"", draw(st.sampled_from(_BODIES) | pieces)))


@st.composite
def mime_trees(draw: st.DrawFn) -> bytes:
    """Parts in parts, deep or wide, closed or not, with charsets and encodings that lie."""
    body = draw(st.sampled_from(_BODIES))
    for level in range(draw(st.sampled_from((1, 3, 20, 60)))):
        boundary = draw(st.sampled_from((b"b", b"b%d" % level, b'"b"', b"")))
        kind = draw(
            st.sampled_from((b"multipart/mixed", b"multipart/alternative", b"multipart/report", b"message/rfc822"))
        )
        encoding = draw(
            st.sampled_from((b"", b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: text/calendar\r\n"))
        )
        head = b"Content-Type: " + kind + b"; boundary=" + boundary + b"\r\n" + encoding + b"\r\n"
        parts = (b"\r\n--" + boundary.strip(b'"') + b"\r\n").join((b"", *(body,) * draw(st.integers(1, 2))))
        body = (head + parts + draw(st.sampled_from((b"", b"\r\n--" + boundary + b"--\r\n"))))[:60_000]
    top = b"From: Jan Nowak <jan@bakery.test>\r\nTo: support@adaweb.test\r\nSubject: Links\r\n"
    return top + body


def any_mail() -> st.SearchStrategy[bytes]:
    """Any bytes at all, with a weight on what looks like mail."""
    raw = st.binary(max_size=400) | st.lists(pieces, max_size=30).map(b"".join)
    return mutated_cases() | header_soups() | mime_trees() | raw


def stamp(server: str, results: str, raw: bytes, trusted: Sequence[str] = ()) -> bytes:
    """Given a provider's name, its results and what arrived, return the mail as that provider files it."""
    seals = "".join(f"{line}\r\n" for line in trusted)
    head = f"Authentication-Results: {server}; {results}\r\nReceived: from somewhere by {server}\r\n{seals}"
    return head.encode() + raw


def draw_hostile(number: int, seed: int) -> list[bytes]:
    """Given a number and a seed, return so many mails that are bytes at random, real mails spoilt, or oversized."""
    chance = random.Random(seed)
    cases = small_cases()
    found = [*BOMBS]
    while len(found) < number:
        raw = bytearray(chance.choice(cases) if chance.random() < 0.9 else chance.randbytes(chance.randrange(1, 3000)))
        for _ in range(chance.randrange(1, 9)):
            start = chance.randrange(len(raw) + 1)
            raw[start : start + chance.choice((0, 0, 5, 80))] = chance.choice(PIECES)
        found.append(bytes(raw))
    return found[:number]
