"""The key store: one random key a borrower, made once, wrapped, rotated, copied, and gone for good when it is destroyed."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sulah.adapters.book.keycopies import forget_copies, wrong_copies
from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key, read_key
from sulah.adapters.book.keykeeping import Gone, bring_back, change_key, copy_keys, days_of_copies
from sulah.adapters.book.keystore import NEXT_KEY, STORE, Kind, connected, identity_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import RAW, KeyDestroyedError, Vault, VaultError, number_of
from sulah.kernel.terms import EntityType
from tests.real.command import done, new_lender, sulah

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender with the key that wraps all others."""
    root = tmp_path / "lender"
    make_key(root / "keys" / PERSONAL_KEY)
    return Lender(root, "Test", EntityType.NBFC_MFI)


def bytes_of(folder: Path) -> bytes:
    """Every byte of every file below a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def wrapped(lender: Lender, borrower: str) -> bytes:
    """A borrower's key as it lies in the store."""
    asked = "SELECT wrapped FROM key WHERE name = ?"
    return bytes(connected(lender.keys / STORE).execute(asked, (borrower,)).fetchone()[0])


def test_what_is_sealed_for_a_borrower_opens_again_and_for_its_subject_alone(lender: Lender) -> None:
    vault = Vault(lender)
    sealed = vault.seal_about("B-1", "outbox|m-1", "Asha")
    assert "Asha" not in sealed
    assert Vault(lender).unseal("outbox|m-1", sealed) == "Asha"
    with pytest.raises(VaultError, match="does not open"):
        vault.unseal("outbox|m-2", sealed)


def test_two_seals_of_one_text_are_equal_for_one_borrower_and_differ_between_two(lender: Lender) -> None:
    vault = Vault(lender)
    one, again, other = (vault.seal_about(who, "s", "Asha") for who in ("B-1", "B-1", "B-2"))
    assert one == again
    assert number_of(one) != number_of(other)
    assert one.rpartition(".")[2] != other.rpartition(".")[2]


def test_a_key_is_drawn_and_not_derived_from_the_lenders(lender: Lender, tmp_path: Path) -> None:
    other = Lender(tmp_path / "other", "Test", EntityType.NBFC_MFI)
    (other.keys).mkdir(parents=True)
    (other.keys / PERSONAL_KEY).write_bytes((lender.keys / PERSONAL_KEY).read_bytes())
    assert Vault(lender).number_key("+919820000001") == Vault(other).number_key("+919820000001")
    assert Vault(lender).seal_about("B-1", "s", "Asha") != Vault(other).seal_about("B-1", "s", "Asha")


def test_many_people_are_sealed_and_opened_in_one_look(lender: Lender) -> None:
    vault = Vault(lender)
    people = [(f"B-{n}", f"B-{n}", f'{{"name": "N{n}"}}') for n in range(500)]
    sealed = vault.seal_people(people)
    assert sealed == vault.seal_people(people)
    rows = [(person, text or "") for (person, _, _), text in zip(people, sealed, strict=True)]
    assert [row["name"] for row in vault.open_people(rows)] == [f"N{n}" for n in range(500)]


def test_a_wrapped_key_moved_into_another_row_does_not_open(lender: Lender) -> None:
    vault = Vault(lender)
    vault.seal_about("B-1", "s", "x")
    sealed = vault.seal_about("B-2", "s", "y")
    with vault.store.writing() as connection:
        connection.execute("UPDATE key SET wrapped = ? WHERE name = 'B-2'", (wrapped(lender, "B-1"),))
    with pytest.raises(VaultError, match="does not open the key"):
        vault.unseal("s", sealed)


def test_what_loads_sealed_before_keys_per_borrower_still_opens(lender: Lender) -> None:
    import base64
    import hashlib

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = hashlib.sha256(b"seal" + read_key(lender.keys / PERSONAL_KEY)).digest()
    before = base64.b64encode(bytes(12) + AESGCM(key).encrypt(bytes(12), b'{"name": "Asha"}', b"B-1")).decode()
    vault = Vault(lender)
    assert vault.is_before(before)
    assert vault.open("B-1", before) == {"name": "Asha"}
    assert vault.open_people([("B-1", before)]) == [{"name": "Asha"}]


def test_a_destroyed_key_opens_nothing_and_its_bytes_are_nowhere(lender: Lender) -> None:
    vault = Vault(lender)
    sealed = vault.seal_about("B-1", "B-1", '{"name": "Asha"}')
    kept = vault.seal_about("B-2", "B-2", '{"name": "Ravi"}')
    before = wrapped(lender, "B-1")
    assert before in bytes_of(lender.keys)
    assert vault.store.destroy(Kind.BORROWER, ["B-1"], NOW) == 1
    assert before not in bytes_of(lender.keys)
    with pytest.raises(KeyDestroyedError):
        vault.unseal("B-1", sealed)
    assert vault.open("B-1", sealed) == {}
    assert vault.open_people([("B-1", sealed), ("B-2", kept)]) == [{}, {"name": "Ravi"}]
    assert (vault.erased(["B-1", "B-2"]), vault.erased()) == ({"B-1"}, {"B-1"})
    assert vault.seal_people([("B-1", "B-1", "x"), ("B-2", "B-2", "x")])[0] is None
    with pytest.raises(KeyDestroyedError):
        vault.seal_about("B-1", "B-1", "x")


