"""Reply files (replies/LANG/NAME.md): found, compiled and filled in by Jinja2, sandboxed and strict."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triagebot.core.files.problem import Problem

MOST_OUTPUT = 64 * 1024
VARIABLES = frozenset(
    ("desk", "client", "tier", "vendors", "booking", "promise", "estimate", "plans", "absence", "waiting")
)
FRAME_VARIABLES = VARIABLES | {"answers", "closing", "hello"}
_HEADER = re.compile(r"([A-Z][A-Za-z-]*):[ \t]*(.*)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class ReplyError(ValueError):
    """A reply file cannot be filled in; the message is a sentence that names the file."""


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """One reply file: its place, its Subject header ("" for none) and its template source.
    `offset` is how many lines stand before the source."""

    path: str
    subject: str
    source: str
    offset: int


class _Environment(ImmutableSandboxedEnvironment):
    """Includes are found by the language and tier of the file that includes."""

    def join_path(self, template: str, parent: str) -> str:
        language, tier = parent.partition("/")[0], parent.rpartition("/")[2]
        return f"{language}/{template}/{tier}"


class Replies:
    """All reply files of a desk, compiled when first used. Keys are (language, name); names may end in .TIER."""

    def __init__(self, files: Mapping[tuple[str, str], ReplyFile]) -> None:
        self.files = dict(files)
        self.languages = tuple(sorted({language for language, _ in files}))
        self._environment = _Environment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.globals = {}

    def key(self, name: str, tier: str, language: str) -> tuple[str, str] | None:
        """Given a reply's name, a tier and a language, return the key of the file that serves, or None."""
        for candidate in (f"{name}.{tier}", name):
            if (language, candidate) in self.files:
                return (language, candidate)
        return None

    def choose_language(self, names: Iterable[str], tier: str, languages: Iterable[str]) -> str:
        """Given the names a reply needs and languages in order of preference, return the first language that has
        them all, so that one mail never mixes two; else the last one."""
        wanted, last = list(names), ""
        for last in languages:
            if all(self.key(name, tier, last) for name in wanted):
                return last
        return last

    def render(self, name: str, tier: str, language: str, values: Mapping[str, Any]) -> str:
        """Given a reply's name, tier, language and values, return its Markdown. Raise ReplyError."""
        return self._fill(self._need(name, tier, language), None, {**values, "_tier": tier})

    def render_subject(self, name: str, tier: str, language: str, values: Mapping[str, Any]) -> str:
        """Given a reply's name, tier, language and values, return its Subject line, "" when it has none."""
        key = self._need(name, tier, language)
        source = self.files[key].subject
        return self._fill(key, source, {**values, "_tier": tier}).strip() if source else ""

    def _need(self, name: str, tier: str, language: str) -> tuple[str, str]:
        key = self.key(name, tier, language)
        if key is None:
            raise ReplyError(f"there is no reply {name!r} in {language!r}")
        return key

    def _fill(self, key: tuple[str, str], source: str | None, values: Mapping[str, Any]) -> str:
        path = self.files[key].path
        try:
            if source is None:
                template = self._environment.get_template("/".join((*key, str(values["_tier"]))))
            else:
                template = self._environment.from_string(source)
            text = template.render(values)
        except TemplateError as error:
            raise ReplyError(f"{path}: {error.message or type(error).__name__}") from None
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
            raise ReplyError(f"{path}: {error}") from None
        if len(text) > MOST_OUTPUT:
            raise ReplyError(f"{path}: the text is longer than {MOST_OUTPUT // 1024} kB")
        return text

    def _source(self, name: str) -> str | None:
        """Templates are named LANG/NAME/TIER, where NAME may be a key or what an include says."""
        language, _, rest = name.partition("/")
        reply, _, tier = rest.partition("/")
        key = (language, reply) if (language, reply) in self.files else self.key(reply, tier, language)
        return self.files[key].source if key else None

    def problems(self) -> list[Problem]:
        """Return what is wrong with the files before any of them is filled in: syntax and unknown variables."""
        found: list[Problem] = []
        for (_, name), file in self.files.items():
            known = FRAME_VARIABLES if name.partition(".")[0] == "frame" else VARIABLES
            for source, offset in ((file.source, file.offset), (file.subject, 0)):
                found += self._problems_of(file.path, source, offset, known)
        return found

    def _problems_of(self, path: str, source: str, offset: int, known: frozenset[str]) -> list[Problem]:
        try:
            parsed = self._environment.parse(source)
        except TemplateSyntaxError as error:
            return [Problem(path, error.lineno + offset, "", f"{error.message}; mend the template")]
        found = []
        for name in sorted(meta.find_undeclared_variables(parsed) - known):
            line = next((n for n, text in enumerate(source.splitlines(), 1) if name in text), 1) + offset
            text = f"unknown variable; templates may use {', '.join(sorted(known))}"
            found.append(Problem(path, line, name, text))
        return found


def load_replies(directory: Path, shown: str) -> tuple[Replies, list[Problem]]:
    """Given the replies directory and how to name it in problems, return its files and what could not be read."""
    files: dict[tuple[str, str], ReplyFile] = {}
    problems: list[Problem] = []
    if not directory.is_dir():
        return Replies({}), [Problem(shown, 0, "", "there is no such directory; run `triagebot init` for a sample")]
    for path in sorted(directory.glob("*/*.md")):
        language, name = path.parent.name, path.stem
        where = f"{shown}/{language}/{path.name}"
        if not _LANGUAGE.fullmatch(language):
            problems.append(Problem(where, 0, "", f"{language!r} is no language code; use one such as en or pl"))
            continue
        try:
            files[language, name] = _split(where, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(Problem(where, line, "", "not UTF-8 text; save the file as UTF-8"))
        except OSError as error:
            problems.append(Problem(where, 0, "", f"cannot be read: {error.strerror}"))
    return Replies(files), problems


def _split(path: str, text: str) -> ReplyFile:
    """Mail-style header lines first, when the very first line is one, then an empty line."""
    lines = text.removeprefix("\ufeff").splitlines()
    headers: dict[str, str] = {}
    count = 0
    while count < len(lines) and (found := _HEADER.fullmatch(lines[count])):
        headers[found[1].lower()] = found[2]
        count += 1
    if not headers or (count < len(lines) and lines[count].strip()):
        return ReplyFile(path, "", "\n".join(lines) + "\n", 0)
    return ReplyFile(path, headers.get("subject", ""), "\n".join(lines[count + 1 :]) + "\n", count + 1)
