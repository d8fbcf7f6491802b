"""The layers and rooms of DESIGN.md, held by reading every import: cli → app → core, app → edge → core.

Places are named by their last part, so that a module may move into another folder of its layer.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "triagebot"
LAYERS = ("core", "edge", "app", "cli")
MAY_IMPORT = {
    "": LAYERS,
    "core": ("core",),
    "edge": ("core", "edge"),
    "app": ("core", "edge", "app"),
    "cli": ("core", "app", "cli"),
}

DESK_FILES = (
    *("config", "rulebook", "toml", "tables", "phrases", "spelled", "regions", "replies"),
    *("absences", "modes", "datafile"),
)
"""Edges that read the desk's files together, as one room. edge/store and edge/tinymail are rooms by their folders."""

FAULT = "fault"
"""The one edge others may import: a fault point inside a transaction or between two commands of a conversation can
only stand there. Unset it does nothing, so it couples nobody."""

PURE = frozenset(
    (
        *("__future__", "base64", "binascii", "bisect", "codecs", "collections", "contextlib", "dataclasses"),
        *("datetime", "decimal", "difflib", "email", "encodings", "enum", "fnmatch", "fractions", "functools"),
        *("hashlib", "heapq", "hmac", "html", "ipaddress", "itertools", "json", "math", "operator", "re"),
        *("string", "textwrap", "types", "typing", "unicodedata", "zoneinfo"),
    )
)
"""What core may use of the standard library: it computes, and neither waits, reads, writes nor draws lots."""

CORE_LIBRARIES = {
    "ahocorasick": {"patternset"},
    "re2": {"expression"},
    "publicsuffixlist": {"organization"},
    "idna": {"address", "lookalike", "spelling"},
}
"""Third-party libraries of core, all of them pure computing, and the modules that may use each."""

LIBRARIES = {
    "authres": {"edge/authentication"},
    "PIL": {"edge/chart"},
    "holidays": {"edge/holiday", "edge/regions"},
    "selectolax": {"edge/html"},
    "imapclient": {"edge/imap"},
    "fasttext": {"edge/language"},
    "mistune": {"edge/markdown"},
    "mailparser": {"edge/mime"},
    "jinja2": {"edge/replies"},
    "keyring": {"edge/secrets"},
    "aiosmtplib": {"edge/smtp"},
    "sqlite_utils": {"edge/store"},
    "pydantic": {"edge/tables"},
    "babel": {"edge/catalogue", "edge/wording"},
    "pymap": {"edge/tinymail", "cli/demo"},
    "aiosmtpd": {"edge/tinymail", "cli/demo"},
    "pysasl": {"edge/tinymail"},
    "proxyprotocol": {"edge/tinymail"},
    "apscheduler": {"app/daemon"},
    "rich": {"cli/demo", "cli/table"},
    "click": {"cli/*"},
}
"""Third-party libraries and their one place: layer and module, or room. cli/demo only asks whether two are there."""

PROTOCOLS = frozenset(
    ("ftplib", "http", "imaplib", "poplib", "smtplib", "socket", "sqlite3", "ssl", "urllib", "xmlrpc")
)
"""Standard modules that speak to something outside: one edge each wraps them."""

IMPURE_CALLS = frozenset(
    (
        *("open", "print", "input", "exec", "eval", "__import__", "breakpoint"),
        *("now", "today", "utcnow", "localtime", "formatdate", "make_msgid", "ZoneInfo"),
    )
)
"""Functions that look at the clock, the disk or the terminal, although their module may be used."""

