"""config.toml: the example is complete and right, every spelling arrives as meant, no input makes the loader fail."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from triagebot.core.desk import Absence, Desk, Oauth, Secret
from triagebot.edge.config import load_desk
from triagebot.edge.spelled import keys_of
from triagebot.edge.toml import Document, parse_toml

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
ALL_KEYS = re.sub(r"^#(?=[a-z0-9_]+ = |\[)", "", EXAMPLE, flags=re.MULTILINE)

SMALL = """\
[desk]
name = "Ada"
address = "Support@AdaWeb.example"
developer = "ada@adaweb.example"

[[inbox]]
id = "support"
authserv_ids = "mx.example.net"
imap = { host = "localhost", port = 993, password = { env = "NOT_SET_ANYWHERE" } }
smtp = { host = "127.0.0.1", port = 465, password = "literal" }
"""


def load(directory: Path, text: str, **more: str) -> tuple[Desk | None, list[str]]:
    """Write config.toml (and files such as clients__a) and load it."""
    (directory / "config.toml").write_text(text, encoding="utf-8")
    for name, content in more.items():
        path = directory / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    desk, problems = load_desk(directory / "config.toml")
    return desk, [str(problem) for problem in problems]


def load_good(directory: Path, text: str, **more: str) -> Desk:
    """Load a config that must be free of problems."""
    desk, problems = load(directory, text, **more)
    assert problems == []
    assert desk is not None
    return desk


def test_the_example_is_a_desk_without_problems(tmp_path: Path) -> None:
    """A new desk starts in shadow, with clients of every tier, and has nothing to complain about."""
    desk = load_good(tmp_path, EXAMPLE)
    assert desk.desk.mode == "shadow"
    assert {client.tier for client in desk.client} == {"retainer", "one-off", "none"}
    assert [package.id for package in desk.season[0].package] == ["on-call", "check"]
    kinds = {kind for client in desk.client for kind in client.stack}
    assert {vendor.kind for vendor in desk.vendor} == kinds


def test_the_example_with_every_key_is_right_too(tmp_path: Path) -> None:
    """The commented keys are valid as they stand: taking the # away never breaks a desk."""
    assert ALL_KEYS.count("\n#") < EXAMPLE.count("\n#")
    desk = load_good(tmp_path, ALL_KEYS)
    assert desk.form[0].sender == "website@bakery.example"


Place = tuple[str | int, ...]


def _walk(kind: type, instance: Any, path: Place) -> Iterator[tuple[type, str, Any, Place]]:
    """Every key of a table and those below it: its class, its name, the instance read from the file, its path."""
    for name, key in keys_of(kind).items():
        yield kind, name, instance, (*path, name)
        value = getattr(instance, key.field)
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            yield from _walk(type(value[0]), value[0], (*path, name, 0))
        elif is_dataclass(value) and not isinstance(value, Secret):
            yield from _walk(type(value), value, (*path, name))


def _is_given(data: Any, path: Place) -> bool:
    for step in path:
        if not (step < len(data) if isinstance(step, int) else step in data):
            return False
        data = data[step]
    return True


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Document]:
    """The example with every key, as a desk and as a file."""
    document, _ = parse_toml(ALL_KEYS, "config.example.toml")
    assert document is not None
    return load_good(tmp_path_factory.mktemp("complete"), ALL_KEYS), document


def test_every_key_of_the_model_stands_in_the_example(complete: tuple[Desk, Document]) -> None:
    """A field added to core/desk.py must be shown in config.example.toml; so must every way to give a password."""
    desk, document = complete
    keys = list(_walk(Desk, desk, ()))
    missing = [path for _, _, _, path in keys if not _is_given(document.data, path)]
    assert missing == []
    assert len(keys) > 100
    assert [form for form in keys_of(Secret) if f"{{ {form} = " not in EXAMPLE] == []


