"""The roll matrix: where loans stood at the opening and where they stand now, by number or by principal, each cell a door to its loans."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.adapters.book.measures import has_measures, provision_by_age, roll_matrix, totals
from sulah.adapters.book.reader import Day, Row, equals
from sulah.insight.rates import share_bps
from sulah.kernel.dates import day_text
from sulah.records.dayrun import DayRun
from sulah.web.charts.tiles import level_of
from sulah.web.charts.trend import Series, trend
from sulah.web.figures import anchor_words, chosen_dimension, without_measures
from sulah.web.members import NOT_GIVEN, PLACES, loans_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.supervise.history import rows_over, runs_to
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import percent

FROM = (*PLACES[:-1], "new", "closed")
"""Rows of the matrix; a loan that was closed at the opening and is back counts as closed."""
PERIODS = ("month", "day")
SHOWN = ("paise", "loans")
COLUMNS = (
    "from_place",
    "place",
    "direction",
    "loans",
    "from_paise",
    "principal_paise",
    "provision_change_paise",
    "provision_aged_change_paise",
)
_SIGNS = {"forward": {"sign": "▲", "told": "rolled forward"}, "back": {"sign": "▽", "told": "rolled back"}}


def weight(row: Row, shown: str) -> int:
    """What a cell weighs: its loans, or their principal at the opening (today's for loans that are new)."""
    if shown == "loans":
        return int(row["loans"])
    return int((row["from_paise"] or row["principal_paise"] or 0) if row["from_place"] == "new" else row["from_paise"])


def grid(rows: Sequence[Row], shown: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The places that occur as columns, and one line for each place at the opening: its cells, its sum and its parts."""
    by_cell: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_cell.setdefault((row["from_place"], row["place"]), []).append(row)
    across = [place for place in PLACES if any(row["place"] == place for row in rows)]
    lines = []
    for origin in (place for place in FROM if any(row["from_place"] == place for row in rows)):
        found = {place: sum(weight(row, shown) for row in by_cell.get((origin, place), ())) for place in across}
        whole = sum(found.values())
        cells = [_cell(origin, place, found[place], whole, by_cell.get((origin, place), ())) for place in across]
        lines.append({"place": origin, "cells": cells, "whole": whole, "loans": sum(r["loans"] for r in rows if r["from_place"] == origin)})
    return across, lines


def _cell(origin: str, place: str, value: int, whole: int, rows: Sequence[Row]) -> dict[str, Any]:
    direction = rows[0]["direction"] if rows else ""
    level = 0 if direction in ("same", "new", "") else level_of(value, whole)
    return {
        "place": place,
        "value": value if rows else None,
        "share": share_bps(value, whole),
        "style": " ".join(part for part in (f"h{level}" if level else "", "stayed" if direction == "same" else "") if part),
        **_SIGNS.get(direction, {}),
        "loans": sum(row["loans"] for row in rows),
    }


def by_direction(rows: Sequence[Row], *, by_age: bool) -> list[dict[str, Any]]:
    """Forward, back, same, closed and new: loans, principal at the opening, and what they did to the provision."""
    name = "provision_aged_change_paise" if by_age else "provision_change_paise"
    lines = []
    for direction in ("forward", "back", "same", "closed", "new"):
        found = [row for row in rows if row["direction"] == direction]
        changes = [row[name] for row in found]
        lines.append(
            {
                "direction": direction,
                "loans": sum(row["loans"] for row in found),
                "paise": sum(weight(row, "paise") for row in found),
                "change": None if any(change is None for change in changes) else sum(changes),
            }
        )
    return lines


def roll_chart(run: DayRun, reach: Reach) -> SafeString:
    """Forward and back over the last thirty days, each of its own month so far; days without an anchor leave a gap."""
    runs = [one for one in runs_to(run, 30) if has_measures(one)]
    columns = "as_of, max(open_on) AS open_on, CAST(sum(forward_paise) AS BIGINT) AS forward, CAST(sum(back_paise) AS BIGINT) AS back, "
    columns += "CAST(sum(open_principal_paise) AS BIGINT) AS opening"
    found = rows_over(runs, "measure_day", columns, (equals("dimension", "branch"), *reach.conditions()), "GROUP BY as_of ORDER BY as_of")
    lines = [
        Series(label, tuple(share_bps(row[name], row["opening"]) if row["open_on"] else None for row in found))
        for label, name in (("Forward", "forward"), ("Back", "back"))
    ]
    told = "; ".join(f"{line.name} {percent(line.values[-1] if line.values else None)}" for line in lines)
    return trend(
        "rolled", "Rolled since the month opened", f"On {day_text(run.as_of)}: {told}.", [row["as_of"] for row in found], lines, percent
    )


def _chosen(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in allowed else allowed[0]


@page("rolls")
def rolls(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The matrix of ?period= (month or day) by ?show= (paise or loans), of all or of a ?member= of ?by=; out as ?csv=rolls."""
    run = chosen_run(request)
    missing = without_measures(request, reach, run)
    if missing is not None or run is None:
        return missing or HttpResponse(status=404)
    period, shown = _chosen(request, "period", PERIODS), _chosen(request, "show", SHOWN)
    given = request.GET.get("member", "")
    dimension = chosen_dimension(request, reach, "total") if given else "total"
    member = "" if given == NOT_GIVEN else given
    with day_of(run) as day:
        rows = roll_matrix(day, reach.conditions(), period=period, dimension=dimension, member=member)
        if asks_for(request, "rolls"):
            return taken_out(request, reach, f"rolls-{period}", run.as_of, COLUMNS, rows)
        whole = totals(day, reach.conditions())
        by_age = provision_by_age(day)
        before = _before(day)
    across, lines = grid(rows, shown)
    for line in lines:
        for cell in line["cells"]:
            cell["href"] = loans_of(dimension, member, was=line["place"], now=cell["place"], since=period)
    context = {"run": run, "reach": reach, "period": period, "shown": shown, "across": across, "lines": lines, "before": before}
    context |= {"directions": by_direction(rows, by_age=by_age), "dimension": dimension, "member": member}
    context |= {"chart": roll_chart(run, reach), **anchor_words(run, [whole])}
    return render(request, "rolls.html", context)


def _before(day: Day) -> Any:
    """The last committed day before this one, as the ledger names it."""
    return day.run.previous.as_of if day.run.previous_id and day.run.previous else None
