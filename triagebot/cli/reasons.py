"""`triagebot reasons`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

_TRENDS = {"": "", "new": "new", "more": "more often", "less": "less often", "gone": "not any more"}


@click.command("reasons")
@click.option("--since", default="90d", show_default=True, help="How far to look back, such as 30d; today counts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def reasons_command(config: Path, since: str, as_json: bool) -> None:
    """List why clients wrote: how often, the minutes it took, how often an answer by itself was enough.

    The trend compares the later half of the days with the earlier one.
    """
    from triagebot.app.digest.figures import read_reasons, show_reasons
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    report = read_reasons(view_or_exit(config), _parse_days(since), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(show_reasons(report), ensure_ascii=False, indent=1))
        return
    rows = [
        (
            *(one.reason or "(not recognised)", one.count, "" if one.share is None else f"{one.share} %"),
            *(one.minutes, _TRENDS[one.trend]),
        )
        for one in report.reasons
    ]
    title = f"Reasons from {report.first} to {report.last}" if rows else f"Nobody wrote since {report.first}"
    print_table(title, ("reason", "requests", "by itself", "minutes", "trend"), rows)
    if report.without_ticket:
        click.echo(f"\n{report.without_ticket} minutes were worked on no ticket.")


def _parse_days(written: str) -> int:
    """Given a duration as typed, return it in whole days, one at least. Raise a usage error."""
    from triagebot.core.files.spelling import parse_duration

    try:
        return max(1, parse_duration(written).days)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--since") from None
