"""The inside of mails: which words are the sender's, what came along, and nothing hostile gets far."""

import base64
import email.policy
import quopri
from email.message import EmailMessage

import mailparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.edge.mime import MimeContent, UnreadableMailError, read_mime

DEPTH, PARTS = 50, 500


def read(raw: bytes | str) -> MimeContent:
    """Given a mail, return what the reader makes of it under the default caps."""
    return read_mime(raw.encode() if isinstance(raw, str) else raw, DEPTH, PARTS)


def text_of(raw: bytes | str) -> str:
    """Given a mail, return the text of its body's pieces."""
    return "|".join(segment.text.strip("\n") for segment in read(raw).body)


def multipart(kind: str, *parts: str, parameters: str = "") -> str:
    """Given a multipart's kind and its parts with their headers, return the mail."""
    mark = f"b{abs(hash(parts)) % 10**8}"
    inner = "".join(f"--{mark}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"{parameters}\n\n{inner}--{mark}--\n'


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html words</p>"
ATTACHED = "Content-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\nlog words"
FORWARDED = f"Content-Type: message/rfc822\n\nSubject: inner\nMessage-ID: <in.1@dev.example>\n{PLAIN}"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (PLAIN, "plain words"),
        ("no header at all, just words", "no header at all, just words"),
        ("Subject: x\nnot a header\nwords", "not a header\nwords"),
        ("\n\nPlain after empty lines", "Plain after empty lines"),
        (multipart("alternative", PLAIN, HTML), "plain words"),
        (multipart("alternative", HTML, PLAIN), "plain words"),
        (multipart("alternative", "Content-Type: text/plain\n\n \n[cid:a@b]\n", HTML), "<p>html words</p>"),
        (multipart("mixed", ATTACHED, PLAIN), "plain words"),
        (multipart("mixed", HTML, "Content-Type: text/plain\n\nlist footer"), "<p>html words</p>|list footer"),
        (multipart("mixed", FORWARDED, PLAIN), "plain words"),
        (multipart("mixed", FORWARDED), "plain words"),
        (multipart("mixed", ATTACHED), "log words"),
        (multipart("mixed", multipart("related", multipart("alternative", PLAIN, HTML))), "plain words"),
        (multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\nx"), "plain words"),
        ("Content-Type: multipart/mixed; boundary=x\n\nthe boundary is missing", "the boundary is missing"),
        ("Content-Type: nonsense\n\nwords", "words"),
        (
            "Content-Type: text/plain; format=flowed\n\none \ntwo\n> q \n> r\nend\n-- \nJan",
            "one two\n> q r\nend\n-- \nJan",
        ),
        ("Content-Type: text/plain; format=flowed; delsp=yes\n\n日本 \n語", "日本語"),
        (
            "Content-Type: text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -- dash\n"
            "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n",
            "-- dash",
        ),
        ("Content-Type: application/pdf\n\nJVBERi0=", ""),
    ],
)
def test_the_body_is_the_senders_own_words(raw: str, text: str) -> None:
    """Plain text before HTML, never an attachment or an attached mail unless there is nothing else."""
    assert text_of(raw) == text


POLISH = "Zażółć gęślą jaźń, proszę o pomoc ze stroną"
TURKISH = "Şu an sitede ödeme çalışmıyor, ığdır şubesi görünmüyor"
RUSSIAN = "Здравствуйте, сайт не открывается со вчерашнего дня. Помогите!"
JAPANESE = "お世話になっております。サイトが表示されません。①"
FRENCH = "Bonjour, le formulaire a été cassé à Noël, où est-ce déjà ?"
GERMAN = "Schöne Grüße, das Menü läuft nicht übermäßig gut"