_SQL = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|CREATE INDEX|ALTER TABLE|PRAGMA)\s")


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name and its tree."""

    name: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """core, edge, app or cli; "" for the package itself."""
        first = self.name.removeprefix("triagebot.").partition(".")[0]
        return first if first in LAYERS else ""

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def place(self) -> str:
        """Layer and file name, or layer and folder for the rooms edge/store and edge/tinymail."""
        parts = self.name.split(".")
        return f"edge/{parts[2]}" if self.layer == "edge" and len(parts) > 2 else f"{self.layer}/{self.last}"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every import, also those inside functions: its line and the dotted name it asks for."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                prefix = "." * node.level + (node.module or "")
                yield from ((node.lineno, f"{prefix}.{alias.name}") for alias in node.names)


def parse(name: str, source: str) -> Module:
    """Given a dotted name and a source, return the module."""
    return Module(name, ast.parse(source))


@cache
def read_package() -> tuple[Module, ...]:
    """Return every module of triagebot."""
    modules = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        modules.append(parse(".".join(parts), file.read_text(encoding="utf-8")))
    return tuple(modules)


def find_layer_breaches(module: Module) -> Iterator[str]:
    """Given a module, yield a sentence for each import that goes the wrong way between layers and rooms."""
    for line, name in module.imports():
        at = f"{module.name}, line {line}"
        parts = name.split(".")
        if name.startswith("."):
            yield f"{at}: relative import. Write it absolutely, from triagebot.…, so that its layer can be seen."
        if parts[0] != "triagebot" or len(parts) < 2 or parts[1] not in LAYERS:
            continue
        if parts[1] not in MAY_IMPORT[module.layer]:
            yield (
                f"{at}: {module.layer or 'triagebot'} imports {name}, but may import only"
                f" {', '.join(MAY_IMPORT[module.layer])}. {_ADVICE[module.layer]}"
            )
        elif module.layer == parts[1] == "edge" and len(parts) > 2:
            rooms = (module.place.removeprefix("edge/"), parts[2])
            if rooms[0] != rooms[1] and rooms[1] != FAULT and not set(rooms) <= set(DESK_FILES):
                yield (
                    f"{at}: edge {rooms[0]} imports edge {rooms[1]}. Edges do not know each other: let app call both"
                    " and hand the value over, or move what both need into core."
                )


_ADVICE = {
    "": "",
    "core": "Pass the value in as an argument: app gathers it, core decides, app applies.",
    "edge": "An edge turns bytes and exceptions into core values; move the decision to core, the wiring to app.",
    "app": "app is called by the command line; hand the result back instead of printing it.",
    "cli": "A command has no logic: put the work behind a function in app and call that.",
}


def find_library_breaches(module: Module) -> Iterator[str]:
    """Given a module, yield a sentence for each library it may not use where it stands."""
    for line, name in module.imports():
        top = name.split(".")[0]
        at = f"{module.name}, line {line}"
        if top in ("", "triagebot"):
            continue
        if top in sys.stdlib_module_names:
            if module.layer == "core" and top not in PURE:
                yield (
                    f"{at}: core uses {top}. {_ADVICE['core']} If {top} only computes, add it to PURE in {__file__}."
                )
            if module.layer in ("app", "cli") and top in PROTOCOLS:
                yield f"{at}: {module.layer} uses {top}. Wrap it in an edge of its own and import that from app."
        elif module.layer == "core":
            if module.last not in CORE_LIBRARIES.get(top, set()):
                allowed = ", ".join(sorted(CORE_LIBRARIES.get(top, {"no module of core"})))
                yield (
                    f"{at}: core uses {top} outside of {allowed}. Use it through that module, or, if it only computes,"
                    " name it in CORE_LIBRARIES."
                )
        elif not {module.place, f"{module.layer}/*"} & LIBRARIES.get(top, set()):
            where = ", ".join(sorted(LIBRARIES.get(top, {"nowhere yet"})))
            yield (
                f"{at}: {top} is used in {module.place}, its place is {where}. Import the triagebot module that wraps"
                " it; a new library gets one edge file of its own and a line in LIBRARIES."
            )


def find_impure_calls(module: Module) -> Iterator[str]:
    """Given a module of core, yield a sentence for each call that looks at the clock, the disk or the terminal."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in IMPURE_CALLS:
            yield f"{module.name}, line {node.lineno}: core calls {called}(). {_ADVICE['core']}"


