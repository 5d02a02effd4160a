"""The act of taking a day's decisions out as a bundle that an outsider can replay: pseudonyms and keys, no name, no number in clear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.reserve_contact import longest_cap
from sulah.actions.evidence.erased import certificate_named, last_erasures
from sulah.actions.evidence.log_receipts import UnderOne, receipts_of, receipts_of_erasures, under_one
from sulah.actions.evidence.rule_books import RuleBooks
from sulah.adapters.archive.zipped import Archive, Writer
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.guard.bundle import ABOUT, CONTACTS, DECISIONS, ERASURES, MANIFEST, RECEIPTS, RULES, line_of, manifest_of, manifest_text
from sulah.guard.plain import instant_text
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import ContactState, Role
from sulah.kernel.version import code_version
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.contact.contact import Contact, ContactEvent
from sulah.records.contact.decision import Decision

OPEN_TO = frozenset({Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR})
_CHUNK = 500
_BARE = ("intent_id", "person_id", "at", "channel", "purpose")
"""What stays of the intent of somebody who was erased."""
_IN_FLIGHT = (ContactState.RESERVED.value, ContactState.RINGING.value)
_ABOUT = """The contact decisions of {lender} on {day}{simulated}, for whoever wants to make them again.

decisions.jsonl  each decision: intent, facts, verdicts, outcome and digests as stored; no facts where the person was erased
contacts.jsonl   the contacts that those decisions had to count, with each step and when it was written down
rules/           the books of rules, each under the SHA-256 of its bytes
erasures.jsonl   people of this bundle who were erased, with the certificate and the log's receipt of it, which names who approved it
receipts.jsonl   the log's receipt of each of these decisions; empty where the lender keeps no log, and then nothing proves an erasure
manifest.json    the SHA-256 and lines of each file; the SHA-256 of this one is the digest of the bundle

Persons, loans and agents stand under the ids of the lender's book, numbers under a keyed index; there is no name and no number in clear.
To replay it: sulah replay FILE, or verifier/sulah_replay.py FILE, which needs the open guard and nothing else.  Ask for the digest from
somebody other than who gave you the file (--digest): a bundle that was forged as a whole holds in itself.
Whether the log was told the same, no decision of the day is missing, and none is hidden by an erasure that the log does not know:
verifier/sulah_bundle.py FILE --keys KEYS --log FOLDER.
"""


class NothingToBundleError(Refusal):
    """No decision was made on the day."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundle that was written: its digest, and what it holds; proven: of those erased, whose erasure has its receipt of the log."""

    digest: str
    decisions: int
    contacts: int
    books: int
    erased: int
    receipts: int
    proven: int


def bundle_day(lender: Lender, day: date, out: Path, *, by: Actor, clock: Clock) -> Bundled:
    """Write the bundle of a day in India; the audit trail names its digest.  The same records give the same bytes, whenever it is made
    after a close of the log that has the day's decisions.

    NothingToBundleError when nothing was decided on the day; NotPermittedError for a role that does not answer for the whole lender.
    """
    hold_role(by, OPEN_TO, "take out a day's decisions")
    hold_whole_lender(by, "take out a day's decisions")
    decisions = Decision.objects.filter(at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1))).order_by("id")
    if not decisions.exists():
        raise NothingToBundleError(f"Nothing was decided on {day_text(day)}, so there is nothing to replay.")
    with durable(out) as path:
        with Writer(path) as writer:
            counts = _write(lender, day, decisions, writer)
        archive = Archive(path)
        bundled = Bundled(manifest_of(archive).digest, *counts)
        archive.close()
        path.chmod(0o600)
        with transaction.atomic():
            after = {"digest": bundled.digest, "file": out.name, "decisions": bundled.decisions, "contacts": bundled.contacts}
            write_audit(at=clock(), actor=by.name, act="evidence.bundle", subject=f"decisions:{day}", after=after)
    return bundled


