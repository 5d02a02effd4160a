"""Receipts out of a lender's log: an entry with the proof that it is under the newest checkpoint, and, for whom it is about, its words."""

from dataclasses import dataclass

from sulah.actions.log.start_log import log_store, signing_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.against_records import words_of_entry
from sulah.adapters.log.settings import log_settings
from sulah.adapters.log.store import TileStore
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.log_entry import LogEntry
from sulah.records.logged import opened, pseudonym, pseudonym_key
from sulah.transparency.checkpoint import Checkpoint, parse_checkpoint
from sulah.transparency.note import Note, VerifierKey, parse_note
from sulah.transparency.receipt import Opening, Receipt, bare, make_receipt
from sulah.transparency.tiles import TileHashes, entry_at

MOST = 200
"""Entries that one question gives at most, the latest first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A log as its newest checkpoint says it is."""

    store: TileStore
    note: Note
    checkpoint: Checkpoint
    keys: tuple[VerifierKey, ...]


def standing_log(lender: Lender) -> Standing:
    """The newest checkpoint and the keys to check it with; Refusal where there is none."""
    store = log_store(lender)
    held = store.checkpoint()
    if held is None:
        raise Refusal("There is no log yet: sulah log start begins it.")
    note = parse_note(held)
    keys = (signing_key(lender).verifier, *(witness.key for witness in log_settings(lender).witnesses))
    return Standing(store, note, parse_checkpoint(note.text), keys)


def entries_about(asked: str) -> list[LogEntry]:
    """The entries of a number, an act's id, or a subject (borrower:ID, message:REFERENCE); latest first.

    A bare id is a borrower's, also one who was erased.  Refusal for a subject while there is no key of pseudonyms.
    """
    numbered = LogEntry.objects.exclude(seq=None)
    if asked.isascii() and asked.isdigit() and len(asked) < 16 and (found := numbered.filter(seq=int(asked))):
        return list(found)
    if len(asked) == 32 and (found := numbered.filter(act=asked)):
        return list(found)
    key = pseudonym_key()
    if key is None:
        raise Refusal("There is no keys/pseudonym.key, so nobody can say which entries are about whom.")
    names = [asked] if ":" in asked else [f"borrower:{asked}", f"person:{asked}", asked]
    return list(numbered.filter(subject__in=[pseudonym(key, name) for name in names]).order_by("-seq")[:MOST])


def receipt_of(standing: Standing, entry: LogEntry, *, with_words: bool) -> Receipt:
    """The receipt of an entry under the newest checkpoint; Refusal where it is not under one yet.

    with_words: with what opens its commitment, where salt and row are still there and it fits a receipt's 4 KB.
    """
    size = standing.checkpoint.size
    if entry.seq is None or entry.seq >= size:
        raise Refusal(
            "This entry waits for the next checkpoint, which comes within a minute while sulah work runs (or: sulah log sequence)."
        )
    opening = _opening(entry) if with_words else None
    try:
        leaf = entry_at(standing.store, entry.seq, size)
        made = make_receipt(leaf, standing.note, TileHashes(standing.store, size), standing.keys, opening)
    except UnprovenError as error:
        raise Refusal(f"The log's files do not give a receipt: {error}. Ask sulah check.") from None
    try:
        made.to_json()
    except UnprovenError:  # too long with its words: they are handed over apart
        return bare(made)
    return made


def _opening(entry: LogEntry) -> Opening | None:
    words = words_of_entry(entry)
    return Opening(bytes(entry.salt), words) if words is not None and entry.salt is not None and opened(entry, words) else None


def newest_footer(lender: Lender) -> str:
    """The short form of the newest checkpoint, for the foot of a message; empty where there is no log."""
    held = log_store(lender).checkpoint()
    return parse_checkpoint(parse_note(held).text).footer if held else ""
