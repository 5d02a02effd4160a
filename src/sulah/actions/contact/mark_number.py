"""A mark on a number of a person: whose it is and what it is good for; the last mark wins over what the book says."""

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.contact.number import NumberStanding

WHOSE = ("own", "family", "other", "staff", "agent")
STANDINGS = ("good", "invalid", "wrong", "unknown")


class NumberRefusedError(Refusal):
    """The mark cannot be made; the words say why."""


def mark_number(
    person: str, number_key: str, *, whose: str = "", standing: str = "", source: str, by: Actor, clock: Clock
) -> NumberStanding:
    """Mark a number by its blind index.  Whoever works with the person may say that it must not be used; that it may be used again
    (own, good) only those who answer for conduct.  The number itself stands in no row and no audit entry.
    """
    frees = whose == "own" or standing == "good"
    hold_role(by, CONDUCT if frees else DESK | {Role.AGENCY}, "say that a number may be used" if frees else "mark a number")
    hold_reach(by, person)
    if whose not in ("", *WHOSE) or standing not in ("", *STANDINGS) or not (whose or standing):
        raise NumberRefusedError(f"Say whose the number is ({', '.join(WHOSE)}), what it is good for ({', '.join(STANDINGS)}), or both.")
    if not number_key:
        raise NumberRefusedError("Say which number.")
    with transaction.atomic():
        now = clock()
        mark = NumberStanding.objects.create(
            person=person, number_key=number_key, whose=whose, standing=standing, source=source, recorded_at=now, recorded_by=by.name
        )
        after = {"number_key": number_key, "whose": whose, "standing": standing, "source": source}
        write_audit(at=now, actor=by.name, act="number.mark", subject=f"borrower:{person}", after=after)
    return mark
