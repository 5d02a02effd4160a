"""The runner: what it refuses, what it publishes, and that a past day comes back to the same bytes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from sulah.actions.decide_load import undo_load
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.actions.publish_day import LoadGoneError, OtherWorklistError
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.lock import BusyError, sole_runner
from sulah.adapters.book.vault import make_key
from sulah.daycycle.run import DayOutcome, DayRefusedError, replay_day, run_day
from sulah.kernel.dates import fixed_clock
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun
from sulah.records.workitem import WorkItem
from tests.intake.extract import write
from tests.paper import Extract, book, loan

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
DAY = date(2026, 3, 31)
LATE, GOOD = ("2026-03-01", 1000), ("2026-12-31", 1000)
PAID = [("2026-03-02", 1)]


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender's folder with keys and an empty policy folder."""
    root = tmp_path / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "policy").mkdir()
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n[load]\noverdue_move_bps = 100000\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return open_lender(root)


def take(lender: Lender, as_of: date, *loans: Extract) -> None:
    """Load these loans as the extract of a day."""
    tables = {table: rows for table, rows in book(*loans).items() if rows}
    tables.setdefault(
        "repayment", [{"repayment_id": "none", "loan_id": loans[0]["loan"][0]["loan_id"], "paid_on": "2025-01-01", "amount": "0.01"}]
    )
    folder = lender.root / "inbox" / str(as_of)
    outcome = load_extract(lender, write(folder, tables), as_of, actor="asha", clock=CLOCK, code_version="test")
    assert outcome.report.state == "accepted", outcome.report.reasons


def run(lender: Lender, as_of: date, tell: Callable[[str, int, int], None] | None = None) -> DayOutcome:
    """Run a day on the current load."""
    load = current_load(as_of)
    assert load is not None
    return run_day(lender, as_of, actor="asha", clock=CLOCK, code="test", load=load, tell=tell)


def test_only_differences_are_published(lender: Lender) -> None:
    """Opened, left as it was, closed, opened again, changed: the passing of a day alone changes no row."""
    take(lender, DAY, loan("A", [LATE], PAID), loan("B", [LATE]))
    first = run(lender, DAY).published
    assert first is not None
    assert (first.opened, first.changed, first.closed, first.unchanged) == (2, 0, 0, 0)
    take(lender, DAY + timedelta(1), loan("A", [LATE], PAID), loan("B", [LATE], [("2026-04-01", 1000)]))
    second = run(lender, DAY + timedelta(1)).published
    assert second is not None
    assert (second.opened, second.changed, second.closed, second.unchanged) == (0, 0, 1, 1)  # A is a day older
    assert WorkItem.objects.get(borrower_id="B-B").closed_on == DAY + timedelta(1)
    item = WorkItem.objects.get(borrower_id="B-A")
    assert (item.opened_on, item.changed_on, item.overdue_since) == (DAY, DAY, date.fromisoformat(LATE[0]))
    after = DAY + timedelta(2)
    take(lender, after, loan("A", [LATE], [*PAID, ("2026-04-01", 400)]), loan("B", [LATE], [("2026-04-01", "999.99")]))
    third = run(lender, after).published
    assert third is not None
    assert (third.opened, third.changed, third.closed) == (1, 1, 0)
    item, again = WorkItem.objects.get(borrower_id="B-A"), WorkItem.objects.get(borrower_id="B-B")
    assert (item.opened_on, item.changed_on) == (DAY, after)
    assert (again.opened_on, again.changed_on, again.closed_on) == (after, after, None)


def test_a_day_is_not_published_over_items_that_no_run_published(lender: Lender) -> None:
    """The database and the book must come from one moment: else nothing is written, in words."""
    take(lender, DAY, loan("A", [LATE]), loan("B", [LATE]))
    run(lender, DAY)
    WorkItem.objects.filter(borrower_id="B-B").delete()
    with pytest.raises(OtherWorklistError, match="1 open items, the last published worklist 2"):
        run(lender, DAY + timedelta(1))
    assert not DayRun.objects.filter(as_of=DAY + timedelta(1)).exists()


def test_the_ledger_row_the_audit_and_the_worklist_speak_of_one_day(lender: Lender) -> None:
    """All of them are written in one act."""
    take(lender, DAY, loan("A", [LATE]))
    outcome = run(lender, DAY)
    row = DayRun.objects.get(as_of=DAY)
    entry = AuditEntry.objects.get(act="day.commit")
    assert entry.after["published"] == row.published == outcome.run.published
    assert row.steps.count() == len(row.tables)
    assert WorkItem.objects.count() == row.counts["worklist"]


