"""What a person's erasure takes out of the records: sealed texts are hung on the key that goes, indexes of numbers are deleted.

Rows stay, with ids and times: they are the proof of how the person was treated.  Their sealed texts open with the person's key alone.
"""

from collections import Counter
from datetime import datetime

from django.db import connection
from django.db.models import F

from sulah.actions.contact.officer_code import code_subject
from sulah.actions.contact_borrower import subject_of as sent_subject
from sulah.actions.put_heard import subject_of as heard_subject
from sulah.actions.take_callback import subject_of as raw_subject
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.sending import SendState
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.officer_code import OfficerCode
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import PersonNumber
from sulah.records.said import Said

_READ = ("intent", "also", "confidence", "rule", "by_language")
"""What stays of how a message was read; the words that matched and the bank's reference go."""

STILL_HELD = (
    "Another program is reading the records, so what their rows held before still lies in the database's files "
    "(sulah.sqlite3 and its -wal). "
    "End that program and run sulah erase --finish; sulah retain --do finishes it as well."
)
_TRIES_MS = 5000
"""How long the database tries again while somebody reads."""

_FREED = ("records_heard", "records_outbox", "records_personnumber", "records_standing", "records_inbox")


def wipe_person(person: str, vault: Vault, now: datetime) -> Counter[str]:
    """Do it, inside the caller's transaction; how many rows of each kind hang on the person's key, or were deleted.

    Done again it changes nothing more.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    done: Counter[str] = Counter()
    going = Outbox.objects.filter(person=person, state=SendState.QUEUED)
    words = "The person was erased before it could go."
    withdrawn = going.update(state=SendState.WITHDRAWN, fence=F("fence") + 1, claimed_by="", changed_at=now, words=words)
    done["messages withdrawn"] = withdrawn
    done["messages"] = _hang_messages(person, vault)
    done["heard"], done["raw bodies"] = _hang_heard(person, vault)
    done["officers' codes"] = _end_codes(person, vault, now)
    done["words of staff"] = Said.objects.filter(person=person).count()
    done["index of numbers"], _ = PersonNumber.objects.filter(person=person).delete()
    for row in Standing.objects.select_for_update().filter(pk=person):
        done["index of numbers"] += len(row.numbers)
        row.numbers = {}
        row.save(update_fields=["numbers"])
    return done


def freed() -> str:
    """Let the database give up what the rows held before: the log of SQLite is emptied, tables of PostgreSQL are swept.

    Empty when it is done; else in words what holds it and how it is finished, after some seconds of trying.
    """
    if connection.in_atomic_block:
        return ""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute(f"VACUUM {', '.join(_FREED)}")
            return ""
        cursor.execute("PRAGMA busy_timeout")
        [before] = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_TRIES_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
    return STILL_HELD if busy else ""


def _hung(vault: Vault, person: str, subject: str, sealed: str) -> str:
    """The same text under the person's key; as it is where its month is over."""
    try:
        return vault.seal_about(person, subject, vault.unseal(subject, sealed))
    except KeyDestroyedError:
        return sealed


def _hang_messages(person: str, vault: Vault) -> int:
    rows = list(Outbox.objects.filter(person=person).exclude(sealed="").only("pk", "reference", "sealed"))
    for row in rows:
        sealed = _hung(vault, person, sent_subject(row.reference), row.sealed)
        Outbox.objects.filter(pk=row.pk).update(sealed=sealed, number_key="")
    return len(rows)


def _hang_heard(person: str, vault: Vault) -> tuple[int, int]:
    rows, raw = list(Heard.objects.filter(person=person)), 0
    for row in rows:
        row.sealed = _hung(vault, person, heard_subject(row.provider, row.event_id), row.sealed)
        row.reading = {name: row.reading[name] for name in _READ if name in row.reading}
        row.number_key = ""
        row.save(update_fields=["sealed", "reading", "number_key"])
        for body in Inbox.objects.filter(provider=row.provider, event_id=row.event_id):
            sealed = _hung(vault, person, raw_subject(row.provider, row.event_id), body.sealed)
            raw += Inbox.objects.filter(pk=body.pk).update(sealed=sealed)
    return len(rows), raw


def _end_codes(person: str, vault: Vault, now: datetime) -> int:
    rows = list(OfficerCode.objects.select_for_update().filter(person=person))
    for row in rows:
        row.sealed = _hung(vault, person, code_subject(row.agent_id, person), row.sealed)
        row.ended_at = row.ended_at or now
        row.save(update_fields=["sealed", "ended_at"])
    return len(rows)
