"""Files of new rows and of changes: what each does to the book, and what it may not do."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.actions.decide_load import undo_load
from sulah.actions.load_extract import LoadError
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import quarantined_rows
from sulah.contracts.registry import EXTRACT
from sulah.records.load import Load
from tests.delta.lender import Row, write_delta
from tests.delta.routes import CLOCK, accepted, loaded, new_lender, rows_of
from tests.intake.extract import AS_OF, good, write

pytestmark = pytest.mark.django_db
NEXT = AS_OF + timedelta(1)
R3 = {"repayment_id": "R3", "loan_id": "L2", "paid_on": "2026-04-01", "amount": "100"}


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender with the good extract loaded: loans L1 and L2, repayments R1 and R2."""
    lender = new_lender(tmp_path / "lender", compact_share_bps=10_000)
    accepted(lender, write(lender.inbox / "first", dict(good())), AS_OF)
    return lender


def send(lender: Lender, *files: tuple[str, str, list[Row]], as_of: date = NEXT, since: str = "") -> Path:
    """A delta of files (table, mode, rows), applied in this order."""
    named = {f"{table}_{place}": {mode: rows} for place, (table, mode, rows) in enumerate(files)}
    return write_delta(lender.inbox / f"{as_of}-{len(list(lender.inbox.iterdir()))}", as_of, named, since=since)


def codes(load: Load) -> dict[str, int]:
    """How often each code of a refused row or a note was found."""
    return {code["code"]: code["count"] for code in load.report["codes"] if not code["code"].startswith("phone_")}


def ids(lender: Lender, load: Load, table: str, column: str) -> list[str]:
    """One column of an accepted table."""
    names = [c.name for c in EXTRACT[table].columns if not c.personal]
    return [row[names.index(column)] for row in rows_of(lender.book / load.path, table)]


def tie(load: Load, table: str) -> dict[str, Any]:
    """The tie-out of the table's only file."""
    return next(dict(one) for one in load.report["files"] if one["table"] == table)


def test_new_rows_are_added_and_the_rest_stays(lender: Lender) -> None:
    load = accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    assert ids(lender, load, "repayment", "repayment_id") == ["R1", "R2", "R3"]
    assert (load.report["accepted"]["repayment"], load.report["rows"], load.report["base"]) == (3, 1, "2026-03-31.1")
    assert load.report["worked_on"] == 1


def test_an_appended_row_that_the_book_has_is_a_copy_and_one_that_says_something_else_is_refused(lender: Lender) -> None:
    same = {"repayment_id": "R1", "loan_id": "L1", "paid_on": "2026-02-01", "amount": "5100.00", "booked_at": "2026-02-01 10:00:00"}
    other = {"repayment_id": "R2", "loan_id": "L2", "paid_on": "2026-02-06", "amount": "7"}
    load = accepted(lender, send(lender, ("repayment", "append", [same, other])), NEXT)
    assert codes(load) == {"append_of_known": 1, "duplicate_identical": 1}
    assert (tie(load, "repayment")["duplicates"], tie(load, "repayment")["quarantined"], tie(load, "repayment")["loaded"]) == (1, 1, 0)
    assert load.report["accepted"]["repayment"] == 2
    assert rows_of(lender.book / load.path, "receipt") == rows_of(lender.loads / "2026-03-31.1", "receipt")


def test_an_appended_borrower_with_the_same_telephone_written_otherwise_is_a_copy(lender: Lender) -> None:
    row = {**good()["borrower"][0], "phone": "+91 90000 00001"}
    load = accepted(lender, send(lender, ("borrower", "append", [row])), NEXT)
    assert codes(load) == {"duplicate_identical": 1}
    moved = {**row, "phone": "9000000009"}
    later = accepted(lender, send(lender, ("borrower", "append", [moved]), as_of=NEXT + timedelta(1)), NEXT + timedelta(1))
    assert codes(later) == {"append_of_known": 1}
    assert rows_of(lender.book / later.path, "borrower_private") == rows_of(lender.loads / "2026-03-31.1", "borrower_private")