def test_the_example_tells_meaning_and_default_of_every_key(complete: tuple[Desk, Document]) -> None:
    """A commented key shows its default; a live optional one tells it; each has a meaning on its line."""
    desk, document = complete
    lines = EXAMPLE.split("\n")
    wrong = []
    for kind, name, instance, path in _walk(Desk, desk, ()):
        line = lines[document.line_of(path) - 1]
        field = next(field for field in fields(kind) if field.name == keys_of(kind)[name].field)
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if "[" in line[:2]:
            continue
        _, hash_sign, meaning = line.lstrip("#").partition(" # ")
        if not hash_sign or len(meaning) < 5:
            wrong.append(f"{path} has no meaning")
        elif line.startswith("#") and default is not MISSING and getattr(instance, field.name) != default:
            wrong.append(f"{path} is not shown with its default {default!r}")
        elif not line.startswith("#") and default is not MISSING and "default" not in meaning:
            wrong.append(f"{path} does not tell its default {default!r}")
    assert wrong == []


def test_spellings_of_the_file_arrive_as_meant(tmp_path: Path) -> None:
    """Durations, sizes, money, dates, times, single texts and renamed keys become core's values."""
    more = """
[support_hour]
start = 10:30:00
days = "mon"
absences = { from = "2026-12-24", to = 2026-12-31 }
[outbox]
approved_delay = "1h30m"
[limits]
mail_bytes = "100kB"
header_bytes = "1.5KiB"
header_line = 998
latch = "7d"
parse_cpu = "90s"
[booking]
rate = 80
emergency_rate = "79.50"
[[form]]
from = "Web@Bakery.example"
dkim_domain = "BAKERY.example"
[[client]]
id = "cafe"
name = "Café"
addresses = "Zoé@Café.example"
domains = "café.example"
language = "PT-br"
"""
    desk = load_good(tmp_path, SMALL + more)
    assert desk.desk.address == "Support@adaweb.example"
    assert desk.desk.developer == ("ada@adaweb.example",)
    assert desk.inbox[0].authserv_ids == ("mx.example.net",)
    assert desk.support_hour.start == time(10, 30)
    assert desk.support_hour.days == ("mon",)
    assert desk.support_hour.absences == (Absence(date(2026, 12, 24), date(2026, 12, 31)),)
    assert desk.outbox.approved_delay == timedelta(minutes=90)
    assert (desk.limits.mail_bytes, desk.limits.header_bytes, desk.limits.header_line) == (100_000, 1536, 998)
    assert (desk.limits.latch, desk.limits.parse_cpu) == (timedelta(days=7), timedelta(seconds=90))
    assert (desk.booking.rate, desk.booking.emergency_rate) == (Decimal(80), Decimal("79.50"))
    assert (desk.form[0].sender, desk.form[0].dkim_domain) == ("Web@bakery.example", "bakery.example")
    assert desk.client[0].addresses == ("Zoé@xn--caf-dma.example",)
    assert desk.client[0].domains == ("xn--caf-dma.example",)
    assert desk.client[0].language == "pt-BR"


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ('{ env = "A" }', Secret(env="A")),
        ('{ file = "imap.password" }', Secret(file="imap.password")),
        ("{ command = \"pass show 'my mail'\" }", Secret(command=("pass", "show", "my mail"))),
        ('{ command = ["pass", "show x"] }', Secret(command=("pass", "show x"))),
        ('{ keyring = "imap" }', Secret(keyring="imap")),
        ('{ oauth = "google" }', Secret(oauth="google")),
        (
            '{ oauth = { id = "mine", client_id = "1", token_url = "https://x.test/", device_url = "https://x.test/d",'
            ' scope = "mail" } }',
            Secret(oauth=Oauth("mine", "1", token_url="https://x.test/", device_url="https://x.test/d", scope="mail")),
        ),
        ('"literal"', Secret(literal="literal")),
    ],
)
def test_every_form_of_a_password_is_read(tmp_path: Path, written: str, secret: Secret) -> None:
    """A password names its source and is not looked up; a literal one is fine for a server on this machine."""
    signin = '\n[[oauth]]\nid = "google"\nclient_id = "1"\n'
    small = SMALL.replace("port = 993,", 'port = 993, user = "ada",')
    desk = load_good(tmp_path, small.replace('{ env = "NOT_SET_ANYWHERE" }', written) + signin)
    assert desk.inbox[0].imap.password == secret


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LocalHost"])
def test_a_server_on_this_machine_may_do_without_encryption(tmp_path: Path, host: str) -> None:
    """Loopback hosts are the only ones that may be spoken to in clear and with a password in the file."""
    in_clear = SMALL.replace('"127.0.0.1"', f'"{host}", security = "none"')
    assert load_good(tmp_path, in_clear).inbox[0].smtp.security == "none"


