"""The breaker: too many automatic mails of a whole desk stop all of them until a person says so (safety.md C)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.app.desks import PLAN, client
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, SECOND, QuickDesk, header, open_desk, quick_desk, write
from triagebot.app.health.status import gather_status
from triagebot.cli.main import triagebot
from triagebot.core.errors import StoreError

BAKERY = "jan@bakery.test"
KNOWN = PLAN + client("bakery", BAKERY, "retainer")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk with default limits that knows the bakery."""
    with quick_desk(tmp_path / "desk", clients=KNOWN) as opened:
        yield opened


def flood(desk: QuickDesk, number: int, first: int = 0, pace: timedelta = 10 * SECOND) -> None:
    """Given a desk, let so many strangers write, each from a domain of their own."""
    for one in range(first, first + number):
        desk.receive(write(f"ann@firm{one}.test"), NOW + one * pace)


def breakers(desk: QuickDesk) -> list[dict[str, object]]:
    """Return the breakers that are open."""
    return [row for row in desk.store.latches.listing(NOW + DAY) if row["kind"] == "breaker"]


def command(desk: QuickDesk, *arguments: str) -> str:
    """Given a command, run it on the desk and return what it prints; it must end with 0."""
    done = CliRunner().invoke(triagebot, ["--config", str(desk.config), *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_mail_beyond_the_limit_opens_it(desk: QuickDesk) -> None:
    """Twenty in ten minutes leave; the next opens the breaker, and long after it nothing leaves."""
    flood(desk, 20)
    assert breakers(desk) == []
    flood(desk, 10, first=20)
    (breaker,) = breakers(desk)
    assert (breaker["mode"], breaker["reason"], breaker["silenced"]) == ("live", "20 of 20 mails in 10 minutes", 10)
    desk.receive(write("zoe@later.test"), NOW + 5 * HOUR)
    assert len(desk.sent()) == 20
    assert desk.codes()[20].startswith("rate-global")
    assert desk.codes()[-1] == "breaker"


def test_the_limit_of_a_day_opens_it_too(desk: QuickDesk) -> None:
    """A hundred in 24 hours, however slowly."""
    flood(desk, 101, pace=10 * MINUTE)
    (breaker,) = breakers(desk)
    assert breaker["reason"] == "100 of 100 mails today"
    assert len(desk.sent()) == 100


def test_the_developer_is_told_once(desk: QuickDesk) -> None:
    """One alert, to the developer, that says how it ends; however many mails are kept back."""
    flood(desk, 60)
    (alert,) = desk.sent("alert")
    assert header(alert, "Subject") == "[breaker] Automatic answers are stopped"
    assert header(alert, "To") == "ada@company.test"
    assert header(alert, "Auto-Submitted") == "auto-generated"
    assert b"triagebot loops release breaker" in alert
    assert desk.rows("SELECT state FROM outbox WHERE class = 'alert'") == [("queued",)]


def test_an_emergency_comes_through(desk: QuickDesk) -> None:
    """The client gets nothing, the work is planned, the developer is woken."""
    flood(desk, 21)
    decision = desk.receive(write(BAKERY, "Help", "Our site is down!"), NOW + HOUR)
    assert (decision.reply, decision.alert, decision.state) == (None, True, "planned")
    assert [header(raw, "Subject") for raw in desk.sent("alert")][1:] == ["[emergency] Bakery: Help"]


def test_a_release_counts_anew(desk: QuickDesk) -> None:
    """Released, the desk answers again at once, and the next flood opens another breaker with another alert."""
    flood(desk, 25)
    assert command(desk, "loops", "release", "breaker").startswith("Released 1")
    assert breakers(desk) == []
    flood(desk, 25, first=25)
    assert len(desk.sent()) == 40
    assert len(breakers(desk)) == 1
    assert len(desk.sent("alert")) == 2


def test_shadow_silences_nothing_live(tmp_path: Path) -> None:
    """A breaker that opened while the desk only watched tells nobody and holds nothing back once it is live."""
    with quick_desk(tmp_path / "desk", mode="shadow") as desk:
        flood(desk, 30)
        assert [row["mode"] for row in breakers(desk)] == ["shadow"]
        assert desk.rows("SELECT DISTINCT class, state FROM outbox ORDER BY class") == [
            ("alert", "shadow"),
            ("auto", "shadow"),
        ]
    text = desk.config.read_text("utf-8")
    desk.config.write_text(text.replace('mode = "shadow"', 'mode = "live"'), "utf-8")
    with open_desk(desk.config) as live:
        assert live.receive(write("zoe@later.test"), NOW + HOUR).reply
        assert "breaker" not in str(gather_status(live.store, live.snapshot, NOW + HOUR)["problems"])


@pytest.mark.parametrize("mode", ["live", "draft"])
def test_a_tier_that_is_bolder_than_the_desk_has_limits_too(tmp_path: Path, mode: str) -> None:
    """In a shadow desk with one tier live or in draft, that tier's mails count for that tier's mode."""
    more = f'{KNOWN}[limits]\nclient_per_day = 2\nlatch = "0s"\n'
    settings = f'tier_modes = {{ retainer = "{mode}" }}\n'
    with quick_desk(tmp_path / "desk", mode="shadow", settings=settings, more=more) as desk:
        for number, text in enumerate(("The permalinks?", "Please change it.", "Site is down", "Our site is down!")):
            desk.receive(write(BAKERY, f"Matter {number}", text), NOW + number * HOUR)
        assert desk.rows("SELECT count(*) FROM outbox WHERE class = 'auto' AND mode = ?", mode) == [(2,)]


def test_a_rule_that_is_bolder_than_the_desk_has_limits_too(tmp_path: Path) -> None:
    """In a shadow desk, the answers of a rule with mode live are counted among what is live."""
    with quick_desk(tmp_path / "desk", mode="shadow") as first:
        rules = first.config.parent / "rules" / "10-small.toml"
        text = rules.read_text("utf-8")
        rules.write_text(text.replace('reply = "permalinks"', 'reply = "permalinks"\nmode = "live"'), "utf-8")
    with open_desk(first.config) as desk:
        flood(desk, 30)
        assert desk.rows("SELECT count(*) FROM outbox WHERE class = 'auto' AND mode = 'live'") == [(20,)]
        assert [row["mode"] for row in breakers(desk)] == ["live"]


def test_status_and_digest_say_so(desk: QuickDesk) -> None:
    """An open breaker is a problem of the status and a notice of the digest, each with the command that ends it."""
    flood(desk, 25)
    status = gather_status(desk.store, desk.snapshot, NOW + HOUR)
    (problem,) = [one for one in status["problems"] if "breaker" in one]
    assert "20 of 20 mails in 10 minutes" in problem
    assert "5 were kept back" in problem
    assert "triagebot loops release breaker" in problem
    digest = show_digest(desk.store, desk.snapshot, NOW + HOUR, NOW - HOUR)
    assert "The breaker is open" in digest.partition("Needs you")[0]
    assert not status["healthy"]


def test_loops_lists_and_releases(desk: QuickDesk) -> None:
    """`loops` shows who, why, since, until, how many and the last subject; `release` takes a number or the breaker,
    and says so when there is none."""
    for number in range(3):
        text = ("The permalinks?", "Please change one.", "Our site is down!")[number]
        desk.receive(write(BAKERY, f"Matter [b]{number}[/b]", text), NOW + number * 20 * SECOND)
    with desk.store.transaction():  # the commands look at the clock of the machine
        desk.store._connection.execute("UPDATE latch SET until = '2999-01-01T00:00:00.000000+00:00'")
    flood(desk, 22, first=30)
    listed = json.loads(command(desk, "loops", "--json"))
    assert [(one["kind"], one["mode"], one["who"], one["thread"]) for one in listed] == [
        ("breaker", "live", "everybody", None),
        ("loop", "live", BAKERY, None),
    ]
    loop = listed[1]
    assert (loop["since"], loop["until"][:4]) == ("2026-11-24 09:00", "2999")
    assert (loop["silenced"], loop["last_subject"]) == (1, "Matter [b]2[/b]")
    table = command(desk, "loops")
    assert "2 latched" in table
    assert "Matter [b]2[/b]" in table
    assert command(desk, "loops", "release", str(loop["id"])).startswith("Released 1")
    assert [one["kind"] for one in json.loads(command(desk, "loops", "--json"))] == ["breaker"]
    for which in (str(loop["id"]), "77", "loop", "nonsense"):
        with pytest.raises(StoreError, match="triagebot loops"):
            command(desk, "loops", "release", which)
    command(desk, "loops", "release", "breaker")
    with pytest.raises(StoreError, match="the breaker is not open"):
        command(desk, "loops", "release", "breaker")
