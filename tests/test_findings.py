"""The ten findings of safety.md 0: what the libraries do by themselves, and that the desk does not do it.

Each test first shows the naive code doing the harm, where that is cheap and safe, so that it fails should the
harm have come back under our own code, and tells when a library has mended its ways.
"""

import email
import imaplib
import re
import smtplib
import unicodedata
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr

import pytest
from imapclient import IMAPClient

from tests.core.letters import authenticate_raw, judge_letter, letter, read_letter, write
from tests.edge.test_smtp import send, submission_to
from tests.properties.hostile import stamp
from tests.properties.pipeline import NOW, PROVIDER, Pipeline, open_pipeline
from tests.servers.certificates import Authority
from tests.servers.letters import MAIL
from tests.servers.misbehaving_imap import MisbehavingImap
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.sink import Sink
from triagebot.core.desk import Server
from triagebot.core.errors import ServerError
from triagebot.core.guard.lookalike import lookalikes
from triagebot.core.mail import Address
from triagebot.core.outgoing.compose import Draft, compose
from triagebot.core.outgoing.identity import make_message_id
from triagebot.edge.html import html_to_text
from triagebot.edge.imap import Mailbox
from triagebot.edge.smtp import Submission

ENCODED_CRLF = "=?utf-8?q?=3Ca=40b=0D=0AX1_EXPUNGE=0D=0AX2_NOOP=3E?="
KEY = b"k" * 32
LONG_ID = f"<{'x' * 90}@mail.outlook.test>"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """One database and one reader for all tests of this file."""
    with open_pipeline(tmp_path_factory.mktemp("findings")) as opened:
        yield opened


@pytest.fixture
def pipeline(shared: Pipeline) -> Pipeline:
    """A live desk on a real, empty database, with a real reader."""
    shared.forget()
    return shared


def proven(raw: bytes, domain: str = "bakery.test") -> bytes:
    """Given what arrived, return it as the provider files it: proven to be of that domain."""
    return stamp(PROVIDER, f"dmarc=pass header.from={domain}", raw)


def test_1_a_received_id_cannot_become_an_imap_command() -> None:
    """The standard parser turns an encoded Message-ID into line breaks, and IMAP libraries send what follows as
    commands of their own; here such an id is none, and nothing but our own ids is ever searched for."""
    raw = write(message_id=ENCODED_CRLF)
    naive = str(email.message_from_bytes(raw, policy=default)["Message-ID"])
    assert "\r\n" in naive
    with MisbehavingImap("no_starttls") as server:
        client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
        client.login("ada", "secret")
        client.select_folder("INBOX")
        client.search(["HEADER", "Message-ID", naive])
        server.wait_for_command("EXPUNGE")
        client.shutdown()
    mail = read_letter(raw)
    assert mail.message_id == ""
    assert "X1" not in f"{mail.parents}{mail.references}"
    with MisbehavingImap("no_starttls") as server:
        mailbox = Mailbox(Server(server.host, server.port, "none", "ada"), "secret", None)
        for received in (naive, f"{make_message_id(KEY, 'auto', 'x', 'a.test')}\r\nX1 EXPUNGE"):
            with pytest.raises(ServerError, match="no Message-ID of this desk"):
                mailbox.has_message("INBOX", received)
        mailbox.close()
        assert not [line for line in server.commands if "EXPUNGE" in line or "SEARCH" in line]


BOMBS = {
    "quotes in From": b"From: " + b'"' * 95_000 + b"\r\n",
    "encoded words in Subject": b"Subject: " + b"=?utf-8?q?a?= " * 900 + b"\r\n",
    "parameters": b"Content-Type: text/plain; " + b"a=b; " * 3000 + b"\r\n",
    "many parameters": b"Content-Type: text/plain" + b";\r\n a=b" * 100_000 + b"\r\n",
    "nested comments": b"From: " + b"(" * 500 + b"\r\n",
    "nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)
    ),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", BOMBS)
