"""After a restore: the log goes on only when it is known that nothing was signed beyond it, or it begins anew under another name."""

from django.db import transaction

from sulah.actions.log.start_log import log_store, signing_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.keys import LOG_KEY, make_signing_key
from sulah.adapters.log.records_queue import RecordsQueue, head
from sulah.adapters.log.sequencer import begin_log, open_log
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.audit import write_audit
from sulah.records.log_entry import LogHead
from sulah.transparency.checkpoint import open_checkpoint
from sulah.transparency.note import LOG
from sulah.transparency.proofs import consistency_proof, is_consistent
from sulah.transparency.tiles import Growth, TileHashes


def resume_log(lender: Lender, seen: str, *, actor: str, clock: Clock) -> int:
    """Let the log go on when the newest checkpoint that anybody holds is one of its own past; the size that it goes on from.

    Refusal for a checkpoint of another log, one that these records do not give, or one with more entries than they know.
    """
    row = _held(head())
    key, store = signing_key(lender), log_store(lender)
    try:
        newest, _ = open_checkpoint(seen, [key.verifier])
    except UnprovenError as error:
        raise Refusal(f"This is no checkpoint of {row.origin}: {error}.") from None
    if newest.size > row.numbered:
        raise Refusal(
            f"The checkpoint has {newest.size:,} entries and the records know {row.numbered:,}: the records are older than the log. "
            "What was signed cannot be taken back. Restore a later backup, or begin a log under another name: "
            "sulah log resume --origin NAME"
        )
    queue = RecordsQueue()
    with store.writing():
        sequencer = open_log(store, queue, key)
        grown: Growth = sequencer.growth
        while grown.size < newest.size and sequencer.append(newest.size - grown.size):
            pass
        root = grown.root() if grown.size == newest.size else None
        if root is None:
            hashes, here = TileHashes(store, grown.size), sequencer.published
            proof = consistency_proof(newest.size, here.size, hashes) if newest.size else []
            root = newest.root if is_consistent(newest.size, newest.root, here.size, here.root, proof) else b""
        if root != newest.root:
            raise Refusal(f"The checkpoint of {newest.size:,} entries is not of this history: nothing is signed. Keep it as evidence.")
    _let_go(row, {"seen": newest.size, "backup": row.held}, actor, clock)
    return newest.size


def begin_anew(lender: Lender, origin: str, *, actor: str, clock: Clock) -> str:
    """Begin a log under another name from the records as they are; the old one's files and key stay beside it, and its last size is told.

    Whoever holds checkpoints of the old log can compare: the entries that both have are the same, byte for byte.
    """
    row = _held(head())
    if origin == row.origin:
        raise Refusal(f"{origin} is the log that cannot go on; give the new one another name.")
    store, aside = log_store(lender), f"log-before-{row.held}"
    if store.root.exists() and not (lender.root / aside).exists():
        store.root.rename(lender.root / aside)
    if (lender.keys / LOG_KEY).exists() and not (lender.keys / f"{aside}.key").exists():
        (lender.keys / LOG_KEY).rename(lender.keys / f"{aside}.key")
    key = signing_key(lender) if (lender.keys / LOG_KEY).exists() else make_signing_key(lender.keys / LOG_KEY, origin, LOG)
    if key.name != origin:
        raise Refusal(f"A log under the name {key.name} was being begun. Give that name.")
    if store.checkpoint() is None:
        begin_log(store, key)
    _let_go(row, {"before": row.origin, "origin": origin, "key": key.verifier.text, "backup": row.held}, actor, clock, origin)
    return origin


def _held(row: LogHead) -> LogHead:
    if not row.held:
        raise Refusal("This log is not held: only a lender that came back from a backup resumes it.")
    return row


def _let_go(row: LogHead, after: dict[str, object], actor: str, clock: Clock, origin: str = "") -> None:
    with transaction.atomic():
        locked = LogHead.objects.select_for_update().get(pk=1)
        locked.held, locked.origin = "", origin or locked.origin
        locked.published = 0 if origin else locked.published
        locked.save(update_fields=["held", "origin", "published"])
        write_audit(at=clock(), actor=actor, act="log.resume", subject=f"log:{locked.origin}", after=after)
