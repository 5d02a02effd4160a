"""The words that people of the lender write about a borrower: kept under the borrower's key, so that an erasure reaches them everywhere.

A reason or a note can name anybody.  It is written down once, sealed; what acts, records, audit trail, log, backups and exports carry in
its place is `said:` and a number, which says nothing once the key is gone.
"""

import re
from collections.abc import Mapping
from datetime import UTC

from sulah.actions.contact.actor import Actor
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.said import Said

LONGEST = 300
GONE = "(erased)"
_PLACE = re.compile(r"said:([1-9][0-9]{0,17})")


def keep_words(vault: Vault, person: str, text: str, *, by: Actor, clock: Clock) -> str:
    """Keep words about a person; what stands in their place, empty for empty ones.  At most 300 letters are kept.

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
    """The words in whose place a text stands, `(erased)` where their key is gone; any other text, and one about somebody else, as it is.

    person: whom the words must be about, so that nobody reads other words by writing `said:` and a number; None where that was kept apart.
    """
    place = _PLACE.fullmatch(text)
    row = Said.objects.filter(pk=int(place[1])).first() if place else None
    if row is None or person not in (None, row.person):
        return text
    try:
        return vault.unseal(_subject(row), row.sealed)
    except KeyDestroyedError:
        return GONE


def said_within(vault: Vault, person: str, value: object) -> object:
    """The same for each text of a JSON value."""
    if isinstance(value, str):
        return said(vault, person, value)
    if isinstance(value, Mapping):
        return {name: said_within(vault, person, one) for name, one in value.items()}
    return [said_within(vault, person, one) for one in value] if isinstance(value, list) else value


def _subject(row: Said) -> str:
    return f"said|{row.person}|{row.at.astimezone(UTC).isoformat(timespec='microseconds')}|{row.by}"
