"""Where in India the book stands: states as tiles, then districts and PIN codes as sorted bars, from the day's small cells."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.adapters.book.reader import Condition, Day, Row, clause_of, equals
from sulah.contracts.measure_day import PAR_DAYS
from sulah.insight.rates import share_bps
from sulah.web.charts.india import tile_of
from sulah.web.charts.tiles import tiles
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.figures import without_measures
from sulah.web.members import NOT_GIVEN, loans_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import percent

LEVELS = {"state": "state", "district": "district", "pincode": "member"}
"""Each level of the map, with its column among the day's cells by PIN code."""
BELOW = {"state": "district", "district": "pincode"}
SORTS = ("share", "principal_paise", "loans", "part")
COLUMNS = ("part", "loans", "principal_paise", "overdue_paise", "late_loans", "late_paise")
_SUMS = (
    "CAST(sum(loans) AS BIGINT) AS loans, CAST(sum(principal_paise) AS BIGINT) AS principal_paise, "
    "CAST(sum(overdue_paise) AS BIGINT) AS overdue_paise, "
    "CAST(coalesce(sum(loans) FILTER (WHERE over_days >= ?), 0) AS BIGINT) AS late_loans, "
    "CAST(coalesce(sum(principal_paise) FILTER (WHERE over_days >= ?), 0) AS BIGINT) AS late_paise"
)


def parts_of(day: Day, level: str, days: int, where: Sequence[Condition]) -> list[Row]:
    """Loans, principal, overdue and what of it is beyond so many days, by state, district or PIN code; the book's loans only.

    The cells know 1, 30, 60, 90 and 180 days; other limits are a programmer's error.
    """
    if days not in PAR_DAYS:
        raise ValueError(f"no cells beyond {days} days")
    live = (equals("dimension", "pincode"), Condition("place", "NOT IN", ("closed", "written_off")), *where)
    clause, params = clause_of("roll_cell", live)
    column = LEVELS[level]
    sql = f"SELECT {column} AS part, {_SUMS} FROM roll_cell{clause} GROUP BY {column} ORDER BY {column}"
    return day.query(sql, [days, days, *params], "roll_cell")


def picture_of(rows: Sequence[Row], days: int) -> tuple[SafeString | None, list[Row]]:
    """The tiles of the states that are on the picture, and the rows that are not; no picture when none is."""
    values: dict[str, tuple[int, int]] = {}
    apart = []
    for row in rows:
        tile = tile_of(row["part"])
        if tile is None:
            apart.append(row)
        else:
            late, whole = values.get(tile.code, (0, 0))
            values[tile.code] = (late + row["late_paise"], whole + row["principal_paise"])
    shares = {code: share_bps(*pair) or 0 for code, pair in values.items()}
    if not shares:
        return None, apart
    worst = max(shares, key=lambda code: (shares[code], code))
    told = f"{len(shares)} states with loans; the highest is {worst} with {percent(shares[worst])}. The table below holds each."
    title = f"PAR {days} by state, in percent"
    return tiles("india", title, told, shares, lambda points: f"{points // 100}.{points % 100 // 10}"), apart


def _asked(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """The level that is listed, and the place within which: all states, a state's districts, a district's PIN codes."""
    inside = {name: request.GET[name] for name in ("state", "district") if request.GET.get(name)}
    level = "pincode" if "district" in inside else "district" if "state" in inside else request.GET.get("level", "state")
    return (level if level in LEVELS else "state"), inside


def _member(text: str) -> str:
    return "" if text == NOT_GIVEN else text


def _line(row: Row, level: str, days: int, inside: dict[str, str]) -> dict[str, Any]:
    """A row with its share, its loans and the place below it."""
    part = str(row["part"])
    further = {**inside, level: part or NOT_GIVEN, "par": days} if level in BELOW else {}
    return {
        **row,
        "share": share_bps(row["late_paise"], row["principal_paise"]),
        "loans_href": loans_of(level, part, written_off="no"),
        "late_href": loans_of(level, part, written_off="no", dpd_over=days),
        "below": f"?{urlencode(further)}" if further else "",
    }


@page("places")
def places(request: HttpRequest, reach: Reach) -> HttpResponse:
    """PAR by state as a picture and by state, district or PIN code as bars; ?par= chooses the days; out as ?csv=places."""
    run = chosen_run(request)
    missing = without_measures(request, reach, run)
    if missing is not None or run is None:
        return missing or HttpResponse(status=404)
    asked = request.GET.get("par", "")
    days = int(asked) if asked in map(str, PAR_DAYS) else 30
    level, inside = _asked(request)
    with day_of(run) as day:
        states = parts_of(day, "state", days, reach.conditions())
        where = (*reach.conditions(), *(equals(name, _member(value)) for name, value in inside.items()))
        found = states if level == "state" else parts_of(day, level, days, where)
    if asks_for(request, "places"):
        return taken_out(request, reach, f"places-{level}-par{days}", run.as_of, COLUMNS, found)
    sort = request.GET.get("sort", "-share")
    sort = sort if sort.removeprefix("-") in SORTS else "-share"
    lines = sorted((_line(row, level, days, inside) for row in found), key=lambda line: str(line["part"]))
    lines.sort(key=lambda line: line[sort.removeprefix("-")] or ("" if sort.endswith("part") else 0), reverse=sort.startswith("-"))
    sheet = sheet_of(request, len(lines))
    picture, apart = picture_of(states, days)
    context = {"run": run, "reach": reach, "par": days, "limits": PAR_DAYS, "level": level, "within": inside, "picture": picture}
    context |= {"apart": apart, "sheet": sheet, "sort": sort, "lines": lines[sheet.offset : sheet.offset + PAGE_ROWS]}
    context |= {"most": max((line["share"] or 0 for line in lines), default=0), "levels": list(LEVELS), "below": BELOW.get(level, "")}
    return render(request, "places.html", context)