def test_2_one_header_cannot_stall_the_desk(pipeline: Pipeline, name: str) -> None:
    """What costs the standard parser minutes, or all its stack, is a row at once, and the next mail is answered."""
    with pytest.raises(RecursionError):
        _ = email.message_from_bytes(b"From: " + b"(" * 500 + b"\r\n\r\n", policy=default)["From"]
    head = write().partition(b"\r\n\r\n")[0]
    taken = pipeline.take(proven(BOMBS[name] + head + b"\r\n\r\npermalinks"))
    assert taken.row["state"] != "pending"
    pipeline.forget()
    question = write(message_id="<after@bakery.test>", subject="Permalinks")
    assert [row["recipient"] for row in pipeline.take(proven(question + b"permalinks?")).sent] == ["jan@bakery.test"]


def test_3_tls_is_verified_without_being_asked(authority: Authority) -> None:
    """`smtplib` and `imaplib` talk to any certificate; we hang up before the login."""
    with Sink(security="tls", certificate=authority.stranger(), users={"ada": "secret"}) as server:
        with smtplib.SMTP_SSL(server.host, server.port, timeout=10) as naive:
            naive.login("ada", "secret")
        assert any(line.startswith("AUTH") for line in server.commands)
        server.clear()
        context = authority.good().client_context()
        account = Server("localhost", server.port, "tls", "ada")
        (outcome,) = send(Submission(account, lambda: "secret", context), MAIL)
        assert (outcome.kind, [line for line in server.commands if line.startswith("AUTH")]) == ("stop", [])
    with MisbehavingImap("implicit_tls", authority.stranger()) as imap:
        naive_imap = imaplib.IMAP4_SSL(imap.host, imap.port, timeout=10)
        naive_imap.login("ada", "secret")
        naive_imap.shutdown()
        assert len(imap.credentials) == 1
        with pytest.raises(ServerError):
            Mailbox(Server("localhost", imap.port, "tls", "ada"), "secret", authority.good().client_context())
        assert len(imap.credentials) == 1


def test_4_long_ids_stay_ids() -> None:
    """`policy.SMTP` writes a long id as an encoded word, which Outlook does not thread by; we write it as it is."""
    naive = EmailMessage(policy=SMTP)
    naive["In-Reply-To"] = LONG_ID
    assert b"=?utf-8?" in naive.as_bytes()
    draft = Draft(
        "<a@desk.test>", "Ada", "support@desk.test", "jan@bakery.test", "Re: x", NOW, "Hi", parents=(LONG_ID,)
    )
    raw = compose(draft, KEY)
    assert f"\r\nIn-Reply-To: {LONG_ID}\r\nReferences: {LONG_ID}\r\n".encode() in raw
    assert b"=?" not in raw


@pytest.mark.parametrize(
    "results",
    ["", "dmarc=fail header.from=bakery.test", "dmarc=pass header.from=evil.test", "spf=pass smtp.mailfrom=x.test"],
)
def test_5_a_victim_in_from_gets_no_acknowledgement(pipeline: Pipeline, results: str) -> None:
    """A script that answers From mails whomever the attacker names; we answer only who is proven to have written."""
    raw = write(message_id=f"<{len(results)}@bakery.test>", subject="Permalinks: buy at evil.test")
    assert parseaddr(str(email.message_from_bytes(raw)["From"]))[1] == "jan@bakery.test"
    taken = pipeline.take(stamp(PROVIDER, results or "none", raw))
    assert (taken.sent, taken.row["client"], taken.row["tier"]) == ([], None, "none")


def test_6_not_sent_and_maybe_sent_differ() -> None:
    """`smtplib` raises one and the same error before DATA and after the final dot; we tell which it was."""
    kinds = []
    for name in ("drop_before_data", "drop_after_data"):
        with MisbehavingSmtp(name) as server:
            with (
                smtplib.SMTP(server.host, server.port, timeout=10) as naive,
                pytest.raises(smtplib.SMTPServerDisconnected),
            ):
                naive.send_message(email.message_from_bytes(MAIL), "ada@desk.test", ["alice@client.test"])
            (outcome,) = send(submission_to(server), MAIL)
            kinds.append(outcome.kind)
    assert kinds == ["temporary", "unknown"]


