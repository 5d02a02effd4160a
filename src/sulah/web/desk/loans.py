"""The list of loans: filtered, sorted and paged at the server."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.measures import has_measures
from sulah.adapters.book.reader import LINES, Condition, Day, equals, one_of, truth
from sulah.kernel.terms import AssetClass, Sma
from sulah.web.desk.book import BUCKETS, by_part
from sulah.web.members import LABELS, NOT_GIVEN, worse_than
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out, too_many
from sulah.web.words import words

PAGE_ROWS = 50
MEMBERS = {"officer": "officer_id", "pincode": "pincode", "vintage": "vintage", "channel": "acquisition_channel"}
MEMBERS |= {"ticket_band": "ticket_band", "state": "state", "district": "district"}
"""Dimensions of the measures by which the list is narrowed, as the address names them, with their column."""
OPENINGS = {"month": "open_place", "day": "before_place"}
"""Since when a loan rolled, with the column that says where it stood then."""
SORTS = ("dpd", "overdue_paise", "outstanding_principal_paise", "loan_id", "branch_id", "oldest_unpaid_due_on", "last_paid_on")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list: its number from 1, how many there are, and the rows in all."""

    number: int
    rows: int

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.rows // PAGE_ROWS))

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * PAGE_ROWS

    @property
    def before(self) -> int | None:
        """The page before, if any."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The page after, if any."""
        return self.number + 1 if self.number < self.last else None

    @property
    def first_row(self) -> int:
        """Number of its first row, for words."""
        return min(self.offset + 1, self.rows)

    @property
    def last_row(self) -> int:
        """Number of its last row, for words."""
        return min(self.offset + PAGE_ROWS, self.rows)


def sheet_of(request: HttpRequest, rows: int) -> Sheet:
    """The page that ?page= asks for, kept between the first and the last."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
    return Sheet(min(max(1, number), Sheet(1, rows).last), rows)


def _asset_class(value: str) -> Condition:
    """The condition of ?class=: one class, or npa for all that are not standard."""
    return Condition("asset_class", "<>", "standard") if value == "npa" else equals("asset_class", value)


def conditions_of(request: HttpRequest, reach: Reach) -> tuple[Condition, ...]:
    """The conditions that the query asks for, within the reach; what is not a number where one is wanted is left out."""
    asked = request.GET
    found: list[Condition] = list(reach.conditions())
    for name, column in (("bucket", "bucket"), ("branch", "branch_id"), ("product", "product"), ("sma", "sma")):
        if asked.get(name) == NOT_GIVEN:
            found.append(Condition(column, "IS NULL"))
        elif asked.get(name):
            found.append(equals(column, asked[name]))
    if asked.get("class"):
        found.append(_asset_class(asked["class"]))
    over = asked.get("dpd_over", "")
    if over.isascii() and over.isdigit() and len(over) < 7:
        found.append(Condition("dpd", ">", int(over)))
    if asked.get("written_off") in ("yes", "no"):
        found.append(truth("written_off", is_true=asked["written_off"] == "yes"))
    if asked.get("written_off") == "no":
        found.append(truth("ended", is_true=False))
    return tuple(found)


def measured_conditions(request: HttpRequest) -> tuple[Condition, ...]:
    """What the query asks that only the measures know: members of a dimension, and where loans stood (?was=) and stand (?now=)."""
    asked = request.GET
    found: list[Condition] = []
    for name, column in MEMBERS.items():
        if asked.get(name) == NOT_GIVEN and column in ("state", "district"):
            found.append(equals(column, ""))
        elif asked.get(name) == NOT_GIVEN:
            found.append(Condition(column, "IS NULL"))
        elif asked.get(name):
            found.append(equals(column, asked[name]))
    if asked.get("was"):
        found.append(equals(OPENINGS.get(asked.get("since", ""), OPENINGS["month"]), asked["was"]))
    if asked.get("now") == "worse":
        found.append(one_of("place", worse_than(asked.get("was", ""))))
    elif asked.get("now"):
        found.append(equals("place", asked["now"]))
    return tuple(found)


def told(request: HttpRequest) -> list[tuple[str, str]]:
    """The measured filters of the address in words, so that the page says what it lists."""
    asked = request.GET
    found = [(LABELS[name], "not given" if asked[name] == NOT_GIVEN else asked[name]) for name in MEMBERS if asked.get(name)]
    if asked.get("was"):
        found.append(("Stood in", words(asked["was"]) + (" the day before" if asked.get("since") == "day" else " when the month opened")))
    if asked.get("now"):
        found.append(("Stands in", "a worse place" if asked["now"] == "worse" else words(asked["now"])))
    return found


def _found(day: Day, reach: Reach, text: str) -> tuple[Condition, ...]:
    """The conditions of a search by loan or borrower number, within the reach."""
    by_loan = (equals("loan_id", text), *reach.conditions())
    return by_loan if day.count("loan_line", where=by_loan) else (equals("borrower_id", text), *reach.conditions())


@page("loans")
def loans(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Loans of the day that meet the filters; a loan or borrower number in ?q= goes before them."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    measured = measured_conditions(request)
    line = "loan_measured" if measured and has_measures(run) else "loan_line"
    with day_of(run) as day:
        text = request.GET.get("q", "").strip()[:64]
        where = _found(day, reach, text) if text else conditions_of(request, reach)
        if measured and not text:
            # a day from before the measures knows no answer: no loan is listed rather than all
            where = (*where, *measured) if line == "loan_measured" else (one_of("loan_id", ()),)
        sort = request.GET.get("sort", "-dpd")
        sort = sort if sort.lstrip("-") in SORTS and sort.count("-") <= 1 else "-dpd"
        sheet = sheet_of(request, day.count(line, where=where))
        if asks_for(request, "loans"):
            long = too_many(request, sheet.rows, "position", run.as_of)
            found = [] if long else day.rows(line, where=where, order=(sort, "loan_id"))
            return long or taken_out(request, reach, "loans", run.as_of, tuple(LINES[line].columns), found)
        rows = day.rows(line, where=where, order=(sort, "loan_id"), limit=PAGE_ROWS, offset=sheet.offset)
        context = {"run": run, "reach": reach, "rows": rows, "sheet": sheet, "sort": sort, "text": text}
        context |= {"told": [] if text else told(request), "choices": _choices(day, reach), "kept": [*MEMBERS, "was", "now", "since"]}
        return render(request, "loans.html", context)


def _choices(day: Day, reach: Reach) -> dict[str, Any]:
    """The values of each filter of the form."""
    return {
        "branch": [row["part"] for row in by_part(day, reach, "branch_id") if row["part"]],
        "product": [row["part"] for row in by_part(day, reach, "product")],
        "bucket": BUCKETS,
        "sma": [sma.value for sma in Sma],
        "class": ["npa", *(kind.value for kind in AssetClass)],
    }
