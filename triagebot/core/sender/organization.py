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
    return _suffixes().privatesuffix(domain) or domain


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # 70 ms with its list, and not every command needs it

    return PublicSuffixList()
