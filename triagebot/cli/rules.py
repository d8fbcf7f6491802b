"""`triagebot rules`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click


@click.group("rules")
def rules_command() -> None:
    """Work with the rule files."""


@rules_command.command("test")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a test.")
@click.pass_obj
def test_command(config: Path, as_json: bool) -> None:
    """Run every test inside the rule files. Ends with 1 when one fails."""
    from triagebot.cli.loading import load_or_exit
    from triagebot.core.rules.ruletest import run_tests

    results = run_tests(load_or_exit(config).book.rules)
    for result in results:
        if as_json:
            click.echo(json.dumps(asdict(result), ensure_ascii=False))
        elif not result.ok:
            click.echo(f"{result.place}: rule[{result.rule}].test: {result.why}")
    failed = sum(not result.ok for result in results)
    if not as_json:
        click.echo(f"{len(results) - failed} of {len(results)} rule tests hold.")
    sys.exit(1 if failed else 0)
