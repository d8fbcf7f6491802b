"""A simulated year (`make simulate` has more of them): promises are kept, and told before they break."""

from bench.course import Course
from bench.year import Year


def test_a_year_keeps_its_promises() -> None:
    """With work that overruns its estimates and sick days nobody knew of: 97 % of the promises are kept, each broken
    one was named a day before, and hardly a minute is unused."""
    report = Year(Course(seed=2)).run()
    assert report.made > 200
    assert report.broken > 0
    assert report.kept_share >= 0.97
    assert report.warned == report.broken
    assert report.unused_share <= 0.10