@pytest.mark.parametrize("declared", ["", "us-ascii", "iso-8859-1", "x-nonsense", "utf-8"])
@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", POLISH),
        ("utf-8", JAPANESE),
        ("cp1250", POLISH),
        ("iso8859_2", POLISH),
        ("cp1254", TURKISH),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("cp932", JAPANESE),
        ("cp1252", FRENCH),
        ("cp1252", GERMAN),
    ],
)
def test_undeclared_and_wrongly_declared_charsets(charset: str, text: str, declared: str) -> None:
    """Raw 8-bit text is read right although its charset is missing, unknown or a lie (field.md row 42)."""
    parameter = f"; charset={declared}" if declared else ""
    raw = f"Content-Type: text/plain{parameter}\nContent-Transfer-Encoding: 8bit\n\n".encode() + text.encode(charset)
    assert text_of(raw) == text


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("iso-8859-9", "cp1254", TURKISH),
        ("windows-1250", "cp1250", POLISH),
        ("iso-8859-2", "iso8859_2", POLISH),
        ("koi8-r", "koi8_r", RUSSIAN),
        ("shift_jis", "cp932", JAPANESE),
        ("gb2312", "gb18030", "您好，网站打不开了"),
        ("utf-16", "utf-16", POLISH),
        ("utf-7", "utf-7", POLISH),
        ("ISO-8859-1", "cp1252", "“Ça va” – 5 €"),
    ],
)
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_declared_charsets(charset: str, codec: str, text: str, encoding: str) -> None:
    """A declared charset is read as the superset that mailers mean by it, under any transfer encoding."""
    data = text.encode(codec)
    body = base64.encodebytes(data) if encoding == "base64" else quopri.encodestring(data)
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    assert text_of(head.encode() + body) == text


@pytest.mark.parametrize("declared", ["", "iso-2022-jp", "iso-2022-jp-ms", "us-ascii"])
def test_japanese_by_escape_sequences(declared: str) -> None:
    """ISO-2022-JP is known by its escapes, declared or not, with the characters Microsoft adds."""
    parameter = f"; charset={declared}" if declared else ""
    circled_one, half_width = b"\x1b$B-!\x1b(B", b"\x1b(I1\x1b(B"
    data = "サイトが表示されません".encode("iso2022_jp") + b" OK " + circled_one + half_width
    assert text_of(f"Content-Type: text/plain{parameter}\n\n".encode() + data) == "サイトが表示されません OK ①ｱ"


def test_html_charset_from_its_meta() -> None:
    """An HTML part without a charset is read as its own meta element says."""
    html = b'Content-Type: text/html\n\n<meta charset="gb18030"><p>' + "您好".encode("gb18030")
    assert "您好" in text_of(html)


def test_broken_encodings_give_what_can_be_read() -> None:
    """Broken base64, half a UTF-8 character and NUL bytes lose no more than themselves."""
    assert "hello" in text_of("Content-Transfer-Encoding: base64\n\naGVsbG8*gd29ybGQ\n")
    assert text_of("Zażółć gęślą jaźń, tak".encode() + b"\xc5") == "Zażółć gęślą jaźń, tak\ufffd"
    assert text_of(b"a\x00b\x1b[31mc\xe2\x80\xaed") == "ab[31mcd"


def test_names_of_files() -> None:
    """Attachments are named by their base name, cleaned; logos in the text and signatures do not count."""
    files = (
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C5%81ad%20a.pdf\n\nx",
        'Content-Type: image/png; name="=?utf-8?B?xYFhZC5wbmc=?="\n\nx',
        'Content-Type: application/zip; name="..\\\\..\\\\etc\\\\a\u202efdp.exe"\nContent-Disposition: attachment\n\nx',
        "Content-Type: application/zip\nContent-Disposition: attachment\n\nx",
        "Content-Type: application/pgp-signature; name=sig.asc\n\nx",
        FORWARDED.replace("822\n", "822\nContent-Disposition: attachment\n", 1),
        multipart("related", HTML, "Content-Type: image/png; name=logo.png\nContent-ID: <l@x>\n\nx"),
    )
    assert read(multipart("mixed", PLAIN, *files)).attachments == (
        "Ład a.pdf",
        "Ład.png",
        "afdp.exe",
        "unnamed.zip",
        "unnamed.eml",
    )


def test_same_mail_same_names() -> None:
    """Reading twice gives equal content: nothing is drawn by lot."""
    raw = multipart("mixed", PLAIN, "Content-Type: text/rtf\n\nx", "Content-Type: image/gif\nContent-ID: <a@b>\n\nx")
    assert read(raw) == read(raw)


FAILED = "Final-Recipient: rfc822; Jan@bakery.example\nAction: Failed\nStatus: 5.1.1 (x)\n"
STATUS = f"Reporting-MTA: dns; mx.example\n\n{FAILED}"


