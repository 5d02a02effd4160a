"""The log's receipts for a bundle: each proves that a decision, or the erasure of a person, was told to the log, and in which words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from sulah.actions.log.start_log import log_store, signing_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.store import TileStore
from sulah.kernel.dates import IST
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.audit import AuditEntry, audit_words
from sulah.records.contact.decision import Decision, decision_words
from sulah.records.log_entry import LogEntry
from sulah.records.logged import AUDIT, DECISION
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import Note, VerifierKey, parse_note
from sulah.transparency.receipt import Opening, make_receipt
from sulah.transparency.tiles import TileHashes, entry_at

_CHUNK = 500
_CLOSES = 8
"""Days after the decisions, and after the last erasure, whose closes are looked at, the day itself among them."""


@dataclass(frozen=True, slots=True)
class UnderOne:
    """The log as one checkpoint has it; every receipt of a bundle is under it."""

    store: TileStore
    note: Note
    size: int
    hashes: TileHashes
    key: VerifierKey

    def receipt(self, entry: LogEntry | None, words: bytes, what: str) -> dict[str, Any] | None:
        """The receipt of an entry with its words, None where it has no place under the checkpoint; Refusal where files are damaged."""
        if entry is None or entry.seq is None or entry.seq >= self.size or entry.salt is None:
            return None
        opening = Opening(bytes(entry.salt), words)
        try:
            made = make_receipt(entry_at(self.store, entry.seq, self.size), self.note, self.hashes, [self.key], opening).to_json()
        except UnprovenError as error:
            raise Refusal(f"The log's files do not give a receipt of {what}: {error}. Ask sulah check.") from None
        return dict(json.loads(made))


def under_one(lender: Lender, day: date, decisions: QuerySet[Decision], erasures: Mapping[str, AuditEntry]) -> UnderOne | None:
    """The log under the first close that has all these decisions of a day and these erasures, so that a bundle made later has the same
    bytes; before there is one, under the newest checkpoint.  None where no log was begun."""
    store = log_store(lender)
    newest = store.checkpoint()
    if newest is None:
        return None
    note = _closed(store, day, decisions, erasures) or parse_note(newest)
    size = parse_checkpoint(note.text).size
    return UnderOne(store, note, size, TileHashes(store, size), signing_key(lender).verifier)


def receipts_of(log: UnderOne | None, decisions: QuerySet[Decision]) -> Iterator[dict[str, Any]]:
    """{"decision": id, "receipt": ...} for each decision that has its place in the log, in their order; Refusal for damaged files."""
    asked = decisions.iterator(_CHUNK)
    while log is not None and (rows := list(islice(asked, _CHUNK))):
        entries = _entries(DECISION, [row.pk for row in rows])
        for row in rows:
            if receipt := log.receipt(entries.get(row.pk), decision_words(row), f"decision {row.pk}"):
                yield {"decision": row.pk, "receipt": receipt}


def receipts_of_erasures(log: UnderOne | None, erasures: Mapping[str, AuditEntry]) -> dict[str, dict[str, Any] | None]:
    """For each of the people the log's receipt of the entry that they were erased, None where it has no place in a log."""
    if log is None:
        return dict.fromkeys(erasures)
    entries = _entries(AUDIT, [act.pk for act in erasures.values()])
    return {who: log.receipt(entries.get(act.pk), audit_words(act), f"the erasure of {who}") for who, act in erasures.items()}


def _entries(of: str, rows: list[int]) -> dict[int, LogEntry]:
    return {entry.row: entry for entry in LogEntry.objects.filter(of=of, row__in=rows)}


def _closed(store: TileStore, day: date, decisions: QuerySet[Decision], erasures: Mapping[str, AuditEntry]) -> Note | None:
    told = Q(of=DECISION, row__in=decisions.values("pk").order_by()) | Q(of=AUDIT, row__in=[act.pk for act in erasures.values()])
    entries = LogEntry.objects.filter(told)
    last = entries.order_by("-seq").exclude(seq=None).values_list("seq", flat=True).first()
    if last is None or entries.filter(seq=None).exists():
        return None
    begins = {day, max([day, *(act.at.astimezone(IST).date() for act in erasures.values())])}
    for on in sorted({begin + timedelta(days=days) for begin in begins for days in range(_CLOSES)}):
        closed = store.closed(on)
        if closed is not None and parse_checkpoint(parse_note(closed).text).size > last:
            return parse_note(closed)
    return None
