"""The queue in the records: entries that acts and decisions wrote, numbered by the one sequencer of the lender."""

from collections.abc import Sequence

from django.db import connection, transaction

from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.records.audit import AuditEntry
from sulah.records.contact.decision import Decision
from sulah.records.log_entry import LogEntry, LogHead
from sulah.records.logged import AUDIT, check_of, pseudonym, pseudonym_key
from sulah.records.turn import turn
from sulah.transparency.entry import Draft

register("entry.numbering", "entry.numbered")

_AT_ONCE = 500
_NUMBER = (
    'UPDATE "records_logentry" SET "seq" = waits.place FROM (SELECT "id", %s - 1 + row_number() OVER (ORDER BY "id") AS place '
    'FROM "records_logentry" WHERE "seq" IS NULL ORDER BY "id" LIMIT %s) AS waits WHERE "records_logentry"."id" = waits."id"'
)
_FIELDS = ("act", "type", "at", "on", "actor", "subject", "cipher", "commit", "policy", "model")


def head() -> LogHead:
    """The row that says how far the log is numbered."""
    return LogHead.objects.get_or_create(pk=1)[0]


class RecordsQueue:
    """The queue of the lender whose records are connected; see EntryQueue."""

    def numbered(self) -> int:
        """How many entries have a number."""
        return head().numbered

    def number(self, limit: int) -> int:
        """Give numbers to at most so many, in the order in which they are seen; one at a time, by the lock on the head's row.

        Refusal where they have no pseudonyms yet and there is no key, or another than the log was begun with.
        """
        head()
        with turn(), transaction.atomic():
            row = LogHead.objects.select_for_update().get(pk=1)
            _give_pseudonyms(row, limit)
            with connection.cursor() as cursor:
                cursor.execute(_NUMBER, [row.numbered, limit])
                given = int(cursor.rowcount)
            row.numbered += given
            row.save(update_fields=["numbered", "key_check"])
            reach("entry.numbering")
        reach("entry.numbered")
        return given

    def drafts(self, start: int, limit: int) -> Sequence[Draft]:
        """At most so many numbered entries, from a number on."""
        found = LogEntry.objects.filter(seq__gte=start, seq__lt=start + limit).order_by("seq").values_list(*_FIELDS)
        return [_draft(values) for values in found]

    def waiting(self) -> int:
        """How many wait for a number."""
        return LogEntry.objects.filter(seq=None).count()


def draft_of_entry(entry: LogEntry) -> Draft:
    """An entry as the log writes it, but for its number."""
    return _draft(tuple(getattr(entry, name) for name in _FIELDS))


def _draft(values: tuple[object, ...]) -> Draft:
    told = {name: value or None for name, value in zip(_FIELDS, values, strict=True)}
    return Draft(**told)  # type: ignore[arg-type]


def _give_pseudonyms(row: LogHead, limit: int) -> None:
    """Entries that were written before there was a key get their pseudonyms from the rows that they are about."""
    key = pseudonym_key()
    if key is None:
        raise Refusal(
            "There is no keys/pseudonym.key: entries of the log wait. Make the log's keys (sulah log start), or bring yours back."
        )
    if row.key_check and row.key_check != check_of(key):
        raise Refusal("keys/pseudonym.key is another key than the log was begun with. Bring the right one back from your key backup.")
    row.key_check = check_of(key)
    waiting = LogEntry.objects.filter(seq=None, actor="")
    if not waiting.exists():
        return
    bare = list(waiting.order_by("id")[:limit])
    for at in range(0, len(bare), _AT_ONCE):
        part = bare[at : at + _AT_ONCE]
        named = _named(part)
        for entry in part:
            actor, subject = named[entry.of, entry.row]
            entry.actor, entry.subject = pseudonym(key, actor), pseudonym(key, subject)
        LogEntry.objects.bulk_update(part, ("actor", "subject"))


def _named(entries: Sequence[LogEntry]) -> dict[tuple[str, int], tuple[str, str]]:
    """Actor and subject of the rows that these entries are about."""
    audits = [entry.row for entry in entries if entry.of == AUDIT]
    others = [entry.row for entry in entries if entry.of != AUDIT]
    acts = AuditEntry.objects.filter(pk__in=audits).values_list("pk", "actor", "subject")
    made = Decision.objects.filter(pk__in=others).values_list("pk", "actor", "person")
    found = {("audit", pk): (actor, subject) for pk, actor, subject in acts}
    return found | {("decision", pk): (actor, f"borrower:{person}") for pk, actor, person in made}