def test_a_borrower_who_begins_anew_gets_another_key_and_the_old_seal_stays_shut(lender: Lender) -> None:
    vault = Vault(lender)
    sealed = vault.seal_about("B-1", "B-1", '{"name": "Asha"}')
    vault.store.make_anew("B-1")
    assert number_of(vault.seal_about("B-1", "B-1", "x")) == number_of(sealed)  # alive: nothing to make anew
    vault.store.destroy(Kind.BORROWER, ["B-1"], NOW)
    vault.store.make_anew("B-1")
    anew = vault.seal_about("B-1", "B-1", '{"name": "Asha R"}')
    assert vault.open_people([("B-1", sealed), ("B-1", anew)]) == [{}, {"name": "Asha R"}]
    assert vault.erased(["B-1"]) == set()


def test_a_period_key_opens_its_month_and_no_other_when_destroyed(lender: Lender) -> None:
    vault = Vault(lender)
    october, november = (vault.seal_until("raw", day, "s", "x") for day in (date(2026, 10, 31), date(2026, 11, 1)))
    vault.store.destroy(Kind.PERIOD, ["raw/2026-10"], NOW)
    assert vault.unseal("s", november) == "x"
    with pytest.raises(KeyDestroyedError):
        vault.unseal("s", october)


def test_a_lost_key_store_is_never_replaced_by_an_empty_one(lender: Lender) -> None:
    Vault(lender).seal_about("B-1", "s", "x")
    (lender.keys / STORE).unlink()
    with pytest.raises(VaultError, match="sulah keys restore"):
        Vault(lender)


def test_a_damaged_key_store_is_refused_with_words(lender: Lender) -> None:
    Vault(lender).seal_about("B-1", "s", "x")
    (lender.keys / STORE).write_bytes(b"no database at all" * 400)
    with pytest.raises(VaultError, match="damaged"):
        Vault(lender)


def test_rotation_wraps_every_key_anew_and_everything_still_opens(lender: Lender) -> None:
    vault = Vault(lender)
    sealed, number, who = vault.seal_about("B-1", "s", "Asha"), vault.number_key("+919820000001"), identity_of(lender.keys)
    old, before = read_key(lender.keys / PERSONAL_KEY), wrapped(lender, "B-1")
    assert change_key(lender) == 3  # the borrower's, and the lender's own two
    assert read_key(lender.keys / PERSONAL_KEY) != old
    assert {path.name for path in lender.keys.iterdir()} == {PERSONAL_KEY, STORE}
    assert before not in bytes_of(lender.keys)
    for one in (vault, Vault(lender)):  # one that was open all the time, and a new one
        assert (one.unseal("s", sealed), one.number_key("+919820000001")) == ("Asha", number)
    assert vault.unseal("s", vault.seal_about("B-9", "s", "new")) == "new"
    assert identity_of(lender.keys) == who


_ROTATE = """
import sys
from pathlib import Path
from sulah.adapters.book.keykeeping import change_key
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import EntityType
change_key(Lender(Path(sys.argv[1]), "Test", EntityType.NBFC_MFI))
"""


@pytest.mark.parametrize("point", ["keys.next_made", "keys.rewrapped", "keys.changed"])
def test_a_rotation_killed_at_any_point_goes_on_and_loses_nothing(lender: Lender, point: str) -> None:
    vault = Vault(lender)
    sealed = vault.seal_about("B-1", "s", "Asha")
    old = read_key(lender.keys / PERSONAL_KEY)
    given = {**os.environ, "SULAH_STRIKE": point, "SULAH_STRIKE_WITH": "kill"}
    killed = subprocess.run([sys.executable, "-c", _ROTATE, str(lender.root)], env=given, check=False)
    assert killed.returncode == -9
    assert Vault(lender).unseal("s", sealed) == "Asha"
    made = Vault(lender).seal_about("B-2", "s", "between")
    change_key(lender)
    assert read_key(lender.keys / PERSONAL_KEY) != old
    assert NEXT_KEY not in {path.name for path in lender.keys.iterdir()}
    assert [Vault(lender).unseal("s", one) for one in (sealed, made)] == ["Asha", "between"]


