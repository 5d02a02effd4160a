"""The book today: what stands where on the day-end, every number a door to its rows and its rule."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.measures import has_measures, totals
from sulah.adapters.book.reader import Day, Row, clause_of, truth
from sulah.contracts.measure_day import PAR_DAYS
from sulah.records.dayrun import DayRun
from sulah.web.desk.work import is_past, work_of
from sulah.web.figures import rated
from sulah.web.reach import Reach, page
from sulah.web.rulebook import Rulebook
from sulah.web.standing import chosen_run, day_of, rules_of
from sulah.web.take_out import asks_for, taken_out

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+")
PART_COLUMNS = ("part", "loans", "outstanding_paise", "overdue_paise", "par_30_paise", "npa_loans")
PARTS_OUT = {"buckets": "bucket", "branches": "branch_id", "products": "product"}
"""Tables of the page that can be taken out, with the column that they are by."""
_MEASURES = (
    "CAST(sum(loans) AS BIGINT) AS loans, CAST(sum(outstanding_principal_paise) AS BIGINT) AS outstanding_paise, "
    "CAST(sum(overdue_paise) AS BIGINT) AS overdue_paise, "
    "CAST(coalesce(sum(outstanding_principal_paise) FILTER (WHERE bucket NOT IN ('current', '1-30')), 0) AS BIGINT) AS par_30_paise, "
    "CAST(coalesce(sum(loans) FILTER (WHERE asset_class <> 'standard'), 0) AS BIGINT) AS npa_loans"
)


@dataclass(frozen=True, slots=True)
class Par:
    """Portfolio at risk beyond some days: outstanding principal of loans with dpd > days, and their number."""

    days: int
    loans: int
    outstanding_paise: int


def by_part(day: Day, reach: Reach, part: str) -> list[Row]:
    """Loans, outstanding principal, overdue, PAR 30 and NPA loans by one column of book_day, written-off loans apart."""
    clause, params = clause_of("book_day", (truth("written_off", is_true=False), *reach.conditions()))
    sql = f"SELECT {part} AS part, {_MEASURES} FROM book_day{clause} GROUP BY {part} ORDER BY part"
    return day.query(sql, params, "book_day")


def written_off(day: Day, reach: Reach) -> Row:
    """The written-off loans, which stand apart."""
    clause, params = clause_of("book_day", (truth("written_off", is_true=True), *reach.conditions()))
    sql = (
        "SELECT CAST(coalesce(sum(loans), 0) AS BIGINT) AS loans, "
        f"CAST(coalesce(sum(outstanding_principal_paise), 0) AS BIGINT) AS outstanding_paise FROM book_day{clause}"
    )
    return day.query(sql, params, "book_day")[0]


def par_of(day: Day, reach: Reach) -> list[Par]:
    """PAR beyond each limit from the measures of the day; a day from before they were made reads the positions themselves."""
    if has_measures(day.run):
        whole = totals(day, reach.conditions())
        return [Par(days, whole[f"par_{days}_loans"], whole[f"par_{days}_paise"]) for days in PAR_DAYS]
    clause, params = clause_of("loan_line", (truth("written_off", is_true=False), *reach.conditions()))
    listed = ", ".join(
        f"CAST(count(*) FILTER (WHERE p.dpd > {days}) AS BIGINT) AS loans_{days}, "
        f"CAST(coalesce(sum(p.outstanding_principal_paise) FILTER (WHERE p.dpd > {days}), 0) AS BIGINT) AS paise_{days}"
        for days in PAR_DAYS
    )
    sql = f"SELECT {listed} FROM position AS p JOIN account AS a ON a.loan_id = p.loan_id{clause}"
    row = day.query(sql, params, "position", "account")[0]
    return [Par(days, row[f"loans_{days}"], row[f"paise_{days}"]) for days in PAR_DAYS]


def _buckets(rows: list[Row], rules: Rulebook) -> list[dict[str, Any]]:
    """All seven buckets in order, empty ones too, each with its rule."""
    found = {str(row["part"]): row for row in rows}
    empty = {"loans": 0, "outstanding_paise": 0, "overdue_paise": 0}
    return [{**empty, **found.get(bucket, {}), "part": bucket, "rule": rules.match("bucket", bucket=bucket)} for bucket in BUCKETS]


def _stress(day: Day, reach: Reach, rules: Rulebook) -> list[dict[str, Any]]:
    """SMA-0, SMA-1, SMA-2 and NPA: loans and outstanding principal, each with its rule and the filter that lists its rows."""
    found = {str(row["part"]): row for row in by_part(day, reach, "sma")}
    lines: list[dict[str, Any]] = []
    for sma in ("sma_0", "sma_1", "sma_2"):
        row = found.get(sma, {"loans": 0, "outstanding_paise": 0})
        lines.append({**row, "part": sma, "sma": sma, "rule": rules.match("asset_limit", **{"class": sma})})
    classes = [row for row in by_part(day, reach, "asset_class") if row["part"] != "standard"]
    npa = {"loans": sum(row["loans"] for row in classes), "outstanding_paise": sum(row["outstanding_paise"] for row in classes)}
    lines.append({**npa, "part": "npa", "asset_class": "npa", "rule": rules.match("asset_limit", **{"class": "npa"})})
    return lines


def _counts(run: DayRun, day: Day, reach: Reach) -> dict[str, int]:
    """What waits for people: worklist, differences, quarantined rows."""
    counts = {"worklist": work_of(run, day, reach).count({})}
    if reach.opens("differences"):
        counts["differences"] = day.count("difference", where=reach.conditions())
    if reach.opens("quarantine"):
        counts["quarantine"] = sum(run.load.files.values_list("quarantined", flat=True))
    return counts


@page("book")
def book(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The first page; before any day has run, or for an agency without work, it says so and what comes next."""
    run = chosen_run(request)
    if run is None or not reach.opens("loans"):
        return render(request, "book_empty.html", {"reach": reach, "run": run})
    rules = rules_of(run)
    with day_of(run) as day:
        for name, part in PARTS_OUT.items():
            if asks_for(request, name):
                return taken_out(request, reach, name, run.as_of, PART_COLUMNS, by_part(day, reach, part))
        buckets = _buckets(by_part(day, reach, "bucket"), rules)
        provision = day.rows("provision_book", order=("leg",)) if reach.whole_lender else []
        context = {
            "run": run,
            "reach": reach,
            "buckets": buckets,
            "most_past_due": max(bucket["outstanding_paise"] for bucket in buckets[1:]),
            "loans": sum(bucket["loans"] for bucket in buckets),
            "outstanding": sum(bucket["outstanding_paise"] for bucket in buckets),
            "overdue": sum(bucket["overdue_paise"] for bucket in buckets),
            "par": par_of(day, reach),
            "stress": _stress(day, reach, rules),
            "branches": by_part(day, reach, "branch_id"),
            "products": by_part(day, reach, "product"),
            "written_off": written_off(day, reach),
            "provision": [row for row in provision if row["leg"] != "total"],
            "provision_total": next((row for row in provision if row["leg"] == "total"), None),
            "counts": _counts(run, day, reach),
            "month": rated(totals(day, reach.conditions())) if has_measures(run) and reach.opens("trend") else None,
            "past": is_past(run),
        }
        return render(request, "book.html", context)
