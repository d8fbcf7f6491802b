"""A quick desk in Warsaw's time with clients and the starter's texts, for emergencies, absences and neglect."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from tests.app.desks import Account, LiveDesk
from tests.app.quick_desks import SUPPORT, QuickDesk, open_desk

STARTER = Path(__file__).parents[2] / "replies" / "en"
BAKERY, CAFE = "jan@bakery.test", "mia@cafe.test"
_CLIENTS = """
[booking]
rate = "80"

[[vendor]]
id = "flywheel"
kind = "host"
name = "Flywheel"
emergency = "+1 555 0100"
ask_for = ["account e-mail", "name of the site"]

[[plan]]
id = "care"
name = "Website care"
minutes = 180
price = "240"
{plan}

[[client]]
id = "bakery"
name = "Bakery Nowak"
addresses = ["jan@bakery.test"]
tier = "retainer"
plan = "care"
since = 2026-01-01
sites = ["https://bakery.test"]
stack = {{ host = "flywheel" }}
facts = {{ "Account e-mail" = "owner@bakery.test", "door code" = "1234" }}
{client}

[[client]]
id = "cafe"
name = "Cafe Central"
addresses = ["mia@cafe.test"]
tier = "one-off"
"""
_HACKED = """
[[rule]]
id = "hacked"
reason = "outage/hacked"
kind = "emergency"
any = ["hacked"]
reply = "site-down"
[[rule.test]]
text = "We were hacked!"
"""


def make_files(
    directory: Path, *, mode: str = "live", plan: str = "", client: str = "", settings: str = "", more: str = ""
) -> Path:
    """Given a new directory and what is special about the desk, write its files and return the config."""
    clients = _CLIENTS.format(plan=plan, client=client)
    settings = f'timezone = "Europe/Warsaw"\n{settings}'
    made = LiveDesk(directory, Account(SUPPORT, "x", 1, 1), mode=mode, settings=settings, clients=clients, more=more)
    (directory / "rules" / "20-hacked.toml").write_text(_HACKED, "utf-8")
    shutil.copytree(STARTER, directory / "replies" / "en", dirs_exist_ok=True)
    return made.config


@contextmanager
def cover_desk(directory: Path, **special: str) -> Iterator[QuickDesk]:
    """Given a new directory and what `make_files` is to know, open the desk."""
    with open_desk(make_files(directory, **special)) as desk:
        yield desk


def body(raw: bytes) -> str:
    """Given a mail, return its text part."""
    part = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def outbox(desk: QuickDesk, column: str, where: str = "1 = 1") -> list[object]:
    """Given a column of the outbox and a condition, return its values, the oldest first."""
    return [row[0] for row in desk.rows(f"SELECT {column} FROM outbox WHERE {where} ORDER BY id")]
