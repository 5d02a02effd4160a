"""What stands in a lender's log, told for people: size, what waits, the last checkpoint, who witnessed it, the last mail."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sulah.actions.log.start_log import log_store
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.keys import LOG_KEY, read_signing_key
from sulah.adapters.log.records_queue import RecordsQueue, head
from sulah.adapters.log.settings import log_settings
from sulah.kernel.dates import IST
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.audit import AuditEntry
from sulah.transparency.checkpoint import open_checkpoint
from sulah.transparency.note import WITNESS, VerifierKey, parse_note

PUBLISHED = "log.publish"
"""The act of putting a checkpoint out for outsiders."""


@dataclass(frozen=True, slots=True)
class ToldLog:
    """A log as it stands; trouble: why its checkpoint is not to be believed, empty else."""

    origin: str
    key: str
    size: int
    waiting: int
    footer: str
    note: str
    checkpoint_at: datetime | None
    witnesses: tuple[tuple[str, datetime | None], ...]
    mailed_at: datetime | None
    mailed_to: str
    held: str
    trouble: str = ""

    def plain(self) -> dict[str, Any]:
        """For machines."""
        told = {"origin": self.origin, "key": self.key, "size": self.size, "waiting": self.waiting, "footer": self.footer}
        told |= {"checkpoint": self.note, "checkpoint_at": self.checkpoint_at, "mailed_at": self.mailed_at, "mailed_to": self.mailed_to}
        return {**told, "witnesses": [[name, at] for name, at in self.witnesses], "held": self.held, "trouble": self.trouble}

    def sentences(self) -> list[str]:
        """For people."""
        if not self.origin:
            return [f"The log is not begun (sulah log start); {self.waiting:,} entries wait."]
        words = [f"{self.origin}: {self.size:,} entries, {self.waiting:,} wait. Its code at the foot of messages: {self.footer}"]
        words += [f"Last checkpoint: {_when(self.checkpoint_at)}. Last mail: {_when(self.mailed_at)} {self.mailed_to}".rstrip()]
        words += [f"Witnesses: {', '.join(f'{name}, {_when(at)}' for name, at in self.witnesses) or 'none'}. Key: {self.key}"]
        words += [f"Held since it came back from the backup {self.held}: see sulah log resume."] if self.held else []
        return [*words, *([self.trouble] if self.trouble else [])]


def tell_log(lender: Lender) -> ToldLog:
    """The log of a lender whose records are connected."""
    row = head()
    published = AuditEntry.objects.filter(act=PUBLISHED).order_by("-id")[:50]
    mailed = next((entry for entry in published if entry.after.get("mailed_to")), None)
    bare = ToldLog(
        origin=row.origin,
        key="",
        size=0,
        waiting=RecordsQueue().waiting(),
        footer="",
        note=log_store(lender).checkpoint() or "",
        checkpoint_at=row.checkpoint_at,
        witnesses=(),
        mailed_at=mailed.at if mailed else None,
        mailed_to=str(mailed.after["mailed_to"]) if mailed else "",
        held=row.held,
    )
    if not row.origin:
        return bare
    try:
        key = read_signing_key(lender.keys / LOG_KEY).verifier
        return _with_checkpoint(bare, key, [one.key for one in log_settings(lender).witnesses])
    except UnprovenError as error:
        return replace(bare, trouble=f"The checkpoint does not hold: {error}.")
    except Refusal as refusal:
        return replace(bare, trouble=str(refusal))


def _with_checkpoint(bare: ToldLog, key: VerifierKey, witnesses: list[VerifierKey]) -> ToldLog:
    parse_note(bare.note)
    checkpoint, signed = open_checkpoint(bare.note, [key, *witnesses])
    seen = tuple((one.key.name, _moment(one.time)) for one in signed if one.key.kind == WITNESS)
    return replace(bare, key=key.text, size=checkpoint.size, footer=checkpoint.footer, witnesses=seen)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, IST)


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(IST):%Y-%m-%d %H:%M} IST" if at else "never"
