"""Organizational domains: which domains belong to one owner (RFC 9989, with the public suffix list)."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def organizational_domain(domain: str) -> str:
    """Given a domain in lower case A-label form, return its organizational domain.

    A public suffix itself (`co.uk`, `github.io`) and a single label stay as they are.
    """
    return _organizational_domain(domain) if len(domain) <= 255 else domain


def are_aligned(one: str, other: str) -> bool:
    """Given two domains, say whether they have one owner: DMARC's relaxed alignment."""
    if not one or not other:
        return False
    return one == other or organizational_domain(one) == organizational_domain(other)


@lru_cache(maxsize=8192)
def _organizational_domain(domain: str) -> str:
    lower = domain.lower()
    if "xn--" not in lower:
        return _suffixes().privatesuffix(lower) or domain
    labels = lower.removesuffix(".").split(".")
    found = _suffixes().privatesuffix(".".join(map(_in_letters, labels)))
    return ".".join(labels[-1 - found.count(".") :]) if found else domain


def _in_letters(label: str) -> str:
    """An A-label as the list spells it (IDNA 2003, as the list's own A-labels are); what is none stays as it is."""
    try:
        return label.encode().decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # 15 ms with its list, and not every command needs it

    return PublicSuffixList(accept_encoded_idn=False)  # all of it in A-labels too would take twice as long again
