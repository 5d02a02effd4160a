"""The acts of a borrower's contact ledger: gathered for a page, or handed out as one document, which is written down."""

from datetime import date

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_reach, hold_role
from sulah.actions.evidence.contact_parts import Asked, contact_parts
from sulah.actions.evidence.standing_parts import standing_parts
from sulah.actions.read_personal import SIGHT, Face, Sight
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.insight.dossier import Dossier, as_html, as_json
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.contact.contact import Contact
from sulah.records.contact.decision import Decision
from sulah.records.contact.heard import Heard
from sulah.records.contact.standing import Standing

OPEN_TO = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL, Role.ADMINISTRATOR, Role.VALIDATOR, Role.INSPECTOR})
FORMS = {"html": as_html, "json": as_json}


class NobodyKnownError(Refusal):
    """Nothing was ever recorded of such a person."""


def gathered(lender: Lender, person: str, first: date, last: date, *, face: Face | None, by: Actor, clock: Clock) -> Dossier:
    """All that is on record of a person between two days, as far as the role of `by` sees it; NotPermittedError beyond its reach.

    face: numbers as the reader may see them, opened by the act that writes that down; None shows none.
    """
    hold_role(by, OPEN_TO, "read a person's contact ledger")
    hold_reach(by, person)
    known = (rows.objects.filter(person=person).exists() for rows in (Standing, Decision, Contact, Heard))
    if not any(known):
        raise NobodyKnownError(f"Nothing is on record of a borrower {person}. Check the id: it is that of the book.")
    sight = Sight.PSEUDONYM if by.role is None else SIGHT[by.role]
    asked = Asked(person, first, last, Vault(lender), sight is not Sight.PSEUDONYM, face.numbers if face else {})
    parts = (*contact_parts(asked), *standing_parts(lender, asked))
    return Dossier(lender.name, lender.simulated, person, first, last, clock(), by.name, parts)


def document(dossier: Dossier, form: str, *, by: Actor, clock: Clock) -> bytes:
    """The document as a file, `html` or `json`; the audit trail says who took whose out before it leaves."""
    content = FORMS[form](dossier).encode()
    after = {"form": form, "first": str(dossier.first), "last": str(dossier.last), "role": by.role or "machine", "bytes": len(content)}
    with transaction.atomic():
        write_audit(at=clock(), actor=by.name, act="evidence.document", subject=f"borrower:{dossier.person}"[:200], after=after)
    return content