def test_a_changed_row_replaces_and_a_tombstone_takes_away(lender: Lender) -> None:
    changed = {**good()["repayment"][0], "amount": "5000"}
    load = accepted(lender, send(lender, ("repayment", "changes", [changed, {"repayment_id": "R2", "deleted": "TRUE"}])), NEXT)
    assert (ids(lender, load, "repayment", "repayment_id"), ids(lender, load, "repayment", "amount_paise")) == (["R1"], [500_000])
    assert (tie(load, "repayment")["removed"], tie(load, "repayment")["loaded"], tie(load, "repayment")["paise"]) == (1, 1, 500_000)
    assert {row[6] for row in rows_of(lender.book / load.path, "receipt") if row[2] == NEXT} == {"R1", "R2"}  # void from that day on


def test_files_are_applied_in_the_order_of_the_manifest(lender: Lender) -> None:
    away = [{"repayment_id": "R3", "deleted": "1"}]
    load = accepted(lender, send(lender, ("repayment", "append", [R3]), ("repayment", "changes", away)), NEXT)
    assert ids(lender, load, "repayment", "repayment_id") == ["R1", "R2"]
    assert sum(one["removed"] for one in load.report["files"]) == 2
    other = NEXT + timedelta(1)
    again = accepted(lender, send(lender, ("repayment", "changes", away), ("repayment", "append", [R3]), as_of=other), other)
    assert ids(lender, again, "repayment", "repayment_id") == ["R1", "R2", "R3"]
    assert codes(again) == {"tombstone_unknown": 1}


@pytest.mark.parametrize(
    ("table", "rows", "code"),
    [
        ("repayment", [{"repayment_id": "R9", "deleted": "yes"}], "tombstone_unknown"),
        ("repayment", [{"repayment_id": "R1", "deleted": "perhaps"}], "deleted_unreadable"),
        ("repayment", [{"repayment_id": "", "loan_id": "L1", "deleted": "yes"}], "tombstone_without_key"),
        ("loan", [{"loan_id": "L1", "deleted": "yes"}], "tombstone_of_loan"),
        ("repayment", [{**good()["repayment"][0], "deleted": "no"}, {"repayment_id": "R1", "deleted": "yes"}], "changed_and_deleted"),
    ],
)
def test_what_cannot_be_applied_is_refused_with_a_code_and_the_book_stays(lender: Lender, table: str, rows: list[Row], code: str) -> None:
    load = accepted(lender, send(lender, (table, "changes", rows)), NEXT)
    assert codes(load) == {code: len(rows)}
    assert (tie(load, table)["quarantined"], tie(load, table)["loaded"]) == (len(rows), 0)
    for name in ("repayment", "loan", "instalment", "due", "receipt", "borrower_private"):
        assert rows_of(lender.book / load.path, name) == rows_of(lender.loads / "2026-03-31.1", name)
    assert rows_of(lender.book / load.path, "touched") == []
    later = accepted(lender, send(lender, ("repayment", "append", []), as_of=NEXT + timedelta(1)), NEXT + timedelta(1))
    assert list(quarantined_rows(lender, lender.book / later.path)) == []  # it never was part of the extract


def test_a_changed_row_that_cannot_be_read_takes_the_place_of_the_accepted_one_until_it_is_mended(lender: Lender) -> None:
    """As in the full extract with that row broken: the receipt known before stays, nothing is taken back."""
    broken = {**good()["repayment"][0], "amount": "lots"}
    load = accepted(lender, send(lender, ("repayment", "changes", [broken])), NEXT)
    assert ids(lender, load, "repayment", "repayment_id") == ["R2"]
    assert rows_of(lender.book / load.path, "receipt") == rows_of(lender.loads / "2026-03-31.1", "receipt")
    day = NEXT + timedelta(1)
    mended = accepted(lender, send(lender, ("repayment", "append", [good()["repayment"][0]]), as_of=day), day)
    assert ids(lender, mended, "repayment", "repayment_id") == ["R1", "R2"]
    assert (codes(mended), mended.report["quarantined"]) == ({}, 0)


def test_a_refused_row_waits_for_the_loan_that_a_later_delta_brings(lender: Lender) -> None:
    early = {**R3, "loan_id": "L3"}
    assert codes(accepted(lender, send(lender, ("repayment", "append", [early])), NEXT)) == {"orphan_loan": 1}
    day = NEXT + timedelta(1)
    loan = {"loan_id": "L3", "borrower_id": "B1", "product": "JLG", "disbursed_on": "2026-04-01", "principal": "10"}
    load = accepted(lender, send(lender, ("loan", "append", [loan]), as_of=day), day)
    assert ids(lender, load, "repayment", "repayment_id") == ["R1", "R2", "R3"]


