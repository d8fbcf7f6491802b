"""Modes said by word while the daemon runs."""

from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink


def test_a_running_daemon_goes_live_and_falls_silent_by_a_word(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Without a restart or an edit: `mode live` lets the next mail be answered, `mode shadow` keeps the one after it;
    what was kept before is not sent, and after a restart the word still stands."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="shadow") as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("first@client.test", account))
        desk.until_decided(1)
        assert desk.run("mode", "live").returncode == 0
        desk.wait_for_log("files reloaded rules=4 mode=live")
        dovecot.append(account, proven("second@client.test", account))
        desk.until_idle(2)
        assert desk.stop() == 0
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("third@client.test", account))
        desk.until_idle(3)
        assert desk.run("mode", "shadow").returncode == 0
        desk.wait_for_log("files reloaded rules=4 mode=shadow")
        dovecot.append(account, proven("fourth@client.test", account))
        desk.until_idle(4)
        assert desk.stop() == 0
        assert desk.sendings() == {"shadow": 2, "sent": 2}
        assert [mail.recipients[0] for mail in sink.mails] == ["second@client.test", "third@client.test"]
