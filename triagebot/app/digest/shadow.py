"""The shadow report: what would have been sent beside what the developer sent, how well each rule's answers fit over
time, and which rules have earned to go live; and what his word about an answer does to its rules."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from triagebot.app.desk.modefiles import ModeFiles
from triagebot.app.desk.modes import hold_back
from triagebot.app.desk.view import DeskView
from triagebot.core.agreement import Verdict, choose_rules
from triagebot.core.digest.content import Beside, Item, Section, Table
from triagebot.core.modes import RULE
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.phrase import Words, say
from triagebot.core.rules.rule import Rule
from triagebot.edge.rulebook import list_own_modes
from triagebot.edge.store import Store
from triagebot.edge.store.digests.agreements import Judged

WINDOW, RECENT = timedelta(days=60), timedelta(days=30)
"""How far back verdicts count, and how far back a single `no` keeps a rule from going live: what was wrong a season ago
says little about the rule of today, and a correction is to be lived with for a month."""
FEWEST, SHARE = 10, 95
"""So many verdicts, and so many of a hundred in favour, earn a rule live mode: of ten all, of twenty all but one."""
_MOST_RULES = 3
"""So many rules must have earned it before the whole desk is proposed, and more than half of those that answered."""
_SHOWN, _ROWS, _JUDGED = 10, 20, 200


@dataclass(frozen=True, slots=True)
class Record:
    """How well the answers of a rule fitted, in all and of late: how many got a verdict, how many of these fitted, how
    many differed, how many were corrected."""

    rule: str
    answered: int = 0
    fitted: int = 0
    differs: int = 0
    corrected: int = 0
    answered_lately: int = 0
    fitted_lately: int = 0
    corrected_lately: int = 0

    @property
    def has_earned_live(self) -> bool:
        """Whether it may be proposed to let the rule answer by itself."""
        enough = self.answered >= FEWEST and self.fitted * 100 >= SHARE * self.answered
        return enough and not self.corrected_lately


def gather_shadow(store: Store, view: DeskView, now: datetime, since: datetime) -> tuple[Section, ...]:
    """Given the store, the desk, now and the moment of the last digest, return what the desk would have sent beside
    what the developer sent himself since, and how its rules fare; nothing without news."""
    if _is_live(view):
        return ()
    records = _read_records(store, now)
    held = {record.rule for record in records if _is_held(record.rule, view)}
    judged = [one for one in store.agreements.judged(since, _JUDGED) if one.rule in held] if records else []
    earned = [one for one in records if one.has_earned_live and one.rule in held]
    if earned:  # a rule with a line of its own about its mode is not proposed, nor one that is gone
        own = list_own_modes(view.directory / view.desk.desk.rules)
        earned = [one for one in earned if own.get(one.rule) == ""]
    proposals = (
        *_propose_desk(earned, len(records) - len(held), len(records), view),
        *map(_propose_rule, earned[:_SHOWN]),
    )
    if not judged and not proposals:
        return ()
    shown = [one for one in records if one.rule in held][:_ROWS]
    return (
        _list_beside(store, view, judged),
        Section(say("How well the desk's answers fit"), proposals, _tabulate(shown) if shown else None),
    )


def note_verdict(store: Store, outgoing: int, verdict: Verdict, now: datetime, rules: Iterable[Rule] = ()) -> None:
    """Given the number of an answer in the outbox and what the developer's word says of it, remember that for the rules
    that made it; without the desk's rules, for all that matched."""
    found = store.agreements.rules_of(outgoing)
    if found is None:
        return
    mail, answers, matched = found
    known = tuple(rule.id for rule in choose_rules(matched, answers, rules))
    store.agreements.said(mail, known or _list_matched(matched), verdict, f"said of mail {mail}", now)


def demote(store: Store, view: DeskView, outgoing: int, now: datetime) -> tuple[Words, ...]:
    """Given the number of an automatic answer that was wrong, let the rules that made it write drafts at most from now
    on, and return sentences about it. A rule whose file holds it back stays as it is."""
    found = store.agreements.rules_of(outgoing)
    rules = ModeFiles.read(view).rules
    made = choose_rules(found[2], found[1], rules) if found else ()
    if found is None or not made:
        return (say("No rule made that answer, so none is held back."),)
    note_verdict(store, outgoing, "no", now, rules)
    sentences: list[Words] = []
    for rule in made:
        change = hold_back(view, rule.id, f"corrected: mail {found[0]}", now)
        if change is None:
            sentences.append(say("Rule {rule} makes drafts at most already.", rule=rule.id))
        else:
            sentences += change.sentences
    return tuple(sentences)


def _read_records(store: Store, now: datetime) -> list[Record]:
    """Those with most verdicts first."""
    counts = store.agreements.counts(now - WINDOW, now - RECENT)
    records = []
    for rule, of_rule in groupby(counts, key=lambda count: count.rule):
        found = {count.verdict: count for count in of_rule}
        lately = {verdict: count.since for verdict, count in found.items()}
        ever = {verdict: count.since + count.before for verdict, count in found.items()}
        records.append(
            Record(
                rule,
                answered=sum(ever.values()),
                fitted=_fitting(ever),
                differs=ever.get("differs", 0),
                corrected=ever.get("no", 0),
                answered_lately=sum(lately.values()),
                fitted_lately=_fitting(lately),
                corrected_lately=lately.get("no", 0),
            )
        )
    return sorted(records, key=lambda record: (-record.answered, record.rule))


