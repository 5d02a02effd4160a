"""The extract that the bench of loads makes is whole, and the floor copies the very rows that a load takes in."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.load_files import DAYS, make_extract
from bench.load_floor import copy
from tests.intake.extract import check


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred simulated loans, two days, as CSV and as Parquet."""
    return make_extract(tmp_path_factory.mktemp("bench"), 200, 7)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_load_takes_in_every_row_that_the_floor_copies(extract: Path, tmp_path: Path, kind: str) -> None:
    copy(extract / "first" / kind, tmp_path)
    seen = check(extract / "first" / kind, as_of=DAYS["first"])
    assert seen.refused == []
    copied = {path.stem: pq.read_metadata(path).num_rows for path in (tmp_path / "copy").iterdir()}
    assert {tie.table: tie.loaded for tie in seen.ties} == copied
    assert copied["instalment"] > 2000


def test_the_next_day_brings_payments_and_leaves_the_loans(extract: Path) -> None:
    first, after = ({tie.table: tie for tie in check(extract / day / "csv", as_of=on).ties} for day, on in DAYS.items())
    assert after["loan"].rows == first["loan"].rows
    assert first["repayment"].rows < after["repayment"].rows <= first["repayment"].rows + 30


def test_csv_and_parquet_say_the_same(extract: Path) -> None:
    one, other = (check(extract / "next" / kind, as_of=DAYS["next"]) for kind in ("csv", "parquet"))
    assert one.accepted == other.accepted
    assert [tie.paise for tie in one.ties] == [tie.paise for tie in other.ties]
