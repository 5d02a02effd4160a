"""The access log: who opened whose personal data, kept as a dated row says and removed by nothing."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from sulah.actions.evidence.access_log import access_log, readings_of
from sulah.adapters.book.retention import Kept, shipped_rows
from sulah.records.audit import AuditEntry, write_audit
from tests.architecture.tree import ROOT

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


def read(people: list[str], days: int = 0) -> AuditEntry:
    """Somebody opened the data of some people."""
    after = {"page": "loans", "sight": "clear", "borrowers": people}
    return write_audit(at=AT + timedelta(days=days), actor="asha", act="read_personal", subject="page:loans", after=after)


def test_a_persons_readings_are_those_that_name_the_person_and_no_other() -> None:
    read(["B-1", "B-10"])
    read(["B-10"], 1)
    write_audit(at=AT, actor="ravi", act="evidence.document", subject="borrower:B-1", after={"form": "html"})
    write_audit(at=AT, actor="usha", act="stop.raise", subject="borrower:B-1")
    assert [(one["actor"], one["act"], one["people"]) for one in readings_of("B-1")] == [
        ("asha", "read_personal", 2),
        ("ravi", "evidence.document", 1),
    ]
    assert len(readings_of("B-10")) == 2
    assert readings_of("B-10", at__gte=AT + timedelta(hours=1))[0]["at"] == AT + timedelta(days=1)


def test_messages_read_and_all_that_was_taken_out_are_readings_of_the_person() -> None:
    """What opens everybody's data is everybody's reading; a table without a name is nobody's."""
    write_audit(at=AT, actor="asha", act="read_personal", subject="words:B-1", after={"page": "thread/B-1", "borrowers": ["B-1"]})
    write_audit(at=AT, actor="asha", act="read_personal", subject="words:B-1", after={"page": "before borrowers were named"})
    write_audit(at=AT, actor="meera", act="person.export", subject="borrower:B-1", after={"language": "hi"})
    write_audit(at=AT, actor="root", act="lender.export", subject="lender:2026-11-23", after={"personal_data_opened": True})
    write_audit(at=AT, actor="root", act="keys.open_file", subject="file:borrower.csv", after={"out": "x"})
    write_audit(at=AT, actor="ravi", act="table.export", subject="quarantine:2026-11-23", after={"personal_data_opened": True})
    write_audit(at=AT, actor="ravi", act="table.export", subject="position:2026-11-23", after={"rows": 9})
    everybody = [("root", "lender:2026-11-23"), ("root", "file:borrower.csv"), ("ravi", "quarantine:2026-11-23")]
    words = [("asha", "words:B-1")] * 2
    assert [(one["actor"], one["what"]) for one in readings_of("B-1")] == [*words, ("meera", "borrower:B-1"), *everybody]
    assert [(one["actor"], one["what"]) for one in readings_of("B-2")] == everybody
    assert access_log().entries == 6


def test_the_log_says_how_far_it_reaches_in_days_of_india() -> None:
    assert (access_log().entries, access_log().first) == (0, None)
    read(["B-1"])
    read(["B-1"], 5)
    found = access_log()
    assert (found.entries, found.first, found.last) == (2, date(2026, 11, 24), date(2026, 11, 29))


def test_no_piece_of_the_project_removes_or_changes_an_entry() -> None:
    """Nothing of ours deletes or updates the audit trail; a stranger with the database's password is what the log is for."""
    files = [path for path in (ROOT / "src").rglob("*.py") if "AuditEntry" in path.read_text("utf-8")]
    assert len(files) > 3
    touching = re.compile(r"AuditEntry\b[^\n]*\.(delete|update|bulk_update)\(")
    assert [path.name for path in files if touching.search(path.read_text("utf-8"))] == []


def test_the_period_of_the_log_is_a_dated_row_of_a_year_at_least() -> None:
    (row,) = (row for row in shipped_rows() if row.kind is Kept.ACCESS_LOG)
    assert (row.least_days, row.verify) == (366, True)
    assert "CERT-In" in row.citation
