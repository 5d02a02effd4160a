"""The log held against the records: no act without an entry, no entry without an act, and each says what its row says."""

from collections.abc import Iterator, Sequence

from sulah.adapters.book.layout import Lender
from sulah.adapters.log.keys import LOG_KEY, read_signing_key
from sulah.adapters.log.records_queue import draft_of_entry, head
from sulah.adapters.log.store import TileStore
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.audit import AuditEntry, audit_words
from sulah.records.contact.decision import Decision, decision_words
from sulah.records.log_entry import LogEntry
from sulah.records.logged import AUDIT, DECISION, opened
from sulah.records.seal import DamagedRecordError
from sulah.transparency.checkpoint import Checkpoint, open_checkpoint
from sulah.transparency.tiles import WIDTH, Growth, decode_bundle, entries_path

_AT_ONCE = 1_000
_NAMED = 20
"""Wrong things that are told one by one of each kind; a count tells of the rest."""


def words_of_entry(entry: LogEntry) -> bytes | None:
    """The words that an entry commits to, as its row gives them; None where the row is gone."""
    if entry.of == AUDIT:
        act = AuditEntry.objects.filter(pk=entry.row).first()
        return audit_words(act) if act else None
    row = Decision.objects.filter(pk=entry.row).first()
    return decision_words(row) if row else None


def wrong_log(lender: Lender) -> list[str]:
    """What of the log does not fit the records or itself, in words; a lender whose log was never begun has only its waiting entries."""
    wrong = [*_few(_missing()), *_few(_other_words())]
    row = head()
    if not row.origin:
        return wrong
    return [*wrong, *_few(_other_files(lender))]


def _few(found: Iterator[str]) -> Iterator[str]:
    told = 0
    for words in found:
        told += 1
        if told <= _NAMED:
            yield words
    if told > _NAMED:
        yield f"... and {told - _NAMED:,} more like these."


def _missing() -> Iterator[str]:
    """Rows that were written since there is a log, without an entry."""
    row = head()
    kinds = ((AUDIT, AuditEntry, row.audit_from), (DECISION, Decision, row.decision_from))
    for of, model, since in kinds:
        known = LogEntry.objects.filter(of=of).order_by("row").values_list("row", flat=True).iterator(chunk_size=5_000)
        here = next(known, None)
        for pk in model._default_manager.filter(pk__gt=since).order_by("pk").values_list("pk", flat=True).iterator(5_000):  # noqa: SLF001
            while here is not None and here < pk:
                here = next(known, None)
            if here != pk:
                yield f"The {model.NAMED} {pk} has no entry of the log: it was written past its writer, or its entry was taken away."


def _other_words() -> Iterator[str]:
    """Entries whose row is gone or says something else than was committed to; one whose salt was destroyed says nothing any more."""
    for part in _parts():
        rows: dict[tuple[str, int], bytes] = {}
        try:
            acts = AuditEntry.objects.in_bulk([entry.row for entry in part if entry.of == AUDIT])
            decisions = Decision.objects.in_bulk([entry.row for entry in part if entry.of == DECISION])
            rows = {(AUDIT, pk): audit_words(act) for pk, act in acts.items()}
            rows |= {(DECISION, pk): decision_words(row) for pk, row in decisions.items()}
        except DamagedRecordError as error:
            yield str(error)
            continue
        for entry in part:
            place = f"Entry {entry.seq:,}" if entry.seq is not None else f"The waiting entry {entry.pk}"
            if (entry.of, entry.row) not in rows:
                yield f"{place} of the log is about the {entry.of} row {entry.row}, which is not in the records."
            elif entry.salt is not None and not opened(entry, rows[entry.of, entry.row]):
                yield f"{place} of the log does not commit to what the {entry.of} row {entry.row} says: one of the two was changed."


def _parts() -> Iterator[list[LogEntry]]:
    part: list[LogEntry] = []
    for entry in LogEntry.objects.order_by("pk").iterator(chunk_size=_AT_ONCE):
        part.append(entry)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _other_files(lender: Lender) -> Iterator[str]:
    """The numbers must be dense, and every file of the log what the numbered entries give, up to the root that was signed."""
    store, row = TileStore(lender.root / "log"), head()
    note = store.checkpoint()
    if note is None:
        yield f"There is no checkpoint in {store.root}, and the log {row.origin} was begun. Bring its folder back from a backup."
        return
    try:
        checkpoint, _ = open_checkpoint(note, [read_signing_key(lender.keys / LOG_KEY).verifier])
    except UnprovenError as error:
        yield f"The checkpoint in {store.root} does not hold: {error}."
        return
    except Refusal as error:  # a restored lender whose keys are not there yet: what can be checked without them is checked
        if (lender.keys / LOG_KEY).exists():
            yield str(error)
        return
    if checkpoint.size > row.numbered:
        yield (
            f"The log has {checkpoint.size:,} entries and the records know {row.numbered:,}: the records are older than the log. What was "
            "signed cannot be taken back; restore records that are as new as the log."
        )
        return
    yield from _grown(store, checkpoint)


def _grown(store: TileStore, checkpoint: Checkpoint) -> Iterator[str]:
    growth = Growth()
    for first in range(0, checkpoint.size, WIDTH):
        width = min(WIDTH, checkpoint.size - first)
        entries = list(LogEntry.objects.filter(seq__gte=first, seq__lt=first + width).order_by("seq"))
        if [entry.seq for entry in entries] != list(range(first, first + width)):
            yield f"Between entry {first:,} and {first + width:,} numbers are missing in the records: entries were taken away."
            return
        leaves = [draft_of_entry(entry).numbered(first + place) for place, entry in enumerate(entries)]
        path = entries_path(first // WIDTH, width)
        held = store.read(path) or store.read(entries_path(first // WIDTH)) or b""
        if decode_bundle(held)[:width] != leaves:
            yield f"{path} has other entries than the records: {_first(decode_bundle(held)[:width], leaves, first)}."
        growth.extend(leaves)
    if growth.root() != checkpoint.root:
        yield f"The entries of the records do not give the root of the checkpoint of {checkpoint.size:,} entries."


def _first(held: Sequence[bytes], leaves: Sequence[bytes], first: int) -> str:
    place = next((at for at, leaf in enumerate(leaves) if at >= len(held) or held[at] != leaf), len(leaves))
    return f"the first that differs is entry {first + place:,}"
