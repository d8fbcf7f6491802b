"""`run --once`: one pass for cron."""

from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.process import free_ports
from tests.servers.sink import Sink


def test_one_pass_fetches_decides_sends_and_ends(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Each run takes what has come since the last one, sends the answers before it ends, and ends with 0."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        assert desk.run("run", "--once").returncode == 0
        dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(30)])
        done = desk.run("run", "--once", "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert desk.states() == {"answered": 30}
        assert desk.sendings() == {"sent": 30}
        assert len(sink.mails) == 30
        assert desk.run("run", "--once").returncode == 0
    assert len(sink.mails) == 30


def test_a_server_that_is_down_is_one_sentence_and_status_1(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """IMAP down: one sentence, ends with 1. SMTP down: the mail is decided and waits; the next run sends it."""
    (nowhere,) = free_ports(1)
    no_imap = Account(account, "secret", nowhere, sink.port, smtp_login=False)
    with LiveDesk(tmp_path / "no-imap", no_imap) as desk:
        _fails_with_one_sentence(desk, f"IMAP localhost:{nowhere} cannot be reached")
    with LiveDesk(tmp_path / "no-smtp", Account.on_dovecot(dovecot, account, nowhere)) as desk:
        assert desk.run("run", "--once").returncode == 0
        dovecot.append(account, proven("ann@client.test", account))
        _fails_with_one_sentence(desk, f"SMTP localhost:{nowhere}")
        assert desk.states() == {"answered": 1}
        assert desk.sendings() == {"queued": 1}
        desk.edit(str(nowhere), str(sink.port))
        assert desk.run("run", "--once").returncode == 0
        assert desk.sendings() == {"sent": 1}
    assert len(sink.mails) == 1


def test_a_desk_with_mistakes_does_not_run(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """A desk with mistakes ends with 1 and every mistake's place, and touches no server."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.edit('mode = "live"', 'mode = "lively"\ncolour = "red"')
        done = desk.run("run", "--once")
        assert done.returncode == 1
        assert b"config.toml:5" in done.stderr
        assert b"config.toml:6" in done.stderr
        assert b"Traceback" not in done.stderr
        assert not desk.database.exists()


def _fails_with_one_sentence(desk: LiveDesk, sentence: str) -> None:
    done = desk.run("run", "--once", "--quiet")
    assert done.returncode == 1
    said = [line for line in done.stderr.decode().splitlines() if line.startswith("triagebot: ")]
    assert len(said) == 1
    assert sentence in said[0]
    assert "Traceback" not in done.stderr.decode()
