"""Every table of measures equals what the oracle works out from the exported tables, on sixty random dates of three books."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from sulah.contracts.measure_day import DIMENSIONS, PAR_DAYS
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Kind
from tests.depth import some_of
from tests.measures.days import DIRECTORY, Stood, random_days
from tests.measures.oracle import CUTS, LATE, lost, matrix, measures, members, moves

NUMBERS = tuple(column.name for column in TABLES["measure_day"].columns if column.kind in (Kind.INTEGER, Kind.PAISE))

COHORT = (
    *("loans", "entry_principal_paise", "entry_overdue_paise", "collected_paise", "principal_paise"),
    *("current_loans", "closed_loans", "written_off_loans"),
)


BOOKS = [
    (61, "nbfc_ml", date(2023, 12, 20), ()),  # a leap day, 29 Feb 2024, is a month-end
    (62, "nbfc_mfi", date(2025, 1, 10), (date(2025, 3, 31),)),  # a month-end that never ran
    (63, "sfb", date(2025, 8, 31), ()),  # the first day is a month-end
]
"""Seed, kind of lender, first date, and days that never ran: twenty dates of each book."""


def check_measures(day: Stood) -> None:
    """measure_day, all dimensions and members, number by number."""
    theirs = measures(day.today, day.opening, DIRECTORY)
    ours = {(row["dimension"], row["member"], row["branch_id"]): row for row in day.rows("measure_day")}
    assert set(ours) == set(theirs)
    for key, row in ours.items():
        assert row["open_on"] == (day.opening.on if day.opening else None)
        wrong = {name: (row[name], theirs[key][name]) for name in NUMBERS if row[name] != theirs[key][name]}
        assert wrong == {}, (day.on, key)


def check_matrix(day: Stood) -> None:
    """The month's roll matrix and provisioning effect, and the day's moves, each from every dimension alike."""
    if day.opening:
        theirs = matrix(day.today, day.opening)
        for dimension in ("product", "officer", "pincode", "vintage", "channel", "ticket_band"):
            ours: Counter[tuple[str, str, str]] = Counter()
            for row in day.rows("roll_cell"):
                if row["dimension"] == dimension:
                    key = ("new" if row["open_place"] in LATE else row["open_place"], row["place"])
                    then = (row["open_provision_paise"] or 0) + (row["open_provision_aged_paise"] or 0)
                    ours[(*key, "loans")] += row["loans"]
                    ours[(*key, "paise")] += 0 if key[0] == "new" else row["open_principal_paise"] or 0
                    ours[(*key, "provision")] += row["provision_paise"] + row["provision_aged_paise"] - then
            assert ours == theirs, (day.on, dimension)
    if day.before:
        moved: Counter[tuple[str, str, str]] = Counter()
        for row in day.rows("roll_move"):
            if row["dimension"] == "officer":
                moved[row["before_place"], row["place"], "loans"] += row["loans"]
                moved[row["before_place"], row["place"], "paise"] += row["before_principal_paise"] or 0
        assert moved == moves(day.today, day.before)


def check_vintages(day: Stood) -> None:
    """vintage_day from accounts, positions, and what was ever seen."""
    theirs: dict[tuple[str, str], Counter[str]] = {}
    for name, loan in day.today.loans.items():
        account, row = loan.account, loan.position
        found = theirs.setdefault((account["disbursed_on"].isoformat()[:7], account["product"] or ""), Counter())
        found["loans"] += 1
        found["disbursed_paise"] += account["principal_paise"]
        off = lost(account, day.on)
        for days in (30, 90):
            if row["dpd"] > days:
                found.update({f"par_{days}_loans": 1, f"par_{days}_paise": row["outstanding_principal_paise"]})
            if (name, f"par_{days}") in day.memory.entries:
                found.update({f"ever_{days}_loans": 1, f"ever_{days}_paise": day.memory.entries[name, f"par_{days}"][2]})
        if loan.place(day.on) == "written_off":
            found.update({"written_off_loans": 1, "written_off_paise": row["outstanding_principal_paise"]})
        found["principal_paise"] += 0 if off else row["outstanding_principal_paise"]
    ours = {(row["vintage"], row["product"]): row for row in day.rows("vintage_day")}
    assert set(ours) == set(theirs)
    for key, row in ours.items():
        year, month = (int(part) for part in key[0].split("-"))
        assert row["months_on_book"] == (day.on.year - year) * 12 + day.on.month - month
        assert {name: row[name] for name in theirs[key]} == dict(theirs[key]), (day.on, key)


def check_cohorts(day: Stood) -> None:
    """cohort_day from the first sight of each loan and what it paid since."""
    theirs: dict[tuple[object, ...], Counter[str]] = {}
    for (name, mark), (on, late, principal, overdue, paid) in day.memory.entries.items():
        loan = day.today.loans[name]
        place = loan.place(day.on)
        one = {"loans": 1, "entry_principal_paise": principal, "entry_overdue_paise": overdue, f"{place}_loans": 1}
        one |= {"collected_paise": loan.paid - paid, "principal_paise": loan.position["outstanding_principal_paise"]}
        for dimension, member in members(loan.account, DIRECTORY).items():
            branch = "" if dimension in CUTS else loan.account["branch_id"] or ""
            theirs.setdefault((mark, on.isoformat()[:7], late, dimension, member, branch), Counter()).update(one)
    ours = {tuple(row[k] for k in TABLES["cohort_day"].key): tuple(row[name] for name in COHORT) for row in day.rows("cohort_day")}
    assert ours == {key: tuple(found[name] for name in COHORT) for key, found in theirs.items()}, day.on


def check_sums(day: Stood) -> None:
    """Every dimension adds up to the same book, PAR falls with its days, the opening goes somewhere, and every rupee is applied."""
    books = {}
    for dimension in DIMENSIONS:
        rows = day.rows("measure_day")
        books[dimension] = {name: sum(row[name] for row in rows if row["dimension"] == dimension) for name in NUMBERS}
    assert all(book == books["branch"] for book in books.values())
    book = books["branch"]
    for what in ("loans", "paise"):
        par = [book["loans" if what == "loans" else "principal_paise"], *(book[f"par_{days}_{what}"] for days in PAR_DAYS)]
        assert par == sorted(par, reverse=True)
        went = sum(book[f"{way}_{what}"] for way in ("forward", "back", "same", "closed"))
        assert went == book["open_loans" if what == "loans" else "open_principal_paise"]
    live = [row for row in day.rows("loan_day") if row["month_due_paise"] is not None]
    received = sum(row["paid_paise"] - row["open_paid_paise"] for row in live)
    applied = book["applied_arrears_paise"] + book["applied_due_paise"] + book["ahead_paise"] - book["open_advance_paise"]
    assert received == applied + book["recovered_paise"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "entity", "first", "skip"),
    some_of(BOOKS, 1),
)
def test_twenty_random_dates_of_a_book(tmp_path: Path, seed: int, entity: str, first: date, skip: tuple[date, ...]) -> None:
    """Month-ends and twenty random dates over five loads: measures, roll matrices, vintages and cohorts are the oracle's."""
    seen = Counter[str]()
    for day in random_days(tmp_path, seed, entity, 160, 20, first, skip=skip):
        check_measures(day)
        check_sums(day)
        check_matrix(day)
        check_vintages(day)
        check_cohorts(day)
        seen["anchored" if day.opening else "no anchor"] += 1
    assert seen["anchored"] >= 20
    assert seen["no anchor"] >= 1
