"""Agreement: does what the developer wrote himself say what the desk would have said?

Measured without knowing any language: by what both point at (an address of the web, a telephone number, a way through
menus), else by the beginnings of the words they share. The measure does not see a "not": that a rule has earned to go
live is proposed with both texts side by side, and a person says so.
"""

import json
import re
from collections.abc import Iterable
from typing import Literal

from triagebot.core.rules.fold import fold
from triagebot.core.rules.rule import Rule
from triagebot.core.tickets.matter import matter_of

Verdict = Literal["same", "differs", "ok", "no"]
"""same, differs: from what the developer wrote himself; ok, no: by his word."""
SHARED = 0.45
"""Share of the shorter text's words from which two answers are the same: in tests/core/test_agreement.py answers that
say the same in five languages reach 0.54 and more, others 0.27 at most. It stands nearer to the former: a rule that
goes live too late costs less than one that does too early."""
FEWEST = 3
"""So many words must be common at least: "done" says nothing."""
_LINK = re.compile(r"https?://(?:www\.)?([^\s<>()\[\]\"'/?#]{1,255})([^\s<>()\[\]\"'?#]{0,500})", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\d.-])(?!\d{1,4}[./-]\d\d?[./-]\d)\+?\d(?:[ ./()-]{0,2}\d){6,14}")
"""Digits as people write them in numbers, but for dates."""
_PHONE_DIGITS = 7
_STEP = re.compile(r"[*_`]{0,3}[ \t]{0,3}(?:[>›»→]|->)[ \t]{0,3}[*_`]{0,3}")
_BREAK = re.compile(r"[,.;:()*_`。、「」]")
_LONGEST_LINE = 500
_STOPS = 2


def choose_rules(matches: str, answers: Iterable[str], rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Given the matches of a mail (as JSON), the names of the reply files its answer was made of, and the desk's rules,
    return those that made the answer: they brought one of the files, or, of a mere closing, all that matched."""
    known = {rule.id: rule for rule in rules}
    matched = [known[match["rule"]] for match in json.loads(matches) if match["rule"] in known]
    wanted = frozenset(answers)
    return tuple(rule for rule in matched if rule.reply in wanted) or tuple(matched)


def compare(ours: str, yours: str) -> Verdict | None:
    """Given an answer of the desk (without greeting, closing and signature) and what the developer wrote instead,
    return whether they say the same; None when one of them says nothing."""
    if not matter_of(ours) or not matter_of(yours):
        return None
    if _find_links(ours) & _find_links(yours) or _find_phones(ours) & _find_phones(yours):
        return "same"
    if _show_same_way(ours, yours):
        return "same"
    return "same" if measure(ours, yours) >= SHARED else "differs"


def measure(ours: str, yours: str) -> float:
    """Given two answers, return which share of the shorter one's words is in both; links and numbers are no words."""
    wanted, found = _list_words(ours), _list_words(yours)
    common = len(wanted & found)
    return common / min(len(wanted), len(found)) if common >= max(1, min(FEWEST, len(wanted))) else 0.0


def _list_words(text: str) -> frozenset[str]:
    matter = matter_of(_LINK.sub(" ", text)) or matter_of(text)
    return frozenset(word for word in matter if not word.isdigit()) or matter


def _find_links(text: str) -> set[str]:
    """Pages, told by host and path."""
    found = ((host.lower().rstrip(".,;:!"), path.rstrip("/.,;:!*_")) for host, path in _LINK.findall(text))
    return {f"{host}{path}" for host, path in found}


def _find_phones(text: str) -> set[str]:
    """The ends of telephone numbers, since countries and trunks are written in many ways."""
    return {"".join(re.findall(r"\d", number))[-_PHONE_DIGITS:] for number in _PHONE.findall(text)}


def _show_same_way(ours: str, yours: str) -> bool:
    """What stands before a way ("go to Settings > Menus") may belong to its first stop or not."""
    theirs = _find_ways(yours)
    return any(
        one[-1] == other[-1] and (one[0].endswith(other[0]) or other[0].endswith(one[0]))
        for one in _find_ways(ours)
        for other in theirs
    )


def _find_ways(text: str) -> set[tuple[str, ...]]:
    """The ends of ways through menus such as "Settings > Permalinks", without the words around them."""
    ways = set()
    for line in text.splitlines():
        first, *others = _STEP.split(line[:_LONGEST_LINE])
        if others:
            stops = [_BREAK.split(first)[-1], *others[:-1], _BREAK.split(others[-1])[0]]
            ways.add(tuple(fold(stop).strip() for stop in stops[-_STOPS:]))
    return {way for way in ways if all(way)}