@pytest.mark.parametrize("host", ["128.0.0.1", "localhost.example", "10.0.0.1", "::2", "127.0.0.1.example"])
def test_any_other_server_must_be_encrypted(tmp_path: Path, host: str) -> None:
    """A name that only looks like this machine gets nothing in clear, and the problem does not tell the password."""
    desk, problems = load(tmp_path, SMALL.replace('"127.0.0.1"', f'"{host}", security = "none"'))
    assert desk is None
    assert [problem.split(": ")[1] for problem in problems] == [
        "inbox[support].smtp.password",
        "inbox[support].smtp.security",
    ]
    assert "literal" not in "".join(problems)


def test_included_files_are_read_once_and_in_order(tmp_path: Path) -> None:
    """Tables of a list are joined over all files; a file two patterns match, and config.toml itself, count once."""
    config = SMALL.replace('name = "Ada"', 'name = "Ada"\ninclude = ["clients/*.toml", "clients/b.toml", "*.toml"]')
    client = '[[client]]\nid = "{0}"\nname = "{0}"\n'
    desk = load_good(
        tmp_path,
        config + client.format("z"),
        clients__b=client.format("b"),
        clients__a=client.format("a"),
        money='[booking]\nrate = "80"\n',
    )
    assert [client.id for client in desk.client] == ["z", "a", "b"]
    assert desk.booking.rate == 80


def test_a_warning_leaves_the_desk_usable(tmp_path: Path) -> None:
    """Only errors withhold the desk."""
    desk, problems = load(tmp_path, SMALL.replace('authserv_ids = "mx.example.net"\n', ""))
    assert desk is not None
    assert len(problems) == 1
    assert "warning: " in problems[0]


def test_a_path_without_directory_names_files_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--config config.toml` and an absolute path tell the same problems."""
    _, absolute = load(tmp_path, SMALL.replace('"Ada"', '"Ada"\ninclude = "*/*.toml"'), clients__a="[clint]\n")
    monkeypatch.chdir(tmp_path)
    _, relative = load_desk(Path("config.toml"))
    assert [str(problem) for problem in relative] == absolute
    assert absolute[0].startswith("clients/a.toml:1: clint: ")


def test_the_quick_way_and_pydantic_agree(complete: tuple[Desk, Document]) -> None:
    """What is taken without asking pydantic is what pydantic would take, to the last value."""
    desk, _ = complete
    assert TypeAdapter(Desk).validate_python(asdict(desk)) == desk


def test_a_desk_without_mistakes_starts_without_pydantic() -> None:
    """pydantic takes 0.1 s to import; only a mistake is worth that."""
    code = (
        "import sys; from pathlib import Path; from triagebot.edge.config import load_desk\n"
        "desk, problems = load_desk(Path('config.example.toml'))\n"
        "print(desk is not None, problems, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True [] False"


ANYTHING = st.sampled_from(
    ["5", "-1", "1.5", "true", '""', '"x"', "[]", "[[]]", "[1, 'a']", "[{}]", "{}", "{ a = 1 }", "2026-01-01"]
)
KEY_LINES = [number for number, line in enumerate(ALL_KEYS.split("\n")) if re.match(r"[a-z_]+ = ", line)]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEY_LINES), ANYTHING, min_size=1, max_size=4))
def test_no_value_makes_the_loader_fail(tmp_path_factory: pytest.TempPathFactory, changes: dict[int, str]) -> None:
    """Any value under any key is taken or told with file and line; nothing is raised, and no error gives a desk."""
    lines = ALL_KEYS.split("\n")
    for number, value in changes.items():
        lines[number] = lines[number].partition(" = ")[0] + " = " + value
    directory = tmp_path_factory.mktemp("desk")
    (directory / "config.toml").write_text("\n".join(lines), encoding="utf-8")
    desk, problems = load_desk(directory / "config.toml")
    assert (desk is None) == any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert problem.file == "config.toml"
        assert 1 <= problem.line <= len(lines)
        assert not re.search(r"pydantic|Traceback|<class|NoneType|_type\b|typing\.", problem.text)
    if desk is not None:
        assert TypeAdapter(Desk).validate_python(asdict(desk)) == desk
