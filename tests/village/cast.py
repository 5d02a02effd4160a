"""The village for every test: sixteen people whose stories are told in `sulah.simulation.village`, as extract rows or as files.

    rows = village_rows(LAST_DAY)            # table -> rows by the extract's column names, as text
    folder = village_folder(tmp_path)        # the same as a lender sends it
    EXPECTED["VIL-03"].dpd                   # worked out by hand, for day-end T = LAST_DAY

The figures hold for any last day; LAST_DAY is only a default.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

from sulah.simulation.emit import columns_of, emit, told
from sulah.simulation.ledger import loan_row
from sulah.simulation.village import EXPECTED, STORIES, VILLAGERS, Expected, Story, Villager
from sulah.simulation.world import World, village_world

__all__ = [
    "EXPECTED",
    "LAST_DAY",
    "STORIES",
    "VILLAGERS",
    "Expected",
    "Story",
    "Villager",
    "ago",
    "rows_on",
    "village_folder",
    "village_rows",
]

LAST_DAY = date(2026, 11, 22)
ExtractRows = dict[str, list[dict[str, str]]]


def ago(days: int | None, last_day: date = LAST_DAY) -> date | None:
    """So many days before the last day; None stays None, so that EXPECTED can be read off."""
    return None if days is None else last_day - timedelta(days=days)


def rows_on(world: World, day: date) -> ExtractRows:
    """The extract of a day as rows: table -> one dictionary a row, by the extract's column names."""
    book = told(world)
    lines = {table: [row.text for row in rows if row.sent_from <= day < row.sent_until] for table, rows in book.rows.items()}
    lines["loan"] = [loan_row(account, standings, day).text for account, standings in book.loans if account.disbursed_on <= day] + lines[
        "loan"
    ]
    return {table: list(csv.DictReader([",".join(columns_of(table)), *texts])) for table, texts in lines.items()}


def village_rows(day: date = LAST_DAY, last_day: date = LAST_DAY) -> ExtractRows:
    """The village's extract of a day (default: the last one) as rows."""
    return rows_on(village_world(last_day), day)


def village_folder(folder: Path, day: date = LAST_DAY, last_day: date = LAST_DAY) -> Path:
    """The village's extract of a day written as files, manifest and label included."""
    return emit(village_world(last_day), day, folder)