def test_7_suppress_headers_are_written_by_people_too() -> None:
    """Counting X-Auto-Response-Suppress as a machine's mark loses Exchange users: it only asks for no answer."""
    reports = letter("X-Auto-Response-Suppress: DR, RN, NRN")
    wish = letter("X-Auto-Response-Suppress: DR, OOF, AutoReply")
    assert all(mail.headers.all("x-auto-response-suppress") for mail in (reports, wish))
    assert judge_letter(reports).verdict == "ok"
    assert (judge_letter(wish).verdict, judge_letter(wish).codes) == ("human", ("suppress-header",))


def test_8_a_valid_signature_is_not_all_there_is(pipeline: Pipeline) -> None:
    """A signature survives a second Subject above the signed one, and a Reply-To nobody signed: parsers hand out
    the attacker's. Such a mail proves nothing here, and Reply-To leads nowhere else."""
    signed = write(subject="Permalinks", message_id="<signed@bakery.test>")
    replayed = b"Subject: Buy at evil.test\r\n" + signed
    assert email.message_from_bytes(replayed)["Subject"] == "Buy at evil.test"
    passed = b"Authentication-Results: mx.adaweb.test; dkim=pass header.d=bakery.test\r\n"
    assert authenticate_raw(passed + signed).state == "pass"
    assert authenticate_raw(passed + replayed).state == "unknown"
    diverted = b"Reply-To: x@evil.test\r\n" + signed + b"permalinks?"
    assert email.message_from_bytes(diverted)["Reply-To"] == "x@evil.test"
    assert [row["recipient"] for row in pipeline.take(proven(diverted)).sent] == ["jan@bakery.test"]


def test_9_the_topmost_authentication_results_may_be_forged() -> None:
    """Where the provider writes none, the topmost one is the attacker's: believed are configured names above the
    first foreign Received only, read by a grammar, not by looking for words."""
    forged = b"Authentication-Results: mx.adaweb.test; dmarc=pass header.from=bakery.test\r\n" + write()
    hop = b"Received: from evil.test by mx.adaweb.test\r\n"
    naive = str(email.message_from_bytes(hop + forged)["Authentication-Results"])
    assert "dmarc=pass" in naive
    assert "header.from=bakery.test" in naive
    assert authenticate_raw(hop + forged).state == "unknown"
    assert authenticate_raw(forged, ids=()).state == "unknown"
    assert authenticate_raw(forged).state == "pass"
    quoted = b'mx.adaweb.test; spf=none smtp.mailfrom="x; dmarc=pass header.from=bakery.test"@evil.test'
    assert re.search(rb"dmarc=pass header\.from=bakery\.test", quoted)
    assert authenticate_raw(b"Authentication-Results: " + quoted + b"\r\n" + write()).state == "unknown"


def test_10_look_alikes_in_plain_letters_and_pictures_that_call_home() -> None:
    """Folding by Unicode does not find `rn` for `m`, and a mail's HTML as it is fetches the sender's pictures."""
    assert unicodedata.normalize("NFKC", "rnicrosoft.test").casefold() != "microsoft.test"
    assert lookalikes(Address("", "a@rnicrosoft.test"), ("microsoft.test",), {}) == ("lookalike-domain:microsoft.test",)
    html = '<p>Hello</p><img src="http://evil.test/pixel"><script>alert(1)</script><a href="http://evil.test">us</a>'
    naive = email.message_from_string(f"Content-Type: text/html\n\n{html}", policy=default)
    assert "evil.test/pixel" in naive.get_content()
    text = html_to_text(html)
    assert "Hello" in text
    assert not re.search(r"<|pixel|script|alert", text)
