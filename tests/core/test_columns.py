"""Tables in plain text are straight, whatever is in their cells."""

from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.columns import lay_out, measure

WORDS = st.text(st.sampled_from("ab é日本e\u0301 1"), max_size=60)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6))
def test_columns_are_straight(rows: list[tuple[str, str, str]]) -> None:
    """No line is wider than the columns together, no words are lost, and no line ends with spaces."""
    lines = lay_out(rows, (False, True, False)).splitlines()
    assert all(measure(line) <= 3 * 2 * 44 + 4 for line in lines)
    assert all(line == line.rstrip() for line in lines)
    letters = sorted(letter for row in rows for cell in row for letter in cell if not letter.isspace())
    assert sorted(letter for line in lines for letter in line if not letter.isspace() and letter != "-") == letters


def test_sides_and_heads() -> None:
    """Numbers stand to the right; heads have a rule below, and none at all leave it out; wide letters count twice."""
    assert lay_out([("What", "Min"), ("日本", "5"), ("menu", "120")], (False, True)).splitlines() == [
        "What  Min",
        "----  ---",
        "日本    5",
        "menu  120",
    ]
    assert lay_out([("", ""), ("a", "5")], (False, True)) == "a  5"