def _fitting(counts: Mapping[Verdict, int]) -> int:
    return counts.get("same", 0) + counts.get("ok", 0)


def _is_live(view: DeskView) -> bool:
    """Is nothing held back, but for what the rules' own files may say?"""
    settings, words = view.desk.desk, view.modes.words
    return {settings.mode, *settings.tier_modes.values(), *(word.mode for word in words)} == {"live"}


def _is_held(rule: str, view: DeskView) -> bool:
    """Are there clients whom this rule does not answer by itself?"""
    word, settings = view.modes.of(f"{RULE}{rule}"), view.desk.desk
    if word is not None:
        return word.mode != "live"
    return any(mode != "live" for mode in (settings.mode, *settings.tier_modes.values()))


def _propose_desk(earned: Sequence[Record], live: int, answered: int, view: DeskView) -> Iterator[Item]:
    ready = len(earned) + live
    if earned and view.desk.desk.mode != "live" and ready >= _MOST_RULES and 2 * ready > answered:
        yield Item(
            say(
                "The desk has earned live: so have {ready} of the {all} rules that answered.", ready=ready, all=answered
            ),
            (say("Rules that were corrected stay held back."), _say_how("mode live")),
            commands=("mode live",),
        )


def _propose_rule(record: Record) -> Item:
    why = say(
        "{fitted} of {answered} answers fitted in {days} days, and none was corrected in the last {recent}.",
        fitted=record.fitted,
        answered=record.answered,
        days=WINDOW.days,
        recent=RECENT.days,
    )
    title, command = say("Rule {rule} has earned live.", rule=record.rule), f"mode live {RULE}{record.rule}"
    return Item(title, (why, _say_how(command)), commands=(command,))


def _say_how(command: str) -> Words:
    return say("To let it answer by itself: `{command}`", command=command)


def _tabulate(records: Sequence[Record]) -> Table:
    columns: tuple[Words, ...] = (
        say("rule"),
        say("answered"),
        say("same"),
        say("differs"),
        say("wrong"),
        say("{days} days", days=RECENT.days),
        say("before"),
    )
    return Table(columns, tuple(_tabulate_one(record) for record in records), frozenset(range(1, len(columns))))


def _tabulate_one(record: Record) -> tuple[Words, ...]:
    before = record.answered - record.answered_lately, record.fitted - record.fitted_lately
    return (
        record.rule,
        str(record.answered),
        str(record.fitted),
        str(record.differs),
        str(record.corrected),
        _say_share(record.fitted_lately, record.answered_lately),
        _say_share(before[1], before[0]),
    )


def _say_share(some: int, of_all: int) -> Words:
    return say("{some} of {all}", some=some, all=of_all) if of_all else "-"


def _list_beside(store: Store, view: DeskView, judged: Iterable[Judged]) -> Section:
    """One item a mail, those that differ first."""
    by_mail: dict[int, list[Judged]] = {}
    for one in judged:
        if one.sent is not None:
            by_mail.setdefault(one.mail, []).append(one)
    groups = sorted(by_mail.values(), key=lambda group: all(one.verdict == "same" for one in group))
    ours = store.outbox.of_mail([group[0].mail for group in groups[:_SHOWN]])
    items = []
    for group in groups[:_SHOWN]:
        row, sent = ours.get(group[0].mail), group[0].sent
        text = store.agreements.text_of(sent) if sent is not None else ""
        raw = row["raw"] if row is not None else None
        beside = Beside(plain_text(raw), text) if isinstance(raw, bytes) and text else None
        items.append(_item(group, view, beside))
    more = max(0, len(groups) - _SHOWN)
    return Section(say("What would have been sent, beside your own answers"), tuple(items), more=more)


def _item(group: Sequence[Judged], view: DeskView, beside: Beside | None) -> Item:
    first = group[0]
    who = view.desk.name_of(first.client, first.sender)
    title = say("{who}: {subject}", who=who, subject=first.subject or say("(no subject)"))
    commands = () if any(one.verdict == "no" for one in group) else ("no",)
    return Item(title, tuple(map(_say_verdict, group)), ref=f"m{first.mail}", commands=commands, beside=beside)


def _say_verdict(judged: Judged) -> Words:
    if judged.verdict == "same":
        return say("{rule}: much the same as yours", rule=judged.rule)
    if judged.verdict == "differs":
        return say("{rule}: differs from yours", rule=judged.rule)
    if judged.verdict == "no":
        return say("{rule}: corrected by you", rule=judged.rule)
    return say("{rule}: approved by you", rule=judged.rule)


def _list_matched(matched: str) -> tuple[str, ...]:
    return tuple(match["rule"] for match in json.loads(matched))
