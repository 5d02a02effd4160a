"""Extracts that were loaded where they lie: in the inbox they are sealed and end with their month, elsewhere they are the lender's."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sulah.actions.decide_load import approve_load, reject_load, undo_load
from sulah.actions.load_extract import load_extract
from sulah.actions.load_supplement import load_supplement
from sulah.actions.loaded_files import loaded_in_inbox, loads_from_elsewhere
from sulah.actions.retain_keys import destroy_keys
from sulah.actions.seal_filed import seal_filed
from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import opened_file
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.inbox import batches_of
from sulah.adapters.lms.inbox_settings import watch_of
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.audit import AuditEntry
from sulah.records.load import Load
from tests.intake.extract import AS_OF, Rows, good, write
from tests.real.command import done as command_done
from tests.real.command import new_lender, sulah

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": "asha", "clock": fixed_clock(NOW)}
NEXT = AS_OF + timedelta(days=1)
AFTER = date(2026, 4, 30) + timedelta(days=367)
"""The first day on which what was sealed in April 2026 is past its period."""


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender whose extracts are loaded by hand."""
    root = tmp_path / "lender"
    make_key(root / "keys" / PERSONAL_KEY)
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return Lender(root, "Test", EntityType.NBFC_MFI, settings={"load": {"quarantine_percent": 100}})


def loaded(lender: Lender, folder: Path, as_of: date = AS_OF, tables: dict[str, Rows] | None = None) -> Load:
    """An extract that is written into a folder and loaded from there."""
    outcome = load_extract(lender, write(folder, good() if tables is None else tables), as_of, code_version="test", **WHO)
    assert outcome.load is not None
    return outcome.load


def other() -> dict[str, Rows]:
    """The same extract with another name in it."""
    tables = good()
    tables["borrower"][0]["name"] = "Somebody Else"
    return tables


def names(folder: Path) -> set[str]:
    """What lies in a folder, the endings of tables left out."""
    return {path.name.replace(".csv", "") for path in folder.iterdir()}


def dated(folder: Path, at: datetime) -> None:
    """Make its files as old as the story has them."""
    for path in folder.rglob("*"):
        os.utime(path, (at.timestamp(), at.timestamp()))


BOUNCE = {"bounce_id": "X1", "loan_id": "L1", "presented_on": "2026-03-05", "amount": "5100", "reason_code": "4", "mandate_id": "M1"}
SEALED = {f"{name}.sealed" for name in good()}


def test_an_extract_loaded_from_the_inbox_is_sealed_and_ends_with_its_month(lender: Lender) -> None:
    folder = lender.inbox / AS_OF.isoformat()
    given = write(folder, good()).joinpath("borrower.csv").read_bytes()
    (folder / "read me.txt").write_text("about Asha")
    loaded(lender, folder)
    dated(folder, NOW)
    assert seal_filed(lender, **WHO) == len(good()) + 1
    assert names(folder) == {*SEALED, "read me.txt.sealed"}
    assert b"".join(opened_file(Vault(lender), folder / "borrower.csv.sealed")) == given
    assert batches_of(watch_of(lender).sources[0]) == ([], [])
    dated(folder, NOW)
    assert destroy_keys(lender, AFTER - timedelta(days=1), **WHO) == []
    assert destroy_keys(lender, AFTER, **WHO) == ["extract/2026-04"]
    destroy_keys(lender, AFTER + timedelta(days=31), **WHO)
    assert names(folder) == set()


def test_an_extract_loaded_from_elsewhere_stays_and_its_load_is_named(lender: Lender, tmp_path: Path) -> None:
    ours, theirs, among = lender.inbox / AS_OF.isoformat(), tmp_path / "share" / NEXT.isoformat(), lender.root / "sent"
    days = (AS_OF, NEXT, NEXT + timedelta(days=1))
    loads = [loaded(lender, folder, as_of) for folder, as_of in zip((ours, theirs, among), days, strict=True)]
    assert loads_from_elsewhere(lender) == [load.pk for load in loads[1:]]
    assert seal_filed(lender, **WHO) == len(good())
    assert (names(ours), names(theirs), names(among)) == (SEALED, set(good()), set(good()))
    where = AuditEntry.objects.filter(act="load_extract").order_by("id").values_list("after__from", flat=True)
    assert list(where) == ["inbox/2026-03-31", "elsewhere", "sent"]


def test_a_link_into_the_inbox_does_not_make_the_files_behind_it_ours(lender: Lender, tmp_path: Path) -> None:
    theirs = write(tmp_path / "share", good())
    lender.inbox.mkdir(parents=True)
    (lender.inbox / AS_OF.isoformat()).symlink_to(theirs)
    loaded(lender, lender.inbox / AS_OF.isoformat())
    assert seal_filed(lender, **WHO) == 0
    assert names(theirs) == set(good())


