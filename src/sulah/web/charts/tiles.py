"""India as tiles: each state a square with its code and its figure, darker where the figure is higher."""

from collections.abc import Mapping

from django.utils.safestring import SafeString

from sulah.web.charts.drawing import WIDTH, Say, element, hover, label, picture
from sulah.web.charts.india import TILES, Tile

_PITCH = 40
_SIDE = 37
LEVELS = 5
"""Steps of darkness; the figure itself is written in each tile, so none is needed to read it."""


def level_of(value: int, most: int) -> int:
    """The step of darkness of a value, 1 to 5 in fifths of the highest in the picture; 0 for nothing.

    >>> level_of(0, 100), level_of(20, 100), level_of(21, 100), level_of(100, 100), level_of(5, 0)
    (0, 1, 2, 5, 0)
    """
    return 0 if value <= 0 or most <= 0 else min(LEVELS, -(-value * LEVELS // most))


def tiles(ident: str, title: str, words: str, values: Mapping[str, int], say: Say) -> SafeString:
    """The picture of values by state code; a state without a value is an empty tile."""
    most = max(values.values(), default=0)
    parts = [part for tile in TILES for part in _tile(tile, values.get(tile.code), most, say)]
    rows = 1 + max(tile.row for tile in TILES)
    return picture(ident, title, words, rows * _PITCH, parts, width=WIDTH)


def _tile(tile: Tile, value: int | None, most: int, say: Say) -> list[str]:
    x, y = tile.column * _PITCH + 1.5, tile.row * _PITCH + 1.5
    if value is None:
        square = element("rect", hover(f"{tile.name}: no loans"), class_name="tile none", x=x, y=y, width=_SIDE, height=_SIDE, rx=4)
        return [square, label(tile.code, x + _SIDE / 2, y + _SIDE / 2 + 4, anchor="middle", class_name="chart-text tile-none")]
    level = level_of(value, most)
    square = element("rect", hover(f"{tile.name}: {say(value)}"), class_name=f"tile h{level}", x=x, y=y, width=_SIDE, height=_SIDE, rx=4)
    ink = f"tile-ink h{level}-ink"
    return [
        square,
        label(tile.code, x + _SIDE / 2, y + 15, anchor="middle", class_name=f"{ink} strong"),
        label(say(value), x + _SIDE / 2, y + 29, anchor="middle", class_name=ink),
    ]
