"""A byte that rots in a ledger of contact is found by `sulah check`, and by whoever reads the row."""

from pathlib import Path

import pytest
from django.db import connection

from sulah.actions.contact.reserve_contact import live_contact, reserve_contact
from sulah.adapters.book.layout import Lender
from sulah.daycycle.audit import wrong_records
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.contact.contact import Contact
from sulah.records.seal import DamagedRecordError, sealed_models
from tests.contact.people import BY, NOON, RULES, put_person, sms

pytestmark = pytest.mark.django_db


def test_a_contact_that_was_changed_behind_the_records_is_not_believed(tmp_path: Path) -> None:
    """Its triggers are gone, as they would be for a byte on the disk."""
    put_person()
    reserve_contact(sms(), RULES, by=BY, clock=fixed_clock(NOON), template=True)
    lender = Lender(tmp_path, "Test", EntityType.NBFC_MFI, database="elsewhere")
    assert wrong_records(lender) == []
    with connection.cursor() as cursor:
        drop = "DROP TRIGGER records_contact_kept" + (" ON records_contact" if connection.vendor == "postgresql" else "")
        cursor.execute(drop)
        cursor.execute("UPDATE records_contact SET channel = 'visit'")
    with pytest.raises(DamagedRecordError):
        live_contact("i-1")
    assert any("contact" in words for words in wrong_records(lender))


def test_every_ledger_of_contact_is_looked_at() -> None:
    names = {model.__name__ for model in sealed_models()}
    assert {"Contact", "ContactEvent", "Decision", "Consent", "StopEvent", "RuleChange", "Override", "AuditEntry"} <= names
    assert Contact in sealed_models()
