"""Organizational domains in A-labels: the list is read in letters only, and must say the same as in both spellings."""

from collections.abc import Iterator
from pathlib import Path

import publicsuffixlist
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.sender.organization import organizational_domain

BOTH_SPELLINGS = publicsuffixlist.PublicSuffixList()


def list_foreign_suffixes() -> Iterator[str]:
    """Yield every suffix of the list with a letter beyond ASCII, wildcards and exceptions without their marks."""
    for line in Path(publicsuffixlist.PSLFILE).read_text(encoding="utf-8").splitlines():
        suffix = line.split(" ")[0].lstrip("!").removeprefix("*.")
        if suffix and not suffix.isascii() and not suffix.startswith("//"):
            yield suffix


def test_every_foreign_suffix_is_known_in_both_spellings() -> None:
    """Whatever stands before a suffix and however it is written, the owner is the one the whole list names."""
    suffixes = [spelled for suffix in list_foreign_suffixes() for spelled in (suffix, suffix.encode("idna").decode())]
    assert len(suffixes) > 500
    for suffix in suffixes:
        for domain in (suffix, f"a.{suffix}", f"b.a.{suffix}", f"xn--80ak6aa92e.{suffix}", f"B.A.{suffix.upper()}"):
            assert organizational_domain(domain) == (BOTH_SPELLINGS.privatesuffix(domain) or domain)


@pytest.mark.parametrize(
    ("domain", "organization"),
    [
        ("mail.xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("a.b.xn--p1ai", "b.xn--p1ai"),
        ("a.xn--zz--", "a.xn--zz--"),
    ],
)
def test_a_domain_keeps_its_own_spelling(domain: str, organization: str) -> None:
    """What is returned are labels of the domain asked about, also where one of them is no A-label at all."""
    assert organizational_domain(domain) == organization


@given(st.lists(st.from_regex(r"(?:xn--)?[a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=5))
def test_no_domain_is_told_apart_from_the_whole_list(labels: list[str]) -> None:
    """Any labels, made up ones among them, have the owner that the list in both spellings gives them."""
    domain = ".".join(labels)
    assert organizational_domain(domain) == (BOTH_SPELLINGS.privatesuffix(domain) or domain)
