"""The list of loans: filtered, sorted and paged at the server."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Day, equals, truth
from sulah.kernel.terms import AssetClass, Sma
from sulah.web.desk.book import BUCKETS, by_part
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of

PAGE_ROWS = 50
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
        if asked.get(name):
            found.append(equals(column, asked[name]))
    if asked.get("class"):
        found.append(_asset_class(asked["class"]))
    over = asked.get("dpd_over", "")
    if over.isascii() and over.isdigit() and len(over) < 7:
        found.append(Condition("dpd", ">", int(over)))
    if asked.get("written_off") in ("yes", "no"):
        found.append(truth("written_off", is_true=asked["written_off"] == "yes"))
    return tuple(found)


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
    with day_of(run) as day:
        text = request.GET.get("q", "").strip()[:64]
        where = _found(day, reach, text) if text else conditions_of(request, reach)
        sort = request.GET.get("sort", "-dpd")
        sort = sort if sort.lstrip("-") in SORTS and sort.count("-") <= 1 else "-dpd"
        sheet = sheet_of(request, day.count("loan_line", where=where))
        rows = day.rows("loan_line", where=where, order=(sort, "loan_id"), limit=PAGE_ROWS, offset=sheet.offset)
        context = {
            "run": run,
            "reach": reach,
            "rows": rows,
            "sheet": sheet,
            "sort": sort,
            "text": text,
            "choices": {
                "branch": [row["part"] for row in by_part(day, reach, "branch_id") if row["part"]],
                "product": [row["part"] for row in by_part(day, reach, "product")],
                "bucket": BUCKETS,
                "sma": [sma.value for sma in Sma],
                "class": ["npa", *(kind.value for kind in AssetClass)],
            },
        }
        return render(request, "loans.html", context)
