"""Stacked columns over days: the overdue buckets, each with its colour and its own pattern, named beside the last column."""

from collections.abc import Sequence
from datetime import date

from django.utils.safestring import SafeString

from sulah.kernel.dates import day_text
from sulah.web.charts.drawing import WIDTH, Say, element, hover, label, picture, spread
from sulah.web.charts.trend import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, Series, day_axis, grid, place_of

_STROKES = ("", "M0 6L6 0", "M0 3H6", "M0 0L6 6", "M0 6L6 0M0 0L6 6", "M3 0V6M0 3H6")
"""What is drawn over the colour of each layer: nothing, slanted, lying, slanted the other way, crossed, a lattice."""


def _patterns(ident: str, count: int) -> str:
    tiles = [
        element(
            "pattern",
            element("path", class_name="chart-hatch", d=_STROKES[place % len(_STROKES)]),
            id=f"{ident}-p{place}",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        )
        for place in range(count)
        if _STROKES[place % len(_STROKES)]
    ]
    return element("defs", "".join(tiles))


def _column(ident: str, x: float, wide: float, day: date, layers: Sequence[tuple[Series, int]], top: int, say: Say) -> list[str]:
    """One day's column from the first layer up."""
    parts: list[str] = []
    floor = float(BOTTOM)
    for place, (series, value) in enumerate(layers):
        tall = (BOTTOM - TOP) * value / top
        floor -= tall
        if value:
            words = hover(f"{series.name}, {day_text(day)}: {say(value)}")
            parts.append(element("rect", words, class_name=f"chart-layer b{place + 1}", x=x, y=floor, width=wide, height=tall))
            if _STROKES[place % len(_STROKES)]:
                over = f"url(#{ident}-p{place})"
                parts.append(element("rect", class_name="chart-over", x=x, y=floor, width=wide, height=tall, fill=over))
    return parts


def columns(ident: str, title: str, words: str, days: Sequence[date], layers: Sequence[Series], say: Say) -> SafeString:
    """Columns of layers over days; the first layer stands at the bottom.  Values are whole numbers, None counts as nothing."""
    sums = [sum(series.values[place] or 0 for series in layers) for place in range(len(days))]
    if not days or not any(sums):
        return picture(ident, title, words, 80, [label("Nothing past due", WIDTH / 2, 44, anchor="middle")])
    top, parts = grid(max(sums), say)
    parts = [_patterns(ident, len(layers)), *parts, *day_axis(days)]
    room = WIDTH - LEFT - RIGHT
    slots = (days[-1] - days[0]).days + 1
    wide = max(1.6, min(26.0, room / slots * 0.8))
    for place, day in enumerate(days):
        share = (place_of(day, days) - LEFT) / room
        stack = [(series, series.values[place] or 0) for series in layers]
        parts += _column(ident, LEFT + share * (room - wide), wide, day, stack, top, say)
    return picture(ident, title, words, HEIGHT, [*parts, *_names(layers, top, say)])


def _names(layers: Sequence[Series], top: int, say: Say) -> list[str]:
    """The name and last value of each layer, at the height of its middle in the last column."""
    floor, middles = float(BOTTOM), []
    for series in layers:
        tall = (BOTTOM - TOP) * (series.values[-1] or 0) / top
        middles.append(floor - tall / 2)
        floor -= tall
    shown = [place for place, series in enumerate(layers) if series.values[-1]]
    parts: list[str] = []
    # Layers go up the page while label places are counted down it, so that equal heights keep the order of the stack.
    places = spread([middles[place] for place in reversed(shown)], 14, TOP + 6, BOTTOM)
    for place, y in zip(reversed(shown), places, strict=True):
        x = WIDTH - RIGHT
        parts.append(element("line", class_name="chart-lead", x1=x + 2, x2=x + 9, y1=middles[place], y2=y - 4))
        parts.append(label(f"{layers[place].name}: {say(layers[place].values[-1] or 0)}", x + 11, y, class_name="chart-text small"))
    return parts
