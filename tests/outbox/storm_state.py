"""What stands in the end, without ids and times of arrival: what two runs of the same events are compared by."""

from collections.abc import Mapping
from typing import Any

from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import Occasion
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint, LanguageWish, Task
from sulah.records.contact.wish import Consent


def final_state() -> dict[str, list[dict[str, Any]]]:
    """Every table that what was brought may have moved.

    Left out: the words of a failure (a log words it otherwise than a report); stops that are over, of which a promise that came in after
    a later one has none; and whether a contact without an answer stands as ambiguous or as sent: a look-up says so, a callback may not
    (tests/contact/test_reserve.py), both count alike, and the message itself is compared.
    """
    events = {row.pk: row.event_id for row in Heard.objects.all()}
    complaints = {row.number: f"complaint-of-{events.get(row.heard_id or 0)}" for row in Complaint.objects.all()}
    return {
        "outbox": [_counted(row) for row in Outbox.objects.values("contact__state", *_OUTBOX)],
        "contacts": [_counted(row) for row in Contact.objects.values("intent", "attempt", "person", "channel", "state")],
        "heard": [_heard(row, complaints) for row in Heard.objects.all()],
        "stops": [_stop(row, events) for row in StopEvent.objects.filter(lifted_at=None)],
        "promises": [
            {
                name: getattr(row, name)
                for name in ("person", "loan_id", "made_at", "due_on", "amount_paise", "whole", "overdue_paise", "state")
            }
            | {"heard": events.get(row.heard_id or 0)}
            for row in Promise.objects.all()
        ],
        "tasks": [
            {
                "kind": row.kind,
                "person": row.person,
                "urgent": row.urgent,
                "about": _about(row.about, events),
                "closed": bool(row.closed_at),
            }
            for row in Task.objects.all()
        ],
        "complaints": [
            {
                "kind": row.kind,
                "person": row.person,
                "channel": row.channel,
                "state": row.state,
                "by": row.reply_by,
                "number": complaints[row.number],
            }
            for row in Complaint.objects.all()
        ],
        "consents": list(Consent.objects.values("person", "channel", "given", "at", "source")),
        "numbers": list(NumberStanding.objects.values("person", "number_key", "whose", "standing", "source")),
        "languages": list(LanguageWish.objects.values("person", "language", "at")),
        "occasions": list(Occasion.objects.values("kind", "scope", "key", "first", "last", "ended_at")),
        "inbound": list(Inbound.objects.values("person", "channel", "reference", "at")),
    }


_OUTBOX = ("reference", "state", "provider", "provider_reference", "attempts")


def _counted(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the state of its contact, the two that count without a receipt taken as one."""
    name = "state" if "intent" in row else "contact__state"
    return {**row, name: "counted" if row[name] in ("sent", "ringing", "ambiguous") else row[name]}


def _heard(row: Heard, complaints: dict[str, str]) -> dict[str, Any]:
    names = (
        "channel",
        "provider",
        "event_id",
        "kind",
        "choice",
        "answers",
        "number_key",
        "said_at",
        "person",
        "intent",
        "sure",
        "outcome",
        "words",
    )
    done = [complaints.get(each.partition(":")[2], each) if each.startswith("complaint:") else _did(each) for each in row.done]
    return {name: getattr(row, name) for name in names} | {"done": done}


def _did(each: str) -> str:
    return "promise" if each.startswith("promise:") else each


def _stop(row: StopEvent, events: dict[int, str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("event", "scope", "key", "person", "until", "reason")} | {
        "cause": _about(row.cause, events)
    }


def _about(cause: str, events: dict[int, str]) -> str:
    kind, _, number = cause.partition(":")
    return f"heard:{events[int(number)]}" if kind == "heard" else cause
