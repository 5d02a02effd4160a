"""The two routes of a lender's days: full extracts, and a first full extract with deltas after it; real files, records and days."""

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from sulah.actions.load_extract import LoadOutcome, load_extract
from sulah.adapters.book.layers import rows_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import PERSONAL_KEY, make_key
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.load import Load
from tests.delta.lender import Extract, delta_of, write_delta, write_full

CLOCK = fixed_clock(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
NEVER_HELD = {"quarantine_percent": 100, "rows_fall_bps": 10_000, "overdue_move_bps": 10**9, "dpd_difference_bps": 10_000}
OF_PLACES = ("file", "row", "sealed", "words")
"""Columns of quarantine that speak of the files sent, which differ between the routes."""


def new_lender(root: Path, key: Path | None = None, **load: int) -> Lender:
    """A lender's folder with its key (or those of another), settings of [load], and shards of so many loans."""
    if key:
        root.mkdir(parents=True)
        (root / "keys").symlink_to(key.parent)  # the key store is an input of a load: with another one the seals are others
    else:
        make_key(root / "keys" / PERSONAL_KEY)
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    (root / "policy").mkdir()
    settings.LENDER = root
    shard = {"loans_a_shard": load.pop("loans_a_shard", 500_000)}
    return Lender(root, "Test", EntityType.NBFC_MFI, settings={"load": {**NEVER_HELD, **load}, "book": shard})


def loaded(lender: Lender, folder: Path, as_of: date, repair: str | None = None) -> LoadOutcome:
    """Load a folder; accepted or not as it comes."""
    return load_extract(lender, folder, as_of, actor="asha", clock=CLOCK, code_version="test", repair=repair)


def accepted(lender: Lender, folder: Path, as_of: date, repair: str | None = None) -> Load:
    """Load a folder that must be accepted and tie out."""
    outcome = loaded(lender, folder, as_of, repair)
    assert outcome.load is not None, outcome.report.reasons
    assert (outcome.load.state, outcome.report.ties) == ("accepted", True), outcome.report.reasons
    return outcome.load


def full_route(lender: Lender, dates: list[date], extracts: list[Extract]) -> list[Load]:
    """Every date as a full extract."""
    return [accepted(lender, write_full(lender.inbox / f"{as_of}", extract), as_of) for as_of, extract in zip(dates, extracts, strict=True)]


def delta_route(lender: Lender, dates: list[date], extracts: list[Extract], seed: int) -> list[Load]:
    """The first date as a full extract, every other as a delta."""
    random = Random(seed)
    loads = full_route(lender, dates[:1], extracts[:1])
    for place in range(1, len(dates)):
        files = delta_of(random, extracts[place - 1], extracts[place])
        loads.append(accepted(lender, write_delta(lender.inbox / f"{dates[place]}", dates[place], files, random), dates[place]))
    return loads


class Apart:
    """What is recorded inside is undone at the end, so that a second lender finds empty records."""

    def __enter__(self) -> None:
        self.point = transaction.savepoint()

    def __exit__(self, *_: object) -> None:
        transaction.savepoint_rollback(self.point)


def rows_of(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table of a load, sorted as text."""
    if table == "quarantine":
        names = [name for name in TABLES[table].names if name not in OF_PLACES]
        found = [tuple(row[name] for name in names) for row in pq.read_table(folder / "quarantine.parquet").to_pylist()]
    elif table.endswith("_private"):
        found = [tuple(row.values()) for row in pq.read_table(folder / f"{table}.parquet").to_pylist()]
    else:
        names = [f'"{column.name}"' for column in TABLES[table].columns if not column.personal]
        found = duckdb.sql(f"SELECT {', '.join(names)} FROM {rows_of_load(folder, table).relation()}").fetchall()
    return sorted(found, key=repr)


TABLES_OF_A_LOAD = (*EXTRACT, "account", "due", "receipt", "relief_window", "touched", "quarantine", "borrower_private", "contact_private")


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every Parquet file of a load but its refused rows, which name the files that were sent."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.parquet")) if p.name != "quarantine.parquet"}
