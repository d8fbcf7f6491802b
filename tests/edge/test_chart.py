"""Charts as a mail program sees them: decoded, measured, and found to show what they were given."""

from io import BytesIO

import pytest
from PIL import Image

from triagebot.core.digest.drawing import Bars, Columns, Drawing, Stacks
from triagebot.edge.chart import WIDTH, draw, fit

WEEKS = ("09-28", "10-05", "10-12", "10-19", "10-26", "11-02", "11-09", "11-16")
FILL, KEPT, BROKEN, CARD = (47, 111, 143), (46, 125, 91), (194, 65, 59), (255, 255, 255)
DRAWINGS: dict[str, Drawing] = {
    "bars": Bars((("work/small-change", 14), ("howto/edit-page", 9), ("incident/critical-error-of-a-plugin", 1))),
    "columns": Columns(WEEKS, (120, 300, 45, 0, 240, 90, -5, 310), (140, 140, 140, 145, 140, 0, 140, 140)),
    "stacks": Stacks(WEEKS, (3, 5, 0, 12, 2, 4, 6, 5), (0, 1, 0, 0, 2, 0, 11, 0)),
    "no rows": Bars(()),
    "no columns": Columns((), (), ()),
    "nothing": Stacks(WEEKS, (0,) * 8, (0,) * 8),
    "huge": Columns(WEEKS, (99_999_999,) * 8, (10**12,) * 8),
    "full": Bars(tuple((f"incident/critical-error-of-plugin-{number}", 10**number) for number in range(9))),
}


def decode(drawing: Drawing) -> Image.Image:
    """Given a drawing, return the picture a reader sees."""
    with Image.open(BytesIO(draw(drawing).png)) as image:
        return image.convert("RGB")


def extent(image: Image.Image, colour: tuple[int, int, int], box: tuple[int, int, int, int]) -> tuple[int, int]:
    """Given a colour and a part of the picture, return how wide and how high the area in about that colour is."""
    part = image.crop(box)
    near = [
        (x, y)
        for x in range(part.width)
        for y in range(part.height)
        if all(abs(one - other) < 12 for one, other in zip(_pixel(part, x, y), colour, strict=True))
    ]
    if not near:
        return 0, 0
    return max(x for x, _ in near) - min(x for x, _ in near) + 1, max(y for _, y in near) - min(y for _, y in near) + 1


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_is_small_and_sharp(name: str) -> None:
    """A drawing is a PNG with twice the pixels it is shown with, small, on a light card, and the same each time."""
    drawn = draw(DRAWINGS[name])
    with Image.open(BytesIO(drawn.png)) as image:
        assert image.format == "PNG"
        assert image.size == (2 * drawn.width, 2 * drawn.height) == (2 * WIDTH, image.height)
    assert len(drawn.png) <= 15 * 1024
    assert _pixel(decode(DRAWINGS[name]), 5, 5) == CARD
    assert draw(DRAWINGS[name]) == drawn


def test_a_bar_is_as_long_as_its_number() -> None:
    """Bars have one beginning; one of half the number is half as long, and none has none."""
    image = decode(Bars((("a", 100), ("b", 50), ("c", 0))))
    lengths = [extent(image, FILL, (0, top, image.width, top + 52))[0] for top in (24, 76, 128)]
    assert lengths[0] > image.width / 2
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=2)
    assert lengths[2] == 0


def test_a_column_is_as_high_as_its_number() -> None:
    """A column of half the number is half as high; one below zero has no height."""
    image = decode(Columns(("a", "b", "c"), (100, 50, -5), (0, 0, 0)))
    third = image.width // 3
    heights = [extent(image, FILL, (third * place, 0, third * (place + 1), image.height))[1] for place in range(3)]
    assert heights[0] == pytest.approx(220, abs=2)
    assert heights[1] == pytest.approx(110, abs=2)
    assert heights[2] == 0


def test_what_was_granted_is_an_outline() -> None:
    """More granted than worked shows as an outline above the column: there is ink where nothing was worked."""
    plain, framed = (decode(Columns(("a",), (50,), (granted,))) for granted in (0, 100))
    assert extent(framed, FILL, (0, 0, framed.width, framed.height))[1] == pytest.approx(110, abs=2)
    assert plain.tobytes() != framed.tobytes()


def test_broken_promises_stand_on_kept_ones() -> None:
    """Three kept and one broken are a column of three parts of one colour and one of the other."""
    image = decode(Stacks(("a", "b"), (3, 4), (1, 0)))
    half, marks = image.width // 2, 24 + 64
    left, right = (0, marks, half, image.height), (half, marks, image.width, image.height)
    assert extent(image, KEPT, left)[1] == pytest.approx(165, abs=2)
    assert extent(image, BROKEN, left)[1] == pytest.approx(55, abs=2)
    assert extent(image, KEPT, right)[1] == pytest.approx(220, abs=2)
    assert extent(image, BROKEN, right) == (0, 0)


@pytest.mark.parametrize("text", ["incident/critical-error-of-a-plugin", "w" * 500, "i" * 500])
def test_a_long_name_is_cut(text: str) -> None:
    """A name that has no room is cut with an ellipsis, and no earlier than it must be."""
    cut = fit(text, 100)
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert fit(cut, 100) == cut
    assert fit(text[: len(cut)] + "…", 100) == cut
    assert fit("menus", 100) == "menus"


def test_a_long_name_leaves_the_bar_alone() -> None:
    """However long a name is, it ends before its bar begins, so that all bars have their room."""
    image = decode(Bars((("w" * 300, 7), ("a", 7))))
    lengths = [extent(image, FILL, (0, top, image.width, top + 52))[0] for top in (24, 76)]
    assert lengths[0] == lengths[1] > image.width / 3


def test_a_name_that_cannot_be_written_is_its_number() -> None:
    """Pillow's font has no Cyrillic and no kanji: such a name is the number of its row, not a row of boxes."""
    named = Bars((("a", 3), ("домен/продление", 2), ("住所", 1)))
    assert draw(named) == draw(Bars((("a", 3), ("2", 2), ("3", 1))))
