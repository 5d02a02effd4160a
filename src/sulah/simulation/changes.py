"""Writes what a lender that sends only changes would send on a day, and the extracts of a demo: one whole, then changes day by day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from sulah.simulation.emit import SENT, Sheet, Told, columns_of, emit, label, told, write_extract
from sulah.simulation.ledger import Row, loan_row
from sulah.simulation.world import DAILY_DAYS, World, build_world


class Teller:
    """Tells the changes of a world day after day, each since the day before; every row is looked at once, not once a day."""

    def __init__(self, world: World, first: date) -> None:
        """first: the day of the whole extract that the changes stand on."""
        self._world, self._day = world, first
        self._told: Told = told(world)
        self._new = {table: _by_day(rows) for table, rows in self._told.rows.items()}
        self._loans = self._loan_rows(first)

    def write_next(self, folder: Path) -> date:
        """Write the changes of the next day into a folder; the day.  ValueError after the world's last day."""
        since, day = self._day, self._day + timedelta(days=1)
        if day > self._world.last_day:
            raise ValueError(f"the simulated world ends on {self._world.last_day}; there is no {day}")
        label(self._world, day, folder)
        loans = self._loan_rows(day)
        sheets = []
        for table in SENT:
            rows = self._new.get(table, {}).get(day, [])
            if table == "loan":
                rows = [row for loan, row in loans.items() if self._loans.get(loan) != row] + rows
            if rows:
                lines = [",".join(columns_of(table)), *(row.text for row in rows)]
                sheets.append(Sheet(table, "changes", lines, sum(row.paise for row in rows)))
        self._day, self._loans = day, loans
        head = f'lender = "{self._world.lender}"\nas_of = {day.isoformat()}\nsince = {since.isoformat()}\nsimulated = true\n'
        write_extract(folder, sheets, head)
        return day

    def _loan_rows(self, day: date) -> dict[str, Row]:
        return {a.loan_id: loan_row(a, standings, day) for a, standings in self._told.loans if a.disbursed_on <= day}


def _by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """Rows by the day from which they are sent.  A row that is no longer sent has given way to another of its key: none is lost."""
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        if row.sent_from < row.sent_until:
            days[row.sent_from].append(row)
    return dict(days)


def write_demo_extracts(folder: Path, seed: int, days: int, last_day: date, *, loans: int = 5000) -> Iterator[tuple[date, Path]]:
    """Write the extracts of the last so many days, one folder a day named by its date, oldest first: the first whole, then changes.

    Each is written when it is asked for.  ValueError unless there is at least one day and all of them lie in the world's daily life
    (120 days).
    """
    if not 1 <= days <= DAILY_DAYS:
        raise ValueError(f"choose 1 to {DAILY_DAYS} days of extracts, not {days}")
    world = build_world(seed, last_day, loans=loans)
    day = last_day - timedelta(days=days - 1)
    yield day, emit(world, day, folder / day.isoformat())
    teller = Teller(world, day)
    while day < last_day:
        day += timedelta(days=1)
        teller.write_next(folder / day.isoformat())
        yield day, folder / day.isoformat()
