"""Do the terms of offers fit: how long an estimate holds, the warranty?"""

from collections.abc import Iterator

from triagebot.core.desk import Desk
from triagebot.core.files.problem import Finding

_MOST_ESTIMATE_DAYS = 365


def check_offers(desk: Desk) -> Iterator[Finding]:
    """Given a desk, yield what does not fit in how long its estimates hold and its faults are mended for nothing."""
    days = desk.booking.estimate_days
    if not 1 <= days <= _MOST_ESTIMATE_DAYS:
        text = f"{days} days are no time to wait for a yes; write 1 to {_MOST_ESTIMATE_DAYS}"
        yield Finding(("booking", "estimate_days"), text)
    for number, client in enumerate(desk.client):
        if client.warranty_days and client.delivered is None:
            text = "has no effect without `delivered`; write when the site was handed over, or drop it"
            yield Finding(("client", number, "warranty_days"), text, "warning")
