"""How good the lender's files are, and how that moves: loads, refused rows, codes, and differences from the lender's own figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.adapters.book.measures import ledger
from sulah.adapters.book.reader import Row
from sulah.contracts.registry import TABLES
from sulah.kernel.dates import day_text
from sulah.kernel.terms import LoadState
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.web.charts.trend import Series, trend
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import bps, grouped, percent

MOST = 60
"""Loads and days that the page goes back."""
CODES_SHOWN = 15
LOAD_COLUMNS = ("load", "as_of", "state", "files", "rows", "loaded", "quarantined", "paise", "paise_quarantined", "ties")
DAY_COLUMNS = ("as_of", "load", "differences", "loans")


@dataclass(frozen=True, slots=True)
class CodeMove:
    """How often a code was found in the latest load, and in the load before."""

    table: str
    code: str
    severity: str
    words: str
    now: int
    before: int | None

    @property
    def more(self) -> int | None:
        """How many more than before; None without a load before."""
        return None if self.before is None else self.now - self.before


def load_lines() -> list[dict[str, Any]]:
    """The latest loads, newest first, with the sums of their files; a copy of a row counts in rows and in neither other sum."""
    sums = {name: Sum(f"files__{name}") for name in ("rows", "loaded", "quarantined", "paise", "paise_quarantined")}
    found = Load.objects.order_by("-as_of", "-version").annotate(**{f"sum_{name}": value for name, value in sums.items()})[:MOST]
    lines = []
    for load in found:
        ties = list(load.report.get("files", ()))
        line: dict[str, Any] = {"load": load.pk, "as_of": load.as_of, "state": load.state, "files": len(ties)}
        line |= {name: getattr(load, f"sum_{name}") or 0 for name in sums}
        other = sum(int(file.get("duplicates", 0)) + int(file.get("removed", 0)) for file in ties)
        line["ties"] = line["rows"] == line["loaded"] + line["quarantined"] + other
        lines.append(line)
    return lines


def latest_by_day(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One load a business date, the latest that was not rejected or undone, oldest first: what a trend is drawn of."""
    standing = (line for line in lines if line["state"] in (LoadState.ACCEPTED, LoadState.HELD))
    chosen: dict[date, Mapping[str, Any]] = {}
    for line in standing:
        chosen.setdefault(line["as_of"], line)
    return [chosen[day] for day in sorted(chosen)]


def code_moves() -> tuple[list[CodeMove], str, str]:
    """The codes of the latest load with their counts before, most first, and the ids of both loads; empty texts where there is none."""
    loads = list(Load.objects.exclude(state__in=[LoadState.REJECTED, LoadState.UNDONE]).order_by("-as_of", "-version")[:2])
    if not loads:
        return [], "", ""
    counts = [{(one["table"], one["code"]): one for one in load.report.get("codes", ())} for load in loads]
    before = counts[1] if len(loads) > 1 else None
    moves = []
    for table, code in counts[0].keys() | (before or {}).keys():
        one = counts[0].get((table, code)) or (before or {})[table, code]
        now = int(counts[0].get((table, code), {}).get("count", 0))
        earlier = None if before is None else int(before.get((table, code), {}).get("count", 0))
        moves.append(CodeMove(table, code, str(one["severity"]), str(one.get("words", "")), now, earlier))
    moves.sort(key=lambda move: (-move.now, -(move.before or 0), move.table, move.code))
    return moves, loads[0].pk, loads[1].pk if len(loads) > 1 else ""


def day_lines(reach: Reach) -> list[dict[str, Any]]:
    """Differences of each committed day, oldest first.

    Whoever sees the whole lender gets the counts of the ledger; for some branches the day's small list of differences is counted.
    """
    runs = list(DayRun.objects.select_related("load").defer("policy").order_by("-as_of")[:MOST])[::-1]
    return [{"as_of": run.as_of, "load": run.load_id, **_difference_counts(run, reach)} for run in runs]


def ledger_lines(run: DayRun | None, reach: Reach) -> list[Row]:
    """The lender's ledger totals beside ours on the day, within reach: totals of the whole lender are for those who see all of it."""
    if run is None or not run.tables.get("ledger_match"):
        return []
    with day_of(run) as day:
        return ledger(day, reach.conditions())


def _difference_counts(run: DayRun, reach: Reach) -> dict[str, Any]:
    if reach.whole_lender and "difference" in run.counts:
        return {"differences": int(run.counts["difference"]), "loans": int(run.counts.get("position", 0)) or None}
    with day_of(run) as day:
        loans = sum(row["loans"] for row in day.rows("book_day", where=reach.conditions()))
        return {"differences": day.count("difference", where=reach.conditions()), "loans": loans}


def _refused_chart(lines: Sequence[Mapping[str, Any]]) -> SafeString:
    days = [line["as_of"] for line in lines]
    refused = Series("Refused", tuple(line["quarantined"] for line in lines))
    return trend("refused", "Rows refused in each load", _told(days, refused, grouped), days, [refused], grouped)


def _difference_chart(lines: Sequence[Mapping[str, Any]]) -> SafeString:
    days = [line["as_of"] for line in lines]
    shares = Series("Differences", tuple(bps(line["differences"], line["loans"]) for line in lines))
    title = "Differences from the lender’s figures, per hundred loans"
    return trend("different", title, _told(days, shares, percent), days, [shares], percent)


def _told(days: Sequence[date], series: Series, say: Callable[[int], str]) -> str:
    """A line in one sentence: where it began, where it stands."""
    known = [(day, value) for day, value in zip(days, series.values, strict=True) if value is not None]
    if not known:
        return "No figure yet."
    (first, began), (last, stands) = known[0], known[-1]
    return f"{say(began)} on {day_text(first)}, {say(stands)} on {day_text(last)}. The table below holds each day."


@page("quality")
def quality(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Loads, codes and differences with their trend; tables out as ?csv=loads, codes or days."""
    run = chosen_run(request)
    loads, days = load_lines(), day_lines(reach)
    moves, latest, before = code_moves()
    if asks_for(request, "loads"):
        return taken_out(request, reach, "loads", None, LOAD_COLUMNS, loads)
    if asks_for(request, "codes"):
        rows = [
            {"table": move.table, "code": move.code, "severity": move.severity, "now": move.now, "before": move.before} for move in moves
        ]
        return taken_out(request, reach, "codes", None, ("table", "code", "severity", "now", "before"), rows)
    if asks_for(request, "days"):
        return taken_out(request, reach, "differences_by_day", None, DAY_COLUMNS, days)
    tied = ledger_lines(run, reach)
    if asks_for(request, "ledger") and run is not None:
        return taken_out(request, reach, "ledger", run.as_of, TABLES["ledger_match"].names, tied)
    if not loads:
        return render(request, "book_empty.html", {"reach": reach, "run": run})
    trended = latest_by_day(loads)
    context = {
        "reach": reach,
        "loads": loads,
        "held": [line for line in loads if line["state"] == LoadState.HELD],
        "last": trended[-1] if trended else None,
        "last_day": days[-1] if days else None,
        "refused_chart": _refused_chart(trended),
        "difference_chart": _difference_chart(days),
        "by_day": days[::-1],
        "moves": moves[:CODES_SHOWN],
        "left": len(moves) - len(moves[:CODES_SHOWN]),
        "latest": latest,
        "ledger": tied,
        "run": run,
        "before": before,
    }
    return render(request, "quality.html", context)
