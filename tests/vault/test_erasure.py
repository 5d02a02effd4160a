"""Erasing a person: what stands against it, who approves it, what it takes out, and how it looks afterwards."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact_borrower import subject_of
from sulah.actions.erase_person import (
    ErasureRefusedError,
    ask_erasures,
    begin_anew,
    decide_erasures,
    end_erasures,
    lift_hold,
    place_hold,
)
from sulah.actions.erasure_certificate import certificate_page
from sulah.actions.evidence.erased import erased_people
from sulah.actions.keep_keys import back_up_keys, restore_keys
from sulah.actions.load_extract import load_extract
from sulah.actions.put_heard import subject_of as heard_subject
from sulah.actions.put_heard import words_of
from sulah.actions.read_personal import faces
from sulah.adapters.book.erased import wrong_erasures
from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key
from sulah.adapters.book.keystore import STORE
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import RowSource
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType, Role
from sulah.policy.erasure import Keeps, erasure_rows
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import Complaint, PersonNumber
from sulah.records.erasure import Erasure, ErasureState
from sulah.records.load import Load
from sulah.transparency.erasing import reasons_to_keep
from tests.intake.extract import good, write

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 4, 1, 3, tzinfo=UTC)
NOW = datetime(2032, 6, 1, 6, tzinfo=UTC)
"""More than five years after the loans ended."""
ASHA, RAVI = machine("asha"), machine("ravi")
CLOCK = fixed_clock(NOW)


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """B1 and B2, whose loans were closed when they first came."""
    return closed_lender(tmp_path / "lender", monkeypatch)


def closed_lender(root: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """The same, in a folder."""
    make_key(root / "keys" / PERSONAL_KEY)
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    made = Lender(root, "Test", EntityType.NBFC_MFI, settings={"load": {"quarantine_percent": 100}})
    tables = good()
    for row in tables["loan"]:
        row["status"] = "closed"
    loaded(made, tables, date(2026, 3, 31))
    return made


def loaded(lender: Lender, tables: Any, as_of: date) -> Load:
    """An extract that is accepted."""
    folder = write(lender.root / f"sent-{as_of}", tables)
    outcome = load_extract(lender, folder, as_of, actor="asha", clock=fixed_clock(THEN), code_version="test")
    assert outcome.load is not None
    return outcome.load


def heard_from(lender: Lender, person: str, words: str) -> Heard:
    """What somebody wrote to us, taken off the inbox and read."""
    vault, at = Vault(lender), THEN
    sealed = vault.seal_until("raw", at.date(), f"inbox|one|{words}", words)
    Inbox.objects.create(channel="sms", provider="one", event_id=words, sealed=sealed, received_at=at, processed_at=at)
    return Heard.objects.create(
        channel="sms", provider="one", event_id=words, kind="text", number_key="k", person=person, said_at=at, received_at=at, done_at=at,
        sealed=vault.seal_until("heard", at.date(), heard_subject("one", words), json.dumps({"from": "+91", "text": words})),
        reading={"intent": "other", "matched": words, "utr": "U1"},
    )  # fmt: skip


def sent_to(lender: Lender, person: str, words: str, state: str = "delivered") -> Outbox:
    """A message of ours."""
    sealed = Vault(lender).seal_about(person, subject_of(words), json.dumps({"to": "+91", "values": [], "text": words}))
    return Outbox.objects.create(
        reference=words, person=person, channel="sms", purpose="recovery", template="", number_key="k", sealed=sealed, state=state,
        not_before=THEN, not_after=THEN, queued_at=THEN, queued_by="x", changed_at=THEN,
    )  # fmt: skip


def erased(lender: Lender, *people: str) -> list[Erasure]:
    """Asked for by one, approved by another."""
    asked = ask_erasures(lender, people, reason="asked for in writing", by=ASHA, clock=CLOCK)
    assert {row.state for row in asked} == {"asked"}, [row.kept_for for row in asked]
    return decide_erasures(lender, [row.pk for row in asked], approve=True, by=RAVI, clock=CLOCK)


def test_a_person_whose_time_is_over_is_erased_and_certified(lender: Lender) -> None:
    said, sent = heard_from(lender, "B1", "pay later"), sent_to(lender, "B1", "your instalment")
    waits = sent_to(lender, "B1", "still queued", "queued")
    PersonNumber.objects.create(number_key="k", person="B1")
    Standing.objects.create(person="B1", numbers={"k": ["own", "good"]})
    [row] = erased(lender, "B1")
    assert row.state == ErasureState.DONE
    vault = Vault(lender)
    for gone in (said, sent):
        gone.refresh_from_db()
        with pytest.raises(KeyDestroyedError):
            vault.unseal(heard_subject("one", "pay later") if gone is said else subject_of("your instalment"), gone.sealed)
        assert gone.number_key == ""
    with pytest.raises(KeyDestroyedError):
        vault.unseal("inbox|one|pay later", Inbox.objects.get().sealed)
    assert said.reading == {"intent": "other"}
    waits.refresh_from_db()
    assert waits.state == "withdrawn"
    assert (PersonNumber.objects.count(), Standing.objects.get().numbers) == (0, {})
    assert row.certificate["counts"]["heard"] == 1
    assert row.certificate["key_copies_until"] == "2032-06-30"
    assert f"{row.certificate_sha256}" in certificate_page(row, None)
    acts = AuditEntry.objects.filter(subject__in=["borrower:B1", "person:B1"]).order_by("id")
    assert [entry.act for entry in acts] == ["erasure.asked", "erasure.approved", "person.erase"]
    assert erased_people(["B1", "B2"]) == {"B1": row.certificate_sha256}


def test_nobody_else_loses_anything(lender: Lender) -> None:
    other = heard_from(lender, "B2", "I am here")
    erased(lender, "B1")
    assert words_of(Vault(lender), other)[1] == "I am here"


def test_somebody_erased_shows_as_erased_and_leaves_no_entry_of_reading(lender: Lender) -> None:
    class Viewer:
        role = Role.COMPLIANCE.value

        def get_username(self) -> str:
            return "meera"

    def seen() -> list[str]:
        with RowSource(lender, Load.objects.get()) as source:
            shown = faces(["B1", "B2"], source=source, vault=Vault(lender), viewer=Viewer(), page="/x", clock=CLOCK)
        return [face.name for face in shown.values()]

    assert seen() == ["Asha Devi", "Ravi Kumar"]
    erased(lender, "B1")
    assert seen() == ["Erased B1", "Ravi Kumar"]
    assert AuditEntry.objects.filter(act="read_personal").latest("id").after["borrowers"] == ["B2"]


def test_a_later_extract_that_still_names_the_person_brings_nothing_back(lender: Lender) -> None:
    erased(lender, "B1")
    tables = good()
    for row in tables["loan"]:
        row["status"] = "closed"
    load = loaded(lender, tables, date(2026, 4, 30))
    with RowSource(lender, load) as source:
        assert [row["borrower_id"] for row in source.rows("borrower_private")] == ["B2"]
        assert [row["borrower_id"] for row in source.rows("account", order=("borrower_id",))] == ["B1", "B2"]


def test_a_new_relationship_begins_with_a_new_key(lender: Lender) -> None:
    message = sent_to(lender, "B1", "old words")
    erased(lender, "B1")
    begin_anew(lender, "B1", reason="new loan LN/9", by=ASHA, clock=CLOCK)
    assert Vault(lender).erased(["B1"]) == set()
    assert Vault(lender).seal_about("B1", "s", "new")
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal(subject_of("old words"), message.sealed)


@pytest.mark.parametrize("came_back", [False, True])
def test_a_copy_of_the_keys_from_before_brings_nobody_back(lender: Lender, tmp_path: Path, came_back: bool) -> None:
    """Not one who began anew either; what the store says is held against the certificates by every check."""
    message = sent_to(lender, "B1", "old words")
    copy = back_up_keys(lender, tmp_path / "copies", actor="asha", clock=CLOCK).path
    erased(lender, "B1")
    if came_back:
        begin_anew(lender, "B1", reason="new loan LN/9", by=ASHA, clock=CLOCK)
    shutil.copyfile(copy, lender.keys / STORE)
    assert [words.partition(" was")[0] for words in wrong_erasures(lender)] == ["B1"]
    assert restore_keys(lender, copy, actor="asha", clock=CLOCK) == 1
    assert wrong_erasures(lender) == []
    with pytest.raises(KeyDestroyedError):
        Vault(lender).unseal(subject_of("old words"), message.sealed)


@pytest.mark.parametrize("by", [ASHA, Actor("meera", Role.ADMINISTRATOR), Actor("meera", Role.COMPLIANCE, ("BR1",))])
def test_another_person_of_compliance_and_of_the_whole_lender_must_approve(lender: Lender, by: Actor) -> None:
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    with pytest.raises((ErasureRefusedError, NotPermittedError)):
        decide_erasures(lender, [row.pk], approve=True, by=by, clock=CLOCK)
    assert Vault(lender).erased() == set()


def test_a_request_can_be_declined_and_asked_for_again(lender: Lender) -> None:
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    with pytest.raises(ErasureRefusedError, match="asked already"):
        ask_erasures(lender, ["B1"], reason="again", by=ASHA, clock=CLOCK)
    assert decide_erasures(lender, [row.pk], approve=False, by=RAVI, clock=CLOCK, note="wrong person")[0].state == "declined"
    erased(lender, "B1")
    with pytest.raises(ErasureRefusedError, match="done already"):
        ask_erasures(lender, ["B1"], reason="again", by=ASHA, clock=CLOCK)


def test_law_keeps_a_person_five_years_and_the_refusal_says_until_when(lender: Lender) -> None:
    with RowSource(lender, Load.objects.get()) as source:
        ended = source.rows("account", where=())[0]["ended_on"]
    last = ended + timedelta(days=1827)
    for day, state in ((last, "refused"), (last + timedelta(days=1), "asked")):
        clock = fixed_clock(datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
        [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=clock)
        assert row.state == state
        if state == "refused":
            [kept] = row.kept_for
            assert (kept["rule"], kept["until"], kept["verify"]) == ("ERA-PMLA", last.isoformat(), True)


def test_a_hold_a_complaint_and_an_unknown_person_refuse_with_their_rule(lender: Lender) -> None:
    hold = place_hold("B1", reason="Writ 1/2032", by=ASHA, clock=CLOCK)
    Complaint.objects.create(number="C-1", kind="complaint", person="B2", channel="sms", opened_at=THEN, opened_by="x", reply_by=NOW.date())
    rows = ask_erasures(lender, ["B1", "B2", "B9"], reason="asked for", by=ASHA, clock=CLOCK)
    assert [[kept["rule"] for kept in row.kept_for] for row in rows] == [["ERA-HOLD"], ["ERA-COMPLAINT"], ["ERA-NONE"]]
    lift_hold(hold.pk, reason="decided", by=ASHA, clock=CLOCK)
    erased(lender, "B1")


def test_what_came_up_after_the_asking_refuses_at_the_approval(lender: Lender) -> None:
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    place_hold("", reason="Writ 2/2032", by=ASHA, clock=CLOCK)
    [row] = decide_erasures(lender, [row.pk], approve=True, by=RAVI, clock=CLOCK)
    assert (row.state, [kept["rule"] for kept in row.kept_for]) == ("refused", ["ERA-HOLD"])
    assert Vault(lender).erased() == set()


def test_an_erasure_that_ended_between_its_steps_is_finished(lender: Lender) -> None:
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    Erasure.objects.filter(pk=row.pk).update(seal="")
    row = Erasure.objects.get(pk=row.pk)
    row.state, row.decided_by, row.decided_at = ErasureState.APPROVED, "ravi", NOW
    row.save()
    Vault(lender).store.destroy("borrower", ["B1"], NOW)  # type: ignore[arg-type]  # killed after the key was gone
    assert end_erasures(lender, by=RAVI, clock=CLOCK) == 1
    assert end_erasures(lender, by=RAVI, clock=CLOCK) == 0
    assert Erasure.objects.get().state == "done"


def test_every_fact_has_a_rule_and_no_rule_is_without_a_source() -> None:
    assert {row.fact for row in erasure_rows()} == set(Keeps)
    assert all(row.citation and row.words for row in erasure_rows())


@pytest.mark.parametrize("fact", [row.fact for row in erasure_rows()])
def test_each_fact_alone_keeps_a_person(fact: Keeps) -> None:
    [row] = [row for row in erasure_rows() if row.fact is fact]
    on = date(2032, 6, 1)
    assert [kept.rule_id for kept in reasons_to_keep({fact: [on if row.days else None]}, erasure_rows(), on)] == [row.rule_id]
    assert reasons_to_keep({}, erasure_rows(), on) == ()


def test_a_surety_of_an_open_loan_is_kept(lender: Lender) -> None:
    tables = good()
    tables["loan"][0]["status"] = "closed"  # B1's own; B2's stays open
    tables["guarantor"] = [{"loan_id": "L2", "borrower_id": "B1", "from_on": "2026-01-05"}]
    loaded(lender, tables, date(2026, 5, 31))
    [row] = ask_erasures(lender, ["B1"], reason="asked for", by=ASHA, clock=CLOCK)
    assert "ERA-OPEN" in [kept["rule"] for kept in row.kept_for]
