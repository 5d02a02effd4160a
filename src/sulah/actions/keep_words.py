"""The words that people of the lender write about a borrower: kept under the borrower's key, so that an erasure reaches them everywhere.

A reason or a note can name anybody.  It is written down once, sealed; what acts, records, audit trail, log, backups and exports carry in
its place is `said:` and a number, which says nothing once the key is gone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC

from django.db import transaction

from sulah.actions.contact.actor import Actor
from sulah.actions.read_personal import SIGHT, Sight, Viewer
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.said import Said
from sulah.records.turn import turn

LONGEST = 500
GONE = "(erased)"
NOT_SHOWN = "(not shown to your role)"
_PLACE = re.compile(r"\bsaid:([1-9][0-9]{0,17})\b")


@contextmanager
def words_kept(vault: Vault, person: str | None, text: str, *, by: Actor, clock: Clock) -> Iterator[str]:
    """What stands in the place of words about a person, for an act that names it: one that refuses leaves no words behind.

    Words about nobody are given as they are.
    """
    with turn(), transaction.atomic():
        yield keep_words(vault, person, text, by=by, clock=clock) if person else text


def keep_words(vault: Vault, person: str, text: str, *, by: Actor, clock: Clock) -> str:
    """Keep words about a person; what stands in their place, empty for empty ones.  At most 500 letters are kept.

    Refusal for a person who was erased: nothing more is written down about them.
    """
    words = text.strip()[:LONGEST]
    if not words:
        return ""
    row = Said(person=person, at=clock(), by=by.name)
    try:
        row.sealed = vault.seal_about(person, _subject(row), words)
    except KeyDestroyedError as error:
        raise Refusal("This person was erased: nothing more is written down about them.") from error
    row.save()
    return f"said:{row.pk}"


def said(vault: Vault, person: str | None, text: str) -> str:
    """A text with the words in whose place it or a part of it stands, `(erased)` where their key is gone; all else as it is.

    person: whom the words must be about, so that nobody reads other words by writing `said:` and a number; None where that was kept apart.
    """
    return _PLACE.sub(lambda place: _said(vault, person, place), text)


def _said(vault: Vault, person: str | None, place: re.Match[str]) -> str:
    row = Said.objects.filter(pk=int(place[1])).first()
    if row is None or person not in (None, row.person):
        return place[0]
    try:
        return vault.unseal(_subject(row), row.sealed)
    except KeyDestroyedError:
        return GONE


def read_said(vault: Vault, places: Iterable[tuple[str | None, str]], *, viewer: Viewer, page: str, clock: Clock) -> dict[str, str]:
    """What one page view shows for texts, each with the person whom it must be about (None as in `said`), by what stands there.

    A role of pseudonyms opens no words that were kept sealed.  For all others one AuditEntry (act `read_personal`) names page and words.
    """
    found = {text: person for person, text in places if _PLACE.search(text)}
    if SIGHT[Role(viewer.role)] is Sight.PSEUDONYM:
        return {text: _PLACE.sub(NOT_SHOWN, text) for text in found}
    shown = {text: said(vault, person, text) for text, person in found.items()}
    if opened := sorted({place[0] for text, words in shown.items() if words != text for place in _PLACE.finditer(text)}):
        rows = Said.objects.filter(pk__in=[int(place.partition(":")[2]) for place in opened])
        after = {"page": page, "words": opened, "borrowers": sorted(set(rows.values_list("person", flat=True)))}
        write_audit(at=clock(), actor=viewer.get_username(), act="read_personal", subject=f"page:{page}"[:200], after=after)
    return shown


def said_within(vault: Vault, person: str, value: object) -> object:
    """The same for each text of a JSON value."""
    if isinstance(value, str):
        return said(vault, person, value)
    if isinstance(value, Mapping):
        return {name: said_within(vault, person, one) for name, one in value.items()}
    return [said_within(vault, person, one) for one in value] if isinstance(value, list) else value


def _subject(row: Said) -> str:
    return f"said|{row.person}|{row.at.astimezone(UTC).isoformat(timespec='microseconds')}|{row.by}"
