"""`triagebot auth`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("auth")
@click.argument("client", metavar="[ID]", default="")
@click.option("--account", default="", help="Whose sign-in, where one ID is used for several.")
@click.option("--device", "how", flag_value="device", help="By a code that is typed on another device.")
@click.option("--paste", "how", flag_value="paste", help="Through a browser on another machine (over SSH).")
@click.option("--browser", "how", flag_value="browser", help="Through a browser on this machine.")
@click.option("--open", "opens", is_flag=True, help="Also open the page.")
@click.option("--list", "lists", is_flag=True, help="Tell how the sign-ins are, and sign nobody in.")
@click.option("--json", "as_json", is_flag=True, help="With --list: print JSON.")
@click.pass_obj
def auth_command(
    config: Path, client: str, account: str, how: str | None, opens: bool, lists: bool, as_json: bool
) -> None:
    """Sign in with the provider ID of an [[oauth]] table, for mailboxes without a password."""
    from triagebot.app.access.signin import Person, choose_signin, sign_in
    from triagebot.cli.loading import view_or_exit

    view = view_or_exit(config)
    if lists or as_json:
        from triagebot.app.access.tokens import describe_signins

        print_signins(describe_signins(view, datetime.now(UTC)), as_json)
        return

    def open_page(address: str) -> None:
        click.echo(f"\n    {address}\n")
        if opens:
            click.launch(address)

    chosen, whose = choose_signin(view, client, account)
    person = Person(click.echo, open_page, lambda question: str(click.prompt(question)))
    signed_in = sign_in(view, chosen, whose, how or "", person)
    click.echo(f"Signed in with {chosen.id} as {whose}; the desk renews it by itself.")
    ends = signed_in["ends"]
    click.echo(f"It lasts until {ends}: {signed_in['lasts']}." if ends else f"It lasts {signed_in['lasts']}.")


def print_signins(signins: list[dict[str, object]], as_json: bool = False) -> None:
    """Given how the sign-ins are, print them."""
    from triagebot.cli.table import print_table

    if as_json:
        click.echo(json.dumps(signins, ensure_ascii=False, indent=1))
        return
    columns = ("sign-in", "account", "signed in", "days", "renewed", "token until", "lasts until", "problem")
    names = ("id", "account", "signed_in", "age_days", "renewed", "token_until", "ends", "problem")
    cells = [["-" if one[name] is None else one[name] for name in names] for one in signins]
    print_table(f"{len(signins)} sign-ins", columns, cells)
