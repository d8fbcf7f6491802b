"""The header stage reads any bytes in linear time and lets no line break through."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import letter, read_letter, write
from triagebot.core.desk import Limits
from triagebot.core.reading.headers import body_of, content_key, message_ids, read_headers, read_sender
from triagebot.core.reading.words import decode_words

LIMITS = Limits()


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_every_line_end_is_read(end: bytes) -> None:
    """CRLF, LF, bare CR and doubled CR end header lines; folds join; the empty line ends the block."""
    raw = end.join((b"Subject: one", b"  two", b"X-Empty:", b"FROM : a@b.test", b"", b"body: no header"))
    block = read_headers(raw, LIMITS)
    assert [(field.name, field.value) for field in block.fields] == [
        ("subject", "one  two"),
        ("x-empty", ""),
        ("from", "a@b.test"),
    ]
    assert (block.defects, body_of(raw)) == ((), b"body: no header")


def test_a_bare_cr_among_real_lines_is_a_space() -> None:
    """Servers that judged the mail saw no line end there, so no header may start behind it."""
    block = read_headers(b"Subject: a\rFrom: evil@x.test\r\nTo: b@c.test\r\n\r\n", LIMITS)
    assert ([field.name for field in block.fields], block.defects) == (["subject", "to"], ("bare-cr",))
    assert block.first("subject") == "a From: evil@x.test"


@pytest.mark.parametrize("line", [b"no header at all", b": no name", b"bad name: x", b" folded at the top"])
def test_lines_that_are_no_header_are_noted_and_passed(line: bytes) -> None:
    """What stands behind a garbage line is read: a machine's mark cannot hide there."""
    block = read_headers(line + b"\r\n and its fold\r\nAuto-Submitted: auto-replied\r\n\r\n", LIMITS)
    assert (block.all("auto-submitted"), block.defects) == (("auto-replied",), ("bad-line",))


def test_an_mbox_line_is_no_defect() -> None:
    """A saved mail may start with `From ` of an mbox file."""
    assert read_headers(b"From a@b Tue Nov 24 2026\nTo: a@b.test\n\n", LIMITS).defects == ()


@pytest.mark.parametrize(
    ("raw", "text"), [("zażółć".encode(), "zażółć"), (b"caf\xe9", "café"), (b"a\x00b\x07", "a\ufffdb\ufffd")]
)
def test_raw_eight_bit_is_utf8_then_latin1(raw: bytes, text: str) -> None:
    """Raw 8-bit text is UTF-8, else Latin-1 (design.md section 8); controls become U+FFFD."""
    assert read_headers(b"Subject: " + raw + b"\r\n\r\n", LIMITS).first("subject") == text


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"X-A: 1\r\n" * 1001 + b"\r\n", "header-count"),
        (b"X-A: " + b"a" * 16_385 + b"\r\n\r\n", "header-line"),
        ((b"X-A: " + b"a" * 10_000 + b"\r\n") * 11 + b"\r\n", "header-bytes"),
        (b"X-A: " + b"a" * 2_000_000, "header-bytes"),
        (b"\r".join([b"X-A: " + b"a" * 10_000] * 11), "header-bytes"),
    ],
)
def test_blocks_over_a_limit_are_cut_and_named(raw: bytes, defect: str) -> None:
    """Each limit of safety.md F.2 has its defect, and no value is longer than the limit."""
    block = read_headers(raw, LIMITS)
    assert defect in block.defects
    assert len(block.fields) <= 1000
    assert all(len(field.value) <= 16_384 for field in block.fields)


def test_blocks_at_the_limits_are_whole() -> None:
    """A thousand headers, and a value of exactly 16 kB, are still read."""
    assert read_headers(b"X-A: 1\r\n" * 1000 + b"\r\n", LIMITS).defects == ()
    assert read_headers(b"X-A:" + b"a" * 16_384 + b"\r\n\r\n", LIMITS).defects == ()


def test_long_references_keep_their_ends() -> None:
    """500 ids are over the line limit but no attack: the first and last ones stay (safety.md I)."""
    ids = [f"<{'x' * 60}.{number}@bakery.test>" for number in range(500)]
    mail = letter("References: " + "\r\n ".join(ids))
    assert mail.headers.defects == ("references-cut",)
    assert (mail.parents[:4], mail.parents[-6:]) == (tuple(ids[:4]), tuple(ids[-6:]))
    assert set(mail.parents) <= set(ids)


@given(st.binary(max_size=300))
def test_any_bytes_give_clean_headers(raw: bytes) -> None:
    """Any bytes give a block and a mail; no value or name holds CR, LF, NUL or half a character."""
    mail = read_letter(raw)
    texts = [text for field in mail.headers.fields for text in (field.name, field.value)]
    for text in (*texts, mail.subject, mail.message_id, *mail.parents):
        assert not set(text) & set("\r\n\0")
        text.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?b?xYI=?= =?utf-8?q?=C5=82?= x", "łł x"),
        ("=?utf-8?q?=E2=82?=\t=?utf-8?q?=AC?=", "€"),
        ("a =?iso-8859-2?q?=B1_b?= c", "a ą b c"),
        ("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?koi8-r*ru?q?=F0?=", "П"),
        ("=?utf-8?b?xYI?=", "ł"),
        ("=?utf-8?b?!!!?= ok", "ok"),
        ("=?x-unknown?q?=E9?=", "é"),
        ("=?punycode?q?bcher-kva?=", "bcher-kva"),
        ("=?utf-8?q?a=0D=0ABcc:_x=00?=", "a Bcc: x"),
        ("=?utf-8?q?=E2=80=AEevil?=", "evil"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
    ],
)
def test_encoded_words_are_decoded(value: str, text: str) -> None:
    """RFC 2047 words in any charset become clean text; broken ones never raise."""
    assert decode_words(value) == text


