"""The measures of a day as pages show them: rates of each row, the dimensions a reader may choose, and doors to the loans behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.measures import WHOLE_LENDER, first_anchor, has_measures
from sulah.adapters.book.reader import Row
from sulah.contracts.measure_day import DIMENSIONS, PAR_DAYS
from sulah.insight.rates import efficiency_of, share_bps
from sulah.records.dayrun import DayRun
from sulah.web.members import LABELS
from sulah.web.reach import Reach


def offered(reach: Reach) -> list[tuple[str, str]]:
    """The dimensions that a reader may choose: cuts of the whole lender only for those who see all of it."""
    return [(name, LABELS[name]) for name in DIMENSIONS if reach.whole_lender or name not in WHOLE_LENDER]


def chosen_dimension(request: HttpRequest, reach: Reach, otherwise: str) -> str:
    """The dimension of ?by=, within what is offered."""
    asked = request.GET.get("by", "")
    return asked if asked in dict(offered(reach)) else otherwise


def without_measures(request: HttpRequest, reach: Reach, run: DayRun | None) -> HttpResponse | None:
    """The page for a lender without a day, or a day from before measures were made; None when there are measures."""
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    if not has_measures(run):
        return render(request, "measures_empty.html", {"reach": reach, "run": run})
    return None


def rated(row: Mapping[str, Any], *, by_age: bool = False) -> dict[str, Any]:
    """A row of measures with its rates in hundredths of a percent; by_age says which of the two provisions counts."""
    found = efficiency_of(row)
    kind = "provision_aged_paise" if by_age else "provision_paise"
    anchored = row["open_on"] is not None
    rates: dict[str, Any] = {f"par_{days}": share_bps(row[f"par_{days}_paise"], row["principal_paise"]) for days in PAR_DAYS}
    rates |= {
        "current": found.current_bps if found else None,
        "arrears": found.overdue_bps if found else None,
        "total": found.total_bps if found else None,
        "forward": share_bps(row["forward_paise"], row["open_principal_paise"]) if anchored else None,
        "back": share_bps(row["back_paise"], row["open_principal_paise"]) if anchored else None,
        "provided": row[kind],
        "provision_move": row[kind] - row[f"open_{kind}"] if anchored else None,
    }
    return {**row, **rates}


def anchor_words(run: DayRun, rows: Sequence[Row]) -> dict[str, Any]:
    """What a page says of the month's opening: its day, or the month-end that will be the first."""
    opened = next((row["open_on"] for row in rows if row["open_on"] is not None), None)
    return {"open_on": opened, "first_anchor": first_anchor(run.as_of)}
