"""The desk's files as one immutable snapshot, and everything that is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triagebot.app.desk.view import DeskView, load_view
from triagebot.core.desk import DeskSettings
from triagebot.core.facts import Book
from triagebot.core.files.problem import Problem, show_key, tell_unknown
from triagebot.core.modes import RULE, apply_to_rules
from triagebot.core.rules.match import PatternError, PatternErrors, Rulebook
from triagebot.core.rules.rule import Rule
from triagebot.edge.absences import ABSENCES
from triagebot.edge.modes import MODES
from triagebot.edge.oauth.signinfile import SIGNED_IN, SIGNINS
from triagebot.edge.replies import Replies, load_replies
from triagebot.edge.rulebook import check_references, find_line, load_rules


@dataclass(frozen=True, slots=True)
class Snapshot(DeskView):
    """Everything the desk's files say, compiled."""

    book: Book
    replies: Replies


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
    view, problems = load_view(config, now)
    if view is None:
        return Loaded(None, tuple(sorted(problems + _check_usual_places(config.parent.resolve()))))
    desk, directory = view.desk, view.directory
    rules, found = load_rules(directory / desk.desk.rules)
    problems += found
    problems += check_references(rules, desk)
    problems += _check_words(view, rules)
    rules = apply_to_rules(rules, view.modes.words)
    replies, found = load_replies(directory / desk.desk.replies, desk.desk.replies)
    problems += found
    try:
        rulebook = Rulebook(rules)
        bad_patterns: tuple[PatternError, ...] = ()
    except PatternErrors as errors:
        bad_patterns = errors.errors
        broken_rules = {bad.rule for bad in bad_patterns}
        rulebook = Rulebook([rule for rule in rules if rule not in broken_rules])  # so that their tests can be run
    book = Book(desk, rulebook, view.calendar, replies.languages)
    snapshot = Snapshot(directory, desk, view.calendar, book, replies, modes=view.modes, announced=view.announced)
    problems += [rule_problem(snapshot, bad.rule, (bad.key, bad.index), bad.text) for bad in bad_patterns]
    broken = any(problem.severity == "error" for problem in problems)
    return Loaded(None if broken else snapshot, tuple(sorted(problems)), snapshot)


def _check_words(view: DeskView, rules: Iterable[Rule]) -> list[Problem]:
    """A word may outlive its rule: then it does nothing."""
    known = [rule.id for rule in rules]
    named = [word.of.removeprefix(RULE) for word in view.modes.words if word.of.startswith(RULE)]
    file = (
        (view.data / MODES).relative_to(view.directory).as_posix()
        if view.data.is_relative_to(view.directory)
        else MODES
    )
    return [
        Problem(
            file,
            0,
            f"mode[{RULE}{rule}]",
            f"{tell_unknown('rule', rule, known)}; end it with: triagebot mode rule {rule} --back",
            "warning",
        )
        for rule in named
        if rule not in known
    ]


def _check_usual_places(directory: Path) -> list[Problem]:
    """Given the directory of a config that cannot be read, return what is wrong with the files it would most likely
    name, so that one check finds as much as it can."""
    usual = DeskSettings("", "", ())
    problems: list[Problem] = []
    if (directory / usual.rules).is_dir():
        problems += load_rules(directory / usual.rules)[1]
    if (directory / usual.replies).is_dir():
        replies, found = load_replies(directory / usual.replies, usual.replies)
        problems += found + replies.problems()
    return problems


def rule_problem(snapshot: Snapshot, rule: Rule, path: tuple[str | int, ...], text: str) -> Problem:
    """Given a rule, the path to one of its values and what is wrong with it, return the problem at that value."""
    line = find_line(snapshot.directory / snapshot.desk.desk.rules, rule.place, path)
    return Problem(rule.place.file, line, show_key("rule", 0, {"id": rule.id}, path), text)


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
            (snapshot.data / SIGNINS, (SIGNED_IN,)),
            (snapshot.data, (ABSENCES, MODES)),
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