def test_a_copy_brings_the_keys_back_without_those_destroyed_since(lender: Lender, tmp_path: Path) -> None:
    vault = Vault(lender)
    sealed = [vault.seal_about(who, "s", who) for who in ("B-1", "B-2")]
    copied = copy_keys(lender, tmp_path / "copies", NOW)
    assert copied.keys == 4
    vault.store.destroy(Kind.BORROWER, ["B-1"], NOW)
    (lender.keys / STORE).unlink()
    assert bring_back(lender, copied.path, Gone(["B-1"]), NOW) == 1
    assert Vault(lender).unseal("s", sealed[1]) == "B-2"
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal("s", sealed[0])


def test_a_copy_brings_back_no_earlier_key_of_one_who_was_erased_and_came_back(lender: Lender, tmp_path: Path) -> None:
    """The certificate names the key by its number; the one made anew is not in the copy, and what it sealed waits for the right copy."""
    store = Vault(lender).store
    sealed = Vault(lender).seal_about("B-1", "s", "then")
    number = store.numbers(Kind.BORROWER, ["B-1"])["B-1"]
    copied = copy_keys(lender, tmp_path / "copies", NOW)
    store.destroy(Kind.BORROWER, ["B-1"], NOW)
    store.make_anew("B-1")
    assert bring_back(lender, copied.path, Gone(keys={number: "B-1"}), NOW) == 1
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal("s", sealed)
    assert Vault(lender).store.destroyed(Kind.BORROWER) == {"B-1"}


def test_who_was_erased_stays_erased_by_a_copy_older_than_the_persons_key(lender: Lender, tmp_path: Path) -> None:
    """The copy knows nothing of the person: without a note in it the next extract would make a new key."""
    Vault(lender).seal_about("B-0", "s", "x")
    copied = copy_keys(lender, tmp_path / "copies", NOW)
    store = Vault(lender).store
    Vault(lender).seal_about("B-1", "s", "x")
    number = store.numbers(Kind.BORROWER, ["B-1"])["B-1"]
    store.destroy(Kind.BORROWER, ["B-1"], NOW)
    assert bring_back(lender, copied.path, Gone(["B-1"], {number: "B-1"}), NOW) == 0
    assert Vault(lender).store.destroyed(Kind.BORROWER) == {"B-1"}
    with pytest.raises(KeyDestroyedError):
        Vault(lender).seal_about("B-1", "s", "again")
    assert Vault(lender).store.numbers(Kind.BORROWER, ["B-1"]) == {"B-1": number}


def test_a_copy_brings_back_no_key_of_a_month_that_is_over(lender: Lender, tmp_path: Path) -> None:
    sealed = Vault(lender).seal_until(RAW, NOW.date(), "s", "x")
    copied = copy_keys(lender, tmp_path / "copies", NOW)
    months = Vault(lender).store.names(Kind.PERIOD)
    assert bring_back(lender, copied.path, Gone(months=months), NOW) == 1
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal("s", sealed)


@pytest.mark.parametrize("point", ["keys.bringing_back", "keys.brought_back"])
def test_killed_while_a_copy_is_brought_back_nothing_destroyed_since_opens(lender: Lender, tmp_path: Path, point: str) -> None:
    sealed = Vault(lender).seal_about("B-1", "s", "x")
    copied = copy_keys(lender, tmp_path / "copies", NOW)
    Vault(lender).store.destroy(Kind.BORROWER, ["B-1"], NOW)
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from sulah.adapters.book.layout import Lender; "
        "from sulah.kernel.terms import EntityType; from sulah.adapters.book.keykeeping import Gone, bring_back; "
        "lender = Lender(Path(sys.argv[1]), 'Test', EntityType.NBFC_MFI); "
        "bring_back(lender, Path(sys.argv[2]), Gone(['B-1']), datetime(2026, 11, 23, tzinfo=UTC))"
    )
    given = {**os.environ, "SULAH_STRIKE": point, "SULAH_STRIKE_WITH": "kill"}
    done = subprocess.run([sys.executable, "-c", program, str(lender.root), str(copied.path)], env=given, check=False, timeout=120)
    assert done.returncode == -9
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal("s", sealed)
    assert bring_back(lender, copied.path, Gone(["B-1"]), NOW) == 1
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal("s", sealed)


def test_the_copy_of_another_lender_changes_nothing(lender: Lender, tmp_path: Path) -> None:
    sealed = Vault(lender).seal_about("B-1", "s", "x")
    other = Lender(tmp_path / "other", "Test", EntityType.NBFC_MFI)
    make_key(other.keys / PERSONAL_KEY)
    copied = copy_keys(other, tmp_path / "copies", NOW)
    with pytest.raises(VaultError, match="another lender"):
        bring_back(lender, copied.path, Gone(), NOW)
    assert Vault(lender).unseal("s", sealed) == "x"


