"""triagebot's side of the benchmark: a desk for it, and its commands; nothing here imports triagebot."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.mails import DESK, RECEIVER, firm_domain, firm_language
from bench.processes import Usage, run_measured, start_process
from bench.servers import PASSWORD

_ROOT = Path(__file__).resolve().parent.parent
_PASSWORD_VARIABLE = "TRIAGEBOT_BENCH_PASSWORD"  # noqa: S105 - its name
_TIERS = ("none", "one-off", "retainer")
_DESK = """\
[desk]
name = "Bench Desk"
address = "{address}"
developer = "developer@bench.test"
language = "en"
timezone = "Europe/Warsaw"
mode = "live"
data = "var"

[[inbox]]
id = "support"
folder = "INBOX"
authserv_ids = ["{receiver}"]
trusted_mx = ["{receiver}"]

[inbox.imap]
host = "127.0.0.1"
port = {imap}
security = "none"
user = "{user}"
password = {{ env = "{variable}" }}

[inbox.smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"

[limits]
client_per_day = 1000000
client_per_week = 1000000
stranger_per_day = 1000000
stranger_per_week = 1000000
thread = 1000000
same_answer = "0s"
same_body = "0s"
domain_per_day = 1000000
desk_per_10_minutes = 1000000
desk_per_day = 1000000
ping_pong = "0s"
latch = "0s"

[support_hour]
start = "08:00"
minutes = 600
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[booking]
url = "https://cal.bench.test/desk"
rate = "80"
emergency_rate = "140"

[[vendor]]
id = "registrar"
kind = "registrar"
name = "Bench Registrar"
help = "https://registrar.bench.test/help"
contact = "chat on their site"

[[vendor]]
id = "host"
kind = "host"
name = "Bench Host"
help = "https://host.bench.test/help"
emergency = "+48 22 000 00 00"

[[plan]]
id = "care"
minutes = 180
price = "240"
"""


def find_triagebot() -> list[str]:
    """Return the command of the triagebot installed beside this Python, else of the checkout."""
    script = Path(sys.executable).with_name("triagebot")
    return [str(script)] if script.exists() else [sys.executable, "-m", "triagebot"]


@dataclass(frozen=True, slots=True)
class Contender:
    """triagebot on one desk folder."""

    folder: Path

    @property
    def log(self) -> Path:
        """Where all its commands write their standard error."""
        return self.folder / "stderr.log"

    def command(self, *arguments: str) -> list[str]:
        """Given arguments, return the whole command line."""
        return [*find_triagebot(), "--config", str(self.folder / "config.toml"), *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """What its commands need in their environment; byte code is kept, as pip leaves it."""
        return {_PASSWORD_VARIABLE: PASSWORD, "PYTHONDONTWRITEBYTECODE": ""}

    def run(self, *arguments: str) -> Usage:
        """Given arguments, run the command to its end."""
        return run_measured(self.command(*arguments), log=self.log, environment=self.environment)

    def call(self, *arguments: str) -> Usage:
        """Given arguments, run the command to its end. Raise RuntimeError with its last words if it fails."""
        usage = self.run(*arguments)
        if usage.code != 0:
            said = self.log.read_text(errors="replace").strip().splitlines() or usage.output.strip().splitlines()
            words = said[-1] if said else "nothing"
            raise RuntimeError(f"`triagebot {' '.join(arguments[:2])}` ended with {usage.code} and said: {words}")
        return usage

    def start_daemon(self) -> subprocess.Popen[str]:
        """Start `triagebot run`; all it says goes to the log."""
        return start_process(self.command("run"), log=self.log, environment=self.environment)


def write_desk(folder: Path, *, imap: int, smtp: int, user: str, firms: int, starter: bool = True) -> Contender:
    """Given an absent folder, the servers' ports, the mailbox's user and how many client firms, write a desk.

    It gets the checkout's starter replies and, with `starter`, its starter rules.
    """
    folder.mkdir(parents=True)
    shutil.copytree(_ROOT / "replies", folder / "replies")
    if starter:
        shutil.copytree(_ROOT / "rules", folder / "rules")
    head = _DESK.format(address=DESK, imap=imap, smtp=smtp, user=user, variable=_PASSWORD_VARIABLE, receiver=RECEIVER)
    clients = "".join(_write_client(firm) for firm in range(firms))
    (folder / "config.toml").write_text(head + clients, encoding="utf-8")
    return Contender(folder)


def _write_client(firm: int) -> str:
    tier = _TIERS[firm % len(_TIERS)]
    lines = [
        "\n[[client]]",
        f'id = "firm-{firm}"',
        f'name = "Firm {firm}"',
        f'domains = ["{firm_domain(firm)}"]',
        f'tier = "{tier}"',
        f'language = "{firm_language(firm)}"',
        'stack = { registrar = "registrar", host = "host" }',
    ]
    if tier == "retainer":
        lines += ['plan = "care"', "since = 2026-01-01"]
    return "\n".join(lines) + "\n"
