"""A very large bench book: today's load in layers on yesterday's says the same as the load that is written whole."""

from pathlib import Path

import duckdb

from bench.book import AS_OF, make_book
from bench.lender import YESTERDAY, write_both, write_load
from sulah.adapters.book.layers import LAYERED, rows_of_load, shards_of


def test_a_load_in_layers_has_the_rows_of_the_whole_one(tmp_path: Path) -> None:
    loads = {day: tmp_path / "layers" / f"{day}.1" for day in (YESTERDAY, AS_OF)}
    write_both(tmp_path / "shard", loads, 3000, 11)
    assert not (tmp_path / "shard").exists()
    book = make_book(tmp_path, 3000, 11)
    for day, load in loads.items():
        whole = tmp_path / "whole" / f"{day}.1"
        write_load(book, whole, day)
        assert shards_of(load) == shards_of(whole)
        for table in ("account", "relief_window", "touched", "collection", "pin_directory", "ledger_total", *LAYERED):
            assert _rows(load, table) == _rows(whole, table), (day, table)
    own = sum(len(duckdb.sql(f"FROM read_parquet('{loads[AS_OF]}/{table}/*.parquet')").fetchall()) for table in ("due", "receipt"))
    assert 0 < own < len(_rows(loads[AS_OF], "due")) / 4


def _rows(load: Path, table: str) -> list[tuple[object, ...]]:
    rows = rows_of_load(load, table)
    return sorted(duckdb.sql(f"SELECT * FROM {rows.relation()}").fetchall(), key=repr) if rows.files else []
