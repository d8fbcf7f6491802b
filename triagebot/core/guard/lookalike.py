"""Look-alikes: senders that imitate somebody known (safety.md D.5). Compares text and raises flags."""

import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache

from triagebot.core.mail import Address
from triagebot.core.sender.organization import organizational_domain

MOST_EDITS = 2
_SHORT_LABEL = 6
"""Labels shorter than this may differ by one edit only: with two, half of all short names look alike."""
_SHORTEST_LABEL = 4

# Letters of other alphabets that look like Latin ones (after UTS #39), for the scripts a
# registrar mixes up most. NFKD takes care of accents and widths.
_CYRILLIC_AND_GREEK = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u043a\u043c\u043d"
    "\u0442\u0432\u0433\u03b1\u03b5\u03bf\u03c1\u03b9\u03ba\u03bd\u03c5\u03c4\u0131\u0142\u0111",
    "aceopxyijshdqwkmhtbraeopikvutild",
)
# What ASCII alone can forge; the published tables miss these (safety.md 0.10).
_ASCII_SWAPS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"))


def lookalikes(
    sender: Address, known_domains: Collection[str], known_names: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Given a sender, the domains of people we know and their names, return a flag for each likeness.

    `known_names` maps a display name to the addresses and domains that rightly bear it. Domains are
    A-labels in lower case and no freemail domains.
    """
    flags: list[str] = []
    if "@" in sender.name and sender.name.strip("<>'\" ").casefold() != sender.spec.casefold():
        flags.append("lookalike-name-holds-address")
    shown = fold_name(sender.name)
    for name, bearers in known_names.items():
        if shown and shown == fold_name(name) and not _bears(sender, bearers):
            flags.append(f"lookalike-name:{name}")
    imitated = _imitated_domain(sender.domain, tuple(known_domains))
    if imitated:
        flags.append(f"lookalike-domain:{imitated}")
    if _mixes_scripts(sender.domain):
        flags.append("lookalike-mixed-script")
    return tuple(dict.fromkeys(flags))


@lru_cache(maxsize=4096)
def fold_name(name: str) -> str:
    """Given a display name, return what a reader takes it for: no case, accents, foreign twins."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(kept.translate(_CYRILLIC_AND_GREEK).split())


@lru_cache(maxsize=8192)
def skeleton(domain: str) -> str:
    """Given a domain, return the letters a reader sees (UTS #39 section 4, with ASCII swaps)."""
    shown = fold_name(to_unicode(domain))
    for imitation, letter in _ASCII_SWAPS:
        shown = shown.replace(imitation, letter)
    return shown


def to_unicode(domain: str) -> str:
    """Given a domain in A-label form, return it as it is shown; what cannot be decoded stays."""
    if "xn--" not in domain:
        return domain
    import idna  # 15 ms, and most domains are plain

    try:
        return idna.decode(domain)
    except UnicodeError:
        return domain


@lru_cache(maxsize=4096)
def _imitated_domain(domain: str, known: tuple[str, ...]) -> str:
    """Given a domain and the known ones, return the one it imitates, or ""."""
    own = organizational_domain(domain)
    organizations = {organizational_domain(name) for name in known}
    if own in organizations or domain in known:
        return ""
    return next((name for name in sorted(organizations) if _imitates(own, name)), "")


def _imitates(domain: str, known: str) -> bool:
    if skeleton(domain) == skeleton(known):
        return True
    label, known_label = skeleton(domain.partition(".")[0]), skeleton(known.partition(".")[0])
    if len(known_label) < _SHORTEST_LABEL:
        return False
    if label == known_label:
        return True  # the same name under another top level domain
    most = MOST_EDITS if len(known_label) >= _SHORT_LABEL else 1
    return _edits_within(label, known_label, most)


def _edits_within(one: str, other: str, most: int) -> bool:
    """Are two labels at most `most` insertions, deletions, changes or swaps of neighbours apart (Damerau)?"""
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, other_letter in enumerate(other, start=1):
            cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != other_letter))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other_letter:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return False
        before, last = last, current
    return last[-1] <= most


def _bears(sender: Address, bearers: Collection[str]) -> bool:
    spec, domain = sender.spec.lower(), sender.domain
    return any(bearer.lower() in (spec, domain, organizational_domain(domain)) for bearer in bearers)


@lru_cache(maxsize=4096)
def _mixes_scripts(domain: str) -> bool:
    """Does one label mix alphabets? Japanese and Korean do by nature (UTS #39 section 5.2)."""
    if "xn--" not in domain:
        return False
    return any(_mixed(label) for label in to_unicode(domain).split("."))


def _mixed(label: str) -> bool:
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}
    east_asian = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "FULLWIDTH"}
    if scripts & east_asian:
        scripts -= east_asian | {"LATIN"}
        return bool(scripts)
    return len(scripts) > 1
