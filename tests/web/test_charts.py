"""The charts: escaped, named, the same bytes for the same figures, told apart without colour, readable in light and dark."""

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.web.charts.columns import columns
from sulah.web.charts.drawing import WIDTH, nice_step, spread, ticks
from sulah.web.charts.india import TILES, tile_of
from sulah.web.charts.tiles import LEVELS, level_of, tiles
from sulah.web.charts.trend import Series, trend
from sulah.web.words import bps, grouped, percent

DAYS = [date(2026, 3, 22) + timedelta(days=place) for place in range(10)]
HOSTILE = '</title><script>alert("x")</script>'
STYLESHEET = Path(__file__).resolve().parents[2] / "src/sulah/web/static/sulah/sulah.css"


def named(svg: str) -> Xml.Element:
    """The chart parsed as XML, which it must be, with its title and words found by their ids."""
    root = Xml.fromstring(svg)
    ids = {part.get("id"): part.text for part in root.iter() if part.get("id")}
    assert root.get("role") == "img"
    assert all(ids[name] for name in str(root.get("aria-labelledby")).split())
    return root


def texts(root: Xml.Element) -> list[str]:
    """What the chart writes."""
    return [part.text or "" for part in root.iter("text")]


@pytest.mark.parametrize("days", [0, 1, 2, 10])
def test_a_chart_of_any_number_of_days_is_one_named_image(days: int) -> None:
    """Also of none: then it says that there is no figure."""
    line = Series("PAR 30", tuple(range(days)))
    drawn = trend("par", "Portfolio at risk", "Words.", DAYS[:days], [line], percent)
    layered = columns("b", "Buckets", "Words.", DAYS[:days], [line], percent)
    assert ("No figure yet" in texts(named(drawn))) == (days == 0)
    assert ("Nothing past due" in texts(named(layered))) == (days < 2)


def test_words_of_others_stay_words() -> None:
    """A hostile name in every place where a text can stand."""
    line = Series(HOSTILE, (1, 2))
    for svg in (
        trend("t", HOSTILE, HOSTILE, DAYS[:2], [line], lambda value: HOSTILE),
        columns("c", HOSTILE, HOSTILE, DAYS[:2], [line], lambda value: HOSTILE),
        tiles("i", HOSTILE, HOSTILE, {"BR": 5}, lambda value: HOSTILE),
    ):
        assert "<script" not in svg
        assert named(svg) is not None


def test_charts_bring_no_style_and_no_address_of_their_own() -> None:
    """The content policy forbids style attributes; a chart refers to nothing but its own patterns."""
    line = Series("A", tuple(range(10)))
    for svg in (
        trend("t", "T", "W", DAYS, [line], percent),
        columns("c", "T", "W", DAYS, [line] * 6, percent),
        tiles("i", "T", "W", {"BR": 5}, percent),
    ):
        assert "style" not in svg
        assert "http" not in svg
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r'id="([^"]+)"', svg))


def test_lines_and_layers_are_told_apart_without_colour() -> None:
    """Every line has its name and last value at its end and its own marker; layers have patterns and names."""
    lines = [Series(f"PAR {days}", (500 - days, 520 - days)) for days in (30, 60, 90, 180)]
    root = named(trend("t", "T", "W", DAYS[:2], lines, percent))
    assert {line.name for line in lines} <= set(texts(root))
    assert {percent(line.values[-1]) for line in lines} <= set(texts(root))
    shapes = {f"{part.tag} {len(part.get('points', '').split())}" for part in root.iter() if "chart-mark" in part.get("class", "")}
    assert len(shapes) == 4
    layered = named(columns("c", "T", "W", DAYS[:2], lines, percent))
    assert len({part.get("d") for part in layered.iter("path")}) == 3
    assert {f"{line.name}: {percent(line.values[-1])}" for line in lines} <= set(texts(layered))


def test_a_day_without_a_value_breaks_the_line() -> None:
    """Nothing is invented between two known days."""
    broken = named(trend("t", "T", "W", DAYS[:5], [Series("A", (1, 2, None, 4, 5))], grouped))
    whole = named(trend("t", "T", "W", DAYS[:5], [Series("A", (1, 2, 3, 4, 5))], grouped))
    assert [len(list(root.iter("polyline"))) for root in (broken, whole)] == [2, 1]
    assert [sum("chart-mark" in part.get("class", "") for part in root.iter()) for root in (broken, whole)] == [4, 5]


