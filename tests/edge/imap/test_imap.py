"""One IMAP mailbox, against a real Dovecot and against servers that go wrong."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import pytest

from tests.servers.certificates import Authority, Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.letters import mail_from
from tests.servers.misbehaving_imap import MisbehavingImap
from tests.servers.odd_imap import DATE, OddImap
from triagebot.core.desk import Security, Server
from triagebot.core.errors import LoginRefused, ServerError, ServerRefusal, ServerUntrusted
from triagebot.core.folder import UNDATED, Listed
from triagebot.edge.imap import Mailbox
from triagebot.edge.tls import make_context

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUR_ID = "<auto.7f3a@desk.test>"


def log_in(dovecot: Dovecot, account: str, password: str = "", security: Security = "none") -> Mailbox:
    """Given an account on Dovecot, return a mailbox that is logged in."""
    port = dovecot.imap_port if security == "none" else dovecot.imaps_port
    server = Server("localhost", port, security, user=account)
    context = None if security == "none" else dovecot.certificate.client_context()
    return Mailbox(server, password or dovecot.users[account], context)


@pytest.fixture
def mailbox(dovecot: Dovecot, account: str) -> Iterator[Mailbox]:
    """A mailbox logged in to a fresh account."""
    with closing(log_in(dovecot, account)) as opened:
        yield opened


def flags_of(dovecot: Dovecot, account: str, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
    """Given a folder, return the flags of its mails as another client sees them."""
    with dovecot.connect(account) as client:
        client.select_folder(folder, readonly=True)
        found: dict[int, tuple[bytes, ...]] = client.get_flags(client.search())
        return found


def test_select_tells_what_is_in_the_folder(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """Number of mails, next UID, and whether keywords can be set; the UIDVALIDITY stays the same."""
    dovecot.append_many(account, [mail_from("a@client.test")] * 3)
    writable, readable = mailbox.select("INBOX", writable=True), mailbox.select("INBOX", writable=False)
    assert (writable.exists, writable.uidnext, writable.keywords) == (3, 4, True)
    assert (readable.exists, readable.uidnext, readable.keywords) == (3, 4, False)
    assert writable.uidvalidity == readable.uidvalidity > 0


def test_a_folder_opened_to_read_cannot_be_changed(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """EXAMINE keeps even our own mistakes from changing a mailbox, whatever the server says to them."""
    dovecot.append(account, mail_from("a@client.test"))
    for writable, marked in ((False, False), (True, True)):
        mailbox.select("INBOX", writable=writable)
        with suppress(ServerError):
            mailbox.mark([1], "$Triaged")
        assert (b"$Triaged" in flags_of(dovecot, account)[1]) is marked


def test_a_missing_folder_is_one_sentence(mailbox: Mailbox) -> None:
    """A folder of the config that is not there is told with the server's words."""
    with pytest.raises(ServerError, match=r"^IMAP localhost:\d+: .*(doesn't exist|NONEXISTENT)"):
        mailbox.select("Nowhere", writable=False)