def test_a_day_run_again_on_the_same_inputs_leaves_the_first_in_place(lender: Lender) -> None:
    """Every byte is compared; nothing is written, nothing published."""
    take(lender, DAY, loan("A", [LATE]))
    first = run(lender, DAY)
    again = run(lender, DAY)
    assert (again.repeated, again.published, again.run.path) == (True, None, first.run.path)
    assert [path.name for path in lender.days.iterdir()] == [Path(first.run.path).name]


def test_a_day_before_the_last_one_is_refused(lender: Lender) -> None:
    """Past days are never written again."""
    take(lender, DAY, loan("A", [LATE]))
    run(lender, DAY)
    with pytest.raises(DayRefusedError, match="sulah replay"):
        run(lender, DAY - timedelta(1))


@pytest.mark.parametrize(("days", "refused"), [(366, False), (367, True)])
def test_a_mistyped_year_is_refused(lender: Lender, days: int, refused: bool) -> None:
    """A day may stand on an extract of a year ago, with a note; not on an older one."""
    take(lender, DAY, loan("A", [GOOD]))
    if refused:
        with pytest.raises(DayRefusedError, match="Look at the year"):
            run(lender, DAY + timedelta(days))
        assert not DayRun.objects.exists()
    else:
        assert "366 day(s) old" in run(lender, DAY + timedelta(days)).notes[0]


def test_two_runners_never_work_on_one_book(lender: Lender) -> None:
    """The second is told to wait."""
    take(lender, DAY, loan("A", [LATE]))
    with sole_runner(lender), pytest.raises(BusyError, match="Another load or day cycle"):
        run(lender, DAY)


def test_a_load_undone_while_the_day_runs_takes_the_day_with_it(lender: Lender) -> None:
    """The load is looked at once more in the transaction that would commit the day."""
    take(lender, DAY, loan("A", [LATE]))

    def undo(table: str, _done: int, _total: int) -> None:
        if table == "worklist":
            undo_load(f"{DAY}.1", actor="bala", note="wrong file", clock=CLOCK)

    with pytest.raises(LoadGoneError, match="was undone"):
        run(lender, DAY, undo)
    assert not DayRun.objects.exists()
    assert not WorkItem.objects.exists()
    assert list(lender.days.iterdir()) == []


def test_a_past_day_is_rebuilt_to_the_same_bytes_whatever_came_after(lender: Lender, tmp_path: Path) -> None:
    """Later loads, later days and another policy do not touch what a day was made from."""
    take(lender, DAY, loan("A", [LATE]))
    run(lender, DAY)
    take(lender, DAY + timedelta(1), loan("A", [LATE], [("2026-04-01", 1000)]), loan("NEW", [LATE]))
    run(lender, DAY + timedelta(1))
    (lender.policy / "load_threshold.toml").write_text("", "utf-8")
    for day in (DAY, DAY + timedelta(1)):
        replay = replay_day(lender, day, code="test", folder=tmp_path / str(day))
        assert (replay.different, replay.published_same, replay.notes) == ((), True, ())
        assert len(replay.same) == len(DayRun.objects.get(as_of=day).tables)


def test_a_policy_with_a_gap_runs_nothing(lender: Lender) -> None:
    """The words name the row; no day is committed."""
    take(lender, DAY, loan("A", [LATE]))
    (lender.policy / "bucket.toml").write_text('[[remove]]\nrule_id = "BKT-31-60"\n', "utf-8")
    with pytest.raises(DayRefusedError, match="nothing ran"):
        run(lender, DAY)
    assert not DayRun.objects.exists()


@pytest.mark.parametrize("recorded", [True, False])
def test_a_replay_whose_input_is_lost_is_refused_in_words(lender: Lender, tmp_path: Path, recorded: bool) -> None:
    """Also for loads of an earlier version, which recorded no digests."""
    take(lender, DAY, loan("A", [LATE]))
    made = run(lender, DAY).run
    if not recorded:
        made.load.report = {key: value for key, value in made.load.report.items() if key != "digests"}
        made.load.save()
    (lender.book / made.load.path / "due" / "0000.parquet").unlink()
    with pytest.raises(DayRefusedError, match=rf"due.* of load {DAY}.1 is missing.*Restore it from the backup"):
        replay_day(lender, DAY, code="test", folder=tmp_path / "again")
