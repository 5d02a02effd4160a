"""Killed or out of disk at every point of a backup, a restore and a retention: nothing half looks whole, and the next try ends well."""

import shutil
from pathlib import Path

import pytest

from tests.backup.conftest import DAYS, Kit, book_of
from tests.campaigns.disk import small_disk

BACKUP = ("backup.begun", "backup.records_taken", "backup.file_taken:20", "backup.before_manifest", "backup.manifest_written")
RESTORE = ("restore.verified", "restore.file_placed:20", "restore.records_placed", "restore.checked", "restore.before_name")
FAULTS = ("kill", "enospc")
LATER = "2037-01-01"


def whole_backups(store: Path) -> list[str]:
    """The backups that a restore would find."""
    folder = store / "backups"
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith(".")) if folder.is_dir() else []


def struck(kit: Kit, lender: Path, how: str, point: str, *arguments: object) -> None:
    """Run a command and strike; out of disk it says so in words and ends with 1."""
    said = kit.run(lender, *arguments, SULAH_STRIKE=point, SULAH_STRIKE_WITH=how)
    assert said.killed if how == "kill" else said.code == 1, said.words
    assert how == "kill" or "The disk is full" in said.words


@pytest.mark.slow
@pytest.mark.parametrize("point", BACKUP)
@pytest.mark.parametrize("how", FAULTS)
def test_a_backup_struck_anywhere_is_no_backup_and_the_next_is_whole(kit: Kit, point: str, how: str) -> None:
    """The lender is as before; what was copied is used by the next try; it restores."""
    lender, store = kit.lender(), kit.root / "store"
    before = book_of(lender)
    struck(kit, lender, how, point, "backup", "--to", store)
    assert whole_backups(store) == []
    assert book_of(lender) == before
    assert "There is no backup yet" in kit.refused(lender, "restore", store, "--to", kit.root / "early")
    kit.done(lender, "backup", "--to", store)
    assert len(list((store / "backups").iterdir())) == 1
    assert book_of(kit.restored(lender, store)) == before


def test_a_backup_killed_after_it_got_its_name_is_whole(kit: Kit) -> None:
    """Only its audit entry is missing."""
    lender, store = kit.lender(), kit.root / "store"
    struck(kit, lender, "kill", "backup.named", "backup", "--to", store)
    assert len(whole_backups(store)) == 1
    assert book_of(kit.restored(lender, store)) == book_of(lender)


@pytest.mark.slow
@pytest.mark.parametrize("point", RESTORE)
@pytest.mark.parametrize("how", FAULTS)
def test_a_restore_struck_anywhere_is_no_lender_and_the_next_is_whole(kit: Kit, point: str, how: str) -> None:
    """The new folder does not exist until all is in it and was checked; the next try goes on with what lies there."""
    lender, store, target = kit.lender(), kit.root / "store", kit.root / "back"
    kit.done(lender, "backup", "--to", store)
    struck(kit, lender, how, point, "restore", store, "--to", target, "--keys", lender / "keys")
    assert not target.exists()
    kit.done(lender, "restore", store, "--to", target, "--keys", lender / "keys")
    assert book_of(target) == book_of(lender)
    assert kit.done(target, "check")["done"]
    assert not target.with_name("back.restoring").exists()


def test_a_store_without_room_is_told_before_anything_is_copied(kit: Kit) -> None:
    """On a real small disk: how much is needed, how much there is."""
    lender = kit.lender()
    with small_disk(kit.root / "disk") as disk:
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
        words = kit.refused(lender, "backup", "--to", disk / "store")
        assert "disk is full" in words or "MB free" in words
        assert whole_backups(disk / "store") == []
        filler.unlink()
        kit.done(lender, "backup", "--to", disk / "store")
        assert len(whole_backups(disk / "store")) == 1


@pytest.mark.parametrize("point", ["retain.entry_written", "retain.path_removed"])
def test_a_retention_killed_in_between_is_finished_by_the_next(kit: Kit, point: str) -> None:
    """The entry stands first, so the check never misses a file that was let go."""
    lender = kit.lender()
    struck(kit, lender, "kill", point, "retain", "--as-of", LATER, "--do")
    assert kit.done(lender, "check")["done"]
    kit.done(lender, "retain", "--as-of", LATER, "--do")
    assert not (lender / "book" / "loads" / f"{DAYS[0]}.1" / "quarantine.parquet").exists()
    assert kit.done(lender, "check")["done"]
