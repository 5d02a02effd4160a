"""The footer in one order: nothing but the order of encodings changes, the file reads as before, and every order becomes the same."""

from datetime import date
from itertools import permutations
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sulah.adapters.engines.parquet_footer import TAIL, FooterError, in_one_order
from sulah.adapters.engines.spark_store import settle


def table(rows: int, columns: int) -> pa.Table:
    """Texts that repeat, numbers that do not, dates, truths and empty values, over many columns."""
    kinds = [
        pa.array([f"branch {n % 3}" for n in range(rows)]),
        pa.array([n * 7919 if n % 5 else None for n in range(rows)], pa.int64()),
        pa.array([date(2026, 1, 1 + n % 28) for n in range(rows)]),
        pa.array([n % 2 == 0 for n in range(rows)]),
    ]
    return pa.table({f"c{n}": kinds[n % len(kinds)] for n in range(columns)})


def parts(file: Path) -> tuple[bytes, bytes]:
    """What lies before the footer, and the footer."""
    whole = file.read_bytes()
    length = int.from_bytes(whole[-TAIL:-4], "little")
    return whole[: -TAIL - length], whole[-TAIL - length : -TAIL]


@pytest.mark.parametrize(("rows", "columns", "group"), [(0, 1, 10), (1, 4, 10), (1000, 40, 64), (50, 16, 3)])
def test_a_file_reads_as_before_and_its_encodings_ascend(tmp_path: Path, rows: int, columns: int, group: int) -> None:
    """More than fifteen columns or groups have another list header; a dictionary, statistics and metadata lie beside the list."""
    made, part = table(rows, columns), tmp_path / "0000.parquet.making" / "part-0.parquet"
    part.parent.mkdir()
    pq.write_table(made.replace_schema_metadata({"by": "Spark"}), part, row_group_size=group, version="1.0")
    _, before = parts(part)
    assert settle(str(part.parent), str(tmp_path / "0000.parquet")) == rows
    _, after = parts(tmp_path / "0000.parquet")
    assert pq.read_table(tmp_path / "0000.parquet").equals(made)
    assert (len(after), sorted(after)) == (len(before), sorted(before))
    assert in_one_order(after) == after
    assert not part.parent.exists()


def test_every_order_of_encodings_becomes_the_same_bytes(tmp_path: Path) -> None:
    """The list of one column written in each of its orders."""
    pq.write_table(table(100, 1), tmp_path / "a.parquet", version="1.0", column_encoding=None)
    _, footer = parts(tmp_path / "a.parquet")
    listed = pq.read_metadata(tmp_path / "a.parquet").row_group(0).column(0).encodings
    codes = {"PLAIN": 0, "PLAIN_DICTIONARY": 2, "RLE": 3, "BIT_PACKED": 4, "RLE_DICTIONARY": 8}
    found = bytes(codes[name] * 2 for name in listed)
    head = bytes([len(found) << 4 | 5])
    assert footer.count(head + found) == 1
    assert len(found) >= 2
    orders = {in_one_order(footer.replace(head + found, head + bytes(order))) for order in permutations(found)}
    assert len(orders) == 1


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_a_footer_that_breaks_off_is_told(tmp_path: Path, cut: int) -> None:
    """Not guessed at, and not passed on."""
    pq.write_table(table(10, 4), tmp_path / "a.parquet")
    _, footer = parts(tmp_path / "a.parquet")
    with pytest.raises(FooterError):
        in_one_order(footer[:-cut])
