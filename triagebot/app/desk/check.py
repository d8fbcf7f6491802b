"""`triagebot check`: everything that is wrong with a desk's files, all at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from triagebot.app.desk.snapshot import Loaded, Snapshot, load_snapshot, rule_problem
from triagebot.app.render import say_values
from triagebot.core.decision import ReplyValues
from triagebot.core.desk import TIERS, Absence, Booking, Plan, Tier, Vendor
from triagebot.core.files.problem import Problem, Severity, propose
from triagebot.core.offer import Estimate
from triagebot.core.rules.rule import DEMAND
from triagebot.core.rules.ruletest import run_tests
from triagebot.edge.replies import ReplyError

_CLOSING_KINDS = (*(kind for kind in DEMAND if kind != "thanks"), "unmatched")


def check_desk_files(config: Path, now: datetime) -> Loaded:
    """Given config.toml and now, load the desk and add every problem that shows only across its files."""
    loaded = load_snapshot(config, now)
    if loaded.partial is None:
        return loaded
    snapshot = loaded.partial
    problems = [
        *loaded.problems,
        *snapshot.replies.problems(),
        *_check_rules(snapshot),
        *_check_replies(snapshot),
    ]
    broken = any(problem.severity == "error" for problem in problems)
    return Loaded(None if broken else snapshot, tuple(sorted(set(problems))), snapshot)


def _check_rules(snapshot: Snapshot) -> Iterator[Problem]:
    rules, replies = snapshot.book.rules, snapshot.replies
    language = snapshot.desk.desk.language
    names = {name.partition(".")[0] for found, name in replies.files if found == language}
    for rule in rules.rules:
        missing = [tier for tier in rule.tiers or TIERS if rule.reply and not replies.key(rule.reply, tier, language)]
        if missing:
            where = f"{snapshot.desk.desk.replies}/{language}/{rule.reply}.md"
            mend = propose(rule.reply, names) or "; write it, or name another reply"
            if rule.reply in names:
                mend = f", needed for the tier{'s' * (len(missing) > 1)} {' and '.join(missing)}; write it"
            yield rule_problem(snapshot, rule, ("reply",), f"there is no {where}{mend}")
    for slow in rules.slow_patterns:
        text = f"{slow.text!r} is searched for in every mail; add a word that must occur"
        yield replace(rule_problem(snapshot, slow.rule, (slow.key, slow.index), text), severity="warning")
    for test in run_tests(rules):
        if not test.ok:
            yield Problem(test.place.file, test.place.line, f"rule[{test.rule}].test", test.why)


def _check_replies(snapshot: Snapshot) -> Iterator[Problem]:
    """The desk's language needs every text; another language that lacks some is used only where it has them all."""
    replies, desk = snapshot.replies, snapshot.desk.desk
    directory = desk.replies
    needed = {rule.reply for rule in snapshot.book.rules.rules if rule.reply}
    if not any(language == desk.language for language in replies.languages):
        text = f"there are no replies in the desk's language; write them in {directory}/{desk.language}/"
        yield Problem(directory, 0, "", text)
        return
    frames = ["frame", *(f"closing.{kind}" for kind in _CLOSING_KINDS)]
    for language in replies.languages:
        first = language == desk.language
        for name in [*frames, *([] if first else sorted(needed))]:
            tiers = [tier for tier in TIERS if not replies.key(name, tier, language)]
            for shown in [name] if len(tiers) == len(TIERS) else [f"{name}.{tier}" for tier in tiers]:
                mend = "write it, or copy it from a desk that `triagebot init DIR` writes"
                text = f"is missing; {mend if first else f'{desk.language!r} is used instead'}"
                severity: Severity = "error" if first else "warning"
                yield Problem(f"{directory}/{language}/{shown}.md", 0, "", text, severity)
    yield from _fill_in(snapshot)


def _fill_in(snapshot: Snapshot) -> Iterator[Problem]:
    """Every file is filled in once with everything and once with nothing optional, for every tier it serves."""
    replies = snapshot.replies
    told = {(problem.file, problem.line) for problem in replies.problems()}
    for language, name in sorted(replies.files):
        stem, _, last = name.rpartition(".")
        tiers = tuple(tier for tier in TIERS if tier == last) or TIERS
        for tier in tiers:
            for values in _samples(tier):
                words = say_values(values, language)
                if (stem or name).partition(".")[0] == "frame":
                    words |= {"answers": ["One.", "Two."], "closing": "Closing.", "hello": values.client_name}
                for fill in (replies.render, replies.render_subject):
                    try:
                        fill(name, tier, language, words)
                    except ReplyError as error:
                        if (error.problem.file, error.problem.line) not in told:
                            yield error.problem


def _samples(tier: Tier) -> Iterator[ReplyValues]:
    yield ReplyValues("Desk", "desk@desk.example", tier, Booking())
    vendor = Vendor("v", "host", "Vendor", "https://vendor.example", "chat", "phone", ("domain name",))
    yield ReplyValues(
        desk_name="Desk",
        desk_address="desk@desk.example",
        tier=tier,
        booking=Booking("https://book.example", Decimal(80), "EUR", Decimal(140), "https://urgent.example"),
        plans=(Plan("care", 180, Decimal(240), "Care"),),
        client_name="Client",
        vendors=(vendor, Vendor("w", "mail", "Other")),
        promise=date(2026, 11, 24),
        waiting=True,
        estimate=Estimate(30, Decimal(40), Decimal(60), "EUR"),
        absence=Absence(date(2026, 12, 24), date(2026, 12, 31), "Christmas"),
    )
