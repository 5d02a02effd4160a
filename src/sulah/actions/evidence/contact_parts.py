"""What passed between the lender and one person, as parts of a document: attempts, answers of the guard, messages, what came in, visits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sulah.actions.keep_words import NOT_SHOWN, said
from sulah.adapters.book.vault import Vault
from sulah.insight.dossier import Part
from sulah.kernel.dates import IST
from sulah.kernel.terms import ContactClass, ContactState
from sulah.records.contact.contact import Contact
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.place import Miss

MOST = 10_000
"""Rows of one part at most; the part says when there are more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the document is about, between which days in India, and what its reader may see.

    vault: what opens words that were kept sealed.  numbers: numbers by blind index as the reader may see them, in full or by their end.
    words: may the reader see what people of the lender wrote in words of their own, which can name anybody?
    """

    person: str
    first: date
    last: date
    vault: Vault
    words: bool
    numbers: Mapping[str, str] = field(default_factory=dict)

    def within(self, column: str) -> dict[str, datetime]:
        """The condition that an instant lies within the days."""
        begins = datetime.combine(self.first, time.min, IST)
        return {f"{column}__gte": begins, f"{column}__lt": datetime.combine(self.last + timedelta(days=1), time.min, IST)}

    def said(self, words: str) -> str:
        """Words of people, as far as the reader may see them."""
        if not words or not self.words:
            return words and NOT_SHOWN
        return said(self.vault, self.person, words)

    def number(self, key: str) -> str:
        """A number or address, as far as the reader may see it: else the beginning of its index."""
        return self.numbers.get(key) or (f"{key[:8]}…" if key else "")


def contact_parts(asked: Asked) -> Iterator[Part]:
    """The parts, in the order of the document."""
    yield contacts(asked)
    yield decisions(asked)
    yield messages(asked)
    yield calls(asked)
    yield visits(asked)
    yield heard(asked)
    yield overrides(asked)


def _part(name: str, title: str, words: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Part:
    more = f" Only the latest {MOST:,} are listed." if len(rows) > MOST else ""
    return Part(name, title, words + more, columns, rows[:MOST])


def _contact(row: Contact, asked: Asked) -> dict[str, Any]:
    return {
        "at": row.at,
        "channel": row.channel,
        "purpose": row.purpose or "not said",
        "state": row.state,
        "counts": ContactState(row.state).counts,
        "by": row.agent or row.agency or "the lender",
        "agency": row.agency,
        "source": row.source,
        "number": asked.number(row.number_key),
        "loans": row.loans,
        "place": row.place,
        "decision": row.decision_id,
    }


def contacts(asked: Asked) -> Part:
    """Every contact that was made, reserved or tried, by anybody."""
    rows = Contact.objects.filter(person=asked.person, **asked.within("at")).order_by("-at", "-id")[: MOST + 1]
    columns = ("at", "channel", "purpose", "state", "counts", "by", "agency", "source", "number", "loans", "place", "decision")
    words = "Every contact made, reserved or tried, by the lender, its agents and its agencies; latest first. Counts: does it count as one?"
    return _part("contacts", "Contacts and attempts", words, columns, [_contact(row, asked) for row in rows])


def decisions(asked: Asked) -> Part:
    """Every answer of the guard, with the rules that refused and where they come from."""
    rows = Decision.objects.filter(person=asked.person, **asked.within("at")).order_by("-at", "-id").defer("facts", "intent")[: MOST + 1]
    columns = ("id", "at", "channel", "purpose", "answer", "until", "again_from", "refused_by", "rules_version", "sha256")
    words = "Every permit and every refusal, with each rule that said no and its citation; latest first."
    told = [
        {
            "id": row.pk,
            "at": row.at,
            "channel": row.channel,
            "purpose": row.purpose,
            "answer": "permit" if row.permitted else "refusal",
            "until": row.permit_until,
            "again_from": row.next_lawful_at,
            "refused_by": "; ".join(_refusing(row.verdicts)),
            "rules_version": row.rules_version[:16],
            "sha256": row.content_sha256,
        }
        for row in rows
    ]
    return _part("decisions", "Permits and refusals", words, columns, told)


def _refusing(verdicts: Any) -> Iterator[str]:
    for one in verdicts:
        if one["answer"] == "no":
            yield f"{one['rule_id']} ({one['citation']})" if one["citation"] else str(one["rule_id"])


def messages(asked: Asked) -> Part:
    """What was queued to be sent, and how far it came."""
    rows = Outbox.objects.filter(person=asked.person, **asked.within("queued_at")).order_by("-queued_at", "-id")[: MOST + 1]
    columns = ("queued_at", "channel", "purpose", "text", "number", "state", "handed_at", "provider", "withdrawn_by", "reference")
    told = [
        {
            **{name: getattr(row, name) for name in ("queued_at", "channel", "purpose", "state", "handed_at", "provider", "reference")},
            "text": row.template,
            "number": asked.number(row.number_key),
            "withdrawn_by": row.ended_by,
        }
        for row in rows
    ]
    return _part(
        "messages", "Messages", "Messages by the text that they were made from, and how far each came; latest first.", columns, told
    )


def calls(asked: Asked) -> Part:
    """Calls alone, with what became of each, step by step."""
    of_calls = Contact.objects.filter(person=asked.person, contact_class=ContactClass.CALL, **asked.within("at"))
    rows = of_calls.order_by("-at", "-id").prefetch_related("events")[: MOST + 1]
    columns = ("at", "channel", "by", "number", "state", "steps")
    told = [
        {**_contact(row, asked), "steps": [f"{step.state} {step.at.astimezone(IST):%H:%M:%S}" for step in row.events.all()]} for row in rows
    ]
    return _part("calls", "Calls", "Each call with its steps; a call that was refused stands among the refusals.", columns, told)


def visits(asked: Asked) -> Part:
    """When the person was looked for, and where."""
    rows = Miss.objects.filter(person=asked.person, **asked.within("at")).order_by("-at", "-id")[: MOST + 1]
    told = [{"at": row.at, "place": row.place, "met": row.met, "recorded_by": row.recorded_by} for row in rows]
    return _part(
        "visits", "Visits", "When the person was looked for, where, and whether they were met.", ("at", "place", "met", "recorded_by"), told
    )


def heard(asked: Asked) -> Part:
    """What the person sent in: when, how, and what it was read as; the words themselves stay in the thread."""
    rows = Heard.objects.filter(person=asked.person, **asked.within("said_at")).order_by("-said_at", "-id")[: MOST + 1]
    columns = ("said_at", "channel", "kind", "intent", "outcome", "done_at")
    told = [{name: getattr(row, name) for name in columns} for row in rows]
    words = "What the person wrote, pressed or rang, and what it was read as. The words stand on the page of the thread."
    return _part("heard", "What the person sent", words, columns, told)


def overrides(asked: Asked) -> Part:
    """Rules that somebody set aside for this person."""
    rows = Override.objects.filter(person=asked.person, **asked.within("given_at")).order_by("-id")[: MOST + 1]
    columns = ("given_at", "rule_id", "role", "given_by", "reason", "intent_id")
    told = [{**{name: getattr(row, name) for name in columns}, "reason": asked.said(row.reason)} for row in rows]
    return _part("overrides", "Rules set aside", "Rules that somebody set aside for one contact, with the reason on record.", columns, told)
