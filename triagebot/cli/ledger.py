"""`triagebot ledger` and `triagebot log`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triagebot.cli.number import ROW

if TYPE_CHECKING:
    from triagebot.app.desk.view import DeskView
    from triagebot.app.money.accounts import Sheet
    from triagebot.core.money.account import Account
    from triagebot.core.money.entry import Billing
    from triagebot.core.money.month import Month

_PAID_BY = {
    "balance": "The plan's minutes pay.",
    "hourly": "By the hour.",
    "emergency": "By the hour, at the emergency rate.",
    "fixed": "Within the fixed price told for the ticket.",
    "warranty": "Nobody pays: a fault under warranty.",
    "courtesy": "Nobody pays: a courtesy.",
}


@click.command("ledger")
@click.argument("client", required=False)
@click.option("--month", help="A month, such as 2026-11; else this one, or for a client all that ever was.")
@click.option("--statement", is_flag=True, help="Print the client's statement; of the last month unless one is named.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def ledger_command(config: Path, client: str | None, month: str | None, statement: bool, as_json: bool) -> None:
    """List what each plan has left, and what to do where it runs out of hand; or one CLIENT's entries."""
    from triagebot.app.money.accounts import list_accounts, read_sheet, show_account, show_sheet
    from triagebot.cli.loading import view_or_exit

    if statement:
        if client is None:
            raise click.UsageError("name the client whose statement you want")
        _print_statement(config, client, month, as_json)
        return
    view, now, chosen = view_or_exit(config), datetime.now(UTC), parse_month(month)
    if client is None:
        accounts = list_accounts(view, chosen, now)
        if as_json:
            click.echo(json.dumps([show_account(one) for one in accounts], ensure_ascii=False, indent=1))
        else:
            _print_accounts(accounts)
    else:
        sheet = read_sheet(view, client, chosen, now)
        if as_json:
            click.echo(json.dumps(show_sheet(sheet), ensure_ascii=False, indent=1))
        else:
            _print_sheet(sheet, view)


def parse_month(text: str | None) -> "Month | None":
    """Given a month as typed, or None, return it. Raise a usage error."""
    from triagebot.core.money.month import Month

    try:
        return None if text is None else Month.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None


def _print_statement(config: Path, client: str, month: str | None, as_json: bool) -> None:
    from triagebot.app.money.statement import read_last_statement, read_statement
    from triagebot.cli.loading import load_or_exit

    snapshot, now, chosen = load_or_exit(config), datetime.now(UTC), parse_month(month)
    if chosen is None:
        said = read_last_statement(snapshot, client, now)
    else:
        said = read_statement(snapshot, client, chosen, now)
    if as_json:
        click.echo(json.dumps({"subject": said.subject, "text": said.text, "html": said.html}, ensure_ascii=False))
    else:
        click.echo(f"Subject: {said.subject}\n\n{said.text}", nl=False)


def _print_accounts(accounts: "tuple[Account, ...]") -> None:
    from triagebot.cli.table import print_table
    from triagebot.core.phrase import ENGLISH

    names = ("client", "plan", "carried", "granted", "used", "other", "left", "trend")
    title = f"Plans in {accounts[0].month}" if accounts else "No client has a plan"
    print_table(title, names, [tuple(getattr(one, name) for name in names) for one in accounts])
    for one in accounts:
        if one.trend:
            click.echo(f"\n{one.client} is {one.trend}. You can:" if one.trend != "ended" else f"\n{one.client}:")
            for advice in one.advice:
                click.echo(f"  - {ENGLISH.speak(advice)}")


def _print_sheet(sheet: "Sheet", view: "DeskView") -> None:
    from triagebot.cli.table import print_table

    rows: list[tuple[object, ...]] = [
        (
            *(one.entry.day, f"{one.entry.source} > {one.entry.target}", one.entry.minutes, one.left),
            *(one.entry.ticket, one.entry.note, one.invoice),
        )
        for one in sheet.movements
    ]
    columns = ("day", "moved", "min", "left", "ticket", "what", "invoice")
    print_table(f"{sheet.account.client}: {sheet.account.left} minutes left in {sheet.account.month}", columns, rows)
    if sheet.fees:
        currency = view.desk.booking.currency
        cells = [(fee.day, f"{fee.amount} {currency}", fee.note, invoice) for fee, invoice in sheet.fees]
        click.echo("")
        print_table("", ("day", "amount", "what", "invoice"), cells)


@click.command("log", context_settings={"ignore_unknown_options": True})
@click.argument("client", required=False)
@click.argument("words", nargs=-1, metavar="[MINUTES] NOTE")
@click.option("--ticket", type=ROW, help="The ticket that was worked on.")
@click.option("--day", help="When, such as 2026-11-20; today if not said.")
@click.option("--fee", help="A flat amount instead of minutes, such as 250 for a package; below zero it is a credit.")
@click.option("--again", is_flag=True, help="Book it although the same was booked a moment ago.")
@click.option("--offers", is_flag=True, help="List the minutes that your own mails tell of and nobody has booked.")
@click.option("--accept", type=ROW, help="Book an offer; another length may follow: --accept 3 40m.")
@click.option("--decline", type=ROW, help="Book nothing for an offer.")
@click.option("--json", "as_json", is_flag=True, help="With --offers: print JSON.")
@click.option("--balance", "paid", flag_value="balance", help=_PAID_BY["balance"])
@click.option("--hourly", "paid", flag_value="hourly", help=_PAID_BY["hourly"])
@click.option("--emergency", "paid", flag_value="emergency", help=_PAID_BY["emergency"])
@click.option("--fixed", "paid", flag_value="fixed", help=_PAID_BY["fixed"])
@click.option("--warranty", "paid", flag_value="warranty", help=_PAID_BY["warranty"])
@click.option("--courtesy", "paid", flag_value="courtesy", help=_PAID_BY["courtesy"])
@click.pass_obj
def log_command(
    config: Path,
    client: str | None,
    words: tuple[str, ...],
    ticket: int | None,
    day: str | None,
    fee: str | None,
    again: bool,
    offers: bool,
    accept: int | None,
    decline: int | None,
    as_json: bool,
    paid: "Billing | None",
) -> None:
    """Book MINUTES (25, 1h30; below zero: take back) of work for CLIENT, with a NOTE that stands in the statement.

    Who pays follows from plan, ticket and warranty unless you say it.
    """
    from triagebot.app.money.log import Typed, log_typed
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.unbooked import end_offer, print_offers

    if offers:
        print_offers(config, as_json=as_json)
        return
    number = accept or decline
    if number is not None:
        end_offer(config, number, client or "", accept=accept is not None)
        return
    if client is None:
        raise click.UsageError('name the client, such as: triagebot log bakery 25 "menu mended"')
    unknown = next((word for word in words if word.startswith("--")), None)
    if unknown is not None:
        raise click.NoSuchOption(unknown)
    if fee is None and len(words) < 2:
        raise click.UsageError('write minutes and a note, such as: triagebot log bakery 25 "menu mended"')
    minutes, note = ("", words) if fee is not None else (words[0], words[1:])
    typed = Typed(client, minutes, " ".join(note), fee or "", ticket, day or "", paid)
    click.echo(log_typed(view_or_exit(config), typed, datetime.now(UTC), again=again))
