"""The place at which a person agreed to be met, and how they were found or missed at a place."""

from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Place, Role
from sulah.records.audit import write_audit
from sulah.records.contact.place import AgreedPlace, Miss


class PlaceRefusedError(Refusal):
    """The entry cannot be made; the words say why."""


def agree_place(person: str, *, centre_id: str = "", branch_id: str = "", by: Actor, clock: Clock) -> AgreedPlace:
    """Write down the place that a person agreed to: a centre or a branch; neither says that no place is agreed any more."""
    hold_role(by, DESK, "write down an agreed place")
    hold_reach(by, person)
    if centre_id and branch_id:
        raise PlaceRefusedError("One place is agreed, a centre or a branch. Give one of them.")
    with transaction.atomic():
        now = clock()
        agreed = AgreedPlace.objects.create(person=person, centre_id=centre_id, branch_id=branch_id, agreed_at=now, recorded_by=by.name)
        after = {"centre_id": centre_id, "branch_id": branch_id}
        write_audit(at=now, actor=by.name, act="place.agree", subject=f"borrower:{person}", after=after)
    return agreed


def record_miss(person: str, place: Place, *, met: bool, at: datetime, by: Actor, clock: Clock) -> Miss:
    """Write down that a person was looked for at a place and missed, or met; the same moment twice is one entry.

    Misses in succession are counted from the last time that the person was met anywhere, or paid, those of one day in India as one.
    """
    hold_role(by, DESK | {Role.AGENCY}, "write down a visit")
    hold_reach(by, person)
    with transaction.atomic():
        now = clock()
        if at > now:
            raise PlaceRefusedError("A visit cannot be of a time to come. Give the time at which you were there.")
        facts = {"met": met, "recorded_at": now, "recorded_by": by.name}
        miss, fresh = Miss.objects.get_or_create(person=person, place=place.value, at=at, defaults=facts)
        if not fresh and miss.met is not met:
            raise PlaceRefusedError(f"The visit of that moment is written down already, with {'a meeting' if miss.met else 'a miss'}.")
        if fresh:
            after = {"place": place.value, "met": met, "at": at.isoformat()}
            write_audit(at=now, actor=by.name, act="place.visit", subject=f"borrower:{person}", after=after)
    return miss
