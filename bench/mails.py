"""Seeded mails as a real provider leaves them in a mailbox: same count, seed and start, same bytes.

Shapes: plain, multipart/alternative, HTML only, with attachments; five languages; threads with quotes; a
tenth automatic.
"""

import base64
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench.mime import Entity, attach_pdf, encode_octets, encode_words, join_parts, write_office_html
from bench.sentences import VOICES, Voice

DESK = "support@bench.test"
RECEIVER = "mx.bench.test"
FIRMS = 200
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_FIRM_LANGUAGES = ("en", "en", "tr", "en", "ru", "pl", "en", "ja", "tr", "pl", "en", "ru")


def firm_domain(firm: int) -> str:
    """Given a firm's number, return its mail domain."""
    return f"firm{firm:05d}.example"


def firm_language(firm: int) -> str:
    """Given a firm's number, return the language its people write in."""
    return _FIRM_LANGUAGES[firm % len(_FIRM_LANGUAGES)]


def client_addresses(count: int, firms: int = FIRMS) -> list[str]:
    """Given a count, return that many addresses, spread evenly over at most that many firms."""
    return [f"person{index // firms + 1}@{firm_domain(index % firms)}" for index in range(count)]


def make_mails(
    count: int,
    seed: int,
    *,
    addresses: Sequence[str] | None = None,
    start: datetime = START,
    automatic: float = 0.1,
) -> Iterator[bytes]:
    """Given how many and a seed, yield mails of 2-60 KB (mean about 18 KB) with CRLF line ends.

    The n-th mail is from the n-th of `addresses` (in rounds; by default a thousand people, so that no
    sender is met too often); `automatic` is the share of machine mail. Dates lie within the two hours
    before `start`.
    """
    people = client_addresses(1000) if addresses is None else addresses
    random_numbers = random.Random(seed)
    for index in range(count):
        writer = Writer(random_numbers, people[index % len(people)], f"{seed:x}.{index:x}", start)
        yield writer.automatic_mail() if random_numbers.random() < automatic else writer.human_mail()


def make_long_mail(size: int, seed: int) -> bytes:
    """Given a size in bytes and a seed, return a plain mail with about that much text, in five languages."""
    random_numbers = random.Random(seed)
    writer = Writer(random_numbers, client_addresses(1)[0], f"{seed:x}.long", START)
    lines: list[str] = []
    while sum(len(line.encode()) for line in lines) < size:
        voice = VOICES[random_numbers.choice(list(VOICES))]
        _, asks = random_numbers.choice(voice.topics)
        lines.append(f"{random_numbers.choice(asks)} {random_numbers.choice(voice.details)}\r\n")
    text = "\r\n".join(lines).encode()
    headers = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return writer.assemble("Several questions at once", "", Entity(headers, text))


