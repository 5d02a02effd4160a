"""An agency's dialler log: hostile input, counted and tied out; its calls count for the caps; the same log twice changes nothing."""

import csv
from pathlib import Path
from typing import Any

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.contact.engage_agent import engage_agency
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.actions.contact.take_log import LogRefusedError, take_log
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault, make_key, quarantine_subject
from sulah.adapters.lms import dialler
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.intake.mapping import Mapping, mapping_of
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, ContactState, EntityType, Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact, ContactEvent, Inbound
from sulah.records.contact.dialler import DiallerLog
from tests.contact.people import BY, NOON, RULES, actor, put_person, sms

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON)
OURS = ("contact_id", "borrower_id", "at", "channel", "direction", "number_used", "outcome", "agent_id")
GOOD: list[dict[str, str]] = [
    dict(zip(OURS, row, strict=True))
    for row in (
        ("C1", "P1", "2026-11-24 10:00:00", "call", "out", "98765 43211", "connected", "A1-7"),
        ("C2", "P1", "2026-11-24 10:30:00", "call", "out", "+919876543211", "busy signal", "A1-7"),
        ("C3", "P2", "2026-11-23 18:59:59", "call", "out", "", "not_connected", ""),
        ("C4", "P1", "2026-11-24 11:00:00", "call", "in", "", "", ""),
    )
]


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender with a key, two people and an agency."""
    make_key(tmp_path / "keys" / "personal.key")
    (tmp_path / "mappings").mkdir()
    put_person("P1")
    put_person("P2")
    engage_agency("A1", "Agency", by=BY, clock=CLOCK)
    return Lender(tmp_path, "Test", EntityType.NBFC_MFI)


def log_of(lender: Lender, rows: list[dict[str, str]], name: str = "contact.csv") -> Path:
    """A log as a file."""
    path = lender.root / name
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def take(lender: Lender, path: Path, by: Actor = BY, mapping: Mapping | None = None) -> DiallerLog:
    """Take a log of agency A1 in."""
    return take_log(lender, path, "A1", by=by, clock=CLOCK, mapping=mapping)


def counts(entry: DiallerLog) -> tuple[int, int, int, int]:
    """Rows, taken, repeated, refused."""
    return entry.rows, entry.taken, entry.repeated, entry.refused


def test_the_calls_of_a_log_count_like_our_own(lender: Lender) -> None:
    """An outcome that nobody knows is read as the strictest; numbers are kept by their index."""
    entry = take(lender, log_of(lender, GOOD))
    assert counts(entry) == (4, 4, 0, 0)
    states = {row.intent: row.state for row in Contact.objects.all()}
    assert states == {"log:A1:C1": "connected", "log:A1:C2": "ambiguous", "log:A1:C3": "not_connected"}
    assert len(set(Contact.objects.filter(person="P1").values_list("number_key", flat=True))) == 1
    assert ContactEvent.objects.count() == 3
    facts = gather_facts("P1", NOON)
    assert [(one.state, one.purpose, one.source) for one in facts.contacts] == [
        (ContactState.CONNECTED, None, "agency_file"),
        (ContactState.AMBIGUOUS, None, "agency_file"),
    ]
    assert list(facts.last_inbound) == [Channel.CALL]
    answer = reserve_contact(sms(channel=Channel.CALL, by_hand=True), RULES, by=BY, clock=CLOCK)
    assert "FRQ-CALL-CONNECT" in answer.refusing
    audit = AuditEntry.objects.get(act="log.take")
    assert {name: audit.after[name] for name in ("rows", "taken")} == {"rows": 4, "taken": 4}


def test_the_same_log_twice_changes_nothing_and_a_longer_one_adds_only_what_is_new(lender: Lender) -> None:
    first = take(lender, log_of(lender, GOOD))
    assert take(lender, log_of(lender, GOOD)).pk == first.pk
    longer = take(lender, log_of(lender, [*GOOD, {**GOOD[0], "contact_id": "C9", "at": "2026-11-22 10:00:00"}]))
    assert counts(longer) == (5, 1, 4, 0)
    assert (Contact.objects.count(), Inbound.objects.count(), DiallerLog.objects.count()) == (4, 1, 2)


def test_a_call_that_is_told_otherwise_later_is_refused_and_the_ledger_stays(lender: Lender) -> None:
    take(lender, log_of(lender, GOOD))
    entry = take(lender, log_of(lender, [{**GOOD[0], "at": "2026-11-24 09:00:00"}, GOOD[1]]))
    assert counts(entry) == (2, 0, 1, 1)
    assert [finding[:3] for finding in entry.findings] == [[1, "contact_id", "duplicate_conflicting"]]
    assert Contact.objects.get(intent="log:A1:C1").at == NOON.replace(hour=4, minute=30)


SPOILED: dict[str, tuple[dict[str, str], str]] = {
    "unknown person": ({"borrower_id": "P9"}, "orphan_borrower"),
    "no person": ({"borrower_id": ""}, "required_missing"),
    "a channel that there is not": ({"channel": "pigeon"}, "term_unknown"),
    "a direction that there is not": ({"direction": "sideways"}, "term_unknown"),
    "no time": ({"at": ""}, "required_missing"),
    "a time that nobody can read": ({"at": "24/11/2026 at noon"}, "date_unreadable"),
    "a time to come": ({"at": "2026-11-25 10:00:00"}, "future_dated"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_row_that_cannot_be_true_is_set_aside_with_its_code_and_the_rest_is_taken(lender: Lender, case: str) -> None:
    change, code = SPOILED[case]
    entry = take(lender, log_of(lender, [*GOOD[:2], {**GOOD[0], "contact_id": "BAD", **change}, GOOD[2]]))
    assert counts(entry) == (4, 3, 0, 1)
    ((row, _, found, words),) = entry.findings
    assert (row, found, bool(words)) == (3, code, True)
    given = Vault(lender).unseal(quarantine_subject("contact", entry.content_sha256, 3), entry.sealed["3"])
    assert "BAD" in given
    assert "BAD" not in str(entry.findings)


def test_lines_that_are_no_rows_and_formulas_are_no_way_in(lender: Lender) -> None:
    """A stray quote, too many fields, a formula in a name: counted, sealed or taken as text; never run."""
    path = log_of(lender, [*GOOD, {**GOOD[0], "contact_id": "=HYPERLINK(1)", "at": "2026-11-21 10:00:00"}])
    path.write_text(path.read_text("utf-8") + "C5,P1,2026-11-24 10:00:00,call,out,,connected,A1-7,and,more\n", "utf-8")
    entry = take(lender, path)
    assert counts(entry) == (6, 5, 0, 1)
    assert Contact.objects.filter(intent="log:A1:=HYPERLINK(1)").exists()


def test_a_saved_mapping_reads_the_agencys_own_columns_and_codes(lender: Lender) -> None:
    text = (
        '[contact]\nfiles = ["calls*.csv"]\n[contact.columns]\ncontact_id = "UUID"\nborrower_id = "CUST"\nat = "START"\noutcome = "DISP"\n'
        'number_used = "DIALLED"\n[contact.constants]\nchannel = "call"\ndirection = "out"\n[contact.formats]\nat = "%d-%m-%Y %H:%M"\n'
        '[contact.codes.outcome]\nANS = "connected"\nNA = "not_connected"\n'
    )
    (lender.mappings / "dialler.toml").write_text(text, "utf-8")
    engage_agency("A1", "Agency", mapping={"name": "dialler"}, by=BY, clock=CLOCK)
    rows = [{"UUID": "7", "CUST": "P1", "START": "24-11-2026 10:05", "DISP": "NA", "DIALLED": "9876543211"}]
    entry = take(lender, log_of(lender, rows, "calls_24.csv"))
    assert (counts(entry), entry.mapping["name"]) == ((1, 1, 0, 0), "dialler")
    assert Contact.objects.get().state == "not_connected"
    assert take(lender, log_of(lender, rows, "calls_24.csv"), mapping=mapping_of("dialler", text)).pk == entry.pk


def test_a_file_that_is_mapped_wrongly_is_refused_as_a_whole(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialler, "MOST_REFUSED", 2)
    with pytest.raises(RefusedExtractError, match="look at the mapping"):
        take(lender, log_of(lender, [{**row, "channel": "pigeon"} for row in GOOD]))
    assert not Contact.objects.exists()
    assert not DiallerLog.objects.exists()


def test_what_is_no_file_of_contacts_is_refused(lender: Lender) -> None:
    (lender.root / "elsewhere").symlink_to(log_of(lender, GOOD))
    (lender.root / "empty.csv").write_text("")
    for name, error in (("elsewhere", LogRefusedError), ("missing.csv", LogRefusedError), ("empty.csv", RefusedExtractError)):
        with pytest.raises(error):
            take(lender, lender.root / name)
    with pytest.raises(LogRefusedError, match="no agency"):
        take_log(lender, log_of(lender, GOOD), "A9", by=BY, clock=CLOCK)


ROLES: list[Any] = [role for role in Role if role not in (Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR)]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_bring_a_log_brings_none(lender: Lender, role: Role) -> None:
    """A person of an agency brings their own agency's log, nobody else's."""
    with pytest.raises(NotPermittedError):
        take(lender, log_of(lender, GOOD), actor(role, agency="A2"))
    assert not DiallerLog.objects.exists()
    if role is Role.AGENCY:
        assert counts(take(lender, log_of(lender, GOOD), actor(role, agency="A1"))) == (4, 4, 0, 0)
