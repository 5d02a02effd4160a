"""What hangs on a month: sealed files of the lender, raw bodies, refused rows; and the end of their key."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sulah.actions.contact.actor import machine
from sulah.actions.erase_person import lift_hold, place_hold
from sulah.actions.keep_keys import back_up_keys, keys_held, open_sealed_file, restore_keys, rotate_keys
from sulah.actions.load_extract import load_extract
from sulah.actions.retain_book import HeldByLawError, let_go
from sulah.actions.retain_keys import destroy_keys, keys_past
from sulah.actions.seal_filed import filed_open, seal_filed
from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import opened_file, seal_file
from sulah.adapters.book.vault import EXTRACT, RAW, KeyDestroyedError, Vault, VaultError, quarantined_rows
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.audit import AuditEntry
from sulah.records.contact.inbox import Inbox
from tests.intake.extract import AS_OF, good, write

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
CLOCK = fixed_clock(NOW)
WHO: dict[str, Any] = {"actor": "asha", "clock": CLOCK}
END = AS_OF.replace(day=31) + timedelta(days=366)
"""The last day on which what hangs on March 2026 is kept."""


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender that takes any share of refused rows."""
    root = tmp_path / "lender"
    make_key(root / "keys" / PERSONAL_KEY)
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return Lender(root, "Test", EntityType.NBFC_MFI, settings={"load": {"quarantine_percent": 100}})


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_sealed_file_opens_to_the_same_bytes_and_the_open_one_is_gone(lender: Lender, size: int) -> None:
    vault, path = Vault(lender), lender.root / "borrower.csv"
    given = os.urandom(size)
    path.write_bytes(given)
    sealed = seal_file(vault, EXTRACT, AS_OF, path)
    assert not path.exists()
    assert b"".join(opened_file(Vault(lender), sealed)) == given


@pytest.mark.parametrize("how", ["changed", "cut", "renamed", "swapped"])
def test_a_sealed_file_that_was_tampered_with_does_not_open(lender: Lender, how: str) -> None:
    vault, path = Vault(lender), lender.root / "borrower.csv"
    path.write_bytes(bytes(2 << 20))
    sealed = seal_file(vault, EXTRACT, AS_OF, path)
    raw = bytearray(sealed.read_bytes())
    head, block = raw.index(b"\n") + 1, (1 << 20) + 16
    if how == "changed":
        raw[-1] ^= 1
    elif how == "cut":
        raw = raw[: head + block]
    elif how == "swapped":
        raw = raw[:head] + raw[head + block :] + raw[head : head + block]
    sealed.write_bytes(bytes(raw))
    if how == "renamed":
        sealed = sealed.rename(lender.root / "other.csv.sealed")
    with pytest.raises(VaultError, match="does not open"):
        list(opened_file(vault, sealed))


def test_files_that_were_filed_away_are_sealed_and_can_be_opened_with_an_entry(lender: Lender) -> None:
    place = lender.inbox / "done" / "2026-03-31" / "borrower.csv"
    place.parent.mkdir(parents=True)
    place.write_text("borrower_id,name\nB-1,Asha\n")
    held = lender.inbox / "held" / "2026-03-30" / "borrower.csv"
    held.parent.mkdir(parents=True)
    held.write_text("waits")
    assert [path for path, _ in filed_open(lender)] == [place]
    assert seal_filed(lender, **WHO) == 1
    assert held.exists()
    assert not place.exists()
    out = lender.root / "out.csv"
    open_sealed_file(lender, place.with_name("borrower.csv.sealed"), out, **WHO)
    assert out.read_text() == "borrower_id,name\nB-1,Asha\n"
    assert list(AuditEntry.objects.values_list("act", flat=True)) == ["seal_files", "keys.open_file"]


