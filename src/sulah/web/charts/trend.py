"""Lines over days: each with a dash, a marker and a name at its end, so that they are told apart without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from sulah.kernel.dates import day_text
from sulah.web.charts.drawing import WIDTH, Say, element, hover, label, number, picture, spread, ticks

HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 56, 118, 14, 190
_MARKED = 16
"""Up to so many days every point carries its marker; beyond, only the last of each line."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name and a value for each day, None where the day has none."""

    name: str
    values: tuple[int | None, ...]


def short_day(day: date) -> str:
    """A day without its year, for an axis.

    >>> short_day(date(2026, 3, 31))
    '31 Mar'
    """
    return day_text(day).rsplit(" ", 1)[0]


def place_of(day: date, days: Sequence[date]) -> float:
    """Where a day stands across the plot: by the calendar, so that days without a run leave room."""
    whole = (days[-1] - days[0]).days
    if not whole:
        return WIDTH - RIGHT
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]).days / whole


def grid(most: int, say: Say) -> tuple[int, list[str]]:
    """The lines across with their values; the value at the top."""
    named = ticks(most)
    top = named[-1]
    parts: list[str] = []
    for value in named:
        y = BOTTOM - (BOTTOM - TOP) * value / top
        parts.append(element("line", class_name="chart-grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y))
        parts.append(label(say(value).replace(".00%", "%"), LEFT - 6, y + 4, anchor="end"))
    return top, parts


def day_axis(days: Sequence[date]) -> list[str]:
    """The first and the last day under the plot."""
    first = [label(short_day(days[0]), LEFT, BOTTOM + 18)] if len(days) > 1 else []
    return [*first, label(short_day(days[-1]), WIDTH - RIGHT, BOTTOM + 18, anchor="end")]


def marker(kind: int, x: float, y: float, words: str) -> str:
    """The marker of a line: circle, square, triangle or diamond, with its words on hover."""
    style = f"chart-mark c{kind}"
    if kind % 4 == 0:
        return element("circle", hover(words), class_name=style, cx=x, cy=y, r=3.2)
    if kind % 4 == 1:
        return element("rect", hover(words), class_name=style, x=x - 3, y=y - 3, width=6, height=6)
    corners = ((0, -4), (4, 3.5), (-4, 3.5)) if kind % 4 == 2 else ((0, -4.2), (4.2, 0), (0, 4.2), (-4.2, 0))
    points = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners)
    return element("polygon", hover(words), class_name=style, points=points)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The unbroken stretches of a line: a day without a value breaks it."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _line(kind: int, series: Series, days: Sequence[date], top: int, say: Say) -> tuple[list[str], float | None]:
    """A line with its markers, and the height of its last value."""
    heights = [None if value is None else BOTTOM - (BOTTOM - TOP) * value / top for value in series.values]
    points = [None if y is None else (place_of(day, days), y) for day, y in zip(days, heights, strict=True)]
    parts = [
        element("polyline", class_name=f"chart-line c{kind}", points=" ".join(f"{number(x)},{number(y)}" for x, y in run))
        for run in _runs(points)
        if len(run) > 1
    ]
    last = max((place for place, point in enumerate(points) if point is not None), default=None)
    for place, point in enumerate(points):
        value = series.values[place]
        if point is not None and value is not None and (len(days) <= _MARKED or place == last):
            parts.append(marker(kind, *point, f"{series.name}, {day_text(days[place])}: {say(value)}"))
    return parts, None if last is None else heights[last]


def trend(ident: str, title: str, words: str, days: Sequence[date], lines: Sequence[Series], say: Say) -> SafeString:
    """Lines over days from nought up; no day or no value draws an empty plot that says so.

    days ascend; each line has one value a day; say writes values on the axis and at the end of each line.
    """
    known = [value for series in lines for value in series.values if value is not None]
    if not days or not known:
        return picture(ident, title, words, 80, [label("No figure yet", WIDTH / 2, 44, anchor="middle")])
    top, parts = grid(max(known), say)
    parts += day_axis(days)
    ends: list[tuple[int, float, int]] = []
    for kind, series in enumerate(lines):
        drawn, height = _line(kind, series, days, top, say)
        parts += drawn
        if height is not None:
            ends.append((kind, height, next(value for value in reversed(series.values) if value is not None)))
    for (kind, height, value), y in zip(ends, spread([end[1] for end in ends], 27, TOP + 8, BOTTOM - 6), strict=True):
        x = WIDTH - RIGHT
        parts.append(element("line", class_name="chart-lead", x1=x + 4, x2=x + 11, y1=height, y2=y))
        parts.append(label(lines[kind].name, x + 13, y, class_name="chart-text"))
        parts.append(label(say(value), x + 13, y + 13, class_name="chart-text strong"))
    return picture(ident, title, words, HEIGHT, parts)