def test_an_extract_that_waits_or_is_held_stays_in_clear_until_it_is_decided(lender: Lender) -> None:
    loaded(lender, lender.inbox / AS_OF.isoformat())
    waits = write(lender.inbox / NEXT.isoformat(), good())
    again = loaded(lender, lender.inbox / "core" / AS_OF.isoformat(), tables=other())
    assert again.state == "held"
    assert seal_filed(lender, **WHO) == len(good())
    assert (names(waits), names(lender.inbox / "core" / AS_OF.isoformat())) == (set(good()), set(good()))
    assert "borrower.csv lies beside what was loaded" in loaded_in_inbox(lender).left[0]
    approve_load(again.pk, actor="ravi", note="seen", clock=WHO["clock"])
    assert seal_filed(lender, **WHO) == len(good())


@pytest.mark.parametrize("way", ["rejected", "undone"])
def test_an_extract_that_was_turned_down_may_be_loaded_again_until_a_later_date_is(lender: Lender, way: str) -> None:
    if way == "rejected":
        loaded(lender, lender.inbox / "first")
    folder = lender.inbox / AS_OF.isoformat()
    load = loaded(lender, folder, tables=other())
    (reject_load if way == "rejected" else undo_load)(load.pk, actor="ravi", note="no", clock=WHO["clock"])
    seal_filed(lender, **WHO)
    assert names(folder) == set(good())
    loaded(lender, lender.inbox / NEXT.isoformat(), NEXT)
    seal_filed(lender, **WHO)
    assert names(folder) == SEALED


def test_a_file_that_nobody_loaded_keeps_its_whole_folder_and_is_named(lender: Lender) -> None:
    folder = lender.inbox / AS_OF.isoformat()
    loaded(lender, folder)
    write(folder, {"bounce": [BOUNCE]})
    assert seal_filed(lender, **WHO) == 0
    assert loaded_in_inbox(lender).left == ("inbox/2026-03-31: bounce.csv lies beside what was loaded, and no load took it",)
    (folder / "bounce.csv").rename(folder / "bounce.csv.part")
    assert seal_filed(lender, **WHO) == 0
    (folder / "bounce.csv.part").rename(lender.root / "bounce.csv")
    load_supplement(lender, lender.root / "bounce.csv", AS_OF, code_version="test", **WHO)
    (lender.root / "bounce.csv").rename(folder / "bounce.csv")
    assert seal_filed(lender, **WHO) == len(good()) + 1


def test_a_folder_that_no_name_gives_to_a_date_stays_while_a_later_extract_may_need_it(lender: Lender) -> None:
    used, once = lender.inbox / "nightly", lender.inbox / "march"
    loaded(lender, once)
    assert seal_filed(lender, **WHO) == 0
    assert loaded_in_inbox(lender).left == ("inbox/march: its name says no date, so a later extract may need what lies there",)
    for days in (1, 2):
        loaded(lender, used, AS_OF + timedelta(days=days))
    assert seal_filed(lender, **WHO) == len(good())
    assert (names(once), names(used)) == (SEALED, set(good()))
    loaded(lender, lender.inbox / "april", AS_OF + timedelta(days=3))
    assert seal_filed(lender, **WHO) == 0


def test_a_name_that_is_sent_again_takes_nothing_of_what_was_sealed_before(lender: Lender) -> None:
    folder = lender.inbox / AS_OF.isoformat()
    loaded(lender, folder)
    seal_filed(lender, **WHO)
    for path in folder.iterdir():
        if path.name != "borrower.csv.sealed":
            path.unlink()
    held = loaded(lender, folder, tables=other())
    approve_load(held.pk, actor="ravi", note="seen", clock=WHO["clock"])
    seal_filed(lender, **WHO)
    assert names(folder) == {*SEALED, "again1.borrower.sealed"}
    said = [b"".join(opened_file(Vault(lender), folder / f"{name}borrower.csv.sealed")) for name in ("", "again1.")]
    assert [b"Somebody Else" in one for one in said] == [False, True]


def test_the_command_says_what_stays_in_clear_and_names_the_loads_from_elsewhere(tmp_path: Path) -> None:
    lender = new_lender(tmp_path / "lender")
    days = [(AS_OF + timedelta(days=days)).isoformat() for days in range(3)]
    for folder, day in zip((lender / "inbox" / days[0], tmp_path / "share", lender / "inbox" / "new"), days, strict=True):
        command_done("load", write(folder, good()), "--as-of", day, "--lender", lender)
    told = sulah("retain", "--as-of", days[2], "--lender", lender).words
    assert f"{len(good())} files of extracts that are loaded and lie in clear" in told
    assert f"Loaded from outside the inbox: {days[1]}.1. Their files are not ours to touch" in told
    assert "Left in clear: inbox/new" in told
    fields = command_done("retain", "--as-of", days[2], "--do", "--lender", lender)
    assert (fields["files_sealed"], fields["from_elsewhere"], len(fields["in_clear"])) == (len(good()), [f"{days[1]}.1"], 1)
    assert names(lender / "inbox" / days[0]) == SEALED
