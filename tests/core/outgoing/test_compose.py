"""Outgoing mails: what is parsed back is what was meant, and no value can break out (safety.md B, F.3, 0.4)."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader, DateHeader
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import mailparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triagebot.core.outgoing.compose import (
    ComposeError,
    Draft,
    compose,
    encode_words,
    header_fields,
    plain_text,
    reference_chain,
)
from triagebot.core.outgoing.identity import PREFIXES, loop_code, make_message_id
from triagebot.core.outgoing.inline import Inline, content_id

KEY = b"k" * 32
DATE = datetime(2026, 11, 3, 9, 12, 44, tzinfo=ZoneInfo("Europe/Warsaw"))
OWN_ID = make_message_id(KEY, "auto", "cause", "dev.example")
PARENT = "<the-parent@client.example>"
DRAFT = Draft(
    OWN_ID, "Dana Dev", "support@dev.example", "anna@client.example", "Re: Login page is down", DATE, "Hello.\n"
)

SUPPRESSING = {"X-Auto-Response-Suppress": "All", "Precedence": "auto_reply"}
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
printable = st.characters(codec="utf-8", exclude_characters="\x7f", min_codepoint=0x20).filter(
    lambda one: not UNFIT.match(one)
)
header_texts = st.text(printable, max_size=300).map(lambda text: " ".join(text.split()))
# Up to one encoded word: CPython's reader puts a space between two of them in a name.
names = header_texts.map(lambda text: text.encode()[:39].decode("utf-8", "ignore").strip())
sentences = st.lists(st.text("abc.,", min_size=1, max_size=30), max_size=40).map(" ".join)
subjects = header_texts | st.lists(st.sampled_from(("Re:", "=?utf-8?q?a?=", "page", "ż", "日本", "?=", "a" * 80))).map(
    " ".join
)
addresses = st.from_regex(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9]{1,10})?@[a-z0-9]{1,20}\.example", fullmatch=True
)
ids = st.from_regex(r"<[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,300}@[a-zA-Z0-9.-]{1,100}>", fullmatch=True)
bodies = st.text(max_size=400) | st.lists(
    st.sampled_from(
        ("From here", ".", "--=_ar", "=3D", "ż" * 80, "x" * 1200, "日本語" * 50, "tab\t ", " ", "\r", "\r\n", "")
    )
).map("\n".join)
own_ids = st.builds(
    make_message_id, st.just(KEY), st.sampled_from(sorted(PREFIXES)), bodies.map(repr), st.just("dev.example")
)
picture_names = st.from_regex(r"[a-z0-9]{1,16}(-[a-z0-9]{1,15})?", fullmatch=True)
pictures = st.lists(
    st.builds(Inline, picture_names, st.binary(max_size=300)), max_size=3, unique_by=lambda picture: picture.name
).map(tuple)
india = timezone(timedelta(hours=5.5))
dates = st.integers(0, 3 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, india))
drafts = st.builds(
    Draft,
    message_id=own_ids,
    from_name=names,
    from_address=addresses,
    to=addresses,
    subject=subjects,
    date=dates,
    text=bodies,
    html=bodies,
    language=st.sampled_from(("en", "pt-BR")),
    parents=st.lists(ids, max_size=15).map(tuple),
    automatic=st.sampled_from(("auto-replied", "auto-generated", "")),
    pictures=pictures,
)  # fmt: skip


def read(raw: bytes) -> EmailMessage:
    """Given final bytes, return the mail as the standard library's strictest reader sees it."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def normalize(text: str) -> str:
    """Given a body, return it as it can be sent: one kind of line end, no half characters, one line end at the end."""
    sendable = text.encode("utf-8", "replace").decode()
    return sendable.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def body_of(part: EmailMessage) -> str:
    """Given a text part, return its decoded text."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return normalize(payload.decode(part.get_content_charset("ascii")))


def lines_of(raw: bytes) -> dict[str, list[str]]:
    """Given final bytes, return the physical lines of each header field."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    fields = [field.split("\r\n") for field in re.split(r"\r\n(?![ \t])", head)]
    return {field[0].partition(":")[0]: field for field in fields}


