"""`triagebot check`: everything that is wrong with a desk's files, all at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from triagebot.app.desk.snapshot import Loaded, Snapshot, load_snapshot, rule_problem
from triagebot.app.money.statement import Account, say_statement
from triagebot.app.render import say_values
from triagebot.core.decision import Moved, ReplyValues
from triagebot.core.desk import TIERS, Absence, Booking, Client, Plan, Tier, Vendor
from triagebot.core.files.problem import Problem, Severity, propose
from triagebot.core.money.entry import BILLINGS, Entry, book_work
from triagebot.core.money.entry import Account as EntryAccount
from triagebot.core.money.ledger import Terms
from triagebot.core.money.month import Month
from triagebot.core.money.offer import Estimate
from triagebot.core.money.statement import Duty, make_statement
from triagebot.core.rules.rule import DEMAND
from triagebot.core.rules.ruletest import run_tests
from triagebot.core.tickets.settlement import ACCEPTED, DECLINED, EXPIRED
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
    if not any(language == desk.language for language in replies.languages):
        text = f"there are no replies in the desk's language; write them in {directory}/{desk.language}/"
        yield Problem(directory, 0, "", text)
        return
    for language in replies.languages:
        first = language == desk.language
        for shown in _missing(snapshot, language):
            mend = "write it, or copy it from a desk that `triagebot init DIR` writes"
            text = f"is missing; {mend if first else f'{desk.language!r} is used instead'}"
            severity: Severity = "error" if first else "warning"
            yield Problem(f"{directory}/{language}/{shown}.md", 0, "", text, severity)
    yield from _check_settlement(snapshot)
    yield from _check_statement(snapshot)
    if snapshot.desk.support_hour.absences and not replies.key("moved", "none", desk.language):
        text = "is missing, so an absence moves no date; copy it from a desk that `triagebot init DIR` writes"
        yield Problem(f"{directory}/{desk.language}/moved.md", 0, "", text, "warning")
    yield from _fill_in(snapshot)


def _missing(snapshot: Snapshot, language: str) -> Iterator[str]:
    """The desk's language needs a closing for every kind and tier. Another one may have texts for some matters only;
    but without its frame, or any closing, none of them is used, and a closing for one tier alone is most likely an
    oversight."""
    replies, first = snapshot.replies, language == snapshot.desk.desk.language
    if not first and not any(name.startswith("closing.") for found, name in replies.files if found == language):
        yield "closing.unmatched"
    for name in ("frame", *(f"closing.{kind}" for kind in _CLOSING_KINDS)):
        tiers = [tier for tier in TIERS if not replies.key(name, tier, language)]
        if len(tiers) < len(TIERS):
            yield from (f"{name}.{tier}" for tier in tiers)
        elif first or name == "frame":
            yield name


def _check_settlement(snapshot: Snapshot) -> Iterator[Problem]:
    """The texts of the conversation about a price, as far as this desk will need them."""
    if not any(rule.kind == "work" for rule in snapshot.book.rules.rules):
        return
    needed = [ACCEPTED, DECLINED, EXPIRED]
    if snapshot.desk.courtesy.minutes:
        needed.append("courtesy")
    if any(client.delivered and client.warranty_days for client in snapshot.desk.client):
        needed.append("warranty")
    desk = snapshot.desk.desk
    for name in needed:
        if any(not snapshot.replies.key(name, tier, desk.language) for tier in TIERS):
            text = "is missing; until it is there, what it would say waits for you"
            yield Problem(f"{desk.replies}/{desk.language}/{name}.md", 0, "", text, "warning")


def _check_statement(snapshot: Snapshot) -> Iterator[Problem]:
    replies, desk = snapshot.replies, snapshot.desk
    retainers = any(client.tier == "retainer" and client.since is not None for client in desk.client)
    if desk.invoice.statements and retainers and not replies.key("statement", "retainer", desk.desk.language):
        text = "is missing, so no statement can be drafted; copy it from a desk that `triagebot init DIR` writes"
        yield Problem(f"{desk.desk.replies}/{desk.desk.language}/statement.md", 0, "", text, "warning")


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
                    words["automatic"] = bool(values.client_name)
                if (stem or name).partition(".")[0] == "statement":
                    words["statement"] = say_statement(_sample_account(values.client_name), language)
                for fill in (replies.render, replies.render_subject):
                    try:
                        fill(name, tier, language, words)
                    except ReplyError as error:
                        if (error.problem.file, error.problem.line) not in told:
                            yield error.problem


def _sample_account(client: str) -> Account:
    """An account in which everything happens, or nothing."""
    entries, month = [], Month(2026, 11)
    if client:
        entries = [book_work(one, "client", month.first, 30, one, "Words.", 7) for one in BILLINGS]
        sources: tuple[EntryAccount, ...] = ("granted", "gift", "adjusted", "overage", "expired")
        entries += [Entry(one, "client", month.last, one, "balance", 30, "Words.") for one in sources]
    duties = [Duty("Updates", month.first)] if client else []
    terms = Terms("client", 180, month.first, name="Care") if client else None
    return Account(Client("client", client), terms, make_statement("client", entries, month, duties))


def _samples(tier: Tier) -> Iterator[ReplyValues]:
    yield ReplyValues("Desk", "desk@desk.example", tier, Booking())
    vendor = Vendor("v", "host", "Vendor", "https://vendor.example", "chat", "phone", ("domain name",))
    full = ReplyValues(
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
        estimate_until=date(2026, 12, 8),
        absence=Absence(date(2026, 12, 24), date(2026, 12, 31), "Christmas"),
        colleague="Eva",
        seen_at=time(7),
        moved=(Moved("New footer", date(2026, 12, 28), date(2027, 1, 5)), Moved("", date(2026, 12, 29), None)),
    )
    yield full
    yield replace(full, promise=None, silent=True)
