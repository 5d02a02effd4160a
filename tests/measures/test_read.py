"""What pages read: sums of the pre-aggregated rows within a person's reach, each figure with its loans behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.measures import (
    alert_since,
    alerts,
    by_dimension,
    cohorts,
    first_anchor,
    ledger,
    month_ends,
    roll_loans,
    roll_matrix,
    totals,
    trend,
    vintages,
)
from sulah.adapters.book.reader import Day, one_of
from sulah.kernel.terms import EntityType
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from tests.measures.stories import Told
from tests.paper import book, loan
from tests.policy.written import changed

NORTH = (one_of("branch_id", ("NORTH",)),)


@dataclass
class Stood:
    """Days of one lender, as readers find them: through an unsaved ledger row that names the files."""

    root: Path
    days: dict[str, Day] = field(default_factory=dict)

    def add(self, on: str, folder: Path) -> None:
        """Read a day's folder as a committed day."""
        tables = {
            path.parent.name: [{"file": str(path.relative_to(folder)), "sha256": sha256_of(path)}] for path in folder.glob("*/*.parquet")
        }
        run = DayRun(as_of=date.fromisoformat(on), path=str(folder.relative_to(self.root)), tables=tables, load=Load())
        day = Day(run, Lender(self.root.parent, "Test", EntityType.NBFC_ML))
        self.days[on] = day


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Day]]:
    """Two branches: in NORTH one of two current loans rolls on 6 Apr, in SOUTH one stays bad; 31 Mar is the opening."""
    root = tmp_path_factory.mktemp("lender") / "book"
    policy = changed("RBD-CURRENT", forward_to_bps=4_000, least_loans=1).for_entity(EntityType.NBFC_ML)
    told, found = Told(root, policy=policy), Stood(root)
    rolls = loan("ROLLS", [("2026-04-05", 1000)], branch_id="NORTH", officer_id="O1")
    stays = loan("STAYS", [("2026-12-01", 1000)], branch_id="NORTH", officer_id="O2")
    bad = loan("BAD", [("2026-02-01", 400), ("2026-12-01", 100)], [("2026-04-02", 100)], branch_id="SOUTH", product="JLG")
    told.load("2026-03-31", book(rolls, stays, bad))
    for on in ("2026-03-31", "2026-04-04", "2026-04-06", "2026-04-07"):
        found.add(on, told.day(on))
    yield found.days
    for day in found.days.values():
        day.__exit__()


def test_totals_are_of_the_branches_within_reach(stood: dict[str, Day]) -> None:
    """Sums over all, one branch, and none."""
    day = stood["2026-04-07"]
    assert [totals(day, where)["loans"] for where in ((), NORTH, (one_of("branch_id", ()),))] == [3, 2, 0]
    assert totals(day)["open_on"] == date(2026, 3, 31)
    assert totals(stood["2026-03-31"])["open_on"] is None


def test_a_dimension_lists_its_members_within_reach(stood: dict[str, Day]) -> None:
    """Largest first; cuts of the whole lender show nothing to somebody who sees one branch."""
    day = stood["2026-04-07"]
    assert [(row["member"], row["principal_paise"]) for row in by_dimension(day, "product")] == [("PL", 200_000), ("JLG", 40_000)]
    assert [row["member"] for row in by_dimension(day, "officer", NORTH)] == ["O1", "O2"]
    assert by_dimension(day, "vintage", NORTH) == []
    assert [row["loans"] for row in by_dimension(day, "vintage")] == [3]
    with pytest.raises(ValueError, match="no dimension colour"):
        by_dimension(day, "colour")


def test_the_trend_is_a_row_a_day(stood: dict[str, Day]) -> None:
    """PAR 30 and roll over the days (BAD is 61 days past due on 2 Apr), for all and for one member."""
    rows = trend(stood.values())
    assert [row["forward_loans"] for row in rows] == [0, 1, 2, 2]
    assert [row["par_30_paise"] for row in rows] == [50_000, 40_000, 40_000, 40_000]
    assert [row["loans"] for row in trend(stood.values(), dimension="product", member="JLG")] == [1, 1, 1, 1]


def _cells(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row["from_place"], row["place"]): (row["loans"], row["from_paise"]) for row in rows}


def test_the_matrix_of_the_month_and_of_the_day(stood: dict[str, Day]) -> None:
    """The month goes from 31 Mar, the day from the last committed day; rows add up to the book of then."""
    day = stood["2026-04-06"]
    month = {("31-60", "61-90"): (1, 50_000), ("current", "1-30"): (1, 100_000), ("current", "current"): (1, 100_000)}
    assert _cells(roll_matrix(day)) == month
    today = {("61-90", "61-90"): (1, 40_000), ("current", "1-30"): (1, 100_000), ("current", "current"): (1, 100_000)}
    assert _cells(roll_matrix(day, period="day")) == today
    assert _cells(roll_matrix(day, dimension="branch", member="SOUTH")) == {("31-60", "61-90"): (1, 50_000)}
    assert roll_matrix(stood["2026-03-31"]) == roll_matrix(stood["2026-03-31"], period="day") == []


def test_each_cell_leads_to_its_loans(stood: dict[str, Day]) -> None:
    """Within reach only."""
    day = stood["2026-04-06"]
    assert [row["loan_id"] for row in roll_loans(day, "current", "1-30", NORTH)] == ["ROLLS"]
    assert [row["loan_id"] for row in roll_loans(day, "current", "1-30", NORTH, period="day")] == ["ROLLS"]
    assert roll_loans(day, "31-60", "61-90", NORTH) == []


def test_alerts_say_since_when(stood: dict[str, Day]) -> None:
    """Half of the current book rolled on the 6th; an alert of the whole lender is not for somebody who sees one branch."""
    day = stood["2026-04-07"]
    whole = [row for row in alerts(day) if row["dimension"] == "total"]
    assert [(row["open_place"], row["side"], row["forward_paise"]) for row in whole] == [("current", "above", 100_000)]
    assert {row["dimension"] for row in alerts(day, ["NORTH"])} == {"branch", "officer"}
    earlier = [stood[on] for on in ("2026-04-06", "2026-04-04", "2026-03-31")]
    assert alert_since(earlier, whole[0]) == date(2026, 4, 6)


def test_vintages_cohorts_and_ledger_are_read_as_rows(stood: dict[str, Day]) -> None:
    """One vintage, one cohort that was bad when the book began, and no ledger that was sent."""
    day = stood["2026-04-07"]
    assert [(row["vintage"], row["loans"], row["par_30_loans"], row["ever_30_loans"]) for row in vintages(day)] == [("2025-01", 3, 1, 1)]
    assert [(row["entered_in"], row["seen_late"], row["collected_paise"]) for row in cohorts(day, "par_30")] == [("2026-03", True, 10_000)]
    assert ledger(day) == []


def test_month_ends_are_the_last_days_of_months(stood: dict[str, Day]) -> None:
    """Whole months stand there; the next anchor of an open month is its end."""
    assert [run.as_of for run in month_ends(day.run for day in stood.values())] == [date(2026, 3, 31)]
    assert [first_anchor(date(*day)) for day in ((2026, 3, 31), (2024, 2, 1), (2026, 12, 9))] == [
        date(2026, 3, 31),
        date(2024, 2, 29),
        date(2026, 12, 31),
    ]
