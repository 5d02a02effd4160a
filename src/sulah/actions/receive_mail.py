"""Take mails from the folder into the inbox: kept sealed and committed first, moved out of the way afterwards; the worker acts on them.

A bounce is filed under the mail server that its message went by, because that is whose word is taken on it; everything else under `mail`.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from sulah.actions.take_callback import subject_of, written
from sulah.adapters.book.vault import RAW, Vault
from sulah.adapters.mail.maildir import read, taken, waiting
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Heard, Report, UnreadableReportError
from sulah.outreach.email.bounce import LARGEST
from sulah.outreach.email.hook import FOLDER, MailHook, mail_call
from sulah.outreach.email.settings import EmailSettings
from sulah.records.contact.inbox import Inbox, put_in
from sulah.records.contact.outbox import Outbox
from sulah.records.turn import turn

register("mail.before_commit", "mail.kept")

MOST = 100
"""Mails of one commit."""


@dataclass(frozen=True, slots=True)
class Postbox:
    """What taking mail in needs: the settings, the folder, the vault and the clock."""

    settings: EmailSettings
    folder: Path
    vault: Vault
    clock: Clock


def receive_mail(box: Postbox) -> int:
    """Take in up to MOST mails in one transaction; how many there were."""
    found = [(path, mail) for path in waiting(box.folder, MOST) if (mail := read(path, LARGEST)) is not None]
    if not found:
        return 0
    rows = [_row(box, mail) for _, mail in found]
    with turn(), transaction.atomic():
        put_in(rows)
        reach("mail.before_commit")
    reach("mail.kept")
    taken(box.folder, [path for path, _ in found])
    return len(found)


def _row(box: Postbox, mail: bytes) -> Inbox:
    """The row of a mail; one that cannot be read is kept all the same, for a person to look at."""
    call, now = mail_call(mail), box.clock()
    try:
        said: tuple[Report | Heard, ...] = MailHook(box.settings).read(call)
    except UnreadableReportError:
        said = ()
    one = said[0] if said else None
    event = one.event_id if one else f"raw-{sha256(mail).hexdigest()[:40]}"
    reference = one.reference if isinstance(one, Report) else ""
    provider = _server(box, reference) if reference else FOLDER
    return Inbox(
        channel="email",
        provider=provider,
        event_id=event,
        reference=reference,
        sealed=box.vault.seal_until(RAW, now.astimezone(IST).date(), subject_of(provider, event), written(call)),
        received_at=now,
    )


def _server(box: Postbox, reference: str) -> str:
    """The server that a message went by; `mail` where it is not known, or set up no more."""
    provider = Outbox.objects.filter(reference=reference, channel=Channel.EMAIL).values_list("provider", flat=True).first()
    return provider if any(provider == one.name for one in box.settings.providers) and provider else FOLDER