def test_list_after_the_last_mail_is_empty(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """`UID n:*` names the last mail even when its UID is below n (RFC 9051 section 6.4.8)."""
    dovecot.append_many(account, [mail_from("a@client.test")] * 3)
    mailbox.select("INBOX", writable=False)
    assert [mailbox.list_after(uid) for uid in (0, 1, 3, 50)] == [[1, 2, 3], [2, 3], [], []]


def test_describe_tells_size_and_date_of_what_is_there(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """INTERNALDATE comes in UTC whatever zone this machine is in; a UID that is gone is left out."""
    raw = mail_from("a@client.test")
    dovecot.append(account, raw, internaldate=DAY)
    mailbox.select("INBOX", writable=False)
    assert list(mailbox.describe([1, 2, 99])) == [Listed(1, len(raw), DAY)]


def test_describe_goes_through_many_mails_in_order(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """More mails than one command asks for are all described, the lowest UID first."""
    dovecot.append_many(account, [mail_from("a@client.test")] * 501, internaldate=DAY)
    mailbox.select("INBOX", writable=False)
    assert [one.uid for one in mailbox.describe(mailbox.list_after(0))] == list(range(1, 502))


def test_fetching_never_marks_a_mail_as_read(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """\\Seen is the developer's, also in a folder opened for writing; bytes come as they are."""
    raws = [mail_from("a@client.test", "X-Odd: \udcff".encode("utf-8", "surrogateescape").decode("latin-1")), b"\r\n"]
    dovecot.append_many(account, raws)
    mailbox.select("INBOX", writable=True)
    assert mailbox.fetch([1, 2]) == {1: raws[0], 2: raws[1]}
    assert mailbox.fetch_headers([1])[1].endswith(b"Subject: Hello\r\n\r\n")
    assert all(b"\\Seen" not in flags for flags in flags_of(dovecot, account).values())


def test_a_mail_that_vanished_is_left_out(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """A mail another client expunged between listing and fetching is no error."""
    dovecot.append_many(account, [mail_from("a@client.test"), mail_from("b@client.test")])
    mailbox.select("INBOX", writable=False)
    assert mailbox.list_after(0) == [1, 2]
    with dovecot.connect(account) as client:
        client.select_folder("INBOX")
        client.delete_messages([1])
        client.expunge([1])
    assert list(mailbox.fetch([1, 2])) == [2]
    assert list(mailbox.fetch([1])) == []
    assert list(mailbox.describe([1])) == []


def test_a_mark_and_a_move_reach_the_server(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """A keyword is set and kept by the move into a folder that was made first; asking twice for it is no error."""
    dovecot.append_many(account, [mail_from("a@client.test"), mail_from("b@client.test")])
    mailbox.ensure_folder("Triaged")
    mailbox.ensure_folder("Triaged")
    mailbox.select("INBOX", writable=True)
    mailbox.mark([1], "$Triaged")
    mailbox.move([1], "Triaged")
    assert mailbox.list_after(0) == [2]
    assert b"$Triaged" in flags_of(dovecot, account, "Triaged")[1]
    assert dovecot.messages(account, "Triaged") == [mail_from("a@client.test")]


@pytest.mark.parametrize(("use", "folder"), [("sent", "Sent"), ("drafts", "Drafts"), ("junk", "Junk")])
def test_folders_are_found_by_their_use(mailbox: Mailbox, use: str, folder: str) -> None:
    """SPECIAL-USE (RFC 6154) tells the folder."""
    assert mailbox.find_folder(use) == folder


def test_a_draft_is_found_again_by_our_own_id(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """After APPEND the Drafts folder holds the mail with its flags; another id is not found."""
    raw = mail_from("support@desk.test", f"Message-ID: {OUR_ID}")
    assert not mailbox.has_message("Drafts", OUR_ID)
    mailbox.append("Drafts", raw, ["\\Draft", "\\Seen"])
    assert mailbox.has_message("Drafts", OUR_ID)
    assert not mailbox.has_message("Drafts", "<auto.other@desk.test>")
    assert dovecot.messages(account, "Drafts") == [raw]
    assert {b"\\Draft", b"\\Seen"} <= set(flags_of(dovecot, account, "Drafts")[1])


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_tells_of_a_new_mail_at_once(dovecot: Dovecot, account: str, security: Security) -> None:
    """A wait of a minute ends within moments when mail arrives, and with nothing new it lasts its time."""
    with closing(log_in(dovecot, account, security=security)) as mailbox:
        mailbox.select("INBOX", writable=False)
        assert mailbox.can_idle()
        mailbox.start_idle()
        began = time.monotonic()
        assert not mailbox.wait(0.3)
        assert time.monotonic() - began >= 0.3
        dovecot.append(account, mail_from("a@client.test"))
        assert mailbox.wait(60)
        mailbox.stop_idle()
        assert mailbox.list_after(0) == [1]
        mailbox.poll()


def test_stop_idle_tells_what_came_meanwhile(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """News that nobody waited for are not lost."""
    mailbox.select("INBOX", writable=False)
    mailbox.start_idle()
    dovecot.append(account, mail_from("a@client.test"))
    with dovecot.connect(account) as client:  # by its answer Dovecot has noticed the file
        client.select_folder("INBOX", readonly=True)
    assert mailbox.wait(60)
    dovecot.append(account, mail_from("b@client.test"))
    deadline = time.monotonic() + 10
    while not (news := mailbox.stop_idle()) and time.monotonic() < deadline:
        mailbox.start_idle()
    assert news


def test_a_kicked_connection_is_a_server_error(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """An administrator's kick ends the wait with an error, and so does every later command."""
    mailbox.select("INBOX", writable=False)
    mailbox.start_idle()
    dovecot.kick(account)
    with pytest.raises(ServerError):
        wait_for_ever(mailbox, 10)
    with pytest.raises(ServerError):
        mailbox.select("INBOX", writable=False)


def test_a_close_from_another_thread_ends_a_hanging_wait(mailbox: Mailbox) -> None:
    """A daemon that stops does not wait for a silent server."""
    mailbox.select("INBOX", writable=False)
    mailbox.start_idle()
    closer = threading.Timer(0.2, mailbox.close)
    closer.start()
    began = time.monotonic()
    with pytest.raises(ServerError):
        wait_for_ever(mailbox, 20)
    assert time.monotonic() - began < 10
    closer.join()


@pytest.mark.parametrize("password", ["wrong", "zły-żółw", 'quo"te\\'])
def test_a_wrong_password_is_refused_with_the_users_name(dovecot: Dovecot, account: str, password: str) -> None:
    """The sentence names server and user and never the password."""
    with pytest.raises(LoginRefused, match=f"^IMAP localhost:.* refuses the login of {account}: ") as refused:
        log_in(dovecot, account, password)
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", ["zażółć gęślą jaźń", 'quo"te\\ and space', "%s{x}"])
def test_any_printable_password_logs_in(dovecot: Dovecot, new_account: Callable[[], str], password: str) -> None:
    """Letters outside ASCII go by AUTHENTICATE, as LOGIN has no way to say them."""
    account = new_account()
    dovecot.add_user(account, password)
    with closing(log_in(dovecot, account, password, "tls")) as mailbox:
        mailbox.poll()


def test_a_password_with_a_line_break_is_never_sent() -> None:
    """It would end the command, and what follows would be a command of its own."""
    with MisbehavingImap("no_starttls") as server:
        with pytest.raises(LoginRefused, match="control character") as refused:
            Mailbox(Server(server.host, server.port, "none", "alice"), "a\r\nX LOGOUT", None)
        assert server.credentials == []
    assert "LOGOUT" not in str(refused.value)


def test_nobody_listening_is_a_server_error(dovecot: Dovecot) -> None:
    """A refused connection says which server."""
    with pytest.raises(ServerError, match=r"^IMAP 127\.0\.0\.1:9 cannot be reached: "):
        Mailbox(Server("127.0.0.1", 9, "none", "a"), "b", None)


def test_a_server_without_tls_on_a_tls_port_is_untrusted(dovecot: Dovecot, account: str) -> None:
    """Speaking TLS to a plain port ends with a sentence, not with a hang."""
    server = Server("localhost", dovecot.imap_port, "tls", account)
    with pytest.raises(ServerUntrusted, match="TLS failed"):
        Mailbox(server, "secret", dovecot.certificate.client_context())


def open_plain(server: MisbehavingImap | OddImap) -> "closing[Mailbox]":
    """Given a server, return a mailbox logged in there without TLS, to be used in a `with`."""
    return closing(Mailbox(Server(server.host, server.port, "none", "alice"), "secret", None))


@contextmanager
def ill_server(name: str) -> Iterator[Mailbox]:
    """Given the name of a misbehaviour, yield a mailbox that idles there."""
    with MisbehavingImap(name) as server, open_plain(server) as mailbox:
        mailbox.select("INBOX", writable=False)
        mailbox.start_idle()
        server.wait_for_command("IDLE")
        yield mailbox


def wait_for_ever(mailbox: Mailbox, seconds: float) -> None:
    """Wait as the daemon does, tick by tick, but three ticks at most."""
    for _ in range(3):
        mailbox.wait(seconds)


@pytest.mark.parametrize("name", ["silent_close_in_idle", "bye_in_idle", "half_line"])
def test_a_connection_that_ends_in_idle_is_noticed(name: str) -> None:
    """The wait raises at once: the library alone would say "nothing new" over and over."""
    began = time.monotonic()
    with ill_server(name) as mailbox, pytest.raises(ServerError):
        wait_for_ever(mailbox, 30)
    assert time.monotonic() - began < 10


class EagerImap(MisbehavingImap):
    """Tells of a new mail in the same breath as its answer to IDLE."""

    async def _idle(self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"+ idling\r\n* 1 EXISTS\r\n")
        await writer.drain()
        await reader.readline()
        writer.write(f"{tag} OK done\r\n".encode())
        await writer.drain()
        return True


def test_news_that_come_with_the_answer_to_idle_are_not_missed() -> None:
    """They lie in a buffer where no poll of the socket shows them."""
    with EagerImap("no_starttls") as server, open_plain(server) as mailbox:
        mailbox.select("INBOX", writable=False)
        mailbox.start_idle()
        began = time.monotonic()
        assert mailbox.wait(20)
        assert time.monotonic() - began < 5
        assert mailbox.stop_idle()


def refuse(server: MisbehavingImap, security: Security, certificate: Certificate) -> str:
    """Given a server that is not to be trusted, return why it is refused."""
    account = Server("localhost", server.port, security, "alice")
    with pytest.raises(ServerUntrusted) as refused:
        Mailbox(account, "secret", certificate.client_context())
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "security", "why"),
    [
        ("preauth_greeting", "none", "PREAUTH"),
        ("preauth_greeting", "starttls", "PREAUTH"),
        ("no_starttls", "starttls", "does not offer STARTTLS"),
        ("starttls_injection", "starttls", "more than its answer to STARTTLS"),
    ],
)
def test_no_password_goes_to_a_server_that_breaks_the_promise_of_tls(
    authority: Authority, name: str, security: Security, why: str
) -> None:
    """Not one byte of a login leaves (safety.md F.4), and the sentence says why."""
    with MisbehavingImap(name, authority.good()) as server:
        assert why in refuse(server, security, authority.good())
        assert server.credentials == []


@pytest.mark.parametrize("bad", ["wrong_host", "expired", "stranger"])
def test_no_password_goes_to_a_bad_certificate(authority: Authority, bad: str) -> None:
    """Certificates for another host, ended, or by nobody we trust are refused before the login."""
    with MisbehavingImap("starttls", getattr(authority, bad)()) as server:
        assert "certificate refused" in refuse(server, "starttls", authority.good())
        assert server.credentials == []


def test_starttls_with_a_good_certificate_logs_in(authority: Authority) -> None:
    """The control of the refusals above: same server, nothing wrong."""
    with MisbehavingImap("starttls", authority.good()) as server:
        account = Server("localhost", server.port, "starttls", "alice")
        with closing(Mailbox(account, "secret", make_context(str(authority.ca), authority.directory))) as mailbox:
            mailbox.poll()
        assert len(server.credentials) == 1


def test_a_beginning_is_fetched_without_the_rest(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """Of a huge mail so many bytes as were asked for, of a short one all; neither is marked as read."""
    long = mail_from("a@client.test") + b"x" * 100_000
    dovecot.append_many(account, [long, mail_from("b@client.test")])
    mailbox.select("INBOX", writable=True)
    assert mailbox.fetch_beginnings([1, 2], 1000) == {1: long[:1000], 2: mail_from("b@client.test")}
    assert all(b"\\Seen" not in flags for flags in flags_of(dovecot, account).values())


def test_our_own_draft_is_removed_and_nothing_else(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """UID EXPUNGE takes our copy alone: what a person has marked as deleted stays, and a second time is no error."""
    ours = mail_from("support@desk.test", f"Message-ID: {OUR_ID}")
    dovecot.append_many(account, [mail_from("a@client.test"), ours, mail_from("b@client.test")], "Drafts")
    with dovecot.connect(account) as client:
        client.select_folder("Drafts")
        client.delete_messages([1])
    assert mailbox.remove_message("Drafts", OUR_ID)
    assert mailbox.remove_message("Drafts", OUR_ID)
    assert dovecot.messages(account, "Drafts") == [mail_from("a@client.test"), mail_from("b@client.test")]


@pytest.mark.parametrize("strange", ["<a@b>\r\nX1 EXPUNGE", "<a@zażółć.test>", '<a"b@c>\x00', "no id", "<a b@c.test>"])
def test_nothing_but_an_id_goes_into_a_search(dovecot: Dovecot, account: str, mailbox: Mailbox, strange: str) -> None:
    """A received string could be a command of its own (safety.md 0.1): what is no Message-ID is not searched for."""
    dovecot.append(account, mail_from("a@client.test"), "Drafts")
    with pytest.raises(ServerError, match="no Message-ID of this desk"):
        mailbox.has_message("Drafts", strange)
    with pytest.raises(ServerError, match="no Message-ID of this desk"):
        mailbox.remove_message("Drafts", strange)
    assert len(dovecot.messages(account, "Drafts")) == 1


def test_a_refusal_leaves_the_connection_in_use(dovecot: Dovecot, account: str, mailbox: Mailbox) -> None:
    """A NO to one command is told apart from a connection that ended."""
    dovecot.append(account, mail_from("a@client.test"))
    with pytest.raises(ServerRefusal, match="the folder Nowhere cannot be opened"):
        mailbox.select("Nowhere", writable=False)
    mailbox.select("INBOX", writable=False)
    assert mailbox.list_after(0) == [1]
    assert mailbox.find([1, 2, 7]) == {1}


def test_a_folder_that_may_only_be_read_is_read() -> None:
    """The library takes it for the end of the connection; the mails in it can be read all the same."""
    with OddImap({1: mail_from("a@client.test")}, read_only=True) as server, open_plain(server) as mailbox:
        selected = mailbox.select("INBOX", writable=True)
        assert not selected.writable
        assert mailbox.list_after(0) == [1]


def test_a_listing_too_long_for_one_line_is_asked_for_in_many() -> None:
    """The answer to SEARCH is one line, which imaplib reads up to a million bytes."""
    uids = range(1, 250_001)
    with OddImap(dict.fromkeys(uids, b"x")) as server, open_plain(server) as mailbox:
        mailbox.select("INBOX", writable=False)
        assert mailbox.list_after(0) == list(uids)
        assert mailbox.list_after(40_000) == list(range(40_001, 250_001))
        assert mailbox.list_after(249_999) == [250_000]
        assert mailbox.list_after(250_000) == []


def test_the_highest_uid_there_can_be() -> None:
    """UIDs have 32 bits (RFC 9051 section 2.3.1.1); above the last one nothing is asked for."""
    highest = 2**32 - 1
    with OddImap({2**31: b"a", highest: b"b"}) as server, open_plain(server) as mailbox:
        mailbox.select("INBOX", writable=False)
        assert mailbox.list_after(0) == [2**31, highest]
        assert mailbox.list_after(2**31) == [highest]
        assert mailbox.list_after(highest) == []
        assert mailbox.fetch([2**31, highest]) == {2**31: b"a", highest: b"b"}


def test_a_mail_is_described_as_far_as_the_server_goes() -> None:
    """A missing size or date, or a nonsensical one, is unknown; a mail without an answer is left out."""
    with OddImap(dict.fromkeys((1, 2, 3), b"four"), bare={2}, undescribed={3}) as server, open_plain(server) as mailbox:
        mailbox.select("INBOX", writable=False)
        assert list(mailbox.describe([1, 2, 3])) == [Listed(1, 4, UNDATED), Listed(2, 0, UNDATED)]
        server.odd.date = "99-Nov-2026 12:00:00 +0000"
        assert list(mailbox.describe([1])) == [Listed(1, 4, UNDATED)]
        server.odd.date = DATE
        assert list(mailbox.describe([1])) == [Listed(1, 4, datetime(2026, 11, 23, 12, tzinfo=UTC))]
