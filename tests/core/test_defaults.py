"""What a desk does that only says what it must (safety.md J)."""

from datetime import timedelta

from triagebot.core.desk import Desk, DeskSettings, Inbox, Limits, Server


def test_the_defaults_are_the_safe_ones() -> None:
    """Nothing is sent, nobody is believed, nothing is written to the server, TLS is on, and the caps are those of C."""
    desk = Desk(DeskSettings("Ada", "support@desk.test", ("ada@desk.test",))).desk
    assert (desk.mode, desk.tier_modes, desk.answer_weak, desk.list_ids) == ("shadow", {}, False, ())
    assert desk.answer_within == timedelta(hours=24)
    server = Server("mail.desk.test", 993)
    inbox = Inbox("support", server, server)
    assert (inbox.authserv_ids, inbox.trusted_mx, inbox.done, inbox.keyword) == ((), (), "", "")
    assert server.security == "tls"
    limits = Limits()
    assert (limits.thread, limits.stranger_per_day, limits.stranger_per_week) == (1, 1, 3)
    assert (limits.client_per_day, limits.domain_per_day) == (5, 10)
    assert (limits.desk_per_10_minutes, limits.desk_per_day) == (20, 100)
    assert (limits.form_per_day, limits.form_visitor) == (20, timedelta(days=30))
    assert limits.alert == timedelta(hours=1)
