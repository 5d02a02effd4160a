"""Stop contact because of something that happened, at once; and lift a stop, by whom the table of stops names.

The table `contact_stop` says for each event what it covers, for how long, and who lifts it.  What is covered and not named is found:
all loans of the person, all their numbers; so that nobody is contacted because somebody left a field empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role, hold_whole_lender
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.read_stops import barred_by
from sulah.actions.withdraw_covered import withdraw_covered
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Role, StopEvent, StopScope
from sulah.records.audit import write_audit
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.turn import turn

register("stop.before_commit", "stop.after_commit", "stop.lift_before_commit")

TELLERS = DESK | {Role.AGENCY, Role.LEGAL, Role.ADMINISTRATOR}
"""Who may tell of something that happened to a person: everybody who works with people or with the machine."""

HEADS = CONDUCT | {Role.LEGAL, Role.ADMINISTRATOR}
"""Who may stop a place, an agent, an agency, a channel or the lender."""

BORROWER_ASKED = DESK
"""Who may write down that the borrower asked to be contacted again (`lifted_by = borrower`)."""

_OF_A_PERSON = frozenset({StopScope.NUMBER, StopScope.CHANNEL, StopScope.LOAN, StopScope.PERSON, StopScope.HOUSEHOLD})
LENDER_KEY = "lender"


class StopRefusedError(Refusal):
    """The stop cannot be raised or lifted; the words say why."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What an event is about, as far as it is known; the scope of each row of the table picks what it needs."""

    person: str = ""
    loan_ids: tuple[str, ...] = ()
    number_key: str = ""
    channel: Channel | None = None
    pincode: str = ""
    agent_id: str = ""
    agency_id: str = ""


def raise_stop(
    event: StopEvent,
    struck: Struck,
    *,
    reason: str,
    book: Rulebook,
    by: Actor,
    clock: Clock,
    since: datetime | None = None,
    until: datetime | None = None,
    taken_in: datetime | None = None,
    cause: str = "",
) -> list[Stop]:
    """Raise the stops that the table has for an event; those that are in force for the same cause already are not raised again.

    since: when it happened, if that was earlier.  until: when it ends, where that is sooner than the table's days.
    cause: the id of what told us (an inbox row), so that it tells us once.
    taken_in: when what told us of it was durable here, if that was earlier; else this instant, written with the record.  How fast a stop
    works is measured from it.
    """
    now = clock()
    rows = [row for row in book.policy.in_force("contact_stop", now.astimezone(IST).date()) if row["event"] == event.value]
    if not rows:
        raise StopRefusedError(f"The table of stops has no row for {event.value}.")
    _hold(by, struck, [StopScope(str(row["scope"])) for row in rows])
    with turn(), transaction.atomic():
        now = clock()
        stops = []
        for row in rows:
            for key in _keys(StopScope(str(row["scope"])), struck):
                stop, fresh = _put(row, key, struck, reason, by, now, (min(since or now, now), until, min(taken_in or now, now)), cause)
                stops.append(stop)
                if fresh:
                    withdraw_covered(stop, barred_by(book.rules, stop, now), now)
                    write_audit(at=now, actor=by.name, act="stop.raise", subject=subject_of_stop(stop), after=told_of_stop(stop))
        if not stops:
            raise StopRefusedError(f"Say what {event.value} is about: the person, the loan, the number or the place.")
        reach("stop.before_commit")
    reach("stop.after_commit")
    return stops


def lift_stop(stop_id: int, *, reason: str, book: Rulebook, by: Actor, clock: Clock) -> Stop:
    """Lift a stop: by the role that the table names; `borrower` is lifted by whoever writes down that the borrower asked for it, and
    `book` by compliance alone, where a book is wrong.  StopRefusedError without a reason, or when it is lifted already.
    """
    if not reason.strip():
        raise StopRefusedError("Give the reason. It stands beside the stop.")
    with turn(), transaction.atomic():
        stop = Stop.objects.select_for_update().filter(pk=stop_id, lifted_at=None).first()
        if stop is None:
            raise StopRefusedError("There is no such stop in force.")
        now = clock()
        hold_role(by, _lifters(stop, book, now), f"lift a stop for {stop.event.replace('_', ' ')}")
        if stop.person:
            hold_reach(by, stop.person)
        else:
            hold_whole_lender(by, "lift a stop of more than one person")
        stop.lifted_at, stop.lifted_by, stop.lift_reason = now, by.name, reason
        stop.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        write_audit(
            at=now, actor=by.name, act="stop.lift", subject=subject_of_stop(stop), before=told_of_stop(stop), after={"reason": reason}
        )
        reach("stop.lift_before_commit")
    return stop


