"""Watching a folder: whole extracts are loaded as the command line would and filed away; half ones wait; nothing is deleted."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from sulah.actions.decide_load import approve_load, reject_load
from sulah.actions.watch_inbox import sole_watcher
from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.lock import BusyError, sole_runner
from sulah.records.load import Load
from tests.intake.extract import AS_OF, good, write
from tests.watch.inbox import QUIET, Inbox, kinds

NEXT = AS_OF + timedelta(days=1)


def other() -> dict[str, list[dict[str, str]]]:
    """The good extract with one other amount."""
    tables = good()
    tables["loan"][0]["principal"] = "10001"
    return tables


def test_an_extract_that_lay_still_is_loaded_and_filed_under_its_load(inbox: Inbox) -> None:
    inbox.drop()
    assert kinds(inbox.look()) == ["waiting"]
    inbox.later(QUIET)
    events = inbox.look()
    assert kinds(events) == ["loaded"]
    assert events[0].words == "Accepted as 2026-03-31.1: 9 rows, 0 refused. The files lie in done/2026-03-31.1."
    assert inbox.filed() == ["done/2026-03-31.1"]
    assert inbox.left() == []
    assert sorted(path.name for path in (inbox.folder / "done" / "2026-03-31.1").iterdir()) == [f"{table}.csv" for table in sorted(good())]


@pytest.mark.parametrize(("seconds", "kind"), [(QUIET - 1, "waiting"), (QUIET, "loaded"), (QUIET + 1, "loaded")])
def test_the_quiet_time_is_held_to_the_second(inbox: Inbox, seconds: int, kind: str) -> None:
    inbox.drop()
    inbox.look()
    inbox.later(seconds)
    assert kinds(inbox.look()) == [kind]


def test_a_copy_that_goes_on_growing_is_never_loaded(inbox: Inbox) -> None:
    folder = inbox.drop()
    for row in range(4):
        assert kinds(inbox.look()) == ["waiting"]
        with (folder / "repayment.csv").open("a") as handle:
            handle.write(f"R{row + 10},L1,2026-03-01,1,,\n")
        inbox.later(QUIET)
    assert Load.objects.count() == 0


def test_a_copy_under_a_temporary_name_keeps_the_whole_waiting(inbox: Inbox) -> None:
    (inbox.drop() / "contact.csv.filepart").write_text("contact_id")
    assert "contact.csv.filepart is still being written" in inbox.settle()[0].words
    assert Load.objects.count() == 0


def test_a_file_that_changes_while_it_is_read_is_not_loaded(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = inbox.drop()
    inbox.look()
    inbox.later(QUIET)
    (folder / "guarantor.csv").write_text("loan_id,borrower_id\n")
    assert kinds(inbox.look()) == ["waiting"]
    inbox.later(QUIET)
    from sulah.actions import watch_inbox
    from sulah.adapters.lms import inbox as lms_inbox

    laid = lms_inbox.laid_out

    def laid_out_then_appended(*given: object) -> Path:
        path = laid(*given)  # type: ignore[arg-type]
        with (folder / "repayment.csv").open("a") as handle:
            handle.write("R9,L1,2026-03-01,1,,\n")
        return path

    monkeypatch.setattr(watch_inbox, "laid_out", laid_out_then_appended)
    events = inbox.look()
    assert kinds(events) == ["not_now"]
    assert "changed while it was read" in events[0].words
    assert Load.objects.count() == 0
    assert list(inbox.lender.loads.iterdir()) == []
    assert inbox.left() == ["2026-03-31"]


def test_a_done_marker_is_waited_for_and_then_enough(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"complete": "done"}]}
    folder = inbox.drop()
    assert "there is no .done file yet" in inbox.settle()[0].words
    (folder / "extract.done").touch()
    assert kinds(inbox.look()) == ["loaded"]


def test_a_manifest_with_digests_is_enough_once_every_file_is_what_it_says(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"complete": "manifest"}]}
    folder = inbox.drop()
    whole = (folder / "repayment.csv").read_bytes()
    entries = "".join(f'[[file]]\nname = "{p.name}"\ntable = "{p.stem}"\nsha256 = "{sha256_of(p)}"\n' for p in sorted(folder.glob("*.csv")))
    (folder / "repayment.csv").unlink()
    assert "no manifest.toml yet" in inbox.look()[0].words
    (folder / "manifest.toml").write_text(f"as_of = 2026-03-31\n{entries}")
    assert "repayment.csv" in inbox.look()[0].words
    (folder / "repayment.csv").write_bytes(whole[:-20])
    assert "repayment.csv is not yet what manifest.toml says of it" in inbox.look()[0].words
    assert Load.objects.count() == 0
    (folder / "repayment.csv").write_bytes(whole)
    assert kinds(inbox.look()) == ["loaded"]


def test_a_manifest_whose_file_never_comes_waits_for_ever(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"complete": "manifest"}]}
    folder = inbox.drop()
    (folder / "manifest.toml").write_text('[[file]]\nname = "loan2.csv"\ntable = "loan"\n')
    assert kinds(inbox.settle()) == ["waiting"]
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["waiting"]


def test_a_damaged_file_of_a_manifest_is_refused_when_it_lies_still(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"complete": "manifest"}]}
    folder = inbox.drop()
    (folder / "manifest.toml").write_text(f'[[file]]\nname = "loan.csv"\ntable = "loan"\nsha256 = "{"0" * 64}"\n')
    assert kinds(inbox.settle()) == ["refused"]
    assert inbox.filed() == ["refused/2026-03-31.1"]
    assert "loan.csv" in (inbox.folder / "refused" / "2026-03-31.1" / "why.txt").read_text()


def test_dated_files_beside_each_other_are_one_extract(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"pattern": "*_%Y%m%d.csv"}]}
    files = inbox.dated_files()
    assert [event.words for event in inbox.settle()] == ["Accepted as 2026-03-31.1: 9 rows, 0 refused. The files lie in done/2026-03-31.1."]
    assert Load.objects.get().report["accepted"]["instalment"] == 3
    assert sorted(path.name for path in (inbox.folder / "done" / "2026-03-31.1").iterdir()) == sorted(path.name for path in files)
    assert inbox.left() == []
    assert not (inbox.folder / ".taking").exists()


def test_a_dated_marker_belongs_to_the_files_of_its_date(inbox: Inbox) -> None:
    inbox.watch = {"source": [{"pattern": "*_%Y%m%d.csv", "complete": "done"}]}
    inbox.dated_files()
    (inbox.folder / "20260330.done").touch()
    assert [event.words.partition("is not")[0] for event in inbox.look()] == ["The extract of 30 Mar 2026 ", "The extract of 31 Mar 2026 "]
    (inbox.folder / "20260331.done").touch()
    assert kinds(inbox.look()) == ["waiting", "loaded"]
    assert inbox.left() == ["20260330.done"]


def test_the_same_content_again_is_a_no_op_and_is_filed_beside_the_first(inbox: Inbox) -> None:
    inbox.drop()
    inbox.settle()
    inbox.drop()
    events = inbox.settle()
    assert kinds(events) == ["again"]
    assert Load.objects.count() == 1
    assert inbox.filed() == ["done/2026-03-31.1", "done/2026-03-31.1.again1"]


def test_other_content_of_the_same_date_is_held_and_moves_on_with_the_decision(inbox: Inbox) -> None:
    inbox.drop()
    inbox.settle()
    inbox.drop(tables=other())
    events = inbox.settle()
    assert kinds(events) == ["held"]
    assert "sulah approve 2026-03-31.2" in events[0].words
    assert inbox.filed() == ["done/2026-03-31.1", "held/2026-03-31.2"]
    approve_load("2026-03-31.2", actor="ravi", note="", clock=lambda: inbox.moment)
    assert kinds(inbox.look()) == ["decided"]
    assert inbox.filed() == ["done/2026-03-31.1", "done/2026-03-31.2"]


def test_a_rejected_load_moves_to_refused(inbox: Inbox) -> None:
    inbox.drop()
    inbox.settle()
    inbox.drop(tables=other())
    inbox.settle()
    reject_load("2026-03-31.2", actor="ravi", note="", clock=lambda: inbox.moment)
    inbox.look()
    assert inbox.filed() == ["done/2026-03-31.1", "refused/2026-03-31.2"]


def test_a_refused_extract_is_filed_with_the_reason_and_the_next_one_beside_it(inbox: Inbox) -> None:
    tables = good()
    del tables["loan"]
    for number in (1, 2):
        inbox.drop(tables=tables)
        events = inbox.settle()
        assert kinds(events) == ["refused"]
        assert not events[0].ok
        assert "no file of loans" in (inbox.folder / "refused" / f"2026-03-31.{number}" / "why.txt").read_text()
    assert Load.objects.count() == 0


def test_an_extract_older_than_the_last_accepted_is_refused(inbox: Inbox) -> None:
    inbox.drop(NEXT)
    inbox.settle()
    inbox.drop(AS_OF)
    events = inbox.settle()
    assert kinds(events) == ["refused"]
    assert "is older" in events[0].words
    assert [load.id for load in Load.objects.all()] == ["2026-04-01.1"]


def test_several_dates_are_loaded_oldest_first(inbox: Inbox) -> None:
    inbox.drop(NEXT)
    inbox.drop(AS_OF)
    assert [event.load for event in inbox.settle()] == ["2026-03-31.1", "2026-04-01.1"]


def test_a_date_that_has_not_come_is_left_alone(inbox: Inbox) -> None:
    """A slip of the year would make every true extract look old."""
    inbox.drop(date(2027, 3, 31))
    events = inbox.settle()
    assert kinds(events) == ["not_now"]
    assert "Correct the date in the name" in events[0].words
    assert inbox.left() == ["2027-03-31"]


def test_today_in_india_has_come_while_it_is_still_yesterday_in_utc(inbox: Inbox) -> None:
    inbox.moment = inbox.moment.replace(day=31, month=3, hour=18, minute=29, second=59)
    inbox.drop(NEXT)
    assert kinds(inbox.look()) == ["not_now"]
    inbox.later(1)
    assert kinds(inbox.look()) == ["waiting"]


def test_a_name_without_a_date_is_told_and_left_alone(inbox: Inbox) -> None:
    inbox.drop(name="2026-02-30")
    write(inbox.folder / "march", good())
    assert kinds(inbox.settle()) == ["stranger", "stranger"]
    assert inbox.left() == ["2026-02-30", "march"]


def test_a_busy_book_leaves_the_extract_for_the_next_look(inbox: Inbox) -> None:
    inbox.drop()
    inbox.look()
    inbox.later(QUIET)
    with sole_runner(inbox.lender):
        assert kinds(inbox.look()) == ["not_now"]
    assert inbox.left() == ["2026-03-31"]
    assert kinds(inbox.look()) == ["loaded"]


def test_only_one_watches(inbox: Inbox) -> None:
    with sole_watcher(inbox.lender), pytest.raises(BusyError, match="Another sulah watch"):
        inbox.look()


def test_the_day_runs_once_after_an_accepted_load_and_not_after_a_held_one(inbox: Inbox) -> None:
    inbox.watch = {"run_day": True}
    ran: list[str] = []
    inbox.drop()
    inbox.look()
    inbox.later(QUIET)
    inbox.look(lambda load: ran.append(load.id) or "ran")
    assert ran == ["2026-03-31.1"]
    inbox.drop(tables=other())
    inbox.look()
    inbox.later(QUIET)
    events = inbox.look(lambda load: ran.append(load.id) or "ran")
    assert "held" in kinds(events)
    assert "2026-03-31.2" not in ran


def test_each_source_uses_its_own_folder_and_mapping(inbox: Inbox) -> None:
    (inbox.root / "mappings").mkdir()
    inbox.watch = {"source": [{"name": "core"}, {"name": "south", "folder": "inbox/south", "mapping": "absent"}]}
    write(inbox.folder / "south" / "2026-03-31", good())
    events = inbox.settle()
    assert kinds(events) == ["stranger", "not_now"]
    assert "There is no mapping absent" in events[1].words
