"""Cohorts whose roll rate left its band: since when, by how much, by which rule, and the loans that rolled."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.measures import alerts as alert_rows
from sulah.adapters.book.measures import has_measures, totals
from sulah.adapters.book.reader import Condition, Row, one_of
from sulah.contracts.registry import TABLES
from sulah.insight.rates import share_bps
from sulah.records.dayrun import DayRun
from sulah.web.figures import anchor_words, without_measures
from sulah.web.members import BUCKETS, LABELS, loans_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of, rules_of
from sulah.web.supervise.history import rows_over, runs_to
from sulah.web.take_out import asks_for, taken_out

LOOKED_BACK = 60
"""Calendar days in which the beginning of an alert is looked for."""
_KEY = ("dimension", "member", "branch_id", "open_place")
COLUMNS = ("since", *TABLES["roll_alert"].names)


def within(reach: Reach) -> tuple[Condition, ...]:
    """Alerts within reach: somebody of some branches sees those of the branches, not the whole lender's."""
    return () if reach.branches is None else (one_of("branch_id", reach.branches),)


def since_when(run: DayRun, rows: Sequence[Row], reach: Reach) -> dict[tuple[str, ...], date]:
    """For each alert of the day the first of the unbroken run of committed days on which the cohort was outside its band."""
    runs = [one for one in runs_to(run, LOOKED_BACK) if has_measures(one)]
    found = rows_over(runs, "roll_alert", f"as_of, {', '.join(_KEY)}", within(reach), "ORDER BY as_of")
    outside: dict[date, set[tuple[str, ...]]] = {}
    for row in found:
        outside.setdefault(row["as_of"], set()).add(tuple(row[name] for name in _KEY))
    since: dict[tuple[str, ...], date] = {}
    for row in rows:
        key = tuple(row[name] for name in _KEY)
        since[key] = run.as_of
        for one in reversed(runs):
            if key not in outside.get(one.as_of, ()):
                break
            since[key] = one.as_of
    return since


def _line(row: Row, since: date) -> dict[str, Any]:
    dimension = str(row["dimension"])
    asked: dict[str, object] = {"was": row["open_place"], "now": "worse" if row["side"] == "above" else "", "since": "month"}
    if row["branch_id"] and dimension != "branch":
        asked["branch"] = row["branch_id"]
    return {
        **row,
        "since": since,
        "label": LABELS.get(dimension, "Whole book"),
        "rate": share_bps(row["forward_paise"], row["open_principal_paise"]),
        "href": loans_of(dimension, str(row["member"]), **asked),
    }


@page("alerts")
def alerts(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Alerts of the day within reach, largest rolled principal first, with the bands in force; out as ?csv=alerts."""
    run = chosen_run(request)
    missing = without_measures(request, reach, run)
    if missing is not None or run is None:
        return missing or HttpResponse(status=404)
    with day_of(run) as day:
        found = alert_rows(day, reach.branches)
        whole = totals(day, reach.conditions())
    since = since_when(run, found, reach)
    lines = [_line(row, since[tuple(row[name] for name in _KEY)]) for row in found]
    if asks_for(request, "alerts"):
        return taken_out(request, reach, "alerts", run.as_of, COLUMNS, lines)
    bands = sorted(rules_of(run).rows("roll_band"), key=lambda band: BUCKETS.index(band["bucket"]))
    context = {"run": run, "reach": reach, "lines": lines, "bands": bands, **anchor_words(run, [whole])}
    return render(request, "alerts.html", context)