def _write(lender: Lender, day: date, decisions: QuerySet[Decision], writer: Writer) -> tuple[int, int, int, int, int, int]:
    """The files in the order in which their contents are known; how many of each, as `Bundled` has them."""
    books = RuleBooks(lender)
    people = set(decisions.values_list("person", flat=True).order_by().distinct())
    gone = last_erasures(people)
    count = writer.add(DECISIONS, (line_of(_decision(row, books, gone.get(row.person))) for row in decisions.iterator(_CHUNK)))
    for sha256, book in sorted(books.used.items()):
        writer.add(f"{RULES}{sha256}.json", [book.text])
    days = max(longest_cap(book.rules.on(day)) for book in books.used.values())
    contacts = writer.add(CONTACTS, (line_of(one) for one in _contacts(day, decisions, days)))
    log = under_one(lender, day, decisions, gone)
    erasures = _erasures(log, gone)
    writer.add(ERASURES, map(line_of, erasures))
    receipts = writer.add(RECEIPTS, map(line_of, receipts_of(log, decisions)))
    told = _ABOUT.format(lender=lender.name, day=day_text(day), simulated=", all of it simulated" if lender.simulated else "")
    writer.add(ABOUT, told.encode().splitlines(keepends=True))
    writer.add(MANIFEST, [manifest_text(lender.name, day, code_version(), writer.files, simulated=lender.simulated)])
    return count, contacts, len(books.used), len(erasures), receipts, sum(one["receipt"] is not None for one in erasures)


def _erasures(log: UnderOne | None, gone: Mapping[str, AuditEntry]) -> list[dict[str, Any]]:
    """A line for each person who was erased, by their ids."""
    receipts = receipts_of_erasures(log, gone)
    lines = [{"person": who, "at": act.at, "certificate": certificate_named(act), "receipt": receipts[who]} for who, act in gone.items()]
    return sorted(lines, key=lambda line: str(line["person"]))


def _decision(row: Decision, books: RuleBooks, erasure: AuditEntry | None) -> dict[str, Any]:
    """A decision as stored; of somebody who was erased since, who was asked about, when and how, and what was answered."""
    gone = erasure is not None and row.at <= erasure.at
    return {
        "id": row.pk,
        "book": books.of(row).sha256,
        "intent": {name: row.intent[name] for name in _BARE} if gone else row.intent,
        "facts": None if gone else row.facts or None,
        "verdicts": row.verdicts,
        "outcome": {"permitted": row.permitted, "permit_until": _text(row.permit_until), "next_lawful_at": _text(row.next_lawful_at)},
        "facts_sha256": row.facts_sha256,
        "content_sha256": row.content_sha256,
        "rules_version": row.rules_version,
    }


def _contacts(day: date, decisions: QuerySet[Decision], days: int) -> Iterator[dict[str, Any]]:
    """Contacts of the day, and older ones that its decisions had to count or found in flight, as they were known at its end."""
    begins, ends = _midnight(day), _midnight(day + timedelta(days=1))
    counted = Q(at__gte=_midnight(day - timedelta(days=days - 1))) | Q(state__in=_IN_FLIGHT) | Q(state_at__gte=begins)
    of_the_day = Q(at__gte=begins, at__lt=ends)
    found = Contact.objects.filter(of_the_day | (Q(person__in=decisions.values("person")) & counted), at__lt=ends).order_by("id")
    known = ContactEvent.objects.filter(at__lt=ends).order_by("id")
    for row in found.prefetch_related(Prefetch("events", queryset=known, to_attr="known")).iterator(_CHUNK):
        steps: list[ContactEvent] = row.known
        if steps:
            yield {
                "id": row.pk,
                "intent": row.intent,
                "person": row.person,
                "at": row.at,
                "channel": row.channel,
                "purpose": row.purpose or None,
                "source": row.source,
                "decision": row.decision_id,
                "steps": [[step.at, step.state] for step in steps],
            }


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, IST)
