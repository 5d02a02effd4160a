"""The act of an incident pack: all that is on record of one person in a period, in one archive with a manifest of digests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q

from sulah.actions.contact.actor import Actor, hold_reach, hold_role
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.evidence.contact_parts import Asked
from sulah.actions.evidence.erased import erased_people
from sulah.actions.evidence.person_document import OPEN_TO
from sulah.actions.keep_words import said_within
from sulah.actions.read_personal import SIGHT, Sight
from sulah.adapters.archive.zipped import Writer
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.insight.dossier import Dossier, as_html, as_json
from sulah.kernel.dates import Clock
from sulah.kernel.version import code_version
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.contact.contact import Contact, ContactEvent
from sulah.records.contact.decision import Decision
from sulah.records.holds import Holds

FORM = "sulah-incident/1"
_STEP = ("contact_id", "at", "before", "state", "evidence", "actor", "note")
FILES = {
    "evidence.json": "All of this page as JSON",
    "raw/decisions.jsonl": "Every decision whole: intent, facts, verdicts, digests",
    "raw/contacts.jsonl": "Every contact with each step and how it was learnt",
    "raw/rules.jsonl": "The rules that those decisions name, as they read now, with their source",
    "raw/audit.jsonl": "The audit trail about this person",
    "manifest.json": "The SHA-256 of every file",
}
"""The files beside index.html, in words; index.html is the table of contents."""


@dataclass(frozen=True, slots=True)
class Pack:
    """An incident pack that was written: the SHA-256 of its manifest, and the rows of each file and part."""

    digest: str
    files: dict[str, int]
    parts: dict[str, int]


def incident_pack(lender: Lender, dossier: Dossier, out: Path, *, by: Actor, clock: Clock) -> Pack:
    """Write the pack of what was gathered, and the raw records behind it; the audit trail names its digest and who took it.

    The file is readable by its owner only, and appears whole or not at all.  NotPermittedError beyond the role's reach.
    """
    hold_role(by, OPEN_TO, "take out an incident pack")
    hold_reach(by, dossier.person)
    sight = Sight.PSEUDONYM if by.role is None else SIGHT[by.role]
    asked = Asked(dossier.person, dossier.first, dossier.last, Vault(lender), sight is not Sight.PSEUDONYM)
    with durable(out) as path:
        with Writer(path) as writer:
            writer.add("index.html", as_html(dossier, tuple(FILES.items())).encode().splitlines(keepends=True))
            writer.add("evidence.json", as_json(dossier).encode().splitlines(keepends=True))
            writer.add("raw/decisions.jsonl", map(_line, _decisions(asked)))
            writer.add("raw/contacts.jsonl", map(_line, _contacts(asked)))
            writer.add("raw/rules.jsonl", map(_line, _rules(lender, asked)))
            writer.add("raw/audit.jsonl", map(_line, _audit(asked)))
            manifest = _line(_manifest(lender, dossier, writer))
            writer.add("manifest.json", [manifest])
        path.chmod(0o600)
        digest = writer.files["manifest.json"][0]
        lines = {name: count for name, (_, count) in writer.files.items()}
        span = {"first": str(dossier.first), "last": str(dossier.last)}
        with transaction.atomic():
            after = {"digest": digest, **span, "role": by.role or "machine", "file": out.name}
            write_audit(at=clock(), actor=by.name, act="evidence.incident", subject=f"borrower:{dossier.person}"[:200], after=after)
    return Pack(digest, lines, {part.name: len(part.rows) for part in dossier.parts})


def _manifest(lender: Lender, dossier: Dossier, writer: Writer) -> dict[str, Any]:
    return {
        "form": FORM,
        "lender": lender.name,
        "simulated": lender.simulated,
        "person": dossier.person,
        "erased": dossier.person in erased_people([dossier.person]),
        "first": dossier.first,
        "last": dossier.last,
        "made_at": dossier.made_at,
        "made_by": dossier.made_by,
        "code": code_version(),
        "files": {name: {"sha256": sha256, "lines": lines} for name, (sha256, lines) in writer.files.items()},
        "contents": {"index.html": "This person and period on one page, with a table of contents", **FILES},
    }


def _line(value: object) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _decisions(asked: Asked) -> Iterator[dict[str, Any]]:
    columns = ("id", "intent", "facts", "verdicts", "permitted", "permit_until", "next_lawful_at", "refused_by", "actor")
    digests = ("facts_sha256", "content_sha256", "rules_version")
    rows = Decision.objects.filter(person=asked.person, **asked.within("at")).order_by("id")
    yield from rows.values(*columns, *digests).iterator()


def _contacts(asked: Asked) -> Iterator[dict[str, Any]]:
    rows = Contact.objects.filter(person=asked.person, **asked.within("at")).order_by("id")
    steps: dict[int, list[dict[str, Any]]] = {}
    for step in ContactEvent.objects.filter(contact__in=rows.values("pk")).order_by("id").values(*_STEP):
        steps.setdefault(step.pop("contact_id"), []).append(step)
    for row in rows.values():
        yield {**row, "steps": steps.get(row["id"], [])}


def _rules(lender: Lender, asked: Asked) -> Iterator[dict[str, Any]]:
    """Each rule that answered anything but yes, as its row stands now."""
    rows = Decision.objects.filter(person=asked.person, **asked.within("at")).values_list("verdicts", flat=True)
    named = {one["rule_id"] for verdicts in rows for one in verdicts if one["answer"] != "yes"}
    book = rulebook_of(lender)
    for rule_id in sorted(named):
        row = book.row(rule_id, asked.last)
        yield {"rule_id": rule_id, "row": row.to_plain() if row else None}


def _audit(asked: Asked) -> Iterator[dict[str, Any]]:
    """The trail about the person; values before and after only for roles that may see words of people."""
    about = Q(subject=f"borrower:{asked.person}") | Q(subject=f"person:{asked.person}") | Q(Holds("after__borrowers", asked.person))
    for row in AuditEntry.objects.filter(about, **asked.within("at")).order_by("id"):
        told = {"id": row.pk, "at": row.at, "actor": row.actor, "act": row.act, "subject": row.subject}
        if asked.words:
            told |= {name: said_within(asked.vault, asked.person, value) for name, value in (("before", row.before), ("after", row.after))}
        yield told
