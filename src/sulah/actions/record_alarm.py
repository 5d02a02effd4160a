"""The alarm about a missing extract: raised once for each business date when it is late, closed by the load that comes."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from sulah.adapters.lms.inbox_calendar import Expectation
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.terms import LoadState
from sulah.records.alarm import Alarm
from sulah.records.audit import write_audit
from sulah.records.load import Load

MISSING = "missing_extract"


def raise_missing(expectation: Expectation | None, *, actor: str, clock: Clock) -> list[Alarm]:
    """Raise the alarm of every business date that is late and after the last accepted load; the alarms raised by this look.

    A date has one row: where its load was undone, the closed row is opened again.  Without an expectation nobody is alarmed.
    """
    if expectation is None:
        return []
    now = clock()
    with transaction.atomic():
        accepted = Load.objects.filter(state=LoadState.ACCEPTED).order_by("-as_of").values_list("as_of", flat=True).first()
        late = list(expectation.due_days(now, accepted))
        found = [_raise(day, expectation.due_at(day), now, actor) for day in late if accepted is None or day > accepted]
    return [alarm for alarm in found if alarm is not None]


def close_alarms(as_of: date, load_id: str, *, actor: str, at: datetime) -> int:
    """Close the open alarms of a date and earlier; inside the transaction that accepts the load.  How many were closed."""
    closed = list(Alarm.objects.filter(kind=MISSING, as_of__lte=as_of, closed_at=None))
    for alarm in closed:
        alarm.closed_at, alarm.closed_by = at, load_id
        alarm.save()
        write_audit(at=at, actor=actor, act="alarm.close", subject=f"extract:{alarm.as_of}", after={"load": load_id})
    return len(closed)


def open_alarms(until: date | None = None) -> Sequence[Alarm]:
    """The open alarms, oldest first; until: of this date and earlier only."""
    found = Alarm.objects.filter(kind=MISSING, closed_at=None).order_by("as_of")
    return list(found if until is None else found.filter(as_of__lte=until))


def words_of_alarm(alarm: Alarm) -> str:
    """An open alarm as a person should read it, with what to do."""
    due = alarm.due_at.astimezone(IST)
    late = f"The extract of {day_text(alarm.as_of)} was expected by {day_text(due.date())}, {due:%H:%M}, and is not accepted."
    held = Load.objects.filter(as_of=alarm.as_of, state=LoadState.HELD).order_by("-version").first()
    if held is not None:
        return f"{late} It came and is held as {held.id}: look at it, then sulah approve {held.id}"
    return f"{late} Ask the lender's IT for it, or load it with: sulah load FOLDER --as-of {alarm.as_of}"


def alarm_notes(until: date) -> list[str]:
    """What a day of this date must say about extracts that are missing."""
    return [words_of_alarm(alarm) for alarm in open_alarms(until)]


def stale_since() -> date | None:
    """The first business date whose extract is missing; None where nothing is late."""
    late = open_alarms()
    return late[0].as_of if late else None


def _raise(day: date, due_at: datetime, now: datetime, actor: str) -> Alarm | None:
    alarm, made = Alarm.objects.get_or_create(kind=MISSING, as_of=day, defaults={"due_at": due_at, "raised_at": now})
    if not made and alarm.closed_at is None:
        return None
    before = {} if made else {"closed_by": alarm.closed_by}
    if not made:
        alarm.closed_at, alarm.closed_by, alarm.raised_at = None, "", now
        alarm.save()
    write_audit(at=now, actor=actor, act="alarm.raise", subject=f"extract:{day}", before=before, after={"due_at": due_at.isoformat()})
    return alarm
