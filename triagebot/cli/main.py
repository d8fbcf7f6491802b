"""The `triagebot` command: its global options and its list of commands, loaded only when one is used."""

import gc
import importlib
import sys
from pathlib import Path

import click

from triagebot import __version__

_COMMANDS = {
    "init": "desk",
    "check": "desk",
    "run": "daemon",
    "status": "daemon",
    "explain": "explain",
    "rules": "rules",
    "digest": "digest",
    "tickets": "tickets",
    "ticket": "tickets",
    "mail": "ticket_answers",
    "hours": "hours",
    "ledger": "ledger",
    "log": "ledger",
    "invoice": "invoice",
    "reasons": "reasons",
    "outbox": "outbox",
    "reconcile": "reconcile",
    "away": "away",
    "mode": "mode",
    "loops": "loops",
    "auth": "auth",
    "privacy": "privacy",
    "backup": "backup",
    "restore": "backup",
    "demo": "demo",
}
_SUMMARY = {
    "init": "Write a new desk: config, starter rules and replies.",
    "check": "Find everything that is wrong with the desk's files.",
    "run": "Run the desk (--once: one pass, then end).",
    "status": "Tell how the desk is, for people and for monitoring.",
    "explain": "Tell what would happen to a mail, and why.",
    "rules": "Run the tests inside the rule files.",
    "digest": "Show, save or send today's digest.",
    "tickets": "List the work somebody is owed.",
    "ticket": "Show or change one ticket; write down a call.",
    "mail": "Say that a held mail is dealt with.",
    "hours": "List the coming support hours.",
    "ledger": "List what each plan has left, or one client's entries.",
    "log": "Book minutes or a fee for a client.",
    "invoice": "List what is to be billed for a month; close it.",
    "reasons": "List why clients wrote, how often, and what it took.",
    "away": "List absences; announce or end one.",
    "mode": "List modes; go live, or back to draft or shadow.",
    "loops": "List latched loops and the breaker; release one.",
    "outbox": "List outgoing mails; approve, retry or drop one.",
    "auth": "Sign in where a mailbox has no password (OAuth).",
    "reconcile": "Compare the mailboxes with the database.",
    "privacy": "Export, erase or purge what is held about people.",
    "backup": "Write a safety copy of the desk, also while it runs.",
    "restore": "Make a desk anew from a safety copy.",
    "demo": "See a day of a fictional desk; needs no account.",
}


class _Commands(click.Group):
    """A command's file is imported when the command is used, so that --help is there at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"triagebot.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARY.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    envvar="TRIAGEBOT_CONFIG",
    help="The desk's config file.",
)
@click.version_option(__version__, prog_name="triagebot")
@click.pass_context
def triagebot(context: click.Context, config: Path) -> None:
    """The support desk you never had to hire: client mail in, honest answers out."""
    context.obj = config


def main() -> None:
    """Run the command line. A known failure is one sentence and exit 1; 75 when the desk is taken (EX_TEMPFAIL)."""
    from triagebot.core.errors import DeskBusy, TriagebotError

    gc.disable()  # nothing made while loading is garbage; `run` collects again
    try:
        triagebot(prog_name="triagebot")
    except DeskBusy as error:
        click.echo(f"triagebot: {error}", err=True)
        sys.exit(75)
    except TriagebotError as error:
        click.echo(f"triagebot: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