def test_days_without_a_run_leave_room() -> None:
    """The axis is the calendar: three days' distance is three times one day's."""
    root = named(trend("t", "T", "W", [DAYS[0], DAYS[1], DAYS[4]], [Series("A", (1, 1, 1))], grouped))
    across = [float(part.get("cx", "0")) for part in root.iter("circle")]
    assert across[2] - across[1] == pytest.approx(3 * (across[1] - across[0]), abs=0.3)


@given(st.integers(0, 10**15))
def test_an_axis_reaches_its_most_with_few_round_steps(most: int) -> None:
    """1, 2 or 5 times a power of ten, at most four lines above nought, the last not below the most."""
    found = ticks(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 5
    assert str(nice_step(most)).rstrip("0") in ("1", "2", "5")


@given(st.lists(st.integers(0, 200), max_size=8))
def test_labels_keep_apart_and_in_order(wanted: list[int]) -> None:
    """At least the gap between any two, inside the room while it is enough."""
    placed = spread([float(place) for place in wanted], 12, 0, 200)
    order = sorted(placed)
    assert all(after - before >= 12 - 1e-6 for before, after in pairwise(order))
    assert all(-1e-6 <= place <= 200 + 1e-6 for place in placed)
    assert [placed[i] for i in sorted(range(len(wanted)), key=lambda i: (wanted[i], i))] == order


def test_each_state_and_territory_has_one_place() -> None:
    """28 states and 8 union territories; no two on one tile, none outside the picture."""
    assert len(TILES) == 36
    assert len({(tile.row, tile.column) for tile in TILES}) == len({tile.code for tile in TILES}) == 36
    assert all((tile.column + 1) * 40 <= WIDTH for tile in TILES)


@pytest.mark.parametrize(
    ("given_text", "code"),
    [
        *(("Bihar", "BR"), (" bihar ", "BR"), ("TAMIL NADU", "TN"), ("Jammu & Kashmir", "JK"), ("IN-OD", "OD"), ("orissa", "OD")),
        *(("THE DADRA AND NAGAR HAVELI AND DAMAN AND DIU", "DH"), ("Uttaranchal", "UK"), ("Atlantis", None), ("", None), (None, None)),
    ],
)
def test_a_state_is_known_as_lenders_write_it(given_text: str | None, code: str | None) -> None:
    """Names, codes, old names, any case; anything else is no state."""
    tile = tile_of(given_text)
    assert (tile.code if tile else None) == code


def test_the_picture_of_india_writes_each_figure_and_marks_states_without_loans() -> None:
    """Darker is only said again; the figure stands in the tile."""
    svg = tiles("i", "T", "W", {"BR": 1200, "TN": 300}, percent)
    assert {"BR", "12.00%", "TN", "3.00%"} <= set(texts(named(svg)))
    assert svg.count('class="tile none"') == 34
    assert "Sikkim: no loans" in svg


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_darkness_goes_up_with_the_figure_and_never_beyond_its_steps(value: int, most: int) -> None:
    """Nought is the lightest, the most the darkest."""
    assert 0 <= level_of(value, most) <= LEVELS
    assert level_of(most, most) == LEVELS
    assert (level_of(value, most) == 0) == (value == 0)
    assert level_of(value, most) <= level_of(value + 1, most)


def test_the_same_figures_draw_the_same_bytes() -> None:
    """No counter, no chance, no clock in a chart."""
    drawn = {trend("t", "T", "W", DAYS, [Series("A", tuple(range(10)))], percent) for _ in range(3)}
    assert len(drawn) == 1


def _tokens(scheme: str) -> dict[str, str]:
    """The colour tokens of the stylesheet in a scheme."""
    text = STYLESHEET.read_text("utf-8")
    light, dark = text.split("prefers-color-scheme: dark", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.split("* {", 1)[0]))
    return found


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_lines_of_charts_have_contrast(scheme: str) -> None:
    """4.5 for texts on every step of darkness, 3 for lines on the sheet, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""
    tokens = _tokens(scheme)
    for level in range(LEVELS + 1):
        ink = tokens["h-ink-deep" if level > 3 else "h-ink"]
        assert _contrast(ink, tokens[f"h{level}"]) >= 4.5, (scheme, level)
    assert _contrast(tokens["ink-soft"], tokens["sheet"]) >= 4.5
    for line in ("c0", "c1", "c2", "c3"):
        assert _contrast(tokens[line], tokens["sheet"]) >= 3, (scheme, line)


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_rounded_half_up_to_a_hundredth_of_a_percent(part: int, whole: int) -> None:
    """Within half a step of the true share, in whole numbers."""
    found = bps(part, whole)
    assert found is not None
    assert -whole < 2 * (found * whole - part * 10_000) <= whole
