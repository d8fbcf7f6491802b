"""Golden digests: three days as their text and their page, checked in, so that every change of look is seen."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.digests import BAD, DIGESTS, USUAL
from tests.golden import check_golden
from tests.html_lint import find_faults
from triagebot.core.digest.fit import render_mail
from triagebot.core.phrase import ENGLISH, Voice

GOLDEN = Path(__file__).parent / "golden_digests"
pages = pytest.mark.parametrize("page", sorted(GOLDEN.glob("*/digest.html")), ids=lambda page: page.parent.name)


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_golden_digests(name: str) -> None:
    """A quiet, a usual and a bad day look as they are checked in."""
    rendered = render_mail(DIGESTS[name])
    check_golden(GOLDEN / name / "digest.txt", rendered.text)
    check_golden(GOLDEN / name / "digest.html", rendered.html)


@pages
def test_golden_pages_are_sound(page: Path) -> None:
    """Every page that is checked in, also those of real desks, holds only what mail programs know."""
    assert find_faults(page.read_text(encoding="utf-8")) == []


def test_a_change_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs is told line by line, with how to write it anew; asked to, it is written."""
    monkeypatch.delenv("TRIAGEBOT_WRITE_GOLDEN", raising=False)
    file = tmp_path / "day" / "digest.txt"
    with pytest.raises(AssertionError, match=r"TRIAGEBOT_WRITE_GOLDEN=1 writes"):
        check_golden(file, "one\n")
    monkeypatch.setitem(os.environ, "TRIAGEBOT_WRITE_GOLDEN", "1")
    check_golden(file, "one\n")
    monkeypatch.delenv("TRIAGEBOT_WRITE_GOLDEN")
    check_golden(file, "one\n")
    with pytest.raises(AssertionError, match=r"(?s)-one.*\+two"):
        check_golden(file, "two\n")


def _louder(text: str) -> str:
    """A translation that is half as long again, as Polish and Russian are, and keeps the names."""
    return f"{text} {'ń' * (len(text) // 2)}"


@pytest.mark.parametrize(
    "voice",
    [
        replace(ENGLISH, language="pl", translate=_louder, translate_many=lambda *forms: _louder(forms[1])),
        replace(ENGLISH, language="ja", translate=lambda text: f"要対応の件 {text}"),
        replace(ENGLISH, language="ru", translate=lambda _: "{unknown} {0} {"),
    ],
    ids=lambda voice: voice.language,
)
def test_any_language_can_be_shown(voice: Voice) -> None:
    """Longer sentences, wide letters and a broken translation give a sound page and text, within the limit."""
    for digest in (USUAL, BAD):
        rendered = render_mail(digest, voice)
        assert find_faults(rendered.html) == []
        assert f'lang="{voice.language}"' in rendered.html
        assert "12 today" in rendered.text or "1 today" in rendered.text