@given(drafts)
@example(replace(DRAFT, from_name="=?utf-8?q?Bank?=", subject="=?utf-8?q?Bank?="))
@example(replace(DRAFT, from_name='Say "hi" \\ to me', subject="a" * 900))
def test_parsed_back_it_says_the_same(draft: Draft) -> None:
    """A strict reader finds the very sender, recipient, subject, date and text parts that were meant, no defect."""
    message = read(compose(draft, KEY))
    sender, recipient, date = message["From"], message["To"], message["Date"]
    assert isinstance(sender, AddressHeader)
    assert isinstance(recipient, AddressHeader)
    assert isinstance(date, DateHeader)
    assert [(one.display_name, one.addr_spec) for one in sender.addresses] == [(draft.from_name, draft.from_address)]
    assert [(one.display_name, one.addr_spec) for one in recipient.addresses] == [("", draft.to)]
    assert (message["Subject"], message["Message-ID"]) == (draft.subject, draft.message_id)
    assert date.datetime == draft.date
    assert [field.defects for name, field in message.items() if field.defects] == []
    parts = [part for part in message.walk() if not part.is_multipart()]
    texts = ["text/plain", "text/html"][: 1 + bool(draft.html)]
    shown = draft.pictures if draft.html else ()
    assert [part.get_content_type() for part in parts] == texts + ["image/png"] * len(shown)
    for part, text in zip(parts, (draft.text, draft.html), strict=False):
        assert isinstance(part, EmailMessage)
        assert (body_of(part), part.defects) == (normalize(text), [])
    for part, picture in zip(parts[len(texts) :], shown, strict=True):
        assert (part.get_payload(decode=True), part.defects) == (picture.png, [])


@given(drafts)
def test_bytes_fit_the_wire(draft: Draft) -> None:
    """No bare CR or LF, no 8-bit byte, no line over 998 octets in headers or over 76 in bodies (RFC 5321, 2045)."""
    raw = compose(draft, KEY)
    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert raw.endswith(b"\r\n")


@given(header_texts | sentences, header_texts | sentences)
def test_headers_are_folded(name: str, subject: str) -> None:
    """Lines that can be folded stay within 78 characters, those with encoded words within 76 (RFC 5322, 2047)."""
    draft = replace(DRAFT, from_name=name, subject=subject, parents=(PARENT, "<second@client.example>"))
    for field in lines_of(compose(draft, KEY)).values():
        for line in field:
            limit = 76 if "=?" in line else 78
            assert len(line) <= limit or " " not in line.strip().partition(": ")[2]


@given(drafts)
def test_the_same_draft_gives_the_same_bytes(draft: Draft) -> None:
    """Nothing random is in a mail: a retry sends the very same bytes."""
    assert compose(draft, KEY) == compose(replace(draft), KEY)


@pytest.mark.parametrize("length", [90, 300])
def test_long_ids_are_never_encoded(length: int) -> None:
    """Outlook drops threads whose In-Reply-To or References hold encoded words (safety.md 0.4)."""
    parent, older = f"<{'p' * length}@client.example>", f"<{'o' * length}@client.example>"
    fields = lines_of(compose(replace(DRAFT, parents=(older, parent)), KEY))
    assert fields["In-Reply-To"] == [f"In-Reply-To: {parent}"]
    assert fields["References"] == [f"References: {older}", f" {parent}"]


def with_value(field: str) -> Callable[[str], Draft]:
    """Given a field of a draft, return how to put a text somewhere into it."""

    def put(text: str) -> Draft:
        old = getattr(DRAFT, field)
        changes: dict[str, Any] = {
            field: (f"<a{text}b@client.example>",) if field == "parents" else f"{old[:3]}{text}{old[3:]}"
        }
        return replace(DRAFT, **changes)

    return put


HEADER_FIELDS = ("message_id", "from_name", "from_address", "to", "subject", "language", "parents", "automatic")


@pytest.mark.parametrize("field", HEADER_FIELDS)
@pytest.mark.parametrize(
    "text", ["\r\n", "\r\nBcc: all@evil.example", "\n ", "\r", "\0", "\x1b", "\x7f", "\x85", "\udce4"], ids=ascii
)
def test_no_value_breaks_out_of_its_header(field: str, text: str) -> None:
    """A control character, line end or half character in any header value is refused, not dropped or encoded."""
    with pytest.raises(ComposeError):
        compose(with_value(field)(text), KEY)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *((field, text) for field in ("from_address", "to", "language", "automatic") for text in " ,<>é(;"),
        *((field, text) for field in ("message_id", "parents") for text in " <>é"),
    ],
)
def test_structured_values_hold_no_text(field: str, text: str) -> None:
    """Addresses, ids and tags are what they are: no second address, comment, parameter or 8-bit letter fits in."""
    with pytest.raises(ComposeError):
        compose(with_value(field)(text), KEY)


