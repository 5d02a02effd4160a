"""Everything that was sent to and heard from a person, in the order of time, for somebody who reads it; the reading is written down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from sulah.actions.contact.read_texts import template_on_file
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.put_heard import media_of, quoted_of, words_of
from sulah.actions.read_personal import SIGHT, Sight, Viewer
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel, Role
from sulah.outreach.channel import Attached, HeardKind
from sulah.outreach.configured import Channels
from sulah.records.audit import write_audit
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox

GONE = "[Erased: the words can be read no more.]"
"""What stands in the place of words whose key was destroyed."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing of a thread: of ours (message, contact) or of theirs (heard).

    text: None where it may not be read by this viewer, or where there is none; lost: its template is registered no more.  media: what came
    besides words.  quoted: what the reading says in the person's own words.
    """

    at: datetime
    message: Outbox | None = None
    heard: Heard | None = None
    contact: Contact | None = None
    text: str | None = None
    lost: bool = False
    media: Attached | None = None
    quoted: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, where, and with what the words are opened."""

    viewer: Viewer
    page: str
    channels: Channels
    vault: Vault
    clock: Clock

    @property
    def sees_words(self) -> bool:
        """May the role read what people write?"""
        return SIGHT[Role(self.viewer.role)] is not Sight.PSEUDONYM


def read_thread(person: str, reader: Reader, *, before: datetime | None, most: int) -> tuple[list[Bubble], bool]:
    """The latest so many of a person before an instant, oldest first, and whether there are earlier ones.

    What is of one instant stands on one page, so that none is passed over between two.
    A role of pseudonyms opens nothing.  For all others one AuditEntry (act `read_personal`) names page, messages and things heard.
    """
    kinds = _of(person)
    if before is not None:
        kinds = {name: rows.filter(when__lt=before) for name, rows in kinds.items()}
    latest = sorted(at for rows in kinds.values() for at in rows.order_by("-when").values_list("when", flat=True)[:most])
    first = latest[-most] if len(latest) >= most else None
    shown = kinds if first is None else {name: rows.filter(when__gte=first) for name, rows in kinds.items()}
    found = [Bubble(row.when, **{name: row}) for name, rows in shown.items() for row in rows.order_by("when", "id")]
    found.sort(key=lambda one: (one.at, one.heard is None))
    earlier = first is not None and any(rows.filter(when__lt=first).exists() for rows in kinds.values())
    return read_words(found, person, reader), earlier


def _of(person: str) -> dict[str, QuerySet[Any]]:
    """Messages, things heard, and contacts that no message of the outbox made, each with its instant as `when`."""
    carried = Outbox.objects.filter(person=person, contact__isnull=False).values("contact")
    return {
        "message": Outbox.objects.filter(person=person).select_related("stop").annotate(when=Coalesce("handed_at", "queued_at")),
        "heard": Heard.objects.filter(person=person).prefetch_related("corrections", "tasks").annotate(when=F("said_at")),
        "contact": Contact.objects.filter(person=person).exclude(pk__in=carried).annotate(when=F("at")),
    }


def read_words(bubbles: Sequence[Bubble], person: str, reader: Reader) -> list[Bubble]:
    """The same with their words, as far as the viewer reads them; written down once."""
    if not reader.sees_words:
        return list(bubbles)
    opened = [_opened(one, reader) for one in bubbles]
    after = {
        "page": reader.page,
        "messages": [one.message.reference for one in opened if one.message and one.text is not None],
        "heard": [one.heard.pk for one in opened if one.heard],
        "borrowers": [person] if person else [],
    }
    if after["messages"] or after["heard"]:
        subject = f"words:{person or 'nobody'}"[:200]
        write_audit(at=reader.clock(), actor=reader.viewer.get_username(), act="read_personal", subject=subject, after=after)
    return opened


def _opened(one: Bubble, reader: Reader) -> Bubble:
    try:
        return _read(one, reader)
    except KeyDestroyedError:
        return replace(one, text=GONE)


def _read(one: Bubble, reader: Reader) -> Bubble:
    if one.heard is not None:
        media = media_of(reader.vault, one.heard) if one.heard.kind == HeardKind.MEDIA else None
        return replace(one, text=words_of(reader.vault, one.heard)[1], media=media, quoted=quoted_of(reader.vault, one.heard))
    if one.message is not None:
        text = text_of(one.message, reader.channels, reader.vault)
        return Bubble(one.at, message=one.message, text=text, lost=text is None)
    return one


def text_of(row: Outbox, channels: Channels, vault: Vault) -> str | None:
    """What the borrower reads of a message of ours, retired texts too; None where its template is not known, or in another shape."""
    message = sealed_message(vault, row)
    if not row.template:
        return message.text
    configured = channels.get(Channel(row.channel))
    template = (configured.templates.get(row.template) if configured else None) or template_on_file(row.channel, row.template)
    if template is None or len(template.variables) != len(message.values):
        return None
    return template.body(message.values)


def of_nobody(rows: Iterable[Heard]) -> list[Bubble]:
    """Things heard from numbers that nobody on the book has."""
    return [Bubble(row.said_at, heard=row) for row in rows]
