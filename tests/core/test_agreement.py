"""Whether what the developer wrote says what the desk would have said."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.answered import ANSWERED, Answered
from triagebot.core.agreement import SHARED, choose_rules, compare, measure
from triagebot.core.rules.rule import Rule

PAIRS = [(language, number) for language, found in ANSWERED.items() for number in range(len(found))]


def others(language: str, number: int) -> list[str]:
    """Given a question, return what was answered to the other ones of its language."""
    found = [one for index, one in enumerate(ANSWERED[language]) if index != number]
    return [text for one in found for text in (*one.same, *one.differs)]


@pytest.mark.parametrize(("language", "number"), PAIRS)
def test_the_same_answer_in_other_words_is_the_same(language: str, number: int) -> None:
    """Shorter, in another order, with a greeting: it still says what the desk would have said."""
    answered: Answered = ANSWERED[language][number]
    for text in answered.same:
        assert compare(answered.ours, text) == "same", text


@pytest.mark.parametrize(("language", "number"), PAIRS)
def test_another_answer_differs(language: str, number: int) -> None:
    """Done by hand, put off, about something else: the desk's answer would not have been it."""
    answered: Answered = ANSWERED[language][number]
    for text in (*answered.differs, *others(language, number)):
        assert compare(answered.ours, text) == "differs", text


def test_the_line_between_them_is_wide() -> None:
    """The threshold stands between what the examples reach by words alone, as its comment says."""
    found = [(one.ours, text) for answered in ANSWERED.values() for one in answered for text in one.same]
    same = [measure(*pair) for pair in found if "://" not in pair[1] and not re.search(r"\d{4}", pair[1])]
    differs = [
        measure(ANSWERED[language][number].ours, text)
        for language, number in PAIRS
        for text in (*ANSWERED[language][number].differs, *others(language, number))
    ]
    assert max(differs) < 0.28
    assert 0.28 + 0.1 < SHARED < 0.54 <= min(same)


@pytest.mark.parametrize(
    ("ours", "yours", "same"),
    [
        ("Look here: https://www.host.example/help/dns/", "See http://HOST.example/help/dns?from=mail.", True),
        ("Look here: https://host.example/help/dns", "See https://host.example/help/mail.", False),
        ("Look here: https://host.example/help/dns", "See https://other.example/help/dns.", False),
        ("Call +1 866 731 6556.", "Ring them: (866) 731-6556", True),
        ("Call +1 866 731 6556.", "Ring them: (866) 731-6557", False),
        ("Until 2026-11-24 10:00 it is closed.", "I am back on 2026-11-24 10:00!", False),
        ("Until 24.11.2026 it is closed.", "I am back on 24.11.2026!", False),
        ("1. **Menus → Primary**\n2. save", "go to Menus > Primary, please", True),
        ("1. **Menus → Primary**\n2. save", "go to Menus > Footer, please", False),
        ("Ustawienia > Strony, dalej", "wejść w Ustawienia -> Strony.", True),
    ],
)
def test_what_both_point_at_counts(ours: str, yours: str, same: bool) -> None:
    """The same page, telephone number or way through menus is the same answer, whatever else is said; no date is."""
    assert compare(ours, yours) == ("same" if same else "differs")


@pytest.mark.parametrize(("ours", "yours"), [("", "Hello"), ("Settings", ""), ("Settings", "!!! :-)"), ("", "")])
def test_nothing_said_is_no_verdict(ours: str, yours: str) -> None:
    """An empty mail (an attachment alone, say) is neither the same nor another answer."""
    assert compare(ours, yours) is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_texts_are_compared(ours: str, yours: str) -> None:
    """Whatever is written, there is a verdict or none; a text is the same as itself, and order does not matter."""
    assert compare(ours, yours) in ("same", "differs", None)
    assert compare(ours, ours) in ("same", None)


def test_rules_that_made_an_answer() -> None:
    """Those that brought one of its files; of a mere closing all that matched; one that is gone counts no more."""
    links, footer = Rule("links", "howto/links", "question", reply="links"), Rule("footer", "howto/footer", "question")
    matches = json.dumps(
        [{"rule": "footer", "words": []}, {"rule": "gone", "words": []}, {"rule": "links", "words": []}]
    )
    assert choose_rules(matches, ["links"], [links, footer]) == (links,)
    assert choose_rules(matches, ["closing.question"], [links, footer]) == (footer, links)
    assert choose_rules("[]", ["links"], [links]) == ()
