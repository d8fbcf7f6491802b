"""An invoice as a whole: its lines and totals, as they are kept and handed on."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from triagebot.core.money.invoice import InvoiceLine, Total, add_up
from triagebot.core.phrase import ENGLISH, Words


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is billed for a month ("2026-11"). `number` and `closed_on` are None while it is open: then it shows what
    would be billed now. `names` are those of the clients as they were; `notices` say what to look at before closing."""

    month: str
    lines: tuple[InvoiceLine, ...]
    vat: Decimal
    names: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    closed_on: date | None = None
    notices: tuple[Words, ...] = ()

    @property
    def totals(self) -> tuple[Total, ...]:
        """What each client is to pay."""
        return add_up(self.lines, self.vat)


def write_lines(invoice: Invoice) -> str:
    """Given an invoice, return its lines, names and tax rate as text to be kept."""
    kept = {"vat": str(invoice.vat), "names": invoice.names, "lines": [_plain(line) for line in invoice.lines]}
    return json.dumps(kept, ensure_ascii=False)


def read_lines(text: str) -> tuple[tuple[InvoiceLine, ...], Decimal, dict[str, str]]:
    """Given what `write_lines` wrote, return lines, tax rate and names."""
    kept = json.loads(text)
    return tuple(_line(one) for one in kept["lines"]), Decimal(kept["vat"]), dict(kept["names"])


def list_invoice(invoice: Invoice) -> dict[str, Any]:
    """Given an invoice, return it for JSON; amounts are texts, so that they stay exact."""
    return {
        "month": invoice.month,
        "number": invoice.number,
        "closed_on": invoice.closed_on.isoformat() if invoice.closed_on else None,
        "vat": str(invoice.vat),
        "lines": [{**_plain(line), "name": invoice.names.get(line.client, line.client)} for line in invoice.lines],
        "totals": [_plain(total) for total in invoice.totals],
        "notices": [ENGLISH.speak(one) for one in invoice.notices],
    }


def _plain(value: InvoiceLine | Total) -> dict[str, Any]:
    return {name: _text(one) for name, one in asdict(value).items()}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _line(kept: dict[str, Any]) -> InvoiceLine:
    values = {one.name: kept[one.name] for one in fields(InvoiceLine)}
    for name in ("rate", "amount"):
        values[name] = None if values[name] is None else Decimal(values[name])
    for name in ("first", "last"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return InvoiceLine(**values | {"tickets": tuple(values["tickets"]), "entries": tuple(values["entries"])})
