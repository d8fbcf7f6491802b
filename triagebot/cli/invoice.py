"""`triagebot invoice`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triagebot.core.money.document import Invoice


@click.command("invoice")
@click.option("--month", help="A month, such as 2026-11; the last one if not said.")
@click.option("--close", is_flag=True, help="Give it its number; what it bills is never billed again.")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write the lines to a CSV file; - prints them.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def invoice_command(config: Path, month: str | None, close: bool, csv_file: Path | None, as_json: bool) -> None:
    """List what is to be billed for a month, each line with its tickets; closed, it stays as it is."""
    from triagebot.app.money.invoice import close_invoice, last_month, read_invoice, write_csv
    from triagebot.cli.ledger import parse_month
    from triagebot.cli.loading import view_or_exit
    from triagebot.core.money.document import list_invoice
    from triagebot.core.phrase import ENGLISH

    view, now = view_or_exit(config), datetime.now(UTC)
    chosen = parse_month(month) or last_month(view, now)
    invoice = close_invoice(view, chosen, now) if close else read_invoice(view, chosen, now)
    if csv_file is not None:
        _write(csv_file, write_csv(invoice))
    elif as_json:
        click.echo(json.dumps(list_invoice(invoice), ensure_ascii=False, indent=1))
    else:
        _print(invoice)
    if csv_file is not None:
        for notice in invoice.notices:
            click.echo(f"triagebot: {ENGLISH.speak(notice)}", err=True)


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        click.echo(text.encode(), nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8-sig", newline="")  # spreadsheets take it for UTF-8 by its first bytes
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None
    click.echo(f"Wrote {file}", err=True)


def _print(invoice: "Invoice") -> None:
    from triagebot.cli.table import print_table
    from triagebot.core.phrase import ENGLISH

    closed = f", number {invoice.number}, closed on {invoice.closed_on}" if invoice.number else ", open"
    names = invoice.names
    rows: list[tuple[object, ...]] = [
        (
            *(names.get(line.client, line.client), line.kind, line.text),
            *(" ".join(f"#{ticket}" for ticket in line.tickets), line.minutes or "", line.rate),
            f"{line.amount} {line.currency}",
        )
        for line in invoice.lines
    ]
    columns = ("client", "kind", "what", "tickets", "min", "rate", "amount")
    print_table(f"Invoice lines of {invoice.month}{closed}", columns, rows)
    click.echo("")
    tax = bool(invoice.vat)
    totals: list[tuple[object, ...]] = [
        (names.get(one.client, one.client), one.net, *((one.vat, one.gross) if tax else ()), one.currency)
        for one in invoice.totals
    ]
    heads = ("client", "net", "VAT", "gross", "") if tax else ("client", "total", "")
    print_table(f"Totals, VAT {invoice.vat} %" if tax else "Totals", heads, totals)
    for notice in invoice.notices:
        click.echo(f"\n{ENGLISH.speak(notice)}")
