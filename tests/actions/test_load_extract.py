"""A load on disk and in the records: once, whole, repeatable, repairable; a broken one leaves nothing visible."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from sulah.actions.decide_load import DecisionRefusedError, approve_load, current_load, reject_load, the_held_load, undo_load
from sulah.actions.load_extract import LoadError, LoadOutcome, load_extract
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault, VaultError, make_key, quarantined_rows
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun
from sulah.records.load import Load, LoadFile
from tests.intake.extract import AS_OF, Rows, good, write

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
LENIENT = {"load": {"quarantine_percent": 100}}
STRICT = {"load": {"quarantine_rows": 0}}


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender's folder with keys, lenient about refused rows."""
    root = tmp_path / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return Lender(root, "Test", EntityType.NBFC_MFI, settings=LENIENT)


def load(lender: Lender, tables: dict[str, Rows], as_of: date = AS_OF, repair: str | None = None) -> LoadOutcome:
    """Write the tables as an extract and load it."""
    folder = lender.root / "inbox"
    shutil.rmtree(folder, ignore_errors=True)
    return load_extract(lender, write(folder, tables), as_of, actor="asha", clock=CLOCK, code_version="test", repair=repair)


def test_a_good_extract_is_accepted_recorded_and_audited(lender: Lender) -> None:
    outcome = load(lender, good())
    made = Load.objects.get()
    assert (made.id, made.state, made.parent, made.loaded_by) == ("2026-03-31.1", "accepted", None, "asha")
    assert sorted(LoadFile.objects.values_list("table", "rows", "loaded")) == [
        ("borrower", 2, 2),
        ("instalment", 3, 3),
        ("loan", 2, 2),
        ("repayment", 2, 2),
    ]
    folder = lender.book / made.path
    assert json.loads((folder / "report.json").read_text()) == json.loads(json.dumps(outcome.report.to_json())) == made.report
    assert {path.parent.name for path in folder.glob("*/0000.parquet")} == {"account", "due", "receipt", "relief_window", "touched"}
    assert AuditEntry.objects.get().act == "load_extract"
    assert outcome.report.overdue_paise == 2_100_000 - 5  # L1 is paid to date; L2 paid five paise of 21,000 rupees


