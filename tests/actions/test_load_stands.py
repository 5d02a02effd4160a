"""What a load stands on: repairs keep a hold, nothing is built on a load that went away or was damaged, one lock for all."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest

from sulah.actions.decide_load import approve_load, undo_load
from sulah.actions.load_extract import LoadError, LoadOutcome, load_extract
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import BusyError, sole_runner
from sulah.records.audit import AuditEntry
from sulah.records.load import Load
from tests.actions.test_load_extract import CLOCK, lender, load
from tests.intake.extract import AS_OF, Rows, good, write

__all__ = ["lender"]
pytestmark = pytest.mark.django_db
NEXT = AS_OF + timedelta(days=1)
FIRST, SECOND, THIRD = (f"{AS_OF}.{version}" for version in (1, 2, 3))


def _other() -> dict[str, Rows]:
    """The good extract with one other amount."""
    tables = good()
    tables["loan"][0]["principal"] = "10001"
    return tables


def _mended() -> dict[str, Rows]:
    """One corrected row."""
    return {"loan": [{**good()["loan"][0], "principal": "10002"}]}


def load_while(lender: Lender, tables: dict[str, Rows], meanwhile: Callable[[], object], *, as_of: date, repair: str | None = None) -> None:
    """Load, with something else done by another process while dues and receipts are worked out."""
    folder = lender.root / "inbox"
    shutil.rmtree(folder, ignore_errors=True)

    def tell(words: str) -> None:
        if words == "working out dues and receipts":
            meanwhile()

    load_extract(lender, write(folder, tables), as_of, actor="asha", clock=CLOCK, code_version="test", repair=repair, progress=tell)


def _undo(load_id: str) -> None:
    undo_load(load_id, actor="ravi", note="", clock=CLOCK)


def _approve(load_id: str) -> None:
    approve_load(load_id, actor="ravi", note="", clock=CLOCK)


def _left(lender: Lender) -> list[str]:
    """The folders of loads."""
    return sorted(path.name for path in lender.loads.iterdir())


def test_a_repair_of_a_held_load_is_held_with_its_reasons(lender: Lender) -> None:
    load(lender, good())
    held = load(lender, _other())
    assert held.report.state == "held"
    outcome = load(lender, _mended(), repair=SECOND)
    assert outcome.report.state == "held"
    assert outcome.report.reasons[0].startswith(f"It repairs a held load ({SECOND})")
    assert set(held.report.reasons) <= set(outcome.report.reasons)
    assert Load.objects.get(id=THIRD).reasons == list(outcome.report.reasons)


def test_a_repair_of_an_accepted_load_is_accepted(lender: Lender) -> None:
    load(lender, good())
    assert load(lender, _mended(), repair=FIRST).report.state == "accepted"


@pytest.mark.parametrize("approved", [True, False])
def test_only_the_latest_standing_load_of_a_date_can_be_repaired(lender: Lender, approved: bool) -> None:
    load(lender, good())
    load(lender, _other())
    if approved:
        _approve(SECOND)
    with pytest.raises(LoadError, match=f"{FIRST} is not the latest load of {AS_OF}: that is {SECOND}"):
        load(lender, _mended(), repair=FIRST)
    assert Load.objects.count() == 2


def test_a_repair_sent_twice_changes_nothing(lender: Lender) -> None:
    load(lender, good())
    load(lender, _mended(), repair=FIRST)
    again = load(lender, _mended(), repair=FIRST)
    assert again.repeated
    assert again.report.load == SECOND


def test_a_parent_undone_while_a_load_derives_ends_the_load(lender: Lender) -> None:
    load(lender, good())
    with pytest.raises(LoadError, match=f"{FIRST} no longer"):
        load_while(lender, good(), lambda: _undo(FIRST), as_of=NEXT)
    assert list(Load.objects.values_list("id", "state")) == [(FIRST, "undone")]
    assert _left(lender) == [FIRST]
    assert not AuditEntry.objects.filter(subject=f"{NEXT}.1").exists()


def test_a_parent_overtaken_while_a_load_derives_ends_the_load(lender: Lender) -> None:
    load(lender, good())
    load(lender, _other())
    with pytest.raises(LoadError, match="Load the extract again"):
        load_while(lender, good(), lambda: _approve(SECOND), as_of=NEXT)
    assert _left(lender) == [FIRST, SECOND]


def test_a_load_approved_for_the_same_date_while_another_derives_ends_that_one(lender: Lender) -> None:
    """Else the second would pass without being held against the first."""
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    strict = Lender(lender.root, lender.name, lender.entity_type, settings={"load": {"quarantine_rows": 0}})
    assert load(strict, tables).report.state == "held"
    with pytest.raises(LoadError, match="Load the extract again"):
        load_while(lender, good(), lambda: _approve(FIRST), as_of=AS_OF)


def test_a_repaired_load_undone_while_the_repair_derives_ends_the_repair(lender: Lender) -> None:
    load(lender, good())
    with pytest.raises(LoadError, match="Load the extract again"):
        load_while(lender, _mended(), lambda: _undo(FIRST), as_of=AS_OF, repair=FIRST)
    assert list(Load.objects.values_list("id", "state")) == [(FIRST, "undone")]


def test_a_load_waits_while_another_load_or_a_day_holds_the_book(lender: Lender) -> None:
    with sole_runner(lender), pytest.raises(BusyError, match=r"Another load or day cycle is running.*try again"):
        load(lender, good())
    assert load(lender, good()).report.state == "accepted"


@pytest.mark.parametrize("name", ["due/0000.parquet", "accepted/repayment.parquet"])
@pytest.mark.parametrize("lost", [True, False])
def test_a_load_never_stands_on_a_damaged_parent(lender: Lender, name: str, lost: bool) -> None:
    load(lender, good())
    path = lender.loads / FIRST / name
    if lost:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(LoadError, match=rf"{name} of load {FIRST} is missing or was changed.*Restore"):
        load(lender, good(), NEXT)
    assert _left(lender) == [FIRST]


def test_a_repair_never_stands_on_damaged_rows(lender: Lender) -> None:
    load(lender, good())
    (lender.loads / FIRST / "accepted" / "loan.parquet").unlink()
    with pytest.raises(LoadError, match=rf"accepted/loan.parquet of load {FIRST} is missing"):
        load(lender, _mended(), repair=FIRST)


def test_a_parent_without_recorded_digests_passes(lender: Lender) -> None:
    """Loads of an earlier version recorded none."""
    load(lender, good())
    first = Load.objects.get(id=FIRST)
    first.report = {key: value for key, value in first.report.items() if key != "digests"}
    first.save()
    assert load(lender, good(), NEXT).report.state == "accepted"


def _again(lender: Lender, approved: bool) -> LoadOutcome:
    load(lender, good())
    load(lender, _other())
    if approved:
        _approve(SECOND)
    return load(lender, good())


def test_earlier_content_sent_again_over_a_newer_version_is_a_new_version_and_held(lender: Lender) -> None:
    outcome = _again(lender, approved=True)
    assert (outcome.repeated, outcome.report.load, outcome.report.state) == (False, THIRD, "held")
    assert "was loaded before" in outcome.report.reasons[0]


def test_earlier_content_sent_again_over_a_held_version_says_that_it_is_the_accepted_one(lender: Lender) -> None:
    outcome = _again(lender, approved=False)
    assert (outcome.repeated, outcome.report.load, outcome.report.state) == (False, THIRD, "held")
    assert f"against {FIRST}: the same content" in outcome.report.reasons[0]


def test_the_latest_version_sent_again_changes_nothing(lender: Lender) -> None:
    load(lender, good())
    load(lender, _other())
    again = load(lender, _other())
    assert (again.repeated, again.report.load) == (True, SECOND)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("as_of = '31-03-2026'", "as_of is '31-03-2026'; write as_of = 2026-03-31"),
        ("as_of = 20260331", "as_of is 20260331"),
        ("as_of = 2026-03-31T00:00:00", "as_of is 2026-03-31 00:00:00"),
        ("file = ['loan.csv']", "each [[file]] needs name and table"),
        ("[[file]]\nname = '../loan.csv'\ntable = 'loan'", "'../loan.csv' is not a plain file name"),
        ("[[file]]\nname = 'c\\loan.csv'\ntable = 'loan'", "is not a plain file name"),
        ("[[file]]\nname = '..'\ntable = 'loan'", "is not a plain file name"),
        ("[[file]]\nname = 'loan.csv'\ntable = 'loan'\nrows = '2'", "rows of loan.csv is '2'; write a whole number"),
        ("[[file]]\nname = 'mandates.csv'\ntable = 'mandate'", "mandates.csv"),
        ("[[file]]\nname = 'note.txt'\ntable = 'mandate'", "note.txt is not read as mandate"),
    ],
)
def test_a_manifest_that_cannot_be_held_refuses_the_extract_in_words(lender: Lender, said: str, words: str) -> None:
    """Among them a promise that no file meets: one that is not there, or whose ending nobody reads."""
    folder = write(lender.root / "inbox", good())
    shutil.copy(folder / "loan.csv", lender.root / "loan.csv")
    (folder / "note.txt").write_text("x")
    (folder / "manifest.toml").write_text(said)
    outcome = load_extract(lender, folder, AS_OF, actor="asha", clock=CLOCK, code_version="test")
    assert outcome.load is None
    assert outcome.report.codes[0].code.startswith("manifest_")
    assert words in " ".join(outcome.report.reasons)


@pytest.mark.parametrize("day", ["2026-03-31", "'2026-03-31'"])
def test_a_manifest_that_is_kept_loads(lender: Lender, day: str) -> None:
    folder = write(lender.root / "inbox", good())
    (folder / "manifest.toml").write_text(f"as_of = {day}\n[[file]]\nname = 'loan.csv'\ntable = 'loan'\nrows = 2\n")
    assert load_extract(lender, folder, AS_OF, actor="asha", clock=CLOCK, code_version="test").report.state == "accepted"


def test_a_loan_that_goes_missing_is_said_in_the_report_and_kept_in_the_book(lender: Lender) -> None:
    """A bad cell refuses the loan's row; the loan stays in the book as it was, and the report names it."""
    load(lender, good())
    spoilt = good()
    spoilt["loan"][1]["annual_rate_percent"] = "n/a"
    outcome = load(lender, spoilt, AS_OF + timedelta(days=1))
    assert outcome.load is not None
    found = [code for code in outcome.report.codes if code.code == "loan_missing"]
    assert [(code.table, code.count) for code in found] == [("loan", 1)]
    accounts = pq.read_table(lender.book / outcome.load.path / "account" / "0000.parquet").to_pylist()
    assert {row["loan_id"]: row["missing_since"] for row in accounts} == {"L1": None, "L2": AS_OF + timedelta(days=1)}
