"""The log in a backup, and after a restore: it fits its records, and signs nothing that could contradict what was signed before."""

import shutil
from pathlib import Path

import pytest

from tests.backup.conftest import Kit
from tests.transparency.made import outside

pytestmark = pytest.mark.slow


def keys_of(kit: Kit, lender: Path) -> list[str]:
    """The key that an auditor was given."""
    return [str(kit.done(lender, "log", "status")["key"])]


def test_a_restored_log_waits_for_the_newest_checkpoint_and_then_goes_on(kit: Kit) -> None:
    lender, store = kit.lender(), kit.root / "store"
    size = kit.done(lender, "log", "sequence")["size"]
    seen = Path(shutil.copy(lender / "log" / "checkpoint", kit.root / "seen"))
    kit.done(lender, "backup", "--to", store)
    back = kit.restored(lender, store)
    assert outside("log", back / "log", "--seen", seen, trusted=keys_of(kit, lender))[0] == 0
    assert "came back from the backup" in kit.refused(back, "log", "sequence")
    assert kit.done(back, "check")["done"]
    assert kit.done(back, "log", "resume", "--seen", seen)["size"] == size
    assert kit.done(back, "log", "sequence")["size"] > size
    assert outside("log", back / "log", "--seen", seen, trusted=keys_of(kit, lender))[0] == 0
    assert kit.done(back, "check")["done"]


def test_records_from_before_a_signed_checkpoint_never_go_on_under_its_name(kit: Kit) -> None:
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "log", "sequence")
    kit.done(lender, "backup", "--to", store)
    for _ in range(2):  # the backup is an act, and each publishing one more
        kit.done(lender, "log", "publish")
    newest = lender / "log" / "checkpoint"
    back = kit.restored(lender, store)
    assert "the records are older than the log" in kit.refused(back, "log", "resume", "--seen", newest)
    shutil.rmtree(back / "log")
    shutil.copytree(lender / "log", back / "log")
    assert kit.run(back, "check").code != 0
    again = kit.done(back, "log", "resume", "--origin", "kaveri/second-log")
    assert again["origin"] == "kaveri/second-log"
    kit.done(back, "log", "sequence")
    assert kit.done(back, "check")["done"]
    assert outside("log", back / "log", trusted=keys_of(kit, back))[0] == 0


def test_a_log_that_grew_while_the_backup_was_taken_comes_back_as_of_one_checkpoint(kit: Kit) -> None:
    """Killed after the records, the backup is begun again; the tiles of the first try have grown by then."""
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "log", "sequence")
    assert kit.run(lender, "backup", "--to", store, SULAH_STRIKE="backup.records_taken").killed
    kit.done(lender, "log", "publish")
    kit.done(lender, "log", "sequence")
    kit.done(lender, "backup", "--to", store)
    assert kit.done(kit.restored(lender, store), "check")["done"]