def test_personal_columns_are_only_in_the_vault(lender: Lender) -> None:
    load(lender, good())
    folder = lender.loads / "2026-03-31.1"
    assert "name" not in pq.read_schema(folder / "accepted" / "borrower.parquet").names
    assert not any(b"Asha Devi" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    sealed = {row["borrower_id"]: row["sealed"] for row in pq.read_table(folder / "borrower_private.parquet").to_pylist()}
    assert Vault(lender).open("B1", sealed["B1"]) == {"name": "Asha Devi", "phone": "+919000000001", "born_on": "1985-06-01"}
    with pytest.raises(VaultError):
        Vault(lender).open("B2", sealed["B1"])


def test_the_same_extract_again_changes_nothing(lender: Lender) -> None:
    load(lender, good())
    again = load(lender, good())
    assert again.repeated
    assert again.load is not None
    assert again.load.id == "2026-03-31.1"
    assert Load.objects.count() == 1


def test_the_same_content_in_another_lender_gives_the_same_bytes(lender: Lender) -> None:
    load(lender, good())
    folder = lender.loads / "2026-03-31.1"
    first = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")}
    undo_load("2026-03-31.1", actor="asha", note="", clock=CLOCK)
    load(lender, good())
    folder = lender.loads / "2026-03-31.2"
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")} == first


def test_other_content_for_the_same_date_is_held_and_replaces_when_approved(lender: Lender) -> None:
    load(lender, good())
    tables = good()
    tables["loan"][0]["principal"] = "10001"
    outcome = load(lender, tables)
    assert outcome.report.state == "held"
    assert "was loaded before" in outcome.report.reasons[0]
    held = current_load(AS_OF)
    assert held is not None
    assert held.id == "2026-03-31.1"
    approve_load(the_held_load().id, actor="ravi", note="checked", clock=CLOCK)
    current = current_load(AS_OF)
    assert current is not None
    assert (current.id, current.parent, current.decided_by) == ("2026-03-31.2", None, "ravi")


def test_an_older_date_is_refused_in_words(lender: Lender) -> None:
    load(lender, good())
    with pytest.raises(LoadError, match="is older and is refused"):
        load(lender, good(), AS_OF - timedelta(days=1))


def test_a_refused_extract_leaves_the_load_before_current_and_is_audited(lender: Lender) -> None:
    load(lender, good())
    tables = good()
    for row in tables["loan"]:
        del row["principal"]
    outcome = load(lender, tables, AS_OF + timedelta(days=1))
    assert outcome.load is None
    assert outcome.report.codes[0].code == "column_missing"
    current = current_load(AS_OF + timedelta(days=1))
    assert current is not None
    assert current.id == "2026-03-31.1"
    assert AuditEntry.objects.last().act == "refuse_extract"  # type: ignore[union-attr]
    assert list((lender.book / "refused").glob("*/report.json"))


def test_a_swing_is_held_with_its_reason(lender: Lender) -> None:
    load(lender, good())
    tables = good()
    tables["repayment"].append(
        {"repayment_id": "R3", "loan_id": "L2", "paid_on": "2026-04-01", "amount": "20000", "reverses_id": "", "booked_at": ""}
    )
    outcome = load(lender, tables, AS_OF + timedelta(days=1))
    assert outcome.report.state == "held"
    assert "total overdue moved far" in outcome.report.reasons[0]
    assert outcome.report.parent == "2026-03-31.1"


def test_too_many_refused_rows_hold_the_load(lender: Lender) -> None:
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    outcome = load(replace(lender, settings=STRICT), tables)
    assert outcome.report.state == "held"
    assert "1 of 9 rows" in outcome.report.reasons[0]


def test_a_few_refused_rows_of_a_small_extract_hold_nothing(lender: Lender) -> None:
    """One row of nine is more than five percent, and still only one row: the default asks for more than twenty as well."""
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    outcome = load(replace(lender, settings={}), tables)
    assert (outcome.report.state, outcome.report.quarantined) == ("accepted", 1)


def test_a_killed_load_leaves_an_orphan_that_the_next_load_sweeps(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SULAH_STRIKE", "load.before_commit")
    monkeypatch.setenv("SULAH_STRIKE_WITH", "enospc")
    with pytest.raises(OSError, match="No space left"):
        load(lender, good())
    assert Load.objects.count() == 0
    assert list(lender.loads.iterdir()) == []  # a full disk gives its room back at once
    (lender.loads / "2026-03-31.1").mkdir()  # what a killed process leaves
    (lender.loads / "2026-03-31.1" / "left_over").write_text("half")
    monkeypatch.delenv("SULAH_STRIKE")
    assert load(lender, good()).report.state == "accepted"
    assert not (lender.loads / "2026-03-31.1" / "left_over").exists()


def _spoilt() -> dict[str, Rows]:
    tables = good()
    tables["loan"][1]["borrower_id"] = "B9"
    tables["repayment"][0]["amount"] = "five"
    return tables


def test_refused_rows_come_back_as_given_and_a_repair_makes_them_load(lender: Lender) -> None:
    """L2 hangs on a wrong borrower_id: mending that one row brings back its instalment and receipt, which nobody touched."""
    load(lender, _spoilt())
    rows = list(quarantined_rows(lender, lender.loads / "2026-03-31.1"))
    assert [(row["table"], row["row"], row["code"]) for row in rows] == [
        ("instalment", "3", "orphan_loan"),
        ("loan", "2", "orphan_borrower"),
        ("repayment", "1", "amount_unreadable"),
        ("repayment", "2", "orphan_loan"),
    ]
    mended = [{key: value or "" for key, value in row.items()} for row in rows if row["table"] == "loan" or row["row"] == "1"]
    mended[0]["borrower_id"], mended[1]["amount"] = "B2", "5100"
    outcome = load(lender, {"mended": mended}, repair="2026-03-31.1")
    assert (outcome.report.state, outcome.report.load, outcome.report.repairs) == ("accepted", "2026-03-31.2", "2026-03-31.1")
    assert outcome.report.ties
    assert outcome.report.quarantined == 0
    load(lender, good(), AS_OF + timedelta(days=1))
    for name in ("borrower", "loan", "instalment", "repayment"):
        straight = pq.read_table(lender.loads / "2026-04-01.1" / "accepted" / f"{name}.parquet")
        assert pq.read_table(lender.loads / "2026-03-31.2" / "accepted" / f"{name}.parquet").equals(straight)
    sealed = [pq.read_table(lender.loads / name / "borrower_private.parquet") for name in ("2026-03-31.2", "2026-04-01.1")]
    assert sealed[0].equals(sealed[1])


def test_a_repair_of_an_unknown_load_or_another_date_is_refused(lender: Lender) -> None:
    load(lender, _spoilt())
    with pytest.raises(LoadError, match="no standing load"):
        load(lender, {"loan": good()["loan"]}, repair="2026-01-01.1")
    with pytest.raises(LoadError, match="give the same date"):
        load(lender, {"loan": good()["loan"]}, AS_OF + timedelta(days=1), repair="2026-03-31.1")


def _held(lender: Lender) -> str:
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    outcome = load(replace(lender, settings=STRICT), tables)
    assert outcome.load is not None
    return outcome.load.id


def test_approving_notes_when_loader_and_approver_are_one(lender: Lender) -> None:
    approve_load(_held(lender), actor="asha", note="fine", clock=CLOCK)
    assert AuditEntry.objects.get(act="approve_load").after == {"state": "accepted", "note": "fine", "same_person": True}


def test_two_people_are_asked_for_where_the_lender_says_so(lender: Lender) -> None:
    with (lender.root / "lender.toml").open("a") as handle:
        handle.write("[approval]\ntwo_people = true\n")
    held = _held(lender)
    with pytest.raises(DecisionRefusedError, match="another person"):
        approve_load(held, actor="asha", note="", clock=CLOCK)
    assert approve_load(held, actor="ravi", note="", clock=CLOCK).state == "accepted"


def test_a_rejected_load_cannot_be_approved_and_may_be_loaded_again(lender: Lender) -> None:
    held = _held(lender)
    reject_load(held, actor="ravi", note="wrong file", clock=CLOCK)
    with pytest.raises(DecisionRefusedError, match="rejected, not held"):
        approve_load(held, actor="ravi", note="", clock=CLOCK)
    assert _held(lender) == "2026-03-31.2"


def test_a_held_load_that_was_overtaken_cannot_be_approved(lender: Lender) -> None:
    held = _held(lender)
    load(lender, good(), AS_OF + timedelta(days=1))
    with pytest.raises(DecisionRefusedError, match="Load the extract again"):
        approve_load(held, actor="ravi", note="", clock=CLOCK)


def test_undo_takes_back_the_latest_load_unless_a_day_stands_on_it(lender: Lender) -> None:
    first = load(lender, good()).load
    assert first is not None
    load(lender, good(), AS_OF + timedelta(days=1))
    with pytest.raises(DecisionRefusedError, match="Only the latest"):
        undo_load(first.id, actor="ravi", note="", clock=CLOCK)
    assert undo_load("2026-04-01.1", actor="ravi", note="", clock=CLOCK).state == "undone"
    DayRun.objects.create(
        as_of=AS_OF, load=first, policy_sha256="", code_version="", path="", published="", committed_at=CLOCK(), committed_by="x"
    )
    with pytest.raises(DecisionRefusedError, match="was run on"):
        undo_load(first.id, actor="ravi", note="", clock=CLOCK)


@pytest.mark.parametrize(
    ("day", "load_id"), [(date(2026, 3, 30), "2026-03-31.1"), (AS_OF, "2026-03-31.1"), (date(2026, 5, 1), "2026-04-02.1")]
)
def test_the_current_load_is_the_latest_up_to_the_day_else_the_first(lender: Lender, day: date, load_id: str) -> None:
    load(lender, good())
    load(lender, good(), date(2026, 4, 2))
    current = current_load(day)
    assert current is not None
    assert current.id == load_id