@given(st.one_of(st.text(), st.from_regex(r"(=\?[a-z0-9_-]{1,12}\?[bq]\?[ -~]{0,9}\?= ?){0,4}", fullmatch=True)))
def test_decoding_never_raises_and_never_breaks_a_line(value: str) -> None:
    """Whatever a word claims to be, the result is one clean line of limited length."""
    text = decode_words(value, 50)
    assert len(text) <= 50
    assert not set(text) & set(map(chr, range(32)))
    text.encode()


@pytest.mark.parametrize(
    "bomb",
    [
        "=?utf-8?q?x?= " * 40_000,
        "=?utf-8?b?" + "QUJD" * 25_000 + "?=",
        "=?" * 50_000,
        "=?a?q?" * 20_000,
        "".join(f"=?charset{n}?q?=E9?= " for n in range(5_000)),
        "<a@" * 33_000,
        "<" + "@" * 100_000 + ">",
        ("<" + "@" * 550 + ">") * 180,
    ],
)
def test_word_and_id_bombs_are_read_in_time(bomb: str) -> None:
    """40,000 encoded words take the standard library 26 s (safety.md 0.2); here everything is linear."""
    start = time.perf_counter()
    decode_words(bomb)
    message_ids(bomb)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("filler", [b'"', b"(", b"\r", b"\n ", b"a:\n", b"\xff", b"=?a?q?x?= ", b"\r\r"])
def test_header_bombs_are_read_in_time(filler: bytes) -> None:
    """Three megabytes of one thing in the header cost no more than a few moments."""
    raw = b"From: " + filler * (3_000_000 // len(filler))
    start = time.perf_counter()
    read_letter(raw)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b.test> <c@d.test>", ("<a@b.test>", "<c@d.test>")),
        ("<a@b.test>,<c@d.test>", ("<a@b.test>", "<c@d.test>")),
        ("<a b@c.test> <@> <no-at> <é@b.test> <ok@b.test>", ("<ok@b.test>",)),
        ("=?utf-8?q?=3Ca=40b=0D=0AX1_EXPUNGE=3E?=", ()),
        (f"<{'a' * 300}@b.test> <{'a' * 301}@b.test>", (f"<{'a' * 300}@b.test>",)),
    ],
)
def test_ids_are_found_by_their_form(value: str, ids: tuple[str, ...]) -> None:
    """Only what fits the grammar of safety.md B is an id, from the raw value."""
    assert message_ids(value) == ids


def test_at_most_500_ids_are_read() -> None:
    """A thread of a thousand ids gives 500."""
    assert len(message_ids("<a@b.test>" * 1000)) == 500


@pytest.mark.parametrize(
    "value", ["", "<>", "< a@b.test >", "one@b.test", "<a@b.test> <c@d.test>", "=?utf-8?q?=3Ca=40b=3E?="]
)
def test_an_unusable_message_id_is_none(value: str) -> None:
    """Threading headers are only ever built from a valid id (safety.md B)."""
    assert letter(message_id=value).message_id == ""


@pytest.mark.parametrize(
    ("more", "changes", "defect"),
    [
        (("From: evil@x.test",), {}, "from-count"),
        ((), {"author": None}, "from-count"),
        ((), {"author": "a@b.test, c@d.test"}, "two-addresses"),
        ((), {"author": "g: a@b.test;"}, "group"),
        ((), {"author": ""}, "empty"),
    ],
)
def test_from_must_be_one_header_with_one_address(
    more: tuple[str, ...], changes: dict[str, str | None], defect: str
) -> None:
    """Anything but one From with one address is a defect of the sender (safety.md A.2 row 24)."""
    assert defect in read_sender(read_headers(write(*more, **changes), LIMITS)).defects


def test_a_mail_is_read_whole() -> None:
    """Recipients of To and Cc, parents of both headers, Reply-To and the decoded subject reach the mail."""
    mail = letter(
        "Cc: mia@cafe.test",
        "References: <r1@x.test> <r2@x.test>",
        "In-Reply-To: <r2@x.test> <p@x.test>",
        "Reply-To: shop@bakery.test",
        "Reply-To: second@bakery.test",
        subject="=?utf-8?q?Linki=2C_prosz=C4=99?=",
    )
    assert [address.spec for address in mail.to] == ["support@adaweb.test", "mia@cafe.test"]
    assert mail.parents == ("<r1@x.test>", "<r2@x.test>", "<p@x.test>")
    assert (mail.subject, mail.message_id) == ("Linki, proszę", "<one@bakery.test>")
    assert "reply-to-count" in mail.reply_to.defects


def test_content_key_tells_mails_apart() -> None:
    """Equal mails share a key; another body, Message-ID, From, Date or Subject does not (safety.md F.1)."""
    first = letter().content_key
    assert letter("X-Folder: other").content_key == first
    others = [
        letter(message_id="<two@bakery.test>").content_key,
        letter(subject="Other").content_key,
        letter("Date: now").content_key,
        letter(author="x@bakery.test").content_key,
        content_key(letter().headers, b"other body"),
    ]
    assert len({first, *others}) == len(others) + 1