def test_copies_go_when_the_cycle_is_over_and_not_a_day_sooner(lender: Lender, tmp_path: Path) -> None:
    Vault(lender).seal_about("B-1", "s", "x")
    folder = tmp_path / "copies"
    first = copy_keys(lender, folder, NOW)
    assert copy_keys(lender, folder, NOW + timedelta(days=28)).removed == ()
    assert copy_keys(lender, folder, NOW + timedelta(days=28, seconds=1)).removed == (first.path.name,)
    assert wrapped(lender, "B-1") in bytes_of(folder)
    Vault(lender).store.destroy(Kind.BORROWER, ["B-1"], NOW)


def test_what_a_killed_copy_left_is_named_past_its_day_and_goes_with_the_cycle(lender: Lender, tmp_path: Path) -> None:
    copy = copy_keys(lender, tmp_path / "disk", NOW)
    part = copy.path.with_name(f".{copy.path.name}.part")
    part.write_bytes(copy.path.read_bytes())
    assert part.name in wrong_copies(lender, DAY + timedelta(days=30), 28)[0]
    assert copy_keys(lender, tmp_path / "disk", NOW + timedelta(days=29)).removed == (part.name, copy.path.name)


def test_copies_in_a_folder_that_is_used_no_more_go_with_the_next_one_elsewhere(lender: Lender, tmp_path: Path) -> None:
    Vault(lender).seal_about("B-1", "s", "x")
    first = copy_keys(lender, tmp_path / "old disk", NOW)
    later = copy_keys(lender, tmp_path / "new disk", NOW + timedelta(days=29))
    assert later.removed == (first.path.name,)
    assert list((tmp_path / "old disk").iterdir()) == []


@pytest.mark.parametrize(("days", "past"), [(29, False), (30, True)])
def test_a_copy_past_its_day_is_named_with_what_removes_it(lender: Lender, tmp_path: Path, days: int, past: bool) -> None:
    copy = copy_keys(lender, tmp_path / "disk", NOW)
    wrong = wrong_copies(lender, DAY + timedelta(days=days), 28)
    assert [copy.path.name in words and f"sulah keys backup --to {tmp_path / 'disk'}" in words for words in wrong] == [True] * past
    copy_keys(lender, tmp_path / "disk", NOW + timedelta(days=days))
    assert wrong_copies(lender, DAY + timedelta(days=days), 28) == []


@pytest.mark.parametrize("way", ["gone", "not mounted"])
def test_a_copy_out_of_sight_is_named_until_it_is_back_or_forgotten(lender: Lender, tmp_path: Path, way: str) -> None:
    copy = copy_keys(lender, tmp_path / "disk", NOW)
    (tmp_path / "disk").rename(tmp_path / "away")
    if way == "not mounted":
        (tmp_path / "disk").mkdir()
    copy_keys(lender, tmp_path / "another", NOW + timedelta(days=40))
    [words] = wrong_copies(lender, DAY + timedelta(days=40), 28)
    assert f"{tmp_path / 'disk'}: {copy.path.name} cannot be seen there, and the last is to be gone by 22 Dec 2026" in words
    assert f"sulah keys forget {tmp_path / 'disk'}" in words
    if way == "gone":
        (tmp_path / "away").rename(tmp_path / "disk")
        assert copy_keys(lender, tmp_path / "another", NOW + timedelta(days=41)).removed == (copy.path.name,)
    else:
        assert forget_copies(lender, tmp_path / "disk") == 1
    assert wrong_copies(lender, DAY + timedelta(days=41), 28) == []


@pytest.mark.parametrize("days", [0, 31, True, "28"])
def test_a_cycle_longer_than_thirty_days_is_refused(lender: Lender, days: object) -> None:
    told = Lender(lender.root, "Test", EntityType.NBFC_MFI, settings={"keys": {"backup_days": days}})
    with pytest.raises(VaultError, match="from 1 to 30"):
        days_of_copies(told)


def test_a_copy_within_the_lenders_own_folder_is_refused(lender: Lender) -> None:
    with pytest.raises(VaultError, match="another disk"):
        copy_keys(lender, lender.root / "book" / "copies", NOW)


def test_check_names_a_copy_that_cannot_be_seen_and_forgets_it_when_told(tmp_path: Path) -> None:
    root, disk = new_lender(tmp_path / "lender"), tmp_path / "disk"
    copy = Path(done("keys", "backup", "--to", disk, "--lender", root)["copy"])
    assert done("check", "--lender", root)["wrong"]["keys"] == []
    disk.rename(tmp_path / "away")
    said = sulah("check", "--json", "--lender", root)
    assert (said.code, [copy.name in words for words in said.fields["wrong"]["keys"]]) == (1, [True])
    assert done("keys", "forget", disk, "--lender", root)["forgotten"] == 1
    assert done("check", "--lender", root)["wrong"]["keys"] == []
