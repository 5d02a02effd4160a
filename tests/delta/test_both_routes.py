"""Random days by full extracts and by deltas end in the same tables: row by row in layers, byte for byte when compacted.

Thirty days in a whole run, eight in one of the usual depth.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sulah.adapters.book.layout import Lender as Place
from sulah.daycycle.run import run_day
from sulah.records.load import Load
from tests.delta.lender import Extract, Lender, delta_of, write_delta, write_full
from tests.delta.routes import CLOCK, TABLES_OF_A_LOAD, Apart, accepted, bytes_of, new_lender, rows_of
from tests.depth import so_many

pytestmark = pytest.mark.django_db
DAYS, LOANS, LOANS_A_SHARD = so_many(30, 8), 36, 30
COMPACTED_AT = 7500
"""In ten thousand: so small a book is stirred much in a day."""
BUSY = 0.4
"""Share of the dates on which the day is run as well."""


@dataclass(frozen=True)
class Stood:
    """Where a lender stood after a load: its folder, what the report says of the whole, its base, and the files of the day."""

    folder: Path
    measured: tuple[Any, ...]
    base: str
    day: dict[str, Any]


def stood(place: Place, load: Load, as_of: date, runs: bool) -> Stood:
    """What a load left, and the day that was run on it."""
    day = run_day(place, as_of, actor="asha", clock=CLOCK, code="test", load=load).run.tables if runs else {}
    report = load.report
    return Stood(place.book / load.path, (report["accepted"], report["overdue_paise"]), report["base"], day)


def by_full(place: Place, lender: Lender, runs: list[bool]) -> list[Stood]:
    """Every date as a full extract."""
    found = []
    with Apart():
        for as_of, extract, run in zip(lender.dates, lender.extracts, runs, strict=True):
            found.append(stood(place, accepted(place, write_full(place.inbox / f"{as_of}", extract), as_of), as_of, run))
    return found


def by_delta(place: Place, lender: Lender, runs: list[bool]) -> list[Stood]:
    """The first date as a full extract, every other as what changed since."""
    found, before, random = [], Extract(), Random(5)
    with Apart():
        for as_of, extract, run in zip(lender.dates, lender.extracts, runs, strict=True):
            folder = place.inbox / f"{as_of}"
            files = delta_of(random, before, extract) if before else {}
            sent = write_delta(folder, as_of, files, random) if before else write_full(folder, extract)
            found.append(stood(place, accepted(place, sent, as_of), as_of, run))
            before = extract
    return found


def differing(one: list[Stood], other: list[Stood]) -> list[tuple[str, str]]:
    """Load and table of every table that is not the same row by row."""
    return [
        (a.folder.name, table)
        for a, b in zip(one, other, strict=True)
        for table in TABLES_OF_A_LOAD
        if rows_of(a.folder, table) != rows_of(b.folder, table)
    ]


def test_random_days_end_in_the_same_tables_by_both_routes(tmp_path: Path) -> None:
    """Rows that break and are mended, ids that move, loans that change hands, new schedules and reliefs, people who share a telephone."""
    lender, random = Lender(11, LOANS, DAYS), Random(3)
    runs = [random.random() < BUSY for _ in lender.dates]
    full = new_lender(tmp_path / "full", loans_a_shard=LOANS_A_SHARD)
    whole = by_full(full, lender, runs)
    other = new_lender(tmp_path / "delta", full.keys / "personal.key", compact_share_bps=COMPACTED_AT, loans_a_shard=LOANS_A_SHARD)
    deltas = by_delta(other, lender, runs)
    assert differing(whole, deltas) == []
    assert [one.measured for one in whole] == [one.measured for one in deltas]
    assert [one.day for one in whole] == [one.day for one in deltas]
    compacted = [place for place, one in enumerate(deltas) if place and not one.base]
    assert [bytes_of(whole[place].folder) for place in compacted] == [bytes_of(deltas[place].folder) for place in compacted]
    assert len(compacted) >= DAYS // 6  # both ways of writing are met, one after the other
    assert DAYS - 1 - len(compacted) >= DAYS // 3
