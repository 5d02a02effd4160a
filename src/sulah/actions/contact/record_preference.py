"""A person's wish not to be contacted at certain times or places: asked for, and ended."""

from collections.abc import Sequence

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import ContactClass, Place, Role
from sulah.records.audit import write_audit
from sulah.records.contact.wish import Preference

DAY_SECONDS = 86_400


class PreferenceRefusedError(Refusal):
    """The wish cannot be written down or ended; the words say why."""


def ask_preference(
    person: str,
    *,
    first: int = 0,
    last: int = DAY_SECONDS,
    weekdays: Sequence[int] = (),
    classes: Sequence[ContactClass] = (),
    places: Sequence[Place] = (),
    by: Actor,
    clock: Clock,
) -> Preference:
    """Write down a wish: no contact from first to before last (seconds of the IST day), on these weekdays (0 = Monday), of these classes,
    at these places; an empty list means every one.  A window over midnight is two wishes.
    """
    hold_role(by, DESK | {Role.AGENCY}, "write down a borrower's wish")
    hold_reach(by, person)
    if not 0 <= first < last <= DAY_SECONDS:
        raise PreferenceRefusedError(
            "The window must begin before it ends, within one day. A window over midnight is two: until 24:00, and from 00:00."
        )
    if not set(weekdays) <= set(range(7)):
        raise PreferenceRefusedError("Weekdays are 0 (Monday) to 6 (Sunday).")
    with transaction.atomic():
        now = clock()
        wish = Preference.objects.create(
            person=person,
            weekdays=sorted(set(weekdays)),
            first=first,
            last=last,
            classes=sorted(item.value for item in classes),
            places=sorted(item.value for item in places),
            asked_at=now,
            recorded_by=by.name,
        )
        write_audit(at=now, actor=by.name, act="preference.ask", subject=f"borrower:{person}", after=_told(wish))
    return wish


def end_preference(wish_id: int, *, by: Actor, clock: Clock) -> Preference:
    """End a wish, as the person asked; PreferenceRefusedError when it has ended already."""
    hold_role(by, CONDUCT, "end a borrower's wish")
    with transaction.atomic():
        wish = Preference.objects.select_for_update().filter(pk=wish_id, ended_at=None).first()
        if wish is None:
            raise PreferenceRefusedError("There is no such wish in force.")
        hold_reach(by, wish.person)
        wish.ended_at, wish.ended_by = clock(), by.name
        wish.save(update_fields=["ended_at", "ended_by"])
        write_audit(at=wish.ended_at, actor=by.name, act="preference.end", subject=f"borrower:{wish.person}", before=_told(wish))
    return wish


def _told(wish: Preference) -> dict[str, object]:
    names = ("weekdays", "first", "last", "classes", "places")
    return {"preference": wish.pk, **{name: getattr(wish, name) for name in names}}