@pytest.mark.parametrize("address", ["", "anna", "@client.example", "anna@", "a@b@c", "anna@client.example "])
def test_what_is_no_address_is_refused(address: str) -> None:
    """A mail goes to exactly one real address."""
    with pytest.raises(ComposeError):
        compose(replace(DRAFT, to=address), KEY)


@pytest.mark.parametrize(
    "name", ["Zoë Müller", "Ада Сайты", "花子", "İpek", "O'Neil, Dana", 'D "X" \\', "a  b", " a", "Dr. X", ""]
)
def test_display_names(name: str) -> None:
    """Any name a developer gives the desk comes out as it went in."""
    sender = read(compose(replace(DRAFT, from_name=name), KEY))["From"]
    assert isinstance(sender, AddressHeader)
    assert [(one.display_name, one.addr_spec) for one in sender.addresses] == [(name, DRAFT.from_address)]


@given(header_texts)
def test_long_names(name: str) -> None:
    """A name of several encoded words is one name to a reader that follows RFC 2047 section 6.2."""
    written = dict(header_fields(replace(DRAFT, from_name=name), KEY))["From"]
    phrase = written.replace("\r\n", "").removesuffix(f"<{DRAFT.from_address}>").rstrip()
    quoted = re.fullmatch(r'"(.*)"', phrase)
    read_back = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else str(make_header(decode_header(phrase)))
    assert read_back == name


@pytest.mark.parametrize("html", ["", "<p></p>"])
def test_an_empty_text_is_a_mail(html: str) -> None:
    """A mail of no words has an empty text part and no defect."""
    message = read(compose(replace(DRAFT, text="", html=html), KEY))
    assert plain_text(compose(replace(DRAFT, text="", html=html), KEY)).strip() == ""
    assert message.defects == []


def test_half_characters_in_the_body_become_question_marks() -> None:
    """A lone surrogate in a text does no harm: the mail leaves with a mark in its place."""
    assert plain_text(compose(replace(DRAFT, text="ab\udce4cd"), KEY)).strip() == "ab?cd"


@given(bodies)
def test_plain_text_reads_what_compose_wrote(text: str) -> None:
    """The text part of a finished mail can be shown again, with or without an HTML part."""
    for html in ("", "<p>ż</p>"):
        assert normalize(plain_text(compose(replace(DRAFT, text=text, html=html), KEY))) == normalize(text)


