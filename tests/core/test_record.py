"""The record of processing names what the config has, and marks what only the controller knows."""

from dataclasses import replace
from datetime import timedelta

from tests.core.test_person import DESK
from triagebot.core.desk import Inbox, Retention, Server
from triagebot.core.record import make_record


def test_the_record_follows_the_config() -> None:
    """Addresses, servers and times stand in it as configured; every part Art. 30(1) asks for has a heading."""
    inbox = Inbox("support", Server("imap.host.test", 993), Server("smtp.host.test", 465))
    desk = replace(DESK, inbox=(inbox,), retention=Retention(automatic=timedelta(days=11)))
    record = make_record(desk)
    for word in ("support@adaweb.test", "ada@dev.test", "imap.host.test", "smtp.host.test", "11 days", "730 days"):
        assert word in record
    for heading in ("Purposes", "Whose data", "Recipients", "How long", "measures", "breach"):
        assert heading in record
    assert "[" in record
