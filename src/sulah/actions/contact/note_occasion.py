"""An occasion on which people are left alone: noted by whoever hears of it, as long as its kind lasts; taken back if it was wrong."""

from datetime import date, timedelta

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role, hold_whole_lender
from sulah.actions.contact.rulebook import Rulebook
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.states import STATES
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.contact.occasion import Occasion
from sulah.records.contact.standing import Standing

SCOPES = ("person", "household", "pincode", "state")
LONGEST_DAYS = 366


class OccasionRefusedError(Refusal):
    """The occasion cannot be noted or taken back; the words say why."""


def note_occasion(
    kind: str,
    first: date,
    *,
    person: str = "",
    scope: str = "",
    key: str = "",
    last: date | None = None,
    note: str = "",
    book: Rulebook,
    by: Actor,
    clock: Clock,
) -> Occasion:
    """Note an occasion from a first to a last day, both inside.

    Left out, scope is that of the kind's row, key what the person named has of it (the household, else the person alone), and last comes
    from the row's number of days.  What covers more than one household is for those who answer for conduct, of the whole lender.
    """
    today = clock().astimezone(IST).date()
    row = next((row for row in book.policy.in_force("contact_occasion", today) if row["kind"] == kind), None)
    if row is None:
        raise OccasionRefusedError(f"There is no occasion of the kind {kind!r}; the kinds are those of the table contact_occasion.")
    scope, key = _covered(scope or str(row["scope"]), key, person)
    if scope in ("person", "household"):
        hold_role(by, DESK | {Role.AGENCY, Role.LEGAL}, "note an occasion")
        hold_reach(by, person)
    else:
        hold_role(by, CONDUCT | {Role.ADMINISTRATOR}, "note an occasion of a whole place")
        hold_whole_lender(by, "note an occasion of a whole place")
    last = last or first + timedelta(days=int(str(row["days"])) - 1)
    if not first <= last < first + timedelta(days=LONGEST_DAYS):
        span = f"{day_text(first)} to {day_text(last)}"
        raise OccasionRefusedError(f"An occasion ends on the day it begins or later, within a year; {span} does not.")
    with transaction.atomic():
        now = clock()
        noted = Occasion.objects.create(kind=kind, scope=scope, key=key, first=first, last=last, note=note, noted_at=now, noted_by=by.name)
        write_audit(at=now, actor=by.name, act="occasion.note", subject=_subject(noted), after=_told(noted))
    return noted


def end_occasion(occasion_id: int, *, by: Actor, clock: Clock) -> Occasion:
    """Take an occasion back; OccasionRefusedError when it was taken back already."""
    hold_role(by, CONDUCT, "take an occasion back")
    with transaction.atomic():
        noted = Occasion.objects.select_for_update().filter(pk=occasion_id, ended_at=None).first()
        if noted is None:
            raise OccasionRefusedError("There is no such occasion.")
        if noted.scope == "person":
            hold_reach(by, noted.key)
        else:
            hold_whole_lender(by, "take back an occasion of more than one person")
        noted.ended_at, noted.ended_by = clock(), by.name
        noted.save(update_fields=["ended_at", "ended_by"])
        write_audit(at=noted.ended_at, actor=by.name, act="occasion.end", subject=_subject(noted), before=_told(noted))
    return noted


def _covered(scope: str, key: str, person: str) -> tuple[str, str]:
    """What the occasion covers, as scope and key."""
    if scope not in SCOPES:
        raise OccasionRefusedError(f"An occasion covers {', '.join(SCOPES)}; days of the whole lender stand in the calendar.")
    if scope == "state" and key not in STATES:
        raise OccasionRefusedError(f"{key or 'Nothing'} is no state; write its two letters, such as BR.")
    if scope in ("pincode", "state"):
        if not key:
            raise OccasionRefusedError("Say which PIN code.")
        return scope, key
    if not person:
        raise OccasionRefusedError("Say whose occasion it is.")
    known = Standing.objects.filter(pk=person).values_list("household", flat=True).first()
    return ("household", known) if scope == "household" and known else ("person", person)


def _subject(noted: Occasion) -> str:
    return f"borrower:{noted.key}" if noted.scope == "person" else f"{noted.scope}:{noted.key}"


def _told(noted: Occasion) -> dict[str, object]:
    days = {"first": noted.first.isoformat(), "last": noted.last.isoformat()}
    return {"occasion": noted.pk, "kind": noted.kind, "scope": noted.scope, "note": noted.note, **days}
