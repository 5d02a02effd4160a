"""Real lenders' files, unchanged, through one saved mapping each: rows and rupees tie out to the last unit."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from sulah.actions.decide_load import approve_load
from sulah.actions.load_extract import LoadOutcome, load_extract
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import make_key
from sulah.intake.mapping import mapping_of
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
CLOCK = fixed_clock(datetime(2026, 4, 1, tzinfo=UTC))
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not DATA.is_dir(), reason="the real data lies beside the repository, not in it")]


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender's folder with a key."""
    make_key(tmp_path / "keys" / "personal.key")
    monkeypatch.setattr(settings, "LENDER", tmp_path)
    return Lender(tmp_path, "Real", EntityType.NBFC_ML)


def load(lender: Lender, mapping: str, folder: Path, as_of: str) -> LoadOutcome:
    """Load a folder through one of the example mappings."""
    text = (ROOT / "docs" / "examples" / "mappings" / f"{mapping}.toml").read_text("utf-8")
    return load_extract(
        lender, folder, date.fromisoformat(as_of), mapping=mapping_of(mapping, text), actor="test", clock=CLOCK, code_version="test"
    )


def test_superlender_loads_three_times_and_march_is_held_for_its_swing(lender: Lender) -> None:
    outcomes = [load(lender, "superlender", DATA / "superlender" / day, day) for day in ("2017-02-27", "2017-02-28", "2017-03-31")]
    assert [outcome.report.state for outcome in outcomes] == ["accepted", "accepted", "held"]
    assert all(outcome.report.ties and outcome.report.quarantined == 0 for outcome in outcomes)
    assert [outcome.report.accepted["loan"] for outcome in outcomes] == [7099, 7167, 8859]
    assert [tie.paise_loaded for tie in outcomes[2].report.files if tie.table == "repayment"] == [14_261_857_500]
    assert outcomes[2].load is not None
    assert approve_load(outcomes[2].load.id, actor="other", note="month-end", clock=CLOCK).state == "accepted"


@pytest.mark.slow
def test_lendingclub_loads_and_future_dated_rows_are_held_as_rows(lender: Lender) -> None:
    report = load(lender, "lendingclub", DATA / "lendingclub", "2018-06-30").report
    assert (report.state, report.ties) == ("accepted", True)
    assert {(code.table, code.code): code.count for code in report.codes} == {("repayment", "future_dated"): 2065}
    assert report.accepted["loan"] == 10_000
