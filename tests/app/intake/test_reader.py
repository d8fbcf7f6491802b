"""The reader: every mail gives a Content, and after any mail the next one is read."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.bounces import bounce
from triagebot.app.intake.reader import Reader
from triagebot.core.desk import Limits
from triagebot.core.mail import Bounce, Content
from triagebot.edge.sandbox import SandboxUnavailableError

PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
ORDINARY = PLAIN + "Dzień dobry, formularz na stronie nie działa.\n\n-- \nJan\n".encode()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One reader for all mails, with limits small enough for tests."""
    shared = Reader(replace(Limits(), parse_cpu=timedelta(seconds=2), parse_wall=timedelta(seconds=10)))
    yield shared
    shared.close()


def read_with_next(reader: Reader, raw: bytes) -> Content:
    """Given a mail, return its content, having seen that the next mail is read as ever."""
    content = reader.read(raw)
    assert reader.read(ORDINARY).new_text == "Dzień dobry, formularz na stronie nie działa."
    return content


def test_an_ordinary_reply(reader: Reader) -> None:
    """Words, language, types, files and the new text of a reply come back as values."""
    raw = (
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"
        + "<p>Dzień dobry, formularz nie działa.</p><p>Jan</p>".encode()
        + b"<div class=gmail_quote>On Mon, 2 Nov 2026 at 09:12, Anna &lt;anna@dev.example&gt; wrote:"
        + b"<blockquote>old words</blockquote></div>\n--b\nContent-Type: image/png; name=a.png\n\nx\n--b--\n"
    )
    content = reader.read(raw)
    assert content.new_text == "Dzień dobry, formularz nie działa.\nJan"
    assert "> old words" in content.text
    assert content.languages[0][0] == "pl"
    assert content.types == ("multipart/mixed", "text/html", "image/png")
    assert content.attachments == ("a.png",)
    assert content.problem == ""


def test_a_bounce(reader: Reader) -> None:
    """Who failed, with which code and words, and which mail came back, arrive as they were read."""
    content = reader.read(bounce(b"To: ann@client.test\r\nMessage-ID: <1@company.test>\r\n\r\nHello"))
    assert content.bounces == (Bounce("failed", "5.1.1", "ann@client.test", "550 5.1.1 said the server"),)
    assert content.returned_id == "<1@company.test>"


def test_the_whole_text_where_the_new_words_are_unsure(reader: Reader) -> None:
    """A mail that seems to be all quote is read as a whole, and says so (field.md row 39)."""
    content = reader.read(PLAIN + b"> Please cancel\n> my booking")
    assert content.new_text == content.text == "> Please cancel\n> my booking"
    assert "new-text-unsure" in content.defects


def test_entities_cannot_smuggle_controls(reader: Reader) -> None:
    """Characters written as entities are cleaned like others."""
    content = reader.read(b"Content-Type: text/html\n\n<p>a&#27;[31m&#x202e;b&#0;c&#xd800;d</p>")
    assert not set(content.text) & {"\x1b", "\u202e", "\x00", "\ud800"}


def test_a_long_mail_is_cut_and_says_so(reader: Reader) -> None:
    """Ten megabytes of words are cut at the cap."""
    content = reader.read(PLAIN + b"word " * 2_000_000)
    assert len(content.text) <= 100_000
    assert "text-cut" in content.defects


def test_no_mail_at_all(reader: Reader) -> None:
    """Nothing, or a mail without words, has empty text and says so."""
    for raw in (b"", b"\n", b"\0", b"Subject: x\n\n", b"Content-Type: image/png\n\nx"):
        content = reader.read(raw)
        assert (content.text, content.problem) == ("", "")
        assert "no-text" in content.defects


def nested(depth: int) -> bytes:
    """Given a depth, return a mail with so many multiparts inside each other."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize(
    "raw",
    [
        nested(2000),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
        b"Content-Type: text/plain" + b"; a=b" * 100_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain" + b"; a=b" * 100_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?q?a?= " * 70_000 + b"\n\nx",
        b"Content-Transfer-Encoding: base64\n\n" + b"*" * 1_000_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
        b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
        PLAIN + b"> " * 500_000,
        PLAIN + b"On " + b"a@b.example " * 50_000 + b":\n",
        b"\xff\x00" * 500_000,
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 100_000 + b"\n\n" + b"--" * 500_000,
    ],
    ids=[
        *("nesting", "parts", "parameters", "inner parameters", "subject", "base64", "divs", "comments"),
        *("quotes", "attribution", "binary", "boundary"),
    ],
)
def test_hostile_mails(reader: Reader, raw: bytes) -> None:
    """Hostile mails end as a problem or as content, within the limits, and stop nothing (safety.md F.2)."""
    began = time.monotonic()
    content = read_with_next(reader, raw)
    assert time.monotonic() - began < 10
    assert content.problem or content.types


def test_too_much_computing(reader: Reader) -> None:
    """A mail that the parser computes at for ever is given up, with a sentence."""
    boundaries = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(250))
    content = read_with_next(reader, boundaries + b"--x\n" * 1_000_000)
    assert content.problem == "Reading this mail took more than 2 seconds of computing time."


def test_too_much_memory() -> None:
    """A mail that needs more memory than allowed is given up, with a sentence."""
    reader = Reader(replace(Limits(), parse_memory=120 * 2**20))
    content = read_with_next(reader, PLAIN + b"a\n" * 8_000_000)
    reader.close()
    assert content.problem == "Reading this mail needed more than 120 MiB of memory."


def test_too_large_for_the_reader(reader: Reader) -> None:
    """A mail beyond the size limit is not even handed over."""
    assert reader.read(bytes(25 * 2**20 + 1)).problem == "This mail is larger than 25 MiB."


def test_a_child_killed_in_the_middle_is_tried_again() -> None:
    """Killing the child from outside loses no mail: it is read once more by the next child."""
    reader = Reader(Limits())
    reader.read(ORDINARY)
    process_id = reader.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)
    found: list[Content] = []
    asking = threading.Thread(target=lambda: found.append(reader.read(ORDINARY)))
    asking.start()
    time.sleep(0.1)  # until the mail is in the stopped child's pipe
    os.kill(process_id, signal.SIGKILL)
    asking.join(10)
    assert found
    assert found[0].new_text.startswith("Dzień dobry")
    assert reader.process_id != process_id
    reader.close()


def test_threads_share_one_reader(reader: Reader) -> None:
    """Mails of several threads do not get mixed up."""
    wrong: list[str] = []

    def ask(number: int) -> None:
        for turn in range(20):
            text = f"mail {turn} of thread {number}"
            if reader.read(PLAIN + text.encode()).text != text:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_installation_without_room_is_no_mails_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the child cannot start, no mail is called unreadable."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(SandboxUnavailableError, match="cannot be started"):
        Reader(Limits()).read(ORDINARY)


def test_memory_stays_flat(reader: Reader) -> None:
    """Mails with large attachments leave no memory behind in the child."""
    head = b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n"
    attachment = head + b"QUJD\n" * 350_000
    read_with_next(reader, attachment)
    before = resident_kilobytes(reader)
    for _ in range(5):
        read_with_next(reader, attachment)
    assert resident_kilobytes(reader) < before + 5_000


def resident_kilobytes(reader: Reader) -> int:
    """Given a reader, return the memory its child holds."""
    pages = int(Path(f"/proc/{reader.process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