def test_a_bounce_tells_its_recipients_and_our_id() -> None:
    """A delivery status gives one entry a recipient, the returned mail our Message-ID (RFC 3464)."""
    raw = multipart(
        "report",
        PLAIN,
        f"Content-Type: message/delivery-status\n\n{STATUS}\nOriginal-Recipient: rfc822;b@x.example\nAction: delayed\n",
        FORWARDED,
        parameters="; report-type=Delivery-Status",
    )
    found = read(raw)
    assert found.report_type == "delivery-status"
    assert found.types == ("multipart/report", "text/plain", "message/delivery-status", "message/rfc822")
    assert [(b.action, b.status, b.recipient) for b in found.bounces] == [
        ("failed", "5.1.1", "Jan@bakery.example"),
        ("delayed", "", "b@x.example"),
    ]
    assert found.returned_id == "<in.1@dev.example>"
    assert text_of(raw) == "plain words"


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822-headers"])
def test_returned_headers_alone(kind: str) -> None:
    """Where only the headers came back, the id is found too; a damaged id is none."""
    part = f"Content-Type: {kind}\n\nSubject: x\nMessage-ID:\n <ar.1@dev.example>\n"
    assert read(multipart("report", PLAIN, part)).returned_id == "<ar.1@dev.example>"
    assert read(multipart("report", PLAIN, part.replace("@", " "))).returned_id == ""


def test_international_delivery_status() -> None:
    """message/global-delivery-status (RFC 6533) is read as well."""
    part = f"Content-Type: message/global-delivery-status\n\n{STATUS}"
    assert [b.status for b in read(multipart("report", PLAIN, part)).bounces] == ["5.1.1"]


def test_qmail_bounces_without_mime() -> None:
    """A bounce in qmail's plain form gives its recipients and our id."""
    raw = (
        "From: MAILER-DAEMON@mx.example\n\nHi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't "
        "able.\n\n<jan@bakery.example>:\nSorry, no mailbox. (#5.1.1)\n\n--- Below this line is a copy of the "
        "message.\n\nReturn-Path: <a@dev.example>\nMessage-ID: <ar.1@dev.example>\nSubject: x\n\nbody\n"
    )
    found = read(raw)
    assert found.returned_id == "<ar.1@dev.example>"
    assert [(b.action, b.status, b.recipient) for b in found.bounces] == [("failed", "5.1.1", "jan@bakery.example")]


def test_more_bounces_than_anybody_sends() -> None:
    """Beyond fifty recipients the rest is not listed, and that is noted (safety.md A.6)."""
    block = "\nFinal-Recipient: rfc822; x@y.example\nAction: failed\n"
    found = read(multipart("report", PLAIN, f"Content-Type: message/delivery-status\n\n{STATUS}{block * 60}"))
    assert len(found.bounces) == 50
    assert "many-bounces" in found.defects


@pytest.mark.parametrize("inside", ["method=REQUEST\n\nBEGIN:VCALENDAR", "x=y\n\nBEGIN:VCALENDAR\nMETHOD:request"])
def test_invitations(inside: str) -> None:
    """The method of an invitation comes from its parameter or its text."""
    found = read(multipart("alternative", PLAIN, f"Content-Type: text/calendar; {inside}"))
    assert found.calendar_method == "REQUEST"
    assert "text/calendar" in found.types


def test_what_an_attached_mail_holds_is_not_this_mails() -> None:
    """A forwarded bounce or invitation is no bounce or invitation of this mail."""
    inner = multipart("report", PLAIN, f"Content-Type: message/delivery-status\n\n{STATUS}")
    found = read(multipart("mixed", PLAIN, f"Content-Type: message/rfc822\n\n{inner}"))
    assert found.types == ("multipart/mixed", "text/plain", "message/rfc822")
    assert found.bounces == ()


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1"), "encrypted"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", "encrypted"),
        ("Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\nx", "encrypted"),
        (multipart("mixed", PLAIN, "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"), "tnef"),
    ],
)
def test_what_cannot_be_looked_into_is_noted(raw: str, defect: str) -> None:
    """Encrypted, opaquely signed and Outlook-packed mails say so."""
    assert defect in read(raw).defects


