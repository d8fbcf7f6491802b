"""Small charts as PNG (Pillow), on a light card of their own, so that they can be read in a dark mail program too.

The same drawing gives the same bytes. Pillow's own font knows plain Latin letters alone, hence no words in a drawing;
a name it cannot write is replaced by its number, which is that of its row in the table. Imported only in the child
process that draws (app/digest/painter.py): eight megabytes.
"""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from triagebot.core.digest.drawing import Bars, Columns, Drawing, Drawn, Stacks

WIDTH = 400
"""CSS pixels: a phone shows it whole."""
_SCALE = 2
_EDGE = 12
_ROW = 26
_BAR = 16
_NAMES = 150
_NUMBERS = 48
_PLOT = 110
_LINE = 16
_COLOURS = 24
_CARD, _BORDER, _INK, _MUTED = "#ffffff", "#c9d1d9", "#1f2328", "#57606a"
_FILL, _KEPT, _BROKEN = "#2f6f8f", "#2e7d5b", "#c2413b"


def draw(drawing: Drawing) -> Drawn:
    """Given a drawing, return it as PNG."""
    if isinstance(drawing, Bars):
        return _draw_bars(drawing)
    return _draw_columns(drawing) if isinstance(drawing, Columns) else _draw_stacks(drawing)


def fit(text: str, width: int) -> str:
    """Given a text, return as much of it as there is room for in so many CSS pixels, cut with an ellipsis."""
    if _measure(text) <= width:
        return text
    while text and _measure(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"


class _Card:
    """A canvas whose places are CSS pixels."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._image = Image.new("RGB", (WIDTH * _SCALE, height * _SCALE), _CARD)
        self._pen = ImageDraw.Draw(self._image)
        edge = (0, 0, WIDTH * _SCALE - 1, height * _SCALE - 1)
        self._pen.rectangle(edge, outline=_BORDER, width=_SCALE)

    def fill(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        if box := _box(left, top, right, bottom):
            self._pen.rectangle(box, fill=colour)

    def frame(self, left: float, top: float, right: float, bottom: float) -> None:
        if box := _box(left, top, right, bottom):
            self._pen.rectangle(box, outline=_MUTED, width=_SCALE)

    def line(self, points: tuple[tuple[float, float], ...], colour: str) -> None:
        places = [_places(*point) for point in points]
        self._pen.line(places, fill=colour, width=2 * _SCALE)

    def write(self, x: float, y: float, text: str, anchor: str, colour: str = _INK) -> None:
        """`anchor` says where the point is: l, m or r, and m for the middle of the line."""
        self._pen.text(_places(x, y), text, fill=colour, font=_font(), anchor=anchor)

    def close(self) -> Drawn:
        file = BytesIO()
        few = self._image.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(file, "PNG", optimize=True)
        return Drawn(file.getvalue(), WIDTH, self._height)


def _draw_bars(drawing: Bars) -> Drawn:
    card = _Card(2 * _EDGE + _ROW * len(drawing.rows))
    names = [fit(_plain(name, number), _NAMES) for number, (name, _) in enumerate(drawing.rows, 1)]
    left = _EDGE + max(map(_measure, names), default=0) + 8
    longest = max((value for _, value in drawing.rows), default=0) or 1
    room = WIDTH - _EDGE - _NUMBERS - left
    for row, (name, (_, value)) in enumerate(zip(names, drawing.rows, strict=True)):
        middle = _EDGE + _ROW * row + _ROW / 2
        right = left + room * max(0, value) / longest
        card.write(_EDGE, middle, name, "lm")
        card.fill(left, middle - _BAR / 2, right, middle + _BAR / 2, _FILL)
        card.write(right + 6, middle, _short(value), "lm")
    return card.close()


def _draw_columns(drawing: Columns) -> Drawn:
    card = _Card(2 * _EDGE + _PLOT + 3 * _LINE)
    floor = _EDGE + 2 * _LINE + _PLOT
    highest = max((*drawing.filled, *drawing.framed), default=0) or 1
    for middle, half, name, filled, framed in zip(
        *_spread(drawing.names), drawing.names, drawing.filled, drawing.framed, strict=True
    ):
        top, rim = (floor - _PLOT * max(0, value) / highest for value in (filled, framed))
        card.fill(middle - half, top, middle + half, floor, _FILL)
        if framed > 0:
            card.frame(middle - half - 3, rim, middle + half + 3, floor)
        above = min(top, rim) - _LINE / 2
        card.write(middle, above - _LINE if any(drawing.framed) else above, _short(filled), "mm")
        if any(drawing.framed):
            card.write(middle, above, f"/{_short(framed)}", "mm", _MUTED)
        _write_name(card, middle, half, floor, name)
    card.fill(_EDGE, floor, WIDTH - _EDGE, floor + 1, _MUTED)
    return card.close()


def _draw_stacks(drawing: Stacks) -> Drawn:
    card = _Card(2 * _EDGE + _PLOT + 3 * _LINE)
    floor = _EDGE + 2 * _LINE + _PLOT
    highest = max(map(sum, zip(drawing.kept, drawing.broken, strict=True)), default=0) or 1
    for middle, half, name, kept, broken in zip(
        *_spread(drawing.names), drawing.names, drawing.kept, drawing.broken, strict=True
    ):
        between = floor - _PLOT * kept / highest
        top = between - _PLOT * broken / highest
        card.fill(middle - half, between, middle + half, floor, _KEPT)
        card.fill(middle - half, top, middle + half, between, _BROKEN)
        _write_marked(card, middle, top - _LINE / 2, kept, _KEPT)
        if broken:
            _write_marked(card, middle, top - 3 * _LINE / 2, broken, _BROKEN)
        _write_name(card, middle, half, floor, name)
    card.fill(_EDGE, floor, WIDTH - _EDGE, floor + 1, _MUTED)
    return card.close()


def _write_marked(card: _Card, middle: float, y: float, number: int, colour: str) -> None:
    """A number with its mark before it: the colour says the same to who sees it."""
    text = _short(number)
    left = middle - (12 + _measure(text)) / 2
    if colour == _KEPT:
        card.line(((left, y), (left + 3, y + 3), (left + 8, y - 4)), colour)
    else:
        card.line(((left, y - 4), (left + 8, y + 4)), colour)
        card.line(((left, y + 4), (left + 8, y - 4)), colour)
    card.write(left + 12, y, text, "lm")


def _write_name(card: _Card, middle: float, half: float, floor: float, name: str) -> None:
    card.write(middle, floor + _LINE / 2 + 3, fit(_plain(name), int(2 * half + 12)), "mm", _MUTED)


def _spread(names: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """The middle of each column, and half its width."""
    step = (WIDTH - 2 * _EDGE) / max(1, len(names))
    return [_EDGE + step * (number + 0.5) for number in range(len(names))], [min(20.0, step * 0.36)] * len(names)


def _plain(name: str, number: int = 0) -> str:
    """The name if the font can write it, else its number."""
    return name if name.isascii() and name.isprintable() else str(number or "?")


def _short(number: int) -> str:
    return str(number) if abs(number) < 100_000 else f"{number // 1000}k"


def _box(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int] | None:
    """The pixels between two corners, or None where they hold none."""
    (first, upper), (behind, lower) = _places(left, top), _places(right, bottom)
    return (first, upper, behind - 1, lower - 1) if behind > first and lower > upper else None


def _places(x: float, y: float) -> tuple[int, int]:
    return round(x * _SCALE), round(y * _SCALE)


def _measure(text: str) -> float:
    return _font().getlength(text) / _SCALE


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=13 * _SCALE)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise ImportError("this Pillow was built without FreeType, so it cannot write; install its wheel")
    return font
