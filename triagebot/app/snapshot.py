"""The desk's files as one immutable snapshot, and everything that is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triagebot.core.calendar import Calendar
from triagebot.core.desk import Desk
from triagebot.core.files.problem import Problem, show_key
from triagebot.core.rules.match import PatternError, PatternErrors, Rulebook
from triagebot.core.rules.rule import Rule
from triagebot.core.triage import Book
from triagebot.edge.config import load_desk
from triagebot.edge.holiday import list_holidays
from triagebot.edge.replies import Replies, load_replies
from triagebot.edge.rulebook import check_references, find_line, load_rules


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the desk's files say, compiled. `directory` is where config.toml lies."""

    directory: Path
    book: Book
    replies: Replies

    @property
    def desk(self) -> Desk:
        """The configuration."""
        return self.book.desk

    @property
    def data(self) -> Path:
        """The directory of database and key."""
        return self.directory / self.desk.desk.data


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gave: a snapshot when there is no error, every problem found, and in `partial` whatever of
    the desk could be read, so that a check can go on and find more."""

    snapshot: Snapshot | None
    problems: tuple[Problem, ...]
    partial: Snapshot | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the desk; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load_snapshot(config: Path, now: datetime) -> Loaded:
    """Given config.toml and now (for the years of the holidays), read and compile the desk's files."""
    desk, problems = load_desk(config)
    directory = config.parent.resolve()
    if desk is None:
        return Loaded(None, tuple(sorted(problems)))
    rules, found = load_rules(directory / desk.desk.rules)
    problems += found
    problems += check_references(rules, desk)
    replies, found = load_replies(directory / desk.desk.replies, desk.desk.replies)
    problems += found
    try:
        rulebook = Rulebook(rules)
        bad_patterns: tuple[PatternError, ...] = ()
    except PatternErrors as errors:
        rulebook, bad_patterns = Rulebook(()), errors.errors
    snapshot = Snapshot(directory, Book(desk, rulebook, make_calendar(desk, now), replies.languages), replies)
    problems += [rule_problem(snapshot, bad.rule, (bad.key, bad.index), bad.text) for bad in bad_patterns]
    broken = any(problem.severity == "error" for problem in problems)
    return Loaded(None if broken else snapshot, tuple(sorted(problems)), snapshot)


def rule_problem(snapshot: Snapshot, rule: Rule, path: tuple[str | int, ...], text: str) -> Problem:
    """Given a rule, the path to one of its values and what is wrong with it, return the problem at that value."""
    line = find_line(snapshot.directory / snapshot.desk.desk.rules, rule.place, path)
    return Problem(rule.place.file, line, show_key("rule", 0, {"id": rule.id}, path), text)


def make_calendar(desk: Desk, now: datetime) -> Calendar:
    """Given a desk and now, return its calendar with the holidays of this year and the next two."""
    zone = ZoneInfo(desk.desk.timezone)
    year = now.astimezone(zone).year
    return Calendar(desk.support_hour, zone, list_holidays(desk.support_hour.holidays, range(year, year + 3)))


def fingerprint(config: Path, snapshot: Snapshot | None) -> frozenset[tuple[str, int, int]]:
    """Given config.toml and the last snapshot, return name, time and size of every file of the desk, also of
    those that hold passwords and authorities."""
    found = {config}
    if snapshot is not None:
        desk = snapshot.desk.desk
        patterns: list[tuple[Path, Iterable[str]]] = [
            (snapshot.directory, desk.include),
            (snapshot.directory / desk.rules, ("*.toml",)),
            (snapshot.directory / desk.replies, ("*/*.md",)),
        ]
        for directory, globs in patterns:
            for glob in globs:
                found.update(directory.glob(glob))
        for inbox in snapshot.desk.inbox:
            named = (name for server in (inbox.imap, inbox.smtp) for name in (server.password.file, server.ca))
            found.update(snapshot.directory / name for name in named if name)
    states = set()
    for path in found:
        try:
            status = path.stat()
        except OSError:
            continue
        states.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(states)
