"""`triagebot explain --json`: the shape of design.md section 5, which is a contract, and that it touches nothing."""

import json
import os
import random
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.app.desks import PLAN, Account, LiveDesk, client, letter, proven

SUPPORT = "support@company.test"
CLIENT = "ann@client.test"
SHAPE: dict[str, Any] = {
    "message_id": str,
    "from": str,
    "subject": str,
    "language": str,
    "new_text": str,
    "guard": {"verdict": str, "codes": list},
    "sender": {"address": str, "auth": str, "client": (str, None), "tier": str},
    "rules": list,
    "kind": (str, None),
    "reason": (str, None),
    "reply": {
        "template": list,
        "language": str,
        "to": str,
        "subject": str,
        "text": str,
        "headers": dict,
        "mode": str,
    },
    "ticket": {"kind": str, "minutes": int, "promise": (str, None), "state": str},
    "trail": [{"step": str, "verdict": str, "why": str}],
}
"""design.md section 5. `reply` and `ticket` may be null; more keys may stand anywhere."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> LiveDesk:
    """A desk that never ran, with one retainer client."""
    clients = PLAN + client("ann", CLIENT, "retainer")
    return LiveDesk(tmp_path_factory.mktemp("explain") / "desk", Account(SUPPORT, "secret", 143, 25), clients=clients)


def explain(desk: LiveDesk, *arguments: str, stdin: bytes = b"") -> list[dict[str, Any]]:
    """Given a desk and arguments, return the objects `explain --json` says, one a line."""
    done = desk.run("explain", "--json", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def write(directory: Path, raws: Sequence[bytes]) -> list[str]:
    """Given mails, write each into a file and return the files' names in that order."""
    files = [directory / f"{number}.eml" for number in range(len(raws))]
    for file, raw in zip(files, raws, strict=True):
        file.write_bytes(raw)
    return [str(file) for file in files]


def assert_shape(said: object, shape: Any, where: str = "") -> None:
    """Fail where `said` lacks a key of `shape` or holds another type."""
    if isinstance(shape, dict):
        assert isinstance(said, dict), where
        for key, part in shape.items():
            assert key in said, f"{where}.{key}"
            if said[key] is not None or where or key not in ("reply", "ticket"):
                assert_shape(said[key], part, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(said, list), where
        for one in said:
            assert_shape(one, shape[0], where)
    elif isinstance(shape, tuple):
        assert said is None or isinstance(said, shape[0]), where
    else:
        assert isinstance(said, shape), where


def test_one_line_a_mail_in_the_order_of_the_arguments(desk: LiveDesk, tmp_path: Path) -> None:
    """Whatever the bytes are, each file gives one object of the contract's shape, in order, on one line."""
    noise = random.Random(7)
    raws = [
        proven(CLIENT, SUPPORT, "Permalinks"),
        b"",
        noise.randbytes(5000),
        proven(CLIENT, SUPPORT, "Change", "Please change the phone number.\u2028 Thanks"),
        b"\r\n\r\n\r\n",
        b"From: " + b'"' * 200_000 + b"\r\n\r\nText",
        proven(CLIENT, SUPPORT, "Site", "Our site is down!"),
        b"Subject: =?utf-8?q?a=0D=0Ab?=\n\n\x00\xff",
        letter(CLIENT, SUPPORT, "Forged"),
        b"{\n}",
    ]
    said = explain(desk, *write(tmp_path, raws))
    assert len(said) == len(raws)
    for one in said:
        assert_shape(one, SHAPE)
    assert [one["subject"] for one in said if one["sender"]["address"] == CLIENT] == [
        "Permalinks",
        "Change",
        "Site",
        "Forged",
    ]
    assert [one["kind"] for one in said] == [
        "question", None, None, "work", None, None, "emergency", None, "question", None,
    ]  # fmt: skip
    assert [bool(one["reply"]) for one in said].count(True) == 3
    assert [one["ticket"] and one["ticket"]["kind"] for one in said if one["ticket"]] == ["work", "emergency"]
    forged = said[8]
    assert (forged["sender"]["auth"], forged["sender"]["client"], forged["reply"]) == ("unknown", None, None)


def test_the_reply_is_the_one_that_would_be_sent(desk: LiveDesk, tmp_path: Path) -> None:
    """The reply's headers are safety.md B's, each value on one line; its mode is the desk's."""
    (said,) = explain(desk, *write(tmp_path, [proven(CLIENT, SUPPORT, "Permalinks")]))
    reply = said["reply"]
    assert (reply["to"], reply["subject"], reply["mode"]) == (CLIENT, "Re: Permalinks", "live")
    assert reply["template"] == ["permalinks"]
    assert "Settings, then Permalinks." in reply["text"]
    assert reply["headers"]["In-Reply-To"] == said["message_id"]
    assert reply["headers"]["Auto-Submitted"] == "auto-replied"
    assert not any("\n" in value or "\r" in value for value in reply["headers"].values())


def test_the_clock_can_be_set(desk: LiveDesk, tmp_path: Path) -> None:
    """`--at` moves the promise; without an offset it is the desk's zone; nonsense is refused in a sentence."""
    desk.edit('mode = "live"', 'mode = "live"\ntimezone = "Europe/Warsaw"')
    files = write(tmp_path, [proven(CLIENT, SUPPORT, "Change", "Please change the phone number")])

    def promise(at: str) -> str:
        return str(explain(desk, "--at", at, *files)[0]["ticket"]["promise"])

    assert promise("2026-11-20T23:30") == "2026-11-23"
    assert promise("2026-11-24T00:30") == promise("2026-11-23T23:30Z") == "2026-11-24"
    done = desk.run("explain", "--at", "tomorrow", *files)
    assert done.returncode == 2
    assert b"is no ISO 8601 moment" in done.stderr


def test_standard_input_is_a_mail_too(desk: LiveDesk, tmp_path: Path) -> None:
    """ "-" stands for standard input, at its place among files."""
    files = write(tmp_path, [proven(CLIENT, SUPPORT, "First"), proven(CLIENT, SUPPORT, "Last")])
    said = explain(desk, files[0], "-", files[1], stdin=proven(CLIENT, SUPPORT, "Middle"))
    assert [one["subject"] for one in said] == ["First", "Middle", "Last"]


def test_nothing_is_touched(desk: LiveDesk, tmp_path: Path) -> None:
    """Explaining writes nothing: no database, no key, no lock; every file of the desk is as it was."""

    def look() -> dict[str, tuple[int, str]]:
        files = [Path(folder) / name for folder, _, names in os.walk(desk.directory) for name in names]
        return {str(file): (file.stat().st_mtime_ns, sha256(file.read_bytes()).hexdigest()) for file in files}

    files, before = write(tmp_path, [proven(CLIENT, SUPPORT)]), look()
    folders = sorted(path for path in desk.directory.rglob("*") if path.is_dir())
    assert explain(desk, *files)
    assert explain(desk, *files)[0]["reply"]["headers"]["Message-ID"]
    assert look() == before
    assert sorted(path for path in desk.directory.rglob("*") if path.is_dir()) == folders
