"""Bounced debits between two extracts: checked and tied out like an extract, once, and without any say in days past due."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.actions.load_extract import LoadError, LoadOutcome
from sulah.actions.load_supplement import is_supplement, load_supplement
from sulah.adapters.book.bounces import ReturnedDebits, bounces_of_loan
from sulah.adapters.book.reader import Condition, equals
from sulah.adapters.book.sound import DamagedFileError
from sulah.daycycle.run import run_day
from sulah.daycycle.steps import STEPS
from sulah.intake.bounce_reason import reason_of
from sulah.intake.mapping import PLAIN
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.supplement import Supplement
from tests.intake.extract import AS_OF, Rows, good, write
from tests.watch.inbox import Inbox, kinds

BOUNCES: Rows = [
    {"bounce_id": "X1", "loan_id": "L1", "presented_on": "2026-03-05", "amount": "5100", "reason_code": "4", "mandate_id": "M1"},
    {"bounce_id": "X2", "loan_id": "L2", "presented_on": "2026-03-05", "amount": "21000", "reason_code": "60", "mandate_id": ""},
]
MANDATES: Rows = [{"mandate_id": "M1", "loan_id": "L1", "kind": "nach", "status": "active"}]


def begun(inbox: Inbox) -> Load:
    """The good extract, accepted."""
    inbox.drop()
    inbox.settle()
    return Load.objects.get()


def between(inbox: Inbox, tables: dict[str, Rows], as_of: date = AS_OF) -> LoadOutcome:
    """Write the tables and load them as a supplement."""
    folder = inbox.root / "between"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, tables)
    return load_supplement(inbox.lender, folder, as_of, actor="asha", clock=lambda: inbox.moment, code_version="test")


def told(inbox: Inbox, loan_id: str) -> list[tuple[object, ...]]:
    """The returned debits that the loan's page would show."""
    rows = bounces_of_loan(inbox.lender, Load.objects.get(), loan_id, AS_OF)
    return [(row["bounce_id"], row["amount_paise"], row["kind"], row["came_with"]) for row in rows]


def test_bounces_alone_stand_on_the_accepted_load_and_tie_out(inbox: Inbox) -> None:
    begun(inbox)
    outcome = between(inbox, {"bounce": BOUNCES, "mandate": MANDATES})
    report = outcome.report
    assert (report.load, report.parent, report.state) == ("2026-03-31.1-s1", "2026-03-31.1", "accepted")
    assert report.ties
    assert {tie.table: (tie.rows, tie.loaded, tie.paise_loaded) for tie in report.files} == {
        "mandate": (1, 1, 0),
        "bounce": (2, 2, 2_610_000),
    }
    assert told(inbox, "L1") == [("X1", 510_000, "nach", "2026-03-31.1-s1")]
    assert AuditEntry.objects.filter(act="load_supplement", subject="2026-03-31.1-s1").count() == 1
    assert Load.objects.count() == 1


def test_rows_that_cannot_be_are_set_aside_with_a_code_and_counted(inbox: Inbox) -> None:
    begun(inbox)
    wrong = [
        {**BOUNCES[0], "bounce_id": "X3", "loan_id": "L9"},
        {**BOUNCES[0], "bounce_id": "X4", "presented_on": "2026-04-01"},
        {**BOUNCES[0], "bounce_id": "X5", "amount": "much"},
    ]
    report = between(inbox, {"bounce": [*BOUNCES, *wrong]}).report
    assert {(code.code, code.count) for code in report.codes} == {("orphan_loan", 1), ("future_dated", 1), ("amount_unreadable", 1)}
    assert [(tie.rows, tie.loaded, tie.quarantined, tie.ties) for tie in report.files] == [(5, 2, 3, True)]
    assert told(inbox, "L9") == []


def test_the_same_bounces_again_are_a_no_op(inbox: Inbox) -> None:
    begun(inbox)
    between(inbox, {"bounce": BOUNCES})
    again = between(inbox, {"bounce": BOUNCES})
    assert again.repeated
    assert again.report.load == "2026-03-31.1-s1"
    assert Supplement.objects.count() == 1


def test_a_bounce_sent_twice_is_told_once_as_it_was_sent_last(inbox: Inbox) -> None:
    begun(inbox)
    between(inbox, {"bounce": BOUNCES})
    between(inbox, {"bounce": [{**BOUNCES[0], "amount": "5000"}]})
    assert told(inbox, "L1") == [("X1", 500_000, "nach", "2026-03-31.1-s2")]


def test_bounces_of_the_extract_and_later_ones_stand_together(inbox: Inbox) -> None:
    inbox.drop(tables={**good(), "bounce": [{**BOUNCES[0], "bounce_id": "X0", "presented_on": "2026-02-05"}]})
    inbox.settle()
    between(inbox, {"bounce": BOUNCES})
    assert [row[0] for row in told(inbox, "L1")] == ["X1", "X0"]


def test_a_supplement_of_the_next_day_stands_on_the_load_before_it(inbox: Inbox) -> None:
    begun(inbox)
    late = [{**BOUNCES[0], "presented_on": "2026-04-01"}]
    assert between(inbox, {"bounce": late}, AS_OF + timedelta(days=1)).report.parent == "2026-03-31.1"