def nested(depth: int) -> str:
    """Given a depth, return a mail with so many multiparts inside each other."""
    heads = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)]
    return "".join(heads) + PLAIN


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (nested(60), "This mail is nested deeper than 50 levels."),
        (nested(2000), "This mail is nested deeper than 50 levels."),
        (multipart("mixed", *[PLAIN] * 600), "This mail has more than 500 parts."),
        (multipart("mixed", *[PLAIN] * 10_000), "This mail has more than 500 parts."),
        (
            multipart("mixed", "".join(f"X-{n}: y\n" for n in range(1500)) + PLAIN),
            "A part of this mail has more than 1000 header fields.",
        ),
    ],
    ids=["60 levels", "2000 levels", "600 parts", "10000 parts", "1500 fields"],
)
def test_beyond_the_caps(raw: str, sentence: str) -> None:
    """Too deep, too many parts or fields: a sentence, not a crash (safety.md F.2)."""
    with pytest.raises(UnreadableMailError) as caught:
        read(raw)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain" + "; a=b" * 100_000,
        "Content-Type: text/plain\nSubject: " + "=?utf-8?q?a?= " * 70_000,
        "Content-Type: text/plain\nFrom: " + '"' * 100_000,
        "Content-Type: text/plain\nTo: " + "a@b.example, " * 50_000,
        "Content-Type: text/plain\nX: y\n" + " more\n" * 100_000 + "Y: z",
        "Content-Type: text/plain\nContent-Disposition: inline; filename=" + "=?utf-8?q?a?= " * 70_000,
    ],
    ids=["parameters", "subject", "quotes", "addresses", "continuations", "file name"],
)
@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.timeout(10)
def test_absurd_headers_cost_nothing(head: str, inner: bool) -> None:
    """Headers of megabytes, of the mail or of a part, are cut before anything parses them."""
    raw = multipart("mixed", f"{head}\n\nplain words") if inner else f"{head}\n\nplain words"
    assert "plain words" in text_of(raw)


def test_where_mail_parser_fails_the_tree_is_read_without_it() -> None:
    """A truncated mail that mail-parser cannot take still gives its words and its files."""
    broken = "Content-Type: multipart/alternative; boundary=c\n\nits boundary never comes"
    picture = 'Content-Type: image/png; name="=?utf-8?B?xYFhZC5wbmc=?="\n\nx'
    head = "Content-Type: multipart/mixed; boundary=b\n\n"
    found = read(head + "".join(f"--b\n{part}\n" for part in (PLAIN, broken, picture)))
    assert "parser-failed" in found.defects
    assert found.body[0].text.strip() == "plain words"
    assert found.attachments == ("Ład.png",)


@pytest.mark.parametrize("indefinite", [False, True])
def test_opaque_signatures_are_opened(indefinite: bool) -> None:
    """An S/MIME mail signed as a whole shows its words, its signature noted as not verified (field.md row 44)."""
    words = multipart("mixed", PLAIN, "Content-Type: image/png; name=a.png\n\nx").encode()
    middle = len(words) // 2
    pieces = [words[:middle], words[middle:]] if indefinite else [words]
    octets = b"".join(b"\x04\x82" + len(piece).to_bytes(2, "big") + piece for piece in pieces)
    content = b"\xa0\x80\x24\x80" + octets + b"\0\0\0\0" if indefinite else b"\xa0\x82\x09\x99" + octets
    message = b"\x30\x80..." + bytes.fromhex("06092a864886f70d010701") + content + bytes(3000)
    head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n"
    found = read(head + base64.encodebytes(message))
    assert "plain words" in found.body[0].text
    assert found.attachments == ("a.png",)
    assert found.types[:2] == ("application/pkcs7-mime", "multipart/mixed")
    assert "signature-not-verified" in found.defects


@given(st.binary(max_size=300), st.integers(0, 3))
def test_any_bytes_give_content(data: bytes, place: int) -> None:
    """Whatever the bytes, as a whole mail, a header's value, a part or a body: content or the one exception."""
    frames = [b"%s", b"Content-Type: %s\n\nx", multipart("mixed", "%s", PLAIN).encode(), b"Subject: x\n\n%s"]
    try:
        found = read_mime(frames[place].replace(b"%s", data), DEPTH, PARTS)
    except UnreadableMailError:
        return
    for segment in found.body:
        segment.text.encode("utf-8")


def test_mail_parser_agrees_on_an_ordinary_mail() -> None:
    """On a mail as programs write it, the chosen text is the one mail-parser finds."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail.set_content(POLISH)
    mail.add_alternative(f"<p>{POLISH}</p>", subtype="html")
    raw = mail.as_bytes()
    assert text_of(raw).strip() == mailparser.parse_from_bytes(raw).text_plain[0].strip()