class Writer:
    """Writes one mail: who from, its serial (unique within the run) and the time it is written before."""

    def __init__(self, random_numbers: random.Random, address: str, serial: str, start: datetime) -> None:
        self.random = random_numbers
        self.address = address
        self.domain = address.rpartition("@")[2]
        self.serial = serial
        self.date = start - timedelta(seconds=random_numbers.randrange(60, 7200))
        self.language = firm_language(int(self.domain[4:9]))
        self.voice = VOICES[self.language]
        self.name = " ".join(random_numbers.choice(self.voice.names))

    def human_mail(self) -> bytes:
        """Return a person's question, in one of the four shapes."""
        subjects, asks = self.random.choice(self.voice.topics)
        text = self.write_text(self.voice, asks)
        subject, thread = self.random.choice(subjects), ""
        if self.random.random() < 0.3:
            subject, thread = f"Re: {subject}", self.write_references()
            text += self.quote()
        shape = self.random.random()
        if shape < 0.20:
            entity = self.text_part(text)
        elif shape < 0.55:
            entity = self.multipart("alternative", (self.text_part(text), self.html_part(text)))
        elif shape < 0.67:
            entity = self.html_part(text)
        else:
            entity = self.multipart("mixed", (self.text_part(text), self.attachment()))
        return self.assemble(subject, thread, entity)

    def automatic_mail(self) -> bytes:
        """Return a machine's mail: out of office, a list, a notification, a bounce or bulk mail."""
        text = self.write_text(self.voice, ("This message was sent automatically.",))
        match self.random.randrange(5):
            case 0:
                return self.assemble("Out of office", "Auto-Submitted: auto-replied\r\n", self.text_part(text))
            case 1:
                headers = f"List-Id: <news.{self.domain}>\r\nList-Unsubscribe: <https://{self.domain}/leave>\r\n"
                return self.assemble("Our news of this month", headers, self.html_part(text))
            case 2:
                return self.assemble("Backup done", "Auto-Submitted: auto-generated\r\n", self.text_part(text))
            case 3:
                return self.bounce()
            case _:
                return self.assemble("Special offer", "Precedence: bulk\r\n", self.html_part(text))

    def bounce(self) -> bytes:
        """Return a delivery status notification (RFC 3464) for a mail the desk never sent."""
        status = (
            f"Reporting-MTA: dns; mail.{self.domain}\r\n\r\nFinal-Recipient: rfc822; gone@{self.domain}\r\n"
            "Action: failed\r\nStatus: 5.1.1\r\n"
        )
        returned = f"From: {DESK}\r\nMessage-ID: <lost.{self.serial}@elsewhere.test>\r\nSubject: Hello\r\n"
        parts = (
            self.text_part("The mail below could not be delivered.\r\n"),
            Entity("Content-Type: message/delivery-status\r\n", status.encode()),
            Entity("Content-Type: text/rfc822-headers\r\n", returned.encode()),
        )
        self.address = f"mailer-daemon@{self.domain}"
        entity = self.multipart("report; report-type=delivery-status", parts)
        return self.assemble("Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied\r\n", entity, "")

    def write_text(self, voice: Voice, asks: Sequence[str]) -> str:
        """Given a voice and ways to ask, return a greeting, the question, some detail and a signature."""
        details = self.random.sample(voice.details, self.random.randint(0, 3))
        lines = [self.random.choice(voice.greetings), "", self.random.choice(asks), *details, ""]
        lines += [
            self.random.choice(voice.farewells),
            self.name,
            "",
            "-- ",
            self.name,
            f"https://www.{self.domain}/",
        ]
        return "\r\n".join(lines) + "\r\n"

    def quote(self) -> str:
        """Return the quoted mail this one answers."""
        _, asks = self.random.choice(self.voice.topics)
        quoted = self.write_text(self.voice, asks).splitlines() * self.random.randint(1, 6)
        when = self.date - timedelta(days=self.random.randint(1, 20))
        head = self.voice.wrote.format(date=when.strftime("%d.%m.%Y %H:%M"), name=self.name)
        return "\r\n" + head + "\r\n" + "".join(f"> {line}\r\n" for line in quoted)

    def write_references(self) -> str:
        """Return In-Reply-To and References of a thread the desk knows nothing of."""
        ids = [f"<{step}.{self.serial}@{self.domain}>" for step in range(self.random.randint(1, 5))]
        return f"In-Reply-To: {ids[-1]}\r\nReferences: " + "\r\n ".join(ids) + "\r\n"

    def text_part(self, text: str) -> Entity:
        """Given a text, return a text/plain entity in a charset and encoding usual for the language."""
        return self.encode_text("plain", text)

    def html_part(self, text: str) -> Entity:
        """Given a text, return it as the HTML of an office program, most of which is style."""
        return self.encode_text("html", write_office_html(text, self.random.randrange(25, 110)))

    def encode_text(self, subtype: str, text: str) -> Entity:
        """Given a text, return it encoded: quoted-printable, base64 or 8bit, at times in an older charset."""
        charset = self.voice.charset if self.random.random() < 0.25 else "utf-8"
        octets = text.encode(charset, "replace")
        if charset == "iso-2022-jp":
            encoding, body = "7bit", octets
        else:
            encoding = self.random.choice(("quoted-printable", "quoted-printable", "base64", "8bit"))
            body = encode_octets(encoding, octets)
        headers = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        return Entity(headers, body)

    def attachment(self) -> Entity:
        """Return bytes that look like a PDF."""
        octets = b"%PDF-1.7\n" + self.random.randbytes(self.random.randrange(14_000, 40_000)) + b"\n%%EOF\n"
        return attach_pdf(octets)

    def multipart(self, subtype: str, parts: Sequence[Entity]) -> Entity:
        """Given a multipart subtype with its parameters and the parts, return them as one entity."""
        return join_parts(subtype, parts, f"=_{self.serial}_{self.random.getrandbits(64):016x}")

    def assemble(self, subject: str, headers: str, entity: Entity, envelope: str | None = None) -> bytes:
        """Given a subject, further header lines and the content, return the mail as a mailbox holds it."""
        date = format_datetime(self.date)
        envelope = self.address if envelope is None else envelope
        signature = base64.b64encode(self.random.randbytes(192)).decode()
        folded = "\r\n\t".join(signature[at : at + 68] for at in range(0, len(signature), 68))
        head = (
            f"Return-Path: <{envelope}>\r\nDelivered-To: {DESK}\r\n"
            f"Authentication-Results: {RECEIVER};\r\n\tdkim=pass header.d={self.domain} header.s=s1;\r\n"
            f"\tspf=pass smtp.mailfrom={self.domain};\r\n\tdmarc=pass (p=none) header.from={self.domain}\r\n"
            f"Received: from mail.{self.domain} (mail.{self.domain} [192.0.2.25])\r\n"
            f"\tby {RECEIVER} with ESMTPS id {self.serial}\r\n\tfor <{DESK}>; {date}\r\n"
            f"Received: from [192.168.1.20] (unknown [198.51.100.7])\r\n\tby mail.{self.domain} with ESMTPSA;"
            f" {date}\r\n"
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s=s1;\r\n"
            f"\th=from:to:subject:date:message-id; bh={signature[:43]}=;\r\n\tb={folded}\r\n"
            f"X-Google-DKIM-Signature: v=1; a=rsa-sha256; d=1e100.example;\r\n\tb={folded}\r\n"
            f"X-Gm-Message-State: {signature[::-1]}\r\nX-Spam-Score: -2.1\r\n"
            f"From: {encode_words(self.name)} <{self.address}>\r\nTo: {DESK}\r\n"
            f"Subject: {encode_words(subject)}\r\nDate: {date}\r\n"
            f"Message-ID: <{self.serial}@{self.domain}>\r\n{headers}MIME-Version: 1.0\r\n"
            f"User-Agent: Mozilla Thunderbird\r\n{entity.headers}\r\n"
        )
        return head.encode() + entity.body
