"""Before times are compared, results are: ours on a first and on a next day, pandas, and the naive loop, on a small simulated book."""

import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench import floor, naive, ours, pandas_way
from bench.agree import NotEqualError, check_equal, check_loop
from bench.book import AS_OF, make_book
from bench.lender import YESTERDAY, write_load
from bench.parts import columns_read, steps_measured
from sulah.contracts.registry import TABLES

LOANS = 1500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated book, its loads of two days, yesterday's results as a first day, and today's in full as the day after it."""
    root = tmp_path_factory.mktemp("bench")
    book = make_book(root, LOANS, 11).rename(root / "book")
    for day in (YESTERDAY, AS_OF):
        write_load(book, root / str(day), day)
    ours.main([str(root / str(YESTERDAY)), str(YESTERDAY), "-", str(root / "yesterday")])
    ours.main([str(root / str(AS_OF)), str(AS_OF), str(root / "yesterday"), str(root / "next")])
    return root


def test_the_simulated_book_is_as_its_contracts_say(folder: Path) -> None:
    """Columns, order of rows, running totals, and enough of each oddity that the programs differ when one is misread."""
    for table in ("account", "due", "receipt", "relief_window"):
        assert tuple(pq.read_schema(folder / "book" / table / "0000.parquet").names) == TABLES[table].names
    dues = pq.read_table(folder / "book" / "due" / "0000.parquet").to_pylist()
    assert dues == sorted(dues, key=lambda row: (row["loan_key"], row["in_force_from"], row["due_on"], row["number"]))
    before = None
    for row in dues:
        total = row["principal_paise"] + row["interest_paise"] + row["charge_paise"]
        same = before is not None and (before["loan_key"], before["in_force_from"]) == (row["loan_key"], row["in_force_from"])
        assert row["cum_due_paise"] == total + (before["cum_due_paise"] if before and same else 0)
        before = row
    entries = pq.read_table(folder / "book" / "receipt" / "0000.parquet").to_pylist()
    assert {row["entry"] for row in entries} == {"opening", "receipt", "reversal"}
    position = pq.read_table(folder / "next" / "position" / "0000.parquet").to_pylist()
    assert 0.08 < sum(row["dpd"] > 0 for row in position) / LOANS < 0.2


def test_the_same_seed_gives_the_same_book(folder: Path, tmp_path: Path) -> None:
    """Byte for byte, so that figures of two days speak of one book."""
    again = make_book(tmp_path, LOANS, 11)
    files = sorted(path.relative_to(again) for path in again.rglob("*.parquet"))
    assert files
    assert all((again / file).read_bytes() == (folder / "book" / file).read_bytes() for file in files)


@pytest.mark.parametrize("way", [("-", "first"), ("yesterday", "increment", "carried")], ids=lambda way: way[1])
def test_every_way_to_a_day_gives_the_same_bytes(folder: Path, way: tuple[str, ...]) -> None:
    """The whole history folded, and only what changed since yesterday, give the files that a full run after yesterday gives."""
    before = way[0] if way[0] == "-" else str(folder / way[0])
    ours.main([str(folder / str(AS_OF)), str(AS_OF), before, str(folder / way[1]), *way[2:]])
    files = sorted(path.relative_to(folder / "next") for path in (folder / "next").rglob("*.parquet"))
    assert len(files) == len(steps_measured())
    files = [file for file in files if file.parts[0] != "stale"]  # who was worked out, not what came out
    assert all((folder / way[1] / file).read_bytes() == (folder / "next" / file).read_bytes() for file in files)


def test_the_increment_works_out_a_small_part_on_the_heaviest_due_day(folder: Path) -> None:
    """What fell due or was paid today is worked out: many more loans than on other days, and far from all."""
    ours.main([str(folder / str(AS_OF)), str(AS_OF), str(folder / "yesterday"), str(folder / "carried"), "carried"])
    stale = pq.read_table(folder / "carried" / "stale" / "0000.parquet").num_rows
    dues = pq.read_table(folder / str(AS_OF) / "due" / "0000.parquet", columns=["due_on"]).column("due_on").to_pylist()
    on = Counter(day for day in dues if (day.year, day.month) == (AS_OF.year, AS_OF.month))
    assert on.most_common(1)[0][0] == AS_OF
    assert LOANS // 12 < stale < LOANS // 3


def test_pandas_gives_the_same_rows(folder: Path) -> None:
    """Every column of state, position, borrower_day, asset_memory and classification."""
    memory = str(folder / "yesterday" / "asset_memory")
    pandas_way.main([str(folder / str(AS_OF)), str(AS_OF), memory, str(folder / "next"), str(folder / "pandas")])
    assert check_equal(folder / "next", folder / "pandas")["loans"] == LOANS


def test_the_naive_loop_gives_the_same_dpd_and_overdue(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Loan by loan; it says its own CPU seconds, which the bench scales."""
    out = folder / "loop.jsonl"
    naive.main([str(folder / str(AS_OF)), str(AS_OF), str(LOANS), str(out)])
    check_loop(folder / "next", out)
    assert '"cpu"' in capsys.readouterr().out


def test_one_rupee_of_difference_stops_the_bench(folder: Path, tmp_path: Path) -> None:
    """The comparison can fail, and names the table and the column."""
    changed = tmp_path / "changed"
    shutil.copytree(folder / "next", changed)
    path = changed / "position" / "0000.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[7]["overdue_paise"] += 100
    pq.write_table(table.from_pylist(rows, schema=table.schema), path)
    with pytest.raises(NotEqualError, match=r"position differs in 1 rows, in overdue_paise"):
        check_equal(folder / "next", changed)


def test_the_floor_reads_what_the_statements_read_and_writes_what_they_write(folder: Path) -> None:
    """The same rows come out of the floor; a column that no statement names is not charged to it."""
    columns = columns_read()
    assert "cum_due_paise" in columns["due"]
    assert "repayment_id" not in columns["receipt"]
    words = [f"{table}:{','.join(names)}" for table, names in columns.items()]
    floor.main([str(folder / "book"), str(folder / "next"), str(folder / "floor"), *words])
    assert check_equal(folder / "next", folder / "floor")["loans"] == LOANS
    assert {path.name for path in (folder / "floor").iterdir()} == {step.table for step in steps_measured()}
