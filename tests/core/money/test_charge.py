"""Who pays: the plan while it is in force, the price that was told, nobody under warranty, else the hour."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from triagebot.core.desk import Booking, Client, Desk, DeskSettings, Plan
from triagebot.core.errors import LedgerError
from triagebot.core.money.charge import Job, choose_charge, is_covered, is_under_warranty
from triagebot.core.money.entry import Billing

DESK = Desk(
    DeskSettings("Ada", "support@desk.test", ("ada@desk.test",)),
    booking=Booking(rate=Decimal(80), emergency_rate=Decimal(140)),
    plan=(Plan("care", 180, Decimal(240)),),
)
DAY = date(2026, 11, 20)
RETAINER = Client("bakery", "Bakery", tier="retainer", plan="care", since=date(2026, 3, 1), until=date(2026, 11, 30))
SHOP = Client("shop", "Shop", tier="one-off", delivered=date(2026, 10, 21), warranty_days=30)
JOB = Job(7, "shop", "work", "planned", "content/menu", "Menu", datetime(2026, 11, 20, 9, tzinfo=UTC), currency="EUR")
FAULT = replace(JOB, reason="fault/layout")
EMERGENCY = replace(JOB, kind="emergency")
TOLD = replace(JOB, high=Decimal(60))
QUOTED = replace(TOLD, fixed=True)


@pytest.mark.parametrize(
    ("client", "job", "billing"),
    [
        (RETAINER, None, "balance"),
        (RETAINER, EMERGENCY, "balance"),
        (RETAINER, TOLD, "hourly"),
        (RETAINER, QUOTED, "fixed"),
        (replace(RETAINER, until=date(2026, 11, 19)), None, "hourly"),
        (replace(RETAINER, since=date(2026, 11, 21)), None, "hourly"),
        (replace(RETAINER, since=None), None, "hourly"),
        (SHOP, None, "hourly"),
        (SHOP, JOB, "hourly"),
        (SHOP, TOLD, "hourly"),
        (SHOP, QUOTED, "fixed"),
        (SHOP, EMERGENCY, "emergency"),
        (SHOP, FAULT, "warranty"),
        (replace(SHOP, delivered=date(2026, 10, 20)), FAULT, "hourly"),
        (replace(RETAINER, delivered=date(2026, 10, 21), warranty_days=30), FAULT, "warranty"),
        (RETAINER, replace(JOB, billing="courtesy"), "courtesy"),
        (SHOP, replace(QUOTED, billing="warranty"), "warranty"),
        (SHOP, replace(JOB, billing="something new"), "hourly"),
    ],
)
def test_who_pays(client: Client, job: Job | None, billing: Billing) -> None:
    """By plan, price told, warranty and kind; what was decided when the ticket was opened goes before all of it."""
    assert choose_charge(DESK, client, DAY, job, DAY, None).billing == billing


@pytest.mark.parametrize("asked", ["balance", "hourly", "emergency", "warranty", "courtesy"])
def test_the_developer_has_the_last_word(asked: Billing) -> None:
    """Whoever is named pays, whatever the rules say."""
    assert choose_charge(DESK, SHOP, DAY, FAULT, DAY, asked).billing == asked


@pytest.mark.parametrize(
    ("client", "asked", "rate"),
    [
        (SHOP, "hourly", Decimal(80)),
        (replace(SHOP, hourly=Decimal("79.50")), "hourly", Decimal("79.50")),
        (replace(SHOP, hourly=Decimal(0)), "hourly", Decimal(0)),
        (replace(SHOP, hourly=Decimal(90)), "emergency", Decimal(140)),
        (RETAINER, "balance", None),
        (SHOP, "courtesy", None),
    ],
)
def test_at_what_price(client: Client, asked: Billing, rate: Decimal | None) -> None:
    """The client's own hour goes before the desk's; free work and the plan have none."""
    assert choose_charge(DESK, client, DAY, None, DAY, asked).rate == rate


@pytest.mark.parametrize(
    ("asked", "job", "told"),
    [
        ("hourly", None, "give `rate` to [booking], or `hourly` to the client"),
        ("emergency", None, "give `emergency_rate` to [booking]"),
        ("fixed", None, "a fixed price belongs to a ticket"),
        ("fixed", TOLD, "ticket 7 has no fixed price"),
    ],
)
def test_a_price_that_is_missing(asked: Billing, job: Job | None, told: str) -> None:
    """Work is never booked at no price: what is missing is told with how to mend it."""
    with pytest.raises(LedgerError) as error:
        choose_charge(replace(DESK, booking=Booking()), SHOP, DAY, job, DAY, asked)
    assert told in str(error.value)


def test_the_last_days_count() -> None:
    """The last day of a plan and of a warranty are inside, the next ones are not."""
    assert is_covered(RETAINER, date(2026, 11, 30))
    assert not is_covered(RETAINER, date(2026, 12, 1))
    assert is_covered(RETAINER, date(2026, 3, 1))
    assert is_under_warranty(SHOP, date(2026, 11, 20))
    assert not is_under_warranty(SHOP, date(2026, 11, 21))
    assert not is_under_warranty(SHOP, date(2026, 10, 20))
    assert not is_under_warranty(replace(SHOP, delivered=None), DAY)