def test_without_an_accepted_load_or_before_it_the_words_say_what_to_do(inbox: Inbox) -> None:
    with pytest.raises(LoadError, match="Load the extract first"):
        between(inbox, {"bounce": BOUNCES})
    begun(inbox)
    with pytest.raises(LoadError, match="is older"):
        between(inbox, {"bounce": BOUNCES}, AS_OF - timedelta(days=1))


def test_an_unreadable_file_is_refused_and_nothing_is_kept(inbox: Inbox) -> None:
    begun(inbox)
    outcome = between(inbox, {"bounce": [{"bounce_id": "X1", "loan_id": "L1"}]})
    assert outcome.load is None
    assert {code.code for code in outcome.report.codes} == {"column_missing"}
    assert list((inbox.lender.book / "supplements").iterdir()) == []


@pytest.mark.parametrize(
    ("table", "expected"), [("bounce", True), ("collection", True), ("mandate", True), ("repayment", False), ("loan", False)]
)
def test_only_tables_that_may_come_between_two_extracts_make_a_supplement(tmp_path: Path, table: str, expected: bool) -> None:
    write(tmp_path / "sent", {table: [{"x": "1"}], "bounce": BOUNCES})
    assert is_supplement(tmp_path / "sent", PLAIN, AS_OF) is expected


def test_the_watcher_takes_bounces_that_come_after_the_extract_of_the_date(inbox: Inbox) -> None:
    begun(inbox)
    inbox.drop(tables={"bounce": BOUNCES})
    assert kinds(inbox.settle()) == ["loaded"]
    assert inbox.filed() == ["done/2026-03-31.1", "done/2026-03-31.1-s1"]


def test_a_changed_file_of_a_supplement_is_never_shown(inbox: Inbox) -> None:
    begun(inbox)
    between(inbox, {"bounce": BOUNCES})
    path = inbox.lender.book / "supplements" / "2026-03-31.1-s1" / "bounce.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedFileError, match=r"bounce\.parquet of supplement 2026-03-31\.1-s1"):
        told(inbox, "L1")


def test_a_bounce_by_itself_changes_no_day(inbox: Inbox) -> None:
    """The posting does: the day after the supplement is the day before it, byte by byte."""
    load = begun(inbox)
    about = {"actor": "asha", "clock": lambda: inbox.moment, "code": "test", "load": load}
    run_day(inbox.lender, AS_OF, **about)  # type: ignore[arg-type]
    before = DayRun.objects.get().tables
    between(inbox, {"bounce": BOUNCES})
    assert run_day(inbox.lender, AS_OF, **about).repeated  # type: ignore[arg-type]
    assert DayRun.objects.get().tables == before
    assert not any("bounce" in step.text() for step in STEPS)


def test_a_return_told_of_after_the_day_is_planned_for_at_once_and_only_on_the_last_day(inbox: Inbox) -> None:
    """A file of the next morning: yesterday's book, today's returns; a past day stays as it was known."""
    load = begun(inbox)
    about = {"actor": "asha", "clock": lambda: inbox.moment, "code": "test", "load": load}
    run_day(inbox.lender, AS_OF, **about)  # type: ignore[arg-type]
    tomorrow = AS_OF + timedelta(days=1)
    debit = {
        "bounce_id": "X9",
        "loan_id": "L2",
        "presented_on": tomorrow.isoformat(),
        "amount": "21000",
        "reason_code": "04",
        "mandate_id": "",
    }
    between(inbox, {"bounce": [*BOUNCES, debit]}, tomorrow)
    with ReturnedDebits(DayRun.objects.get(), inbox.lender) as day:
        (row,) = day.rows("presentation", where=(equals("outcome", "planned"),))
        others = day.count("presentation", where=(Condition("outcome", "<>", "planned"),))
    assert (row["bounce_id"], row["tries"], row["present_on"]) == ("X9", 2, tomorrow + timedelta(days=3))
    assert (row["present_paise"], row["overdue_paise"]) == (2_099_995, 2_099_995)
    assert others == 1
    run_day(inbox.lender, tomorrow, **about)  # type: ignore[arg-type]
    with ReturnedDebits(DayRun.objects.get(as_of=AS_OF), inbox.lender) as day:
        assert {row["bounce_id"] for row in day.rows("presentation")} == {"X1", "X2"}


ROWS = load_policy().for_entity(EntityType.NBFC_MFI).in_force("bounce_reason", AS_OF)


@given(
    kind=st.sampled_from(["nach", "upi_autopay", "card", ""]),
    code=st.one_of(st.none(), st.text(max_size=4), st.sampled_from(["4", "04", "Z9"])),
)
def test_every_code_has_words_and_an_answer(kind: str, code: str | None) -> None:
    found = reason_of(ROWS, kind, code)
    assert found is not None
    assert found["words"]
    assert found["again"] in ("yes", "after_change", "no")


@pytest.mark.parametrize(
    ("kind", "code", "again"),
    [
        ("nach", "04", "yes"),
        ("nach", "4", "yes"),
        ("nach", "01", "no"),
        ("nach", "61", "after_change"),
        ("nach", "60", "no"),
        ("upi_autopay", "z9", "yes"),
    ],
)
def test_codes_say_whether_the_debit_may_be_presented_again(kind: str, code: str, again: str) -> None:
    found = reason_of(ROWS, kind, code)
    assert found is not None
    assert found["again"] == again
