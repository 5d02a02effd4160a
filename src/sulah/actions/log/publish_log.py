"""The act of putting the newest checkpoint out for outsiders: into a folder, and by mail to the auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from sulah.actions.log.make_receipts import Standing, standing_log
from sulah.actions.log.sequence_log import sequence_log
from sulah.actions.log.tell_log import PUBLISHED
from sulah.actions.log.witness_logs import ask_witnesses
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.settings import log_settings
from sulah.adapters.mail.hand_over import NotMailedError, hand_over
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.outreach.email.settings import settings_of
from sulah.records.audit import write_audit

register("entry.checkpoint_filed", "entry.checkpoint_mailed")

_TEXT = """The checkpoint of the log {origin} on {on}.

Entries: {size}
Code: {footer}

Keep it. With a later checkpoint, or a copy of the log, it shows whether anything that was in the log then was changed since:
    python sulah_verify.py log FOLDER --keys KEYS --seen checkpoint.txt
The keys come to you in another way than by this mail.{simulated}
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What went out: size of the checkpoint, its file, who was mailed (empty: nobody), who witnessed it, notes for people."""

    size: int
    file: Path
    mailed_to: str
    witnesses: tuple[str, ...]
    notes: tuple[str, ...]


def publish_log(lender: Lender, *, environment: Mapping[str, str], actor: str, clock: Clock) -> Published:
    """Number what waits, ask the witnesses, lay the checkpoint into the folder of lender.toml and mail it to the auditor.

    Once a day is enough, more often does no harm.  Refusal where there is no log or nothing may be signed; a mail that no server took is
    told in the notes, for the file is out by then.
    """
    turn = sequence_log(lender, clock=clock, now=True)
    asked = ask_witnesses(lender)
    standing, settings, at = standing_log(lender), log_settings(lender), clock()
    day = at.astimezone(IST).date()
    file = settings.folder / f"checkpoint-{day}-{standing.checkpoint.size}.txt"
    with durable(file) as part:
        part.write_text(str(standing.note), "utf-8")
    with durable(settings.folder / "keys.txt") as part:
        part.write_text("".join(f"{key.text}\n" for key in standing.keys), "utf-8")
    reach("entry.checkpoint_filed")
    mailed_to, notes = "", [*asked.notes, *([turn.words] if turn.words else [])]
    if settings.auditor:
        try:
            _mail(lender, standing, settings.auditor, environment, clock)
            mailed_to = settings.auditor
        except (NotMailedError, Refusal) as error:
            notes.append(f"The auditor was not mailed. {error}")
    else:
        notes.append("No auditor is named in lender.toml ([log] auditor): nobody was mailed.")
    reach("entry.checkpoint_mailed")
    after = {
        "size": standing.checkpoint.size,
        "footer": standing.checkpoint.footer,
        "mailed_to": mailed_to,
        "witnesses": list(asked.signed),
    }
    with transaction.atomic():
        write_audit(at=clock(), actor=actor, act=PUBLISHED, subject=f"log:{standing.checkpoint.origin}", after=after)
    return Published(standing.checkpoint.size, file, mailed_to, asked.signed, tuple(notes))


def _mail(lender: Lender, standing: Standing, to: str, environment: Mapping[str, str], clock: Clock) -> None:
    settings, checkpoint, at = settings_of(lender.settings, environment), standing.checkpoint, clock()
    told = {"origin": checkpoint.origin, "size": f"{checkpoint.size:,}", "footer": checkpoint.footer, "on": at.astimezone(IST).date()}
    text = _TEXT.format(**told, simulated="\nAll of it is simulated." if lender.simulated else "")
    subject = f"Checkpoint {checkpoint.footer} of {checkpoint.origin}"
    hand_over(settings, to, subject, text, at, [("checkpoint.txt", str(standing.note).encode())])
