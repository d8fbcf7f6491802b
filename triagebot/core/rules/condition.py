"""The conditions of a rule that are no patterns: who wrote, to whom, when, and what came along."""

from collections.abc import Callable
from dataclasses import dataclass

from triagebot.core.desk import Tier
from triagebot.core.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Matter:
    """What rules may look at in one mail. `client` is that of an authenticated sender, or None;
    `moments` holds "closed", "absence" and "season:ID" for what is the case right now."""

    subject: str
    text: str
    sender: str
    to: tuple[str, ...]
    tier: Tier
    client: str | None
    language: str
    moments: frozenset[str]
    has_attachment: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its key in the rules file, what the rule wants, whether it holds, what the mail has."""

    key: str
    wants: Callable[[Rule], tuple[str, ...]]
    holds: Callable[[Rule, Matter], bool]
    shows: Callable[[Matter], str]


def match_glob(glob: str, text: str) -> bool:
    """Given a glob (`*` any characters, `?` one) and a text, return whether the whole text fits, case aside.

    Takes at most len(glob) x len(text) steps, whatever the glob.
    """
    glob, text = glob.casefold(), text.casefold()
    at, position, star, mark = 0, 0, -1, 0
    while position < len(text):
        if at < len(glob) and glob[at] == "*":
            star, mark, at = at, position, at + 1
        elif at < len(glob) and glob[at] in ("?", text[position]):
            at, position = at + 1, position + 1
        elif star >= 0:
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return glob[at:].strip("*") == ""


def match_language(wanted: str, language: str) -> bool:
    """Given language tags, return whether the second is the first or a form of it (pt-BR is pt)."""
    wanted, language = wanted.casefold(), language.casefold()
    return language == wanted or language.startswith(f"{wanted}-")


def _sent_to(rule: Rule, matter: Matter) -> bool:
    return any(match_glob(glob, address) for glob in rule.to for address in matter.to)


CONDITIONS = (
    Condition(
        "from",
        lambda rule: rule.sender,
        lambda rule, matter: any(match_glob(glob, matter.sender) for glob in rule.sender),
        lambda matter: matter.sender,
    ),
    Condition("to", lambda rule: rule.to, _sent_to, lambda matter: ", ".join(matter.to)),
    Condition(
        "tiers",
        lambda rule: rule.tiers,
        lambda rule, matter: matter.tier in rule.tiers,
        lambda matter: matter.tier,
    ),
    Condition(
        "clients",
        lambda rule: rule.clients,
        lambda rule, matter: matter.client in rule.clients,
        lambda matter: matter.client or "",
    ),
    Condition(
        "languages",
        lambda rule: rule.languages,
        lambda rule, matter: any(match_language(wanted, matter.language) for wanted in rule.languages),
        lambda matter: matter.language,
    ),
    Condition(
        "when",
        lambda rule: (rule.when,) if rule.when else (),
        lambda rule, matter: rule.when in matter.moments,
        lambda matter: ", ".join(sorted(matter.moments)),
    ),
    Condition(
        "has",
        lambda rule: (rule.has,) if rule.has else (),
        lambda _, matter: matter.has_attachment,
        lambda matter: "attachment" if matter.has_attachment else "",
    ),
)
"""Every condition beside the patterns, in the order they are explained."""


def conditions_of(rule: Rule) -> tuple[Condition, ...]:
    """Given a rule, return the conditions it sets."""
    return tuple(condition for condition in CONDITIONS if condition.wants(rule))
