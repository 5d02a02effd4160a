"""Refused rows taken out to be mended: for their reader only, safe in a spreadsheet, back as they were, and written down."""

import csv
import stat
from pathlib import Path

import pytest
from django.conf import settings

from sulah.actions.decide_load import reject_load
from sulah.actions.export_table import ExportRefusedError, export_table
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import make_key, quarantined_rows
from sulah.adapters.lms.formula import guarded
from sulah.kernel.terms import EntityType
from sulah.records.audit import AuditEntry
from sulah.records.load import Load
from tests.actions.test_load_extract import CLOCK, LENIENT, load
from tests.intake.extract import AS_OF, Rows, good

pytestmark = pytest.mark.django_db
FORMULAS = ("=HYPERLINK(1)", "+91 98200", "-cmd", "@SUM(1)", "\tx", "\rx", "'=quoted", "''-twice")


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender's folder with keys, lenient about refused rows."""
    root = tmp_path / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return Lender(root, "Test", EntityType.NBFC_MFI, settings={**LENIENT})


def spoilt(name: str = "=HYPERLINK(1)") -> dict[str, Rows]:
    """The good extract with one borrower born in no month, under that name."""
    tables = good()
    tables["borrower"][0].update({"name": name, "born_on": "1985-13-01"})
    return tables


def exported(lender: Lender, out: Path) -> Rows:
    """The rows of the file."""
    export_table(lender, "quarantine", AS_OF, out, actor="asha", clock=CLOCK)
    with out.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_file_is_for_its_owner_only_even_where_another_stood(lender: Lender, tmp_path: Path) -> None:
    """It holds names and numbers in clear."""
    load(lender, spoilt())
    out = tmp_path / "mend.csv"
    out.write_text("old", "utf-8")
    out.chmod(0o644)
    (tmp_path / ".mend.csv.part").write_text("left by a killed process", "utf-8")
    exported(lender, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not (tmp_path / ".mend.csv.part").exists()


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    """One quote more, so that exactly one can be taken away."""
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Asha", "-5.00", "-5", "5.00", "'Asha", "O'Neil", " =x", "a=b"])
def test_other_texts_and_plain_negative_numbers_stay(text: str) -> None:
    """An amount can still be added up."""
    assert guarded(text) == text


@pytest.mark.parametrize("text", ["-5.00.1", "-5+1", "-", "--5", "-5 ", "-5\n"])
def test_what_only_begins_like_a_negative_number_is_quoted(text: str) -> None:
    """Sums and commands hide behind a minus."""
    assert guarded(text).startswith("'-")


@pytest.mark.parametrize("name", [*FORMULAS, "-5.00", "'Asha", "Asha"])
def test_a_refused_row_goes_out_and_comes_back_as_it_was(lender: Lender, tmp_path: Path, name: str) -> None:
    """Only the date is mended; the name, the file and the key that the quote guards are what the lender sent."""
    load(lender, spoilt(name))
    before = [row["name"] for row in quarantined_rows(lender, lender.loads / "2026-03-31.1") if row["table"] == "borrower"]
    rows = exported(lender, tmp_path / "mend.csv")
    mended = next(row for row in rows if row["table"] == "borrower")
    assert mended["name"] == guarded(name)
    # still refused, for another reason, so that its text can be read back as kept
    outcome = load(lender, {"mended": [{**mended, "born_on": "1985-14-01"}]}, repair="2026-03-31.1")
    assert outcome.load is not None
    after = [row["name"] for row in quarantined_rows(lender, lender.loads / "2026-03-31.2") if row["table"] == "borrower"]
    assert before == after == [name]


def test_the_latest_load_that_stands_is_exported_and_no_rejected_one(lender: Lender, tmp_path: Path) -> None:
    """What was rejected is nobody's to mend."""
    load(lender, spoilt("Asha"))
    second = load(lender, spoilt("Meena")).load
    assert second is not None
    assert [row["name"] for row in exported(lender, tmp_path / "held.csv") if row["table"] == "borrower"] == ["Meena"]
    reject_load(second.id, actor="ravi", note="wrong file", clock=CLOCK)
    assert [row["name"] for row in exported(lender, tmp_path / "accepted.csv") if row["table"] == "borrower"] == ["Asha"]
    Load.objects.update(state="undone")
    with pytest.raises(ExportRefusedError, match="no accepted or held load"):
        exported(lender, tmp_path / "none.csv")
    assert not (tmp_path / "none.csv").exists()


def test_the_export_of_refused_rows_is_written_down_with_its_rows(lender: Lender, tmp_path: Path) -> None:
    """Who opened personal data, of which rows of which load."""
    load(lender, spoilt())
    rows = exported(lender, tmp_path / "mend.csv")
    entry = AuditEntry.objects.get(act="table.export")
    assert (entry.actor, entry.subject) == ("asha", "quarantine:2026-03-31")
    assert entry.after["personal_data_opened"] is True
    assert (entry.after["load"], entry.after["rows"], entry.after["file"]) == ("2026-03-31.1", len(rows), "mend.csv")
    opened = {(row["table"], row["file"], int(row["row"])) for row in rows}
    assert {(table, file, row) for table, file, numbers in entry.after["opened"] for row in numbers} == opened