def find_sql(module: Module) -> Iterator[str]:
    """Given a module, yield a sentence for each piece of SQL outside of edge/store."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value):
            yield f"{module.name}, line {node.lineno}: SQL. Give edge/store a method named in the desk's words instead."


def find_breaches(module: Module) -> list[str]:
    """Given a module, return everything it does that its layer may not."""
    breaches = [*find_layer_breaches(module), *find_library_breaches(module)]
    if module.layer == "core":
        breaches += find_impure_calls(module)
    if module.place != "edge/store":
        breaches += find_sql(module)
    return breaches


@pytest.mark.parametrize("layer", ["", *LAYERS])
def test_layers(layer: str) -> None:
    """No module of a layer imports or calls what that layer may not."""
    modules = [module for module in read_package() if module.layer == layer]
    assert modules
    breaches = [breach for module in modules for breach in find_breaches(module)]
    assert not breaches, "\n".join(("The layers of DESIGN.md are broken:", *breaches))


def test_the_tables_are_current() -> None:
    """Every library and place named above is still used there: what is gone leaves the tables too."""
    used = {(name.split(".")[0], module.place) for module in read_package() for _, name in module.imports()}
    used |= {(top, f"{place.partition('/')[0]}/*") for top, place in used}
    named = {(library, place) for library, places in LIBRARIES.items() for place in places}
    in_core = {(library, f"core/{last}") for library, lasts in CORE_LIBRARIES.items() for last in lasts}
    stale = sorted((named | in_core) - used)
    assert not stale, f"Take these out of LIBRARIES or CORE_LIBRARIES, nothing uses them: {stale}"
    edges = {module.place.removeprefix("edge/") for module in read_package() if module.layer == "edge"}
    assert set(DESK_FILES) <= edges, f"Take these out of DESK_FILES: {sorted(set(DESK_FILES) - edges)}"


def test_an_edge_wraps_one_library() -> None:
    """No edge file wraps two libraries; the room tinymail is the one pair (an IMAP and an SMTP server)."""
    wrapped: dict[str, set[str]] = {}
    for library, places in LIBRARIES.items():
        for place in places:
            wrapped.setdefault(place, set()).add(library)
    several = {place: found for place, found in wrapped.items() if place.startswith("edge/") and len(found) > 1}
    assert set(several) <= {"edge/tinymail"}, f"Split these edges, one library a file: {several}"


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("core.planner", "from triagebot.edge.store import Store", "core imports triagebot.edge.store.Store"),
        ("core.guard.judge", "from triagebot import app", "core imports triagebot.app"),
        ("core.planner", "def f():\n    import triagebot.cli.main", "line 2: core imports triagebot.cli.main"),
        ("core.planner", "from . import desk", "relative import"),
        ("core.planner", "import os.path", "core uses os"),
        ("core.planner", "from random import random", "core uses random"),
        ("core.planner", "from time import monotonic", "core uses time"),
        ("core.planner", "import logging", "core uses logging"),
        ("core.planner", "import requests", "core uses requests outside of no module of core"),
        ("core.planner", "import idna", "core uses idna outside of address"),
        ("core.planner", "from datetime import datetime\nx = datetime.now()", "line 2: core calls now()"),
        ("core.planner", "from datetime import date as d\nx = d.today()", "core calls today()"),
        ("core.planner", "x = open('file').read()", "core calls open()"),
        (
            "core.planner",
            "from email.utils import make_msgid as m, make_msgid\nmake_msgid()",
            "core calls make_msgid()",
        ),
        ("core.planner", "x = 'SELECT 1 FROM mail'", "SQL"),
        ("edge.imap", "from triagebot.app.daemon import Daemon", "edge imports triagebot.app.daemon.Daemon"),
        ("edge.imap", "from triagebot.edge.smtp import Submission", "edge imap imports edge smtp"),
        ("edge.imap", "from triagebot.edge import tls", "edge imap imports edge tls"),
        ("edge.store.mails", "from triagebot.edge.config import load", "edge store imports edge config"),
        ("edge.config", "from triagebot.edge.holiday import names", "edge config imports edge holiday"),
        ("edge.imap", "import aiosmtplib.errors", "aiosmtplib is used in edge/imap, its place is edge/smtp"),
        ("edge.imap", "import requests", "its place is nowhere yet"),
        ("edge.tinymail.imap", "import imapclient", "imapclient is used in edge/tinymail"),
        ("app.status", "from triagebot.cli.table import print_table", "app imports triagebot.cli.table.print_table"),
        ("app.status", "import sqlite3", "app uses sqlite3"),
        ("app.status", "import click", "click is used in app/status"),
        ("app.status", "x = f'UPDATE mail SET state = {1}'", "SQL"),
        ("cli.outbox", "from triagebot.edge.store import Store", "cli imports triagebot.edge.store.Store"),
        ("cli.outbox", "import socket", "cli uses socket"),
    ],
)
def test_every_breach_is_found(name: str, source: str, told: str) -> None:
    """The checks above can fail: each kind of breach is found, with its line and how to mend it."""
    breaches = find_breaches(parse(f"triagebot.{name}", source))
    assert len(breaches) == 1, breaches
    assert told in breaches[0]
    _, _, how_to_mend = breaches[0].partition(". ")
    assert how_to_mend.endswith(".")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core.anything.patternset", "import ahocorasick\nimport re\nfrom triagebot.core.mail import Mail"),
        ("core.planner", "from datetime import date, datetime, timedelta\nx = datetime(2026, 1, 1)"),
        (
            "edge.store.outbox",
            "from triagebot.edge.fault import crash_at",
        ),
        (
            "edge.store.mails",
            "import sqlite_utils\nfrom triagebot.edge.store.rows import stamp\nx = 'SELECT 1 FROM mail'",
        ),
        ("edge.config", "from triagebot.edge.toml import read_toml\nfrom triagebot.core.desk import Desk"),
        ("app.daemon", "from triagebot.edge.store import Store\nfrom triagebot.core.desk import Desk\nimport asyncio"),
        ("cli.outbox", "import click\nfrom triagebot.app.status import gather\nfrom triagebot import __version__"),
        ("__main__", "from triagebot.cli.main import main"),
    ],
)
def test_what_is_allowed_is_no_breach(name: str, source: str) -> None:
    """Imports that follow the layers are left alone."""
    assert find_breaches(parse(f"triagebot.{name}", source)) == []
