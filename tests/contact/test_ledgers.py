"""The database itself keeps the ledgers: rows are only added, set once, moved forward, and never deleted."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from sulah.records.contact.agent import Agency, Agent, Assignment
from sulah.records.contact.contact import FORWARD, Contact
from sulah.records.contact.decision import Decision
from sulah.records.contact.stop import StopEvent

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
LEDGERS = import_module("sulah.records.migrations.0007_contact_ledgers")
PLAIN = {
    models.CharField: "x",
    models.TextField: "x",
    models.DateTimeField: AT,
    models.DateField: date(2026, 11, 22),
    models.PositiveIntegerField: 1,
    models.PositiveSmallIntegerField: 1,
    models.BooleanField: True,
    models.JSONField: ["x"],
}
OTHER = {
    models.CharField: "y",
    models.TextField: "y",
    models.DateTimeField: AT + timedelta(1),
    models.DateField: date(2026, 11, 23),
    models.PositiveIntegerField: 2,
    models.PositiveSmallIntegerField: 2,
    models.BooleanField: False,
    models.JSONField: ["y"],
}


def row_of(table: str) -> Any:
    """A row of a ledger with every column filled but those that are set once; a contact is reserved."""
    model: Any = apps.get_model("records", table)
    once, _ = (names.split() for names in LEDGERS.KEPT.get(table, ("", "")))
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and not isinstance(field, models.CharField):
            continue
        if field.name in once or field.name == "seal":
            continue
        if isinstance(field, models.ForeignKey):
            values[field.name] = None if field.null and field.name != "agent" else row_of(field.related_model._meta.model_name)
        else:
            values[field.name] = PLAIN[type(field)]
    if table == "contact":
        values["state"] = "reserved"
    row = model(**values)
    row.save()
    return row


def refused(change: Any) -> bool:
    """Does the database refuse it?"""
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def column_changes(table: str) -> list[tuple[str, Any]]:
    """Each column with a value that a row does not have."""
    fields = apps.get_model("records", table)._meta.concrete_fields
    changed = [field for field in fields if not isinstance(field, models.AutoField) and not field.primary_key and field.name != "seal"]
    return [(field.attname, 10**6 if isinstance(field, models.ForeignKey) else OTHER[type(field)]) for field in changed]


@pytest.mark.parametrize("table", sorted(LEDGERS.KEPT))
def test_a_ledger_lets_nothing_be_rewritten_or_deleted(table: str) -> None:
    once, free = (names.split() for names in LEDGERS.KEPT[table])
    row = row_of(table)
    rows: Any = type(row).objects.filter(pk=row.pk)
    kept = [(name, value) for name, value in column_changes(table) if name not in (*once, *free)]
    assert kept
    assert [name for name, value in kept if not refused(partial(rows.update, **{name: value}))] == []
    assert refused(lambda: rows._raw_delete(rows.db))
    assert rows.count() == 1


@pytest.mark.parametrize("table", sorted(table for table, (once, _) in LEDGERS.KEPT.items() if once))
def test_what_is_set_once_is_set_once(table: str) -> None:
    row = row_of(table)
    rows: Any = type(row).objects.filter(pk=row.pk)
    for name in LEDGERS.KEPT[table][0].split():
        kind = type(row._meta.get_field(name))
        rows.update(**{name: PLAIN[kind]})
        assert refused(lambda name=name, kind=kind: rows.update(**{name: OTHER[kind]})), name
        assert not refused(lambda name=name, kind=kind: rows.update(**{name: PLAIN[kind]})), name


def contact_in(state: str) -> Contact:
    """A contact that reached a state by the shortest lawful way."""
    contact: Contact = row_of("contact")
    for step in {"reserved": (), "ringing": ("ringing",), "ambiguous": ("ambiguous",)}.get(state, (state,)):
        Contact.objects.filter(pk=contact.pk).update(state=step)
    return contact


@pytest.mark.parametrize(("before", "after"), sorted(product(LEDGERS.STATES.split(), repeat=2)))
def test_a_contact_moves_forward_only(before: str, after: str) -> None:
    contact = contact_in(before)
    allowed = before == after or after in FORWARD.get(before, ())
    assert refused(lambda: Contact.objects.filter(pk=contact.pk).update(state=after)) is not allowed


def test_a_contact_begins_in_a_state_that_there_is() -> None:
    contact: Contact = row_of("contact")
    contact.pk, contact.attempt, contact.state = None, 2, "imagined"
    assert refused(lambda: contact.save(force_insert=True))


def test_nobody_is_given_to_two_agents_at_the_same_time() -> None:
    first: Assignment = row_of("assignment")
    again = {"person": first.person, "agent": first.agent, "since": AT, "assigned_by": "x"}
    assert refused(lambda: Assignment.objects.create(**again))
    Assignment.objects.filter(pk=first.pk).update(until=AT)
    assert Assignment.objects.create(**again).pk


def test_one_cause_raises_one_stop() -> None:
    first: StopEvent = row_of("stopevent")
    first.pk = None
    assert refused(lambda: first.save(force_insert=True))
    first.cause = ""
    first.save(force_insert=True)
    first.pk = None
    first.save(force_insert=True)
    assert StopEvent.objects.count() == 3


def test_every_sealed_row_of_contact_is_read_back_with_its_seal() -> None:
    row_of("decision")
    row_of("contact")
    assert Decision.objects.get().seal
    assert Contact.objects.get().seal
    assert Agency.objects.count() == Agent.objects.count() == 0