def may_lift(stop: Stop, book: Rulebook, by: Actor, now: datetime) -> bool:
    """May the actor's role lift such a stop?  The machine may."""
    return by.role is None or by.role in _lifters(stop, book, now)


def _hold(by: Actor, struck: Struck, scopes: list[StopScope]) -> None:
    if all(scope in _OF_A_PERSON for scope in scopes):
        hold_role(by, TELLERS, "stop contact")
        if not struck.person:
            raise StopRefusedError("Say whom it is about.")
        hold_reach(by, struck.person)
    else:
        hold_role(by, HEADS, "stop contact with more than one person")
        hold_whole_lender(by, "stop contact with more than one person")


def _keys(scope: StopScope, struck: Struck) -> list[str]:
    """What a scope covers of what was struck; where a loan, number or channel is not named, every one that the person has."""
    known = Standing.objects.filter(pk=struck.person).first() if struck.person else None
    if scope is StopScope.LOAN:
        return list(struck.loan_ids or [loan["loan_id"] for loan in (known.loans if known else [])])
    if scope is StopScope.NUMBER:
        marked = NumberStanding.objects.filter(person=struck.person).values_list("number_key", flat=True) if struck.person else []
        return [struck.number_key] if struck.number_key else sorted({*(known.numbers if known else {}), *marked})
    if scope is StopScope.CHANNEL:
        return [struck.channel.value] if struck.channel else [channel.value for channel in Channel]
    named = {
        StopScope.PERSON: struck.person,
        StopScope.HOUSEHOLD: known.household if known else "",
        StopScope.PINCODE: struck.pincode,
        StopScope.AGENT: struck.agent_id,
        StopScope.AGENCY: struck.agency_id,
        StopScope.CHANNEL_ALL: struck.channel.value if struck.channel else "",
        StopScope.LENDER: LENDER_KEY,
    }
    return [named[scope]] if named[scope] else []


def _put(
    row: Mapping[str, Any],
    key: str,
    struck: Struck,
    reason: str,
    by: Actor,
    now: datetime,
    span: tuple[datetime, datetime | None, datetime],
    cause: str,
) -> tuple[Stop, bool]:
    """The stop of one row and key, and whether it is new."""
    scope = StopScope(row["scope"])
    said = {
        "person": struck.person if scope in _OF_A_PERSON else "",
        "since": span[0],
        "until": _sooner(span[1], _until(now, int(row["days"]))),
        "reason": reason[:300],
        "taken_at": span[2],
        "raised_by": by.name,
    }
    if not cause:
        return Stop.objects.create(event=row["event"], scope=scope.value, key=key, **said), True
    return Stop.objects.get_or_create(event=row["event"], scope=scope.value, key=key, cause=cause, defaults=said)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _until(now: datetime, days: int) -> datetime | None:
    """00:00 IST after so many days, the first included; None for a stop that ends by being lifted."""
    if days == 0:
        return None
    return datetime.combine(now.astimezone(IST).date() + timedelta(days=days), time.min, IST)


def _lifters(stop: Stop, book: Rulebook, now: datetime) -> frozenset[Role]:
    """The roles that may lift a stop; where its row is gone from the table, compliance."""
    rows = _rows_of(stop, book, now)
    lifted_by = next(rows, "compliance")
    if lifted_by == "borrower":
        return BORROWER_ASKED
    return frozenset({Role.COMPLIANCE}) if lifted_by == "book" else frozenset({Role(lifted_by)})


def _rows_of(stop: Stop, book: Rulebook, now: datetime) -> Iterator[str]:
    for row in book.policy.in_force("contact_stop", now.astimezone(IST).date()):
        if (row["event"], row["scope"]) == (stop.event, stop.scope):
            yield str(row["lifted_by"])


def subject_of_stop(stop: Stop) -> str:
    """What the audit trail says a stop is about."""
    return f"borrower:{stop.person}" if stop.person else f"{stop.scope}:{stop.key}"


def told_of_stop(stop: Stop) -> dict[str, object]:
    """What the audit trail says of a stop."""
    until = stop.until.isoformat() if stop.until else None
    names = ("event", "scope", "key", "reason", "cause")
    return {"stop": stop.pk, **{name: getattr(stop, name) for name in names}, "since": stop.since.isoformat(), "until": until}
