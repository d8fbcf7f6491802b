"""Reply files (replies/LANG/NAME.md): found, compiled and filled in by Jinja2, sandboxed and strict."""

import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triagebot.core.files.problem import Problem, propose

MOST_OUTPUT = 64 * 1024
VARIABLES = frozenset(
    (
        *("desk", "client", "tier", "vendors", "booking", "promise", "estimate", "plans", "absence", "waiting"),
        *("colleague", "seen_at", "silent", "moved"),
    )
)
FRAME_VARIABLES = VARIABLES | {"answers", "automatic", "closing", "hello"}
STATEMENT_VARIABLES = VARIABLES | {"statement"}
_KNOWN = {"frame": FRAME_VARIABLES, "statement": STATEMENT_VARIABLES}
_SUBJECT = re.compile(r"subject:[ \t]*(.*)", re.IGNORECASE)
_SUBJECT_NAME = "<template>"
"""What Jinja2 calls a template made from a string."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MENDING = (
    (re.compile(r".*innermost block that needs to be closed is '(\w+)'"), r"{% \1 %} is not closed; add {% end\1 %}"),
    (re.compile(r"Encountered unknown tag '(?!end)(\w+)'"), r"there is no tag '\1'; write if, for, set or include"),
    (re.compile(r"No (filter|test) named '(.+)'"), r"there is no \1 '\2'; use one that Jinja2 has built in"),
)
"""What Jinja2 says about common mistakes, and what to tell the user."""


class ReplyError(ValueError):
    """A reply file cannot be filled in; `problem` says where and why, and its words are the message."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """One reply file: its place, its Subject header ("" for none) and its template source.
    `offset` is how many lines stand before the source."""

    path: str
    subject: str
    source: str
    offset: int


class _Undefined(StrictUndefined):
    """Tells what there is instead of the Python type of what has no such part."""

    @property
    def _undefined_message(self) -> str:
        name, within = self._undefined_name, self._undefined_obj
        if not isinstance(within, Mapping) or not isinstance(name, str):
            return super()._undefined_message
        return f"there is no part {name!r}{propose(name, within) or '; there is: ' + ', '.join(within)}"


class _Environment(ImmutableSandboxedEnvironment):
    """Includes are found by the language and tier of the file that includes."""

    def join_path(self, template: str, parent: str) -> str:
        language, tier = parent.partition("/")[0], parent.rpartition("/")[2]
        return f"{language}/{template}/{tier}"


class Replies:
    """All reply files of a desk, compiled when first used. Keys are (language, name); names may end in .TIER."""

    def __init__(self, files: Mapping[tuple[str, str], ReplyFile]) -> None:
        self.files = dict(files)
        self._files_by_path = {file.path: file for file in files.values()}
        self.languages = tuple(sorted({language for language, _ in files}))
        self._environment = _Environment(
            loader=FunctionLoader(self._source),
            undefined=_Undefined,
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
            raise ReplyError(Problem(f"{language}/{name}.md", 0, "", "there is no such reply"))
        return key

    def _fill(self, key: tuple[str, str], source: str | None, values: Mapping[str, Any]) -> str:
        file = self.files[key]
        text: list[str] = []
        try:
            if source is None:
                template = self._environment.get_template("/".join((*key, str(values["_tier"]))))
            else:
                template = self._environment.from_string(source)
            length = 0
            for piece in template.generate(values):
                text.append(piece)
                length += len(piece)
                if length > MOST_OUTPUT:
                    raise ReplyError(Problem(file.path, 0, "", f"the text is longer than {MOST_OUTPUT // 1024} kB"))
        except ReplyError:
            raise
        except TemplateSyntaxError as error:
            place = self._files_by_path.get(error.filename or "", file)
            line = error.lineno + (place.offset if source is None else 0)
            raise ReplyError(Problem(place.path, line, "", _say_syntax(error))) from None
        except TemplateNotFound as error:
            missing = _say_missing(str(error.name))
            raise ReplyError(self._at_fault(error, file, missing)) from None
        except RecursionError:
            raise ReplyError(Problem(file.path, 0, "", "its includes lead back to itself; take one out")) from None
        except TemplateError as error:
            raise ReplyError(self._at_fault(error, file, error.message or type(error).__name__)) from None
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise ReplyError(self._at_fault(error, file, str(error))) from None
        return "".join(text)

    def _at_fault(self, error: Exception, file: ReplyFile, text: str) -> Problem:
        """The line of the innermost template the error came through: Jinja2 puts templates into its tracebacks."""
        place, line = file, 0
        for frame, number in traceback.walk_tb(error.__traceback__):
            name = frame.f_code.co_filename
            if name in self._files_by_path or name == _SUBJECT_NAME:
                place = self._files_by_path.get(name, file)
                line = number + place.offset if name != _SUBJECT_NAME else 1
        return Problem(place.path, line, "", text)

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Templates are named LANG/NAME/TIER, where NAME may be a key or what an include says."""
        language, _, rest = name.partition("/")
        reply, _, tier = rest.partition("/")
        key = self.key(reply, tier, language)
        return (self.files[key].source, self.files[key].path, None) if key else None

    def problems(self) -> list[Problem]:
        """Return what is wrong with the files before any of them is filled in: syntax and unknown variables."""
        found: list[Problem] = []
        for (_, name), file in self.files.items():
            known = _KNOWN.get(name.partition(".")[0], VARIABLES)
            for source, offset in ((file.source, file.offset), (file.subject, 0)):
                found += self._problems_of(file.path, source, offset, known)
        return found

    def _problems_of(self, path: str, source: str, offset: int, known: frozenset[str]) -> list[Problem]:
        try:
            parsed = self._environment.parse(source)
            unknown = meta.find_undeclared_variables(parsed) - known
        except TemplateSyntaxError as error:
            return [Problem(path, error.lineno + offset, "", _say_syntax(error))]
        found = []
        for name in sorted(unknown):
            line = next(node.lineno for node in parsed.find_all(nodes.Name) if node.name == name)
            there_is = propose(name, known) or f"; there is: {', '.join(sorted(known))}"
            found.append(Problem(path, line + offset, name, f"there is no such variable{there_is}"))
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
            files[language, name], wrong = _split(where, path.read_text(encoding="utf-8"))
            problems += wrong
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(Problem(where, line, "", "not UTF-8 text; save the file as UTF-8"))
        except OSError as error:
            problems.append(Problem(where, 0, "", f"cannot be read: {error.strerror}"))
    return Replies(files), problems


def _split(path: str, text: str) -> tuple[ReplyFile, list[Problem]]:
    """A `Subject:` line first makes the subject, when an empty line follows; any other line is text."""
    lines = text.removeprefix("\ufeff").splitlines()
    found = _SUBJECT.fullmatch(lines[0]) if lines else None
    if found is None:
        return ReplyFile(path, "", "\n".join(lines) + "\n", 0), []
    problems = []
    if len(lines) > 1 and lines[1].strip():
        problems.append(Problem(path, 2, "", "an empty line must stand between Subject and text; add one"))
    return ReplyFile(path, found[1], "\n".join(lines[2:]) + "\n", 2), problems


def _say_syntax(error: TemplateSyntaxError) -> str:
    message = (error.message or "cannot be understood").rstrip(".")
    for said, mending in _MENDING:
        if found := said.match(message):
            return found.expand(mending)
    return f"{message}; look at this line and above for a {{{{ without }}}} or a {{% without %}}"


def _say_missing(template: str) -> str:
    """Given LANG/NAME/TIER, say which file is wanted."""
    language, _, rest = template.partition("/")
    return f"there is no {rest.rpartition('/')[0]!r} to include; write it in {language}/, or take the include out"