@pytest.mark.parametrize(
    ("automatic", "expected"),
    [
        ("auto-replied", {"Auto-Submitted": "auto-replied", **SUPPRESSING}),
        ("auto-generated", {"Auto-Submitted": "auto-generated", **SUPPRESSING}),
        ("", {}),
    ],
)
def test_automatic_headers(automatic: str, expected: dict[str, str]) -> None:
    """What a machine wrote says so in three headers; what a person approved does not. The loop marker is on both."""
    message = read(compose(replace(DRAFT, automatic=automatic), KEY))
    named = {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"}
    assert {name: str(value) for name, value in message.items() if name in named} == expected
    assert message["X-Triagebot-Loop"] == loop_code(KEY)


def test_headers_of_a_reply() -> None:
    """A reply has exactly the fields of safety.md B.4, each once, in this order."""
    names = [name for name, _ in header_fields(replace(DRAFT, parents=("<older@client.example>", PARENT)), KEY)]
    automatic = ["Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"]
    first = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"]
    assert names == [*first, *automatic, "X-Triagebot-Loop", "Content-Language", "MIME-Version"]
    raw = compose(DRAFT, KEY)
    assert list(lines_of(raw))[-2:] == ["Content-Type", "Content-Transfer-Encoding"]
    assert "Date: Tue, 03 Nov 2026 09:12:44 +0100" in raw.decode("ascii").split("\r\n")


def test_without_a_parent_nothing_is_threaded() -> None:
    """No parent id, no In-Reply-To and no References."""
    assert not {"In-Reply-To", "References"} & {name for name, _ in header_fields(DRAFT, KEY)}


def test_long_threads_keep_their_ends() -> None:
    """Of more than ten ids the first four and the last six stay (safety.md B, References length)."""
    thread = tuple(f"<{number}@client.example>" for number in range(30))
    assert reference_chain(thread[:10]) == thread[:10]
    assert reference_chain(thread) == (*thread[:4], *thread[-6:])


@given(st.lists(ids | st.sampled_from((PARENT, "<again@client.example>")), min_size=1, max_size=40).map(tuple))
def test_reference_chain(parents: tuple[str, ...]) -> None:
    """At most ten ids and 4 kB, none twice, in the thread's order, and the answered mail's id last."""
    chain = reference_chain(parents)
    assert len(chain) <= 10
    assert sum(len(one) + 1 for one in chain) <= 4000
    assert len(set(chain)) == len(chain)
    assert chain[-1] == parents[-1]
    last = {one: place for place, one in enumerate(parents)}
    assert [last[one] for one in chain] == sorted(last[one] for one in chain)


@given(drafts.filter(lambda draft: bool(draft.html)))
@example(replace(DRAFT, text="--=_ar", html="--=_ar" + OWN_ID[4:30]))
def test_the_boundary_is_nowhere_else(draft: Draft) -> None:
    """The boundary stands where parts begin and end, and never in a body."""
    raw = compose(draft, KEY)
    boundary = read(raw).get_boundary()
    assert boundary
    assert len(boundary) <= 70
    body = raw.partition(b"\r\n\r\n")[2]
    assert body.count(b"--" + boundary.encode()) == 3
    assert re.fullmatch(r"[0-9A-Za-z'()+_,./:=?-]+", boundary)


@pytest.mark.parametrize("length", [1, 300])
def test_the_boundary_of_a_strange_id_is_sound(length: int) -> None:
    """Whatever the mail's id, the boundary has at most 70 characters (RFC 2046 section 5.1.1)."""
    boundary = read(compose(replace(DRAFT, message_id=f"<{'x' * length}@dev.example>", html="<p>"), KEY)).get_boundary()
    assert boundary
    assert len(boundary) <= 70


@given(header_texts)
def test_encoded_words_are_short(text: str) -> None:
    """No encoded word is longer than 75 characters, and none holds half a character (RFC 2047 sections 2, 5)."""
    for word in encode_words(text + "ż").split():
        assert len(word) <= 75
        assert b64decode(word.removeprefix("=?utf-8?b?").removesuffix("?=")).decode("utf-8")


PICTURES = (Inline("reasons", b"\x89PNG reasons" * 20), Inline("kept-promises", b"\x89PNG kept"))


def test_pictures_travel_with_the_page_that_shows_them() -> None:
    """A reader that shows HTML finds each picture beside it by its Content-ID, to be shown in line, named as a file."""
    message = read(compose(replace(DRAFT, html="<p>Hi</p>", pictures=PICTURES), KEY))
    plain, related = message.iter_parts()
    assert isinstance(related, EmailMessage)
    kinds = [message.get_content_type(), plain.get_content_type(), related.get_content_type()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related"]
    assert related.get_param("type") == "text/html"
    page, *shown = related.iter_parts()
    assert page.get_content_type() == "text/html"
    assert [part["Content-ID"] for part in shown] == ["<reasons@triagebot>", "<kept-promises@triagebot>"]
    assert [part.get_filename() for part in shown] == ["reasons.png", "kept-promises.png"]
    assert {part.get_content_disposition() for part in shown} == {"inline"}
    assert content_id("reasons") == "reasons@triagebot"


def test_another_library_finds_the_pictures_too() -> None:
    """What mail-parser reads is the same: both texts, and the pictures with their bytes and ids."""
    parsed = mailparser.parse_from_bytes(compose(replace(DRAFT, html="<p>Hi</p>", pictures=PICTURES), KEY))
    assert [text.strip() for text in (*parsed.text_plain, *parsed.text_html)] == ["Hello.", "<p>Hi</p>"]
    found = [(one["filename"], one["content-id"], b64decode(one["payload"])) for one in parsed.attachments]
    assert found == [(f"{one.name}.png", f"<{content_id(one.name)}>", one.png) for one in PICTURES]


@pytest.mark.parametrize("name", ["", "a b", "ż", "a\r\nBcc: x", 'a"b', "a" * 33, "-a", "a-", "A", "../a", "a@b"])
def test_a_picture_has_a_plain_name(name: str) -> None:
    """A picture's name stands in headers, so nothing but letters, digits and hyphens is let in."""
    with pytest.raises(ComposeError):
        compose(replace(DRAFT, html="<p>", pictures=(Inline(name, b""),)), KEY)
