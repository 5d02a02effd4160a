"""Write down what a person sent, once, inside the transaction that takes it off the inbox; it is answered afterwards."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from sulah.actions.take_callback import subject_of as raw_subject
from sulah.adapters.book.vault import HEARD, Vault
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Attached, Heard
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox

_CHANNEL = {"sms": Channel.SMS, "whatsapp": Channel.WHATSAPP, "email": Channel.EMAIL, "voice": Channel.BOT_CALL}
"""Section of lender.toml -> the channel by which a person answered."""


def put_heard(vault: Vault, event: Inbox, said: Heard, now: datetime) -> bool:
    """Write it down; False where it is there already.

    said_at is the provider's word where it is an instant not after the arrival, else the arrival: a clock of theirs that is ahead moves
    nothing.  Where the provider names the message answered by its own reference only, ours is found by it.  What comes without a sender
    (one click in an e-mail) comes from whoever got that message: its hook let it in by a mark that only that message holds.
    A sender that WhatsApp hides has no number_key: two people who hide their numbers must never look like one.
    """
    media = {"media": asdict(said.media)} if said.media is not None else {}
    held = json.dumps({"from": said.sender, "text": said.text, **media}, ensure_ascii=False)
    row = HeardRow(
        channel=_CHANNEL[event.channel],
        provider=event.provider,
        event_id=said.event_id,
        provider_reference=said.provider_reference[:160],
        kind=said.kind,
        choice=said.choice[:64],
        answers=(said.answers or ours_of(event.provider, said.provider_reference))[:80],
        number_key=vault.number_key(said.sender) if said.sender else _addressed(said.answers),
        sealed=vault.seal_until(HEARD, event.received_at.astimezone(IST).date(), subject_of(event.provider, said.event_id), held),
        said_at=min(_instant(said.at) or event.received_at, event.received_at),
        received_at=event.received_at,
    )
    if HeardRow.objects.filter(provider=event.provider, event_id=said.event_id).exists():
        return False
    HeardRow.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _addressed(reference: str) -> str:
    """The number or address that a message of ours went to, by blind index; empty where there is no such message."""
    if not reference:
        return ""
    return Outbox.objects.filter(reference=reference).values_list("number_key", flat=True).first() or ""


def ours_of(provider: str, theirs: str) -> str:
    """Our reference of the message that a provider knows by its own; empty where none went out under it."""
    if not theirs:
        return ""
    return Contact.objects.filter(provider=provider, provider_ref=theirs).values_list("intent", flat=True).first() or ""


def hang_on_person(vault: Vault, row: HeardRow, quoted: Mapping[str, object]) -> None:
    """Seal what was heard, with what a reading quotes of it, under the key of the person whose it turned out to be.

    So erasing the person reaches it.  Of nobody, or of several, it stays with the month in which it came.
    """
    subject = subject_of(row.provider, row.event_id)
    held = vault.unseal(subject, row.sealed)
    if quoted:
        held = json.dumps(json.loads(held) | {"quoted": dict(quoted)}, ensure_ascii=False)
    if not row.person or vault.erased([row.person]):
        row.sealed = vault.seal_until(HEARD, row.received_at.astimezone(IST).date(), subject, held)
        return
    row.sealed = vault.seal_about(row.person, subject, held)
    # A body of its own; one that holds several people stays with its month.
    raw = Inbox.objects.filter(provider=row.provider, event_id=row.event_id).first()
    if raw is not None and raw.sealed:
        about = raw_subject(row.provider, row.event_id)
        Inbox.objects.filter(pk=raw.pk).update(sealed=vault.seal_about(row.person, about, vault.unseal(about, raw.sealed)))


def quoted_of(vault: Vault, row: HeardRow) -> dict[str, object]:
    """What the reading of a row quotes of its words: those that matched, the bank's reference."""
    held: dict[str, object] = json.loads(vault.unseal(subject_of(row.provider, row.event_id), row.sealed)).get("quoted", {})
    return held


def words_of(vault: Vault, row: HeardRow) -> tuple[str, str]:
    """Sender and text of a row, its seal opened."""
    held = json.loads(vault.unseal(subject_of(row.provider, row.event_id), row.sealed))
    return str(held["from"]), str(held["text"])


def media_of(vault: Vault, row: HeardRow) -> Attached | None:
    """What came besides words, by the provider's own word on it: kind, type and id; None where nothing did.  Nothing is fetched."""
    told = json.loads(vault.unseal(subject_of(row.provider, row.event_id), row.sealed)).get("media")
    return Attached(**told) if told else None


def subject_of(provider: str, event_id: str) -> str:
    """What the seal of something heard is bound to."""
    return f"heard|{provider}|{event_id}"


def _instant(at: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
