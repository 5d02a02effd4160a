"""The calendar of days on which people are left alone: proposed from a published list or added by hand, and held only once confirmed."""

from collections.abc import Collection
from datetime import date, datetime

import holidays
from django.db import transaction

from sulah.actions.contact.actor import OFFICE, Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.states import STATES
from sulah.records.audit import write_audit
from sulah.records.contact.occasion import CalendarDay

PROPOSED, CONFIRMED, DISMISSED = "proposed", "confirmed", "dismissed"
KINDS = ("national_holiday", "religious_festival", "election", "curfew", "exam", "other")
NATIONAL = {(1, 26), (8, 15), (10, 2)}
"""Republic Day, Independence Day, Gandhi Jayanti: the three national holidays, the same every year."""


class CalendarRefusedError(Refusal):
    """The day cannot be proposed or decided about; the words say why."""


def propose_days(year: int, states: Collection[str], *, by: Actor, clock: Clock) -> list[CalendarDay]:
    """Propose the holidays of a year, of all India and of these states, as published in the `holidays` package; a person confirms each.

    Days that are there already, dismissed ones too, are not proposed again.  The package is no authority: festivals by the moon may move
    by a day, and of some states (Bihar is one) it knows no day of their own.  The state's notification says which days there are.
    """
    _hold(by)
    if unknown := sorted(set(states) - set(STATES)):
        raise CalendarRefusedError(f"{', '.join(unknown)}: no state has this code. Write two letters, such as BR.")
    found = {(day, "", _kind(day)): name for day, name in _listed(year, None).items()}
    for state in sorted(set(states)):
        found |= {(day, state, _kind(day)): name for day, name in _listed(year, state).items() if (day, "", _kind(day)) not in found}
    with transaction.atomic():
        now = clock()
        there = {(row.day, row.state, row.kind) for row in CalendarDay.objects.filter(day__year=year)}
        fresh = [
            CalendarDay(
                day=day, state=state, kind=kind, name=name[:120], standing=PROPOSED, source="holidays", changed_at=now, changed_by=by.name
            )
            for (day, state, kind), name in sorted(found.items())
            if (day, state, kind) not in there
        ]
        CalendarDay.objects.bulk_create(fresh)
        after = {"year": year, "states": sorted(states), "days": len(fresh)}
        write_audit(at=now, actor=by.name, act="calendar.propose", subject=f"calendar:{year}", after=after)
    return fresh


def add_day(day: date, name: str, *, kind: str = "religious_festival", state: str = "", by: Actor, clock: Clock) -> CalendarDay:
    """Add a day by hand; it holds at once."""
    _hold(by)
    if kind not in KINDS or not name.strip() or (state and state not in STATES):
        raise CalendarRefusedError(f"A day needs a name, a kind ({', '.join(KINDS)}), and either no state or one by its two letters.")
    with transaction.atomic():
        now = clock()
        row, fresh = CalendarDay.objects.select_for_update().get_or_create(
            day=day,
            state=state,
            kind=kind,
            defaults={"name": name[:120], "standing": CONFIRMED, "source": "by hand", "changed_at": now, "changed_by": by.name},
        )
        if not fresh:
            return _set(row, CONFIRMED, by, now)
        write_audit(at=now, actor=by.name, act="calendar.add", subject=f"calendar:{day}", after=_told(row))
    return row


def decide_day(day_id: int, *, confirm: bool, by: Actor, clock: Clock) -> CalendarDay:
    """Confirm a day, so that it holds, or dismiss it, so that it does not; either can be changed again."""
    _hold(by)
    with transaction.atomic():
        row = CalendarDay.objects.select_for_update().filter(pk=day_id).first()
        if row is None:
            raise CalendarRefusedError("There is no such day in the calendar.")
        return _set(row, CONFIRMED if confirm else DISMISSED, by, clock())


def _set(row: CalendarDay, standing: str, by: Actor, now: datetime) -> CalendarDay:
    before = _told(row)
    row.standing, row.changed_at, row.changed_by = standing, now, by.name
    row.save()
    write_audit(at=now, actor=by.name, act=f"calendar.{standing}", subject=f"calendar:{row.day}", before=before, after=_told(row))
    return row


def _hold(by: Actor) -> None:
    hold_role(by, OFFICE, "edit the calendar")
    hold_whole_lender(by, "edit the calendar")


def _listed(year: int, state: str | None) -> dict[date, str]:
    """The days of a year with their names, of all India or of a state."""
    listed = holidays.country_holidays("IN", subdiv=state, years=year)
    return {day: str(name) for day, name in listed.items()}


def _kind(day: date) -> str:
    return "national_holiday" if (day.month, day.day) in NATIONAL else "religious_festival"


def _told(row: CalendarDay) -> dict[str, object]:
    return {"name": row.name, "kind": row.kind, "state": row.state, "standing": row.standing}