def test_a_table_sent_whole_beside_changes_replaces_the_table(lender: Lender) -> None:
    only = [good()["repayment"][1]]
    load = accepted(lender, send(lender, ("repayment", "full", only), ("loan", "changes", [])), NEXT)
    assert ids(lender, load, "repayment", "repayment_id") == ["R2"]
    assert load.report["base"] == ""


def test_a_full_extract_may_follow_a_delta_in_layers(lender: Lender) -> None:
    paid = accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    tables = dict(good())
    tables["repayment"] = [*tables["repayment"], R3]
    whole = accepted(lender, write(lender.inbox / "whole", tables), NEXT + timedelta(1))
    for table in ("instalment", "repayment", "due", "receipt"):
        assert rows_of(lender.book / whole.path, table) == rows_of(lender.book / paid.path, table)
    assert rows_of(lender.book / whole.path, "touched") == []
    assert (whole.report["base"], paid.report["base"]) == ("", "2026-03-31.1")


def test_the_same_delta_twice_is_one_load(lender: Lender) -> None:
    folder = send(lender, ("repayment", "append", [R3]))
    once, again = loaded(lender, folder, NEXT), loaded(lender, folder, NEXT)
    assert again.repeated
    assert (once.report.load, Load.objects.count()) == (again.report.load, 2)


def test_a_delta_that_has_nothing_to_stand_on_is_refused_in_words(tmp_path: Path) -> None:
    lender = new_lender(tmp_path / "empty")
    lender.inbox.mkdir()
    outcome = loaded(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    assert outcome.report.codes[0].code == "delta_without_base"
    assert "Send a full extract first" in outcome.report.reasons[0]


def test_a_delta_since_another_load_is_refused_in_words(lender: Lender) -> None:
    lost = loaded(lender, send(lender, ("repayment", "append", [R3]), since="2026-03-30"), NEXT)
    assert (lost.load, lost.report.codes[0].code) == (None, "delta_gap")
    assert accepted(lender, send(lender, ("repayment", "append", [R3]), since="2026-03-31"), NEXT).report["delta"] is True


def test_a_second_delta_of_a_date_is_held_and_stands_on_the_day_before(lender: Lender) -> None:
    accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    second = loaded(lender, send(lender, ("repayment", "append", [{**R3, "amount": "5"}])), NEXT)
    assert (second.report.state, second.report.parent) == ("held", "2026-03-31.1")


def test_an_undone_delta_leaves_the_load_before(lender: Lender) -> None:
    load = accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    undo_load(load.pk, actor="asha", note="", clock=CLOCK)
    again = accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    assert (again.pk, again.parent_id) == ("2026-04-01.2", "2026-03-31.1")


def test_a_repair_of_a_delta_mends_its_refused_rows_and_carries_those_that_could_not_be_applied(lender: Lender, tmp_path: Path) -> None:
    rows = [{**R3, "amount": "much"}, {**good()["repayment"][1], "amount": "8"}]
    load = accepted(lender, send(lender, ("repayment", "append", rows)), NEXT)
    mend = write(tmp_path / "mend", {"repayment": [{**R3, "amount": "9"}]})
    mended = accepted(lender, mend, NEXT, repair=load.pk)
    assert ids(lender, mended, "repayment", "repayment_id") == ["R1", "R2", "R3"]
    assert [row["code"] for row in quarantined_rows(lender, lender.book / mended.path)] == ["append_of_known"]
    assert mended.report["base"] == ""


def test_a_file_of_a_base_that_was_changed_stops_the_next_load_in_words(lender: Lender) -> None:
    accepted(lender, send(lender, ("repayment", "append", [R3])), NEXT)
    path = lender.loads / "2026-03-31.1" / "due" / "0000.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    day = NEXT + timedelta(1)
    with pytest.raises(LoadError, match=r"due/0000.parquet of load 2026-03-31.1 is missing or was changed"):
        loaded(lender, send(lender, ("repayment", "append", []), as_of=day), day)
