"""The act of beginning a lender's log: its keys, its first checkpoint, and its first entry, which says so."""

from pathlib import Path

from django.db import transaction

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import make_key
from sulah.adapters.log.keys import LOG_KEY, make_signing_key, read_signing_key
from sulah.adapters.log.records_queue import head
from sulah.adapters.log.sequencer import begin_log
from sulah.adapters.log.settings import default_origin, log_settings
from sulah.adapters.log.store import TileStore
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.log_entry import LogHead
from sulah.records.logged import PSEUDONYM_KEY
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import LOG, SigningKey, parse_note

register("entry.keys_made", "entry.first_checkpoint", "entry.start_before_commit")


def log_store(lender: Lender) -> TileStore:
    """Where the files of a lender's log lie: log/ in its folder, fit to be served as they are."""
    return TileStore(lender.root / "log")


def signing_key(lender: Lender) -> SigningKey:
    """The log's private key; Refusal where it is missing or damaged."""
    return read_signing_key(lender.keys / LOG_KEY)


def start_log(lender: Lender, *, actor: str, clock: Clock, origin: str = "") -> str:
    """Begin the log and return its name; Refusal where one stands under another name or where its folder is gone.

    origin: the log's name for ever, by which keys and checkpoints are known (default: [log] of lender.toml, else of the lender's name).
    Begun once: the same again changes nothing.  Killed anywhere it goes on when it is asked for again.
    """
    row = head()
    wanted = origin or log_settings(lender).origin
    if row.origin:
        if wanted and wanted != row.origin:
            raise Refusal(f"This lender's log is {row.origin} and stays it. Only a lender that came back from a backup begins another.")
        return row.origin
    key = _keys(lender.keys, wanted or default_origin(lender.name))
    if origin and key.name != origin:
        raise Refusal(f"keys/{LOG_KEY} is the key of {key.name}. Name the log so, or move that key away.")
    reach("entry.keys_made")
    _first_checkpoint(log_store(lender), key)
    reach("entry.first_checkpoint")
    with transaction.atomic():
        row = LogHead.objects.select_for_update().get(pk=1)
        row.origin = key.name
        row.save(update_fields=["origin"])
        after = {"origin": key.name, "key": key.verifier.text, "audit_from": row.audit_from, "decision_from": row.decision_from}
        write_audit(at=clock(), actor=actor, act="log.start", subject=f"log:{key.name}", after=after)
        reach("entry.start_before_commit")
    return key.name


def _keys(folder: Path, origin: str) -> SigningKey:
    """The key of pseudonyms and the log's own, made where they are not."""
    if not (folder / PSEUDONYM_KEY).exists():
        make_key(folder / PSEUDONYM_KEY)
    if (folder / LOG_KEY).exists():
        return read_signing_key(folder / LOG_KEY)
    return make_signing_key(folder / LOG_KEY, origin, LOG)


def _first_checkpoint(store: TileStore, key: SigningKey) -> None:
    """Of no entries; where an earlier try was killed it stands already."""
    standing = store.checkpoint()
    if standing is None:
        begin_log(store, key)
        return
    there = parse_checkpoint(parse_note(standing).text)
    if there.size or there.origin != key.name:
        raise Refusal(
            f"A log of {there.size:,} entries called {there.origin} lies in {store.root}, and these records know of none: they are older "
            "than it, or it is another lender's. What was signed cannot be taken back; restore records that are as new as the log."
        )
