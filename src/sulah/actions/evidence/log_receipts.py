"""The log's receipts for a day's decisions: each proves that the decision was told to the log, and what the log was told of it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from sulah.actions.log.start_log import log_store, signing_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.store import TileStore
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.contact.decision import Decision, decision_words
from sulah.records.log_entry import LogEntry
from sulah.records.logged import DECISION
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import Note, parse_note
from sulah.transparency.receipt import Opening, make_receipt
from sulah.transparency.tiles import TileHashes, entry_at

_CHUNK = 500
_CLOSES = 8
"""Days after the decisions whose closes are looked at, the day itself among them."""


def receipts_of(lender: Lender, day: date, decisions: QuerySet[Decision]) -> Iterator[dict[str, Any]]:
    """{"decision": id, "receipt": ...} for each decision that has its place in the log, in their order; none where no log was begun.

    All are under one checkpoint: the first day's close that has all decisions of the day, so that a bundle made later has the same bytes;
    before there is one, the newest.  Refusal where the log's files are damaged.
    """
    store = log_store(lender)
    note = _note(store, day, decisions)
    if note is None:
        return
    size, key = parse_checkpoint(note.text).size, signing_key(lender).verifier
    hashes = TileHashes(store, size)
    asked = decisions.iterator(_CHUNK)
    while rows := list(islice(asked, _CHUNK)):
        found = LogEntry.objects.filter(of=DECISION, row__in=[row.pk for row in rows], seq__lt=size)
        entries = {entry.row: entry for entry in found}
        for row in rows:
            entry = entries.get(row.pk)
            if entry is not None and entry.seq is not None and entry.salt is not None:
                opening = Opening(bytes(entry.salt), decision_words(row))
                try:
                    made = make_receipt(entry_at(store, entry.seq, size), note, hashes, [key], opening).to_json()
                except UnprovenError as error:
                    raise Refusal(f"The log's files do not give a receipt of decision {row.pk}: {error}. Ask sulah check.") from None
                yield {"decision": row.pk, "receipt": json.loads(made)}


def _note(store: TileStore, day: date, decisions: QuerySet[Decision]) -> Note | None:
    newest = store.checkpoint()
    if newest is None:
        return None
    entries = LogEntry.objects.filter(of=DECISION, row__in=decisions.values("pk").order_by())
    last = entries.order_by("-seq").exclude(seq=None).values_list("seq", flat=True).first()
    if last is not None and not entries.filter(seq=None).exists():
        for days in range(_CLOSES):
            closed = store.closed(day + timedelta(days=days))
            if closed is not None and parse_checkpoint(parse_note(closed).text).size > last:
                return parse_note(closed)
    return parse_note(newest)
