"""A base stays as long as something lies on it: retention, backup, check and pages."""

from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sulah.actions.export_table import export_table
from sulah.actions.retain_book import what_would_go
from sulah.adapters.book.layers import write_whole
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import RowSource, equals
from sulah.adapters.book.sound import DamagedFileError
from sulah.daycycle.audit import wrong_files
from sulah.daycycle.run import DayRefusedError, run_day
from sulah.records.load import Load
from tests.delta.lender import write_delta
from tests.delta.routes import CLOCK, Apart, accepted, new_lender
from tests.intake.extract import AS_OF, good, write

pytestmark = pytest.mark.django_db
NEXT = AS_OF + timedelta(1)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender with a load and one in layers upon it: L2 paid."""
    lender = new_lender(tmp_path / "lender", compact_share_bps=10_000)
    accepted(lender, write(lender.inbox / "first", dict(good())), AS_OF)
    paid = [{"repayment_id": "R3", "loan_id": "L2", "paid_on": "2026-04-01", "amount": "100"}]
    accepted(lender, write_delta(lender.inbox / "next", NEXT, {"repayment_1": {"append": paid}}), NEXT)
    return lender


def test_pages_and_exports_read_both_places(lender: Lender, tmp_path: Path) -> None:
    load = Load.objects.get(as_of=NEXT)
    with RowSource(lender, load) as rows:
        assert [row["repayment_id"] for row in rows.rows("receipt", order=("repayment_id",))] == ["R1", "R2", "R3"]
        assert rows.count("due", where=(equals("loan_key", 1),)) == 2
    run_day(lender, NEXT, actor="asha", clock=CLOCK, code="test", load=load)
    export_table(lender, "repayment", NEXT, tmp_path / "out.csv", actor="asha", clock=CLOCK)
    assert [line.split(",")[0] for line in (tmp_path / "out.csv").read_text().splitlines()] == ["repayment_id", "R1", "R2", "R3"]


def test_a_base_past_its_period_stays_while_a_load_lies_on_it(lender: Lender) -> None:
    later = NEXT + timedelta(1)
    third = accepted(lender, write_delta(lender.inbox / "third", later, {"repayment_1": {"append": []}}), later)
    assert third.report["base"] == "2026-03-31.1"
    leaving = {one.path for one in what_would_go(lender, AS_OF + timedelta(40_000)).leaving}
    assert "loads/2026-03-31.1" not in leaving
    assert not any(path.startswith(("loads/2026-04-02.1/due", "loads/2026-03-31.1/due")) for path in leaving)


@pytest.mark.parametrize("name", ["due/0000.parquet", "accepted/repayment.parquet"])
def test_a_file_of_the_base_that_was_changed_is_named_and_nothing_reads_it(lender: Lender, name: str) -> None:
    path = lender.loads / "2026-03-31.1" / name
    path.write_bytes(path.read_bytes() + b"x")
    assert any(f"Load 2026-03-31.1: {name}" in words for words in wrong_files(lender))
    load = Load.objects.get(as_of=NEXT)
    table = name.removeprefix("accepted/").removesuffix(".parquet").partition("/")[0]
    with pytest.raises(DamagedFileError, match=r"load 2026-03-31.1 was changed"), RowSource(lender, load) as rows:
        rows.rows(table)
    with pytest.raises(DayRefusedError, match=f"{name} of load 2026-03-31.1 is missing or was changed"):
        run_day(lender, NEXT, actor="asha", clock=CLOCK, code="test", load=load)


def test_a_layer_that_lost_the_name_of_its_base_is_not_read_as_a_whole_load(lender: Lender) -> None:
    (lender.loads / "2026-04-01.1" / "layers.json").unlink()
    load = Load.objects.get(as_of=NEXT)
    with pytest.raises(DamagedFileError, match=r"layers.json of load 2026-04-01.1 is missing"), RowSource(lender, load) as rows:
        rows.rows("due")
    assert any("layers.json is missing" in words for words in wrong_files(lender))


def test_layers_written_whole_are_the_files_of_a_whole_load(tmp_path: Path) -> None:
    folders = []
    for name, share in (("layers", 10_000), ("whole", 0)):
        with Apart():
            lender = new_lender(tmp_path / name, compact_share_bps=share)
            accepted(lender, write(lender.inbox / "first", dict(good())), AS_OF)
            paid = [{"repayment_id": "R3", "loan_id": "L2", "paid_on": "2026-04-01", "amount": "100"}]
            load = accepted(lender, write_delta(lender.inbox / "next", NEXT, {"repayment_1": {"append": paid}}), NEXT)
            folders.append(lender.book / load.path)
    layered, whole = folders
    write_whole(layered, tmp_path / "out")
    made = {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*.parquet")}
    assert set(made) == {"due/0000.parquet", "receipt/0000.parquet", "accepted/instalment.parquet", "accepted/repayment.parquet"}
    for name, path in made.items():
        assert pq.read_table(path).to_pylist() == pq.read_table(whole / name).to_pylist() != [], name
        assert name.startswith("accepted") or path.read_bytes() == (whole / name).read_bytes()
        assert path.read_bytes() != (layered / name).read_bytes()
    write_whole(whole, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
