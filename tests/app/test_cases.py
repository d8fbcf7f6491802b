"""The golden corpus: every folder of tests/cases holds mails and what `triagebot explain` says about them.

tests/cases/README.md tells how to read and add a case.
"""

import json
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parents[1] / "cases"
CLOCK = "2026-11-24T10:00:00"
EXPLAINED_KEYS = {
    "message_id", "from", "subject", "language", "new_text",
    "guard", "sender", "rules", "kind", "reason", "reply", "ticket",
}  # fmt: skip
OWN_KEYS = {
    "why", "desk", "contains", "not_contains", "new_text_contains", "new_text_lacks", "most_templates",
}  # fmt: skip
AUTOMATIC = {"auto-submitted": "auto-replied", "x-auto-response-suppress": "All", "precedence": "auto_reply"}
NEVER_WRITTEN = re.compile(r"(?i)(cc|bcc|sender|return-path|list-.*|thread-index|resent-.*)")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")
OWN_ID = re.compile(r"<ar\.[a-z2-7]{26}@[a-z0-9.-]+>")
APPROVED_ID = re.compile(r"<ap\.[a-z2-7]{26}@[a-z0-9.-]+>")
ONE_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[a-z0-9.-]+")
UNFIT = re.compile(r"[\0\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Case:
    """One mail of the corpus: its name (folder, and variant if there are several), file and expectation."""

    name: str
    source: Path
    expected: dict[str, Any]

    @property
    def desk(self) -> str:
        """The folder of the desk this mail comes to."""
        return str(self.expected.get("desk", "desk"))

    def mail(self, folder: Path) -> Path:
        """Given a folder for generated mails, return the file that holds this one."""
        if self.source.suffix == ".eml":
            return self.source
        file = folder / f"{self.name.replace('/', '-')}.eml"
        file.write_bytes(runpy.run_path(str(self.source))["build"]())
        return file


def list_cases() -> list[Case]:
    """Return every mail of the corpus, in the order of its folders."""
    found = []
    for folder in sorted(CASES.glob("[0-9]*")):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        for source in sorted([*folder.glob("mail*.eml"), *folder.glob("mail*.py")]):
            variant = source.stem.removeprefix("mail").removeprefix("-")
            found.append(Case("/".join(filter(None, (folder.name, variant))), source, expected))
    return found


ALL = list_cases()


def explain(desk: str, files: list[Path]) -> list[dict[str, Any]]:
    """Given a desk's folder and mail files, return what one run of `explain` says about each."""
    command = [sys.executable, "-m", "triagebot", "--config", str(CASES / desk / "config.toml")]
    command += ["explain", "--json", "--at", CLOCK, *map(str, files)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 0, f"explain ended with {done.returncode} on {desk}:\n{done.stderr[-3000:]}"
    said = list(read_objects(done.stdout))
    assert len(said) == len(files), f"{len(said)} objects for {len(files)} mails of {desk}\n{done.stderr[-3000:]}"
    return said


def read_objects(text: str) -> Iterator[dict[str, Any]]:
    """Given JSON objects one after another, yield each."""
    decoder, position = json.JSONDecoder(), 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        found, position = decoder.raw_decode(text, position)
        yield found


@dataclass(frozen=True)
class Corpus:
    """What explain said about every case, and the files under tests/cases before and after."""

    said: dict[str, dict[str, Any]]
    before: set[Path]
    after: set[Path]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """All cases, explained by one process a desk."""
    generated = tmp_path_factory.mktemp("generated")
    before = list_files()
    said: dict[str, dict[str, Any]] = {}
    for desk in sorted({case.desk for case in ALL}):
        cases = [case for case in ALL if case.desk == desk]
        objects = explain(desk, [case.mail(generated) for case in cases])
        said |= {case.name: one for case, one in zip(cases, objects, strict=True)}
    return Corpus(said, before, list_files())


def list_files() -> set[Path]:
    """Return every file of the corpus, but for Python's own cache."""
    return {path for path in CASES.rglob("*") if "__pycache__" not in path.parts}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_mail_is_judged_as_expected(case: Case, corpus: Corpus) -> None:
    """Each mail of the corpus gets the verdict, sender, rules, reply and ticket its folder states."""
    said = corpus.said[case.name]
    wrong = [*compare_object(case.expected, said), *compare_text(case.expected, said)]
    trail = "\n".join(f"  {step['step']}: {step['verdict']} ({step['why']})" for step in said.get("trail", ()))
    assert not wrong, "\n".join([case.expected["why"], *wrong, "trail:", trail])


def compare_object(expected: dict[str, Any], said: dict[str, Any]) -> Iterator[str]:
    """Given an expectation and explain's object, yield a line for each key that differs."""
    for key in EXPLAINED_KEYS & expected.keys():
        if key == "new_text":
            if squeeze(expected[key]) != squeeze(said[key]):
                yield f"new_text: expected {expected[key]!r}, got {said[key]!r}"
        else:
            yield from compare(key, expected[key], said.get(key))


def compare(path: str, expected: Any, actual: Any) -> Iterator[str]:
    """Given an expected and an actual value, yield what differs: objects by named keys, codes as a part,
    a list against a plain value as alternatives, "present" as anything but null."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            yield f"{path}: expected {expected}, got {actual!r}"
            return
        folded = {name.lower(): value for name, value in actual.items()}
        for name, value in expected.items():
            yield from compare(f"{path}.{name}", value, folded.get(name.lower()))
    elif path == "guard.codes":
        missing = [code for code in expected if code not in actual]
        if missing:
            yield f"{path}: {missing} not in {actual}"
    elif isinstance(expected, list) and not isinstance(actual, list):
        if actual not in expected:
            yield f"{path}: expected one of {expected}, got {actual!r}"
    elif expected == "present":
        if actual is None:
            yield f"{path}: expected one, got null"
    elif expected != actual:
        yield f"{path}: expected {expected!r}, got {actual!r}"


def compare_text(expected: dict[str, Any], said: dict[str, Any]) -> Iterator[str]:
    """Given an expectation and explain's object, yield the words that are missing or must not be there."""
    reply, new_text = say_reply(said.get("reply")), squeeze(said.get("new_text") or "")
    for words in expected.get("contains", ()):
        if squeeze(words) not in reply:
            yield f"the reply lacks {words!r}: {reply!r}"
    for words in expected.get("not_contains", ()):
        if squeeze(words) in reply:
            yield f"the reply holds {words!r}: {reply!r}"
    for words in expected.get("new_text_contains", ()):
        if squeeze(words) not in new_text:
            yield f"new_text lacks {words!r}: {new_text!r}"
    for words in expected.get("new_text_lacks", ()):
        if squeeze(words) in new_text:
            yield f"new_text holds {words!r}: {new_text!r}"
    most = expected.get("most_templates")
    if most is not None and len(said["reply"]["template"]) > most:
        yield f"more than {most} answers: {said['reply']['template']}"


def say_reply(reply: dict[str, Any] | None) -> str:
    """Given a reply, return all its words on one line: address, subject, headers and text."""
    if reply is None:
        return ""
    headers = map(str, reply["headers"].values())
    return squeeze(" ".join([reply["to"], reply["subject"], *headers, reply["text"]]))


def squeeze(text: str) -> str:
    """Given a text, return it with every run of white space as one space."""
    return " ".join(text.split())


def test_replies_obey_the_law(corpus: Corpus) -> None:
    """Whatever the mail: a reply looks as safety.md B says, and only a proven, answerable sender gets one."""
    weak = {case.name for case in ALL if case.desk == "desk-weak"}
    broken = [
        f"{name}: {text}" for name, said in corpus.said.items() for text in find_breaches(said, weak=name in weak)
    ]
    assert not broken, "\n".join(broken)
    assert any(said["reply"] for said in corpus.said.values())


def find_breaches(said: dict[str, Any], *, weak: bool) -> Iterator[str]:
    """Given explain's object, and whether its desk answers weak proof, yield what breaks safety.md A.1, B, F.2."""
    if UNFIT.search(json.dumps(said, ensure_ascii=False).replace("\\u0000", "\0")):
        yield "NUL or a lone surrogate in the object"
    reply = said["reply"]
    if reply is None:
        return
    proven = ("pass", "weak") if weak else ("pass",)
    if said["guard"]["verdict"] not in ("ok", "capped") or said["sender"]["auth"] not in proven:
        yield f"answered although {said['guard']} and {said['sender']['auth']}"
    if not ONE_ADDRESS.fullmatch(reply["to"]):
        yield f"To is not one address: {reply['to']!r}"
    if CONTROL.search(reply["subject"]) or len(reply["subject"]) > len("Re: ") + 200:
        yield f"Subject: {reply['subject']!r}"
    lines = [line.strip() for line in said["new_text"].splitlines() if len(line.strip()) > 40]
    yield from (f"the reply repeats the mail: {line!r}" for line in lines if line in reply["text"])
    headers = {name.lower(): value for name, value in reply["headers"].items()}
    yield from find_header_breaches(headers, by_hand=reply["mode"] == "draft")


def find_header_breaches(headers: dict[str, str], *, by_hand: bool) -> Iterator[str]:
    """Given a reply's headers by their names in lower case, and whether a person sends it, yield what breaks
    safety.md B: what a person sends has no mark of an automatic mail."""
    marks = dict.fromkeys(AUTOMATIC) if by_hand else AUTOMATIC
    yield from (f"{name} is not {value}" for name, value in marks.items() if headers.get(name) != value)
    yield from (f"{name} is written" for name in headers if NEVER_WRITTEN.fullmatch(name))
    yield from (f"{name} holds a control" for name, value in headers.items() if CONTROL.search(value))
    if not (APPROVED_ID if by_hand else OWN_ID).fullmatch(headers.get("message-id", "")):
        yield f"Message-ID: {headers.get('message-id')!r}"
    if not headers.get("content-language"):
        yield "no Content-Language"
    references = headers.get("references", "").split()
    if references[-1:] != headers.get("in-reply-to", "").split():
        yield "References does not end with In-Reply-To"
    fit = all(MESSAGE_ID.fullmatch(one) for one in references)
    if not fit or len(references) > 10 or len(" ".join(references)) > 4096:
        yield f"References: {references}"


def test_explain_touches_nothing(corpus: Corpus) -> None:
    """No file appears or vanishes beside the desks: explain leaves no database, key or log."""
    assert corpus.before == corpus.after


def test_expectations_are_readable() -> None:
    """Every case says why with its source, uses only known keys and desks, and holds at least one mail."""
    wrong = []
    for folder in sorted(CASES.glob("[0-9]*")):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        wrong += [f"{folder.name}: unknown key {key}" for key in expected.keys() - EXPLAINED_KEYS - OWN_KEYS]
        if not re.search(r"safety\.md|design\.md|field\.md|libraries\.md|RFC \d", expected["why"]):
            wrong.append(f"{folder.name}: no source in why")
        if not (CASES / expected.get("desk", "desk") / "config.toml").is_file():
            wrong.append(f"{folder.name}: no such desk")
        if not any(case.name.split("/")[0] == folder.name for case in ALL):
            wrong.append(f"{folder.name}: no mail")
    assert not wrong, "\n".join(wrong)