def test_refused_rows_keep_their_key_while_their_load_has_them(lender: Lender) -> None:
    tables = good()
    tables["borrower"][1]["borrower_id"] = ""
    for as_of in (AS_OF, date(2027, 4, 2)):
        outcome = load_extract(lender, write(lender.inbox / "new", tables), as_of, code_version="test", **WHO)
        assert outcome.load is not None
    march = lender.book / "loads" / "2026-03-31.1"
    assert list(quarantined_rows(lender, march))
    after = END + timedelta(days=1)
    assert keys_past(lender, after) == []
    let_go(lender, after, **WHO)
    assert [key.name for key in keys_past(lender, END)] == []
    assert destroy_keys(lender, after, **WHO) == ["quarantine/2026-03"]
    assert list(quarantined_rows(lender, lender.book / "loads" / "2027-04-02.1"))


@pytest.mark.parametrize(("days", "gone"), [(0, []), (1, ["raw/2026-03"])])
def test_the_key_of_a_month_goes_the_day_after_its_last_day_is_past(lender: Lender, days: int, gone: list[str]) -> None:
    sealed = Vault(lender).seal_until(RAW, date(2026, 3, 1), "s", "9820012345")
    assert destroy_keys(lender, END + timedelta(days=days), **WHO) == gone
    if gone:
        with pytest.raises(KeyDestroyedError):
            Vault(lender).unseal("s", sealed)
    else:
        assert Vault(lender).unseal("s", sealed) == "9820012345"


def test_what_nobody_worked_on_yet_keeps_its_month(lender: Lender) -> None:
    sealed = Vault(lender).seal_until(RAW, AS_OF, "s", "x")
    row = Inbox.objects.create(channel="sms", provider="p", event_id="e", sealed=sealed, received_at=datetime(2026, 3, 31, tzinfo=UTC))
    assert destroy_keys(lender, END + timedelta(days=1), **WHO) == []
    row.processed_at = NOW
    row.save()
    assert destroy_keys(lender, END + timedelta(days=1), **WHO) == ["raw/2026-03"]


def test_a_legal_hold_keeps_every_key(lender: Lender) -> None:
    Vault(lender).seal_until(RAW, AS_OF, "s", "x")
    held = Lender(lender.root, "Test", EntityType.NBFC_MFI, settings={"retention": {"legal_hold": "Writ 1/2026"}})
    with pytest.raises(HeldByLawError, match="Writ 1/2026"):
        destroy_keys(held, END + timedelta(days=1), **WHO)


@pytest.mark.parametrize("person", ["", "B-1"])
def test_a_hold_that_was_placed_keeps_every_key_of_a_month_until_it_is_lifted(lender: Lender, person: str) -> None:
    """On all records nothing goes and the words say so; on one person no month's key, for what she wrote can lie under any."""
    Vault(lender).seal_until(RAW, AS_OF, "s", "x")
    by = machine("asha")
    hold = place_hold(person, reason="Writ 2/2026", by=by, clock=WHO["clock"])
    if person:
        assert destroy_keys(lender, END + timedelta(days=1), **WHO) == []
    else:
        for act in (destroy_keys, let_go):
            with pytest.raises(HeldByLawError, match="Writ 2/2026"):
                act(lender, END + timedelta(days=1), **WHO)
    lift_hold(hold.pk, reason="decided", by=by, clock=WHO["clock"])
    assert destroy_keys(lender, END + timedelta(days=1), **WHO) == ["raw/2026-03"]


def test_a_copy_of_the_keys_and_a_rotation_are_written_down(lender: Lender, tmp_path: Path) -> None:
    sealed = Vault(lender).seal_about("B-1", "s", "Asha")
    done = back_up_keys(lender, tmp_path / "copies", **WHO)
    later = fixed_clock(NOW + timedelta(hours=1))
    anew = rotate_keys(lender, tmp_path / "copies", actor="asha", clock=later)
    with pytest.raises(VaultError, match="does not open the key"):
        restore_keys(lender, done.path, **WHO)
    assert restore_keys(lender, anew.path, **WHO) == 0
    assert Vault(lender).unseal("s", sealed) == "Asha"
    assert keys_held(lender) == {"borrower": 1, "period": 0, "erased": 0}
    assert list(AuditEntry.objects.values_list("act", flat=True)) == ["keys.backup", "keys.rotate", "keys.backup", "keys.restore"]
