"""What a message to a person could be about: the sequence that they are on, its history, the loan, and what a text can say of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sulah.actions.contact.read_past import Past
from sulah.adapters.book.message_lists import Addressee
from sulah.guard.facts import Number
from sulah.kernel.terms import Channel, Purpose, StopEvent
from sulah.outreach.sequence import History
from sulah.outreach.template import Value
from sulah.policy.talk.steps import StepRow, step_rows, steps_of
from sulah.records.contact.occasion import CalendarDay
from sulah.records.contact.standing import Standing

BROKEN = "broken_promise"
_SEQUENCE_OF = {Purpose.PRE_DUE: "pre_due", Purpose.PROMISE_NOTE: "promise"}
_AROUND = timedelta(days=14)
"""Days of the calendar that a working day can depend on."""

DaysOff = Mapping[str, frozenset[date]]
"""Days on which nobody works, by state; those of all of India under the empty text."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message to a person is about: the sequence with its rows and history, the loan, and what its text can say."""

    sequence: str
    rows: tuple[StepRow, ...]
    history: History
    loan_id: str
    known: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What the records say of one person."""

    standing: Standing
    numbers: Mapping[str, Number]
    past: Past


def matters(
    purpose: Purpose,
    one: Addressee,
    known: Known,
    channels: tuple[Channel, ...],
    *,
    today: date,
    as_of: date,
    days_off: DaysOff,
    changes: frozenset[StopEvent] = frozenset(),
) -> Iterator[Matter]:
    """What a message could be about, first choice first: a promise that was not kept before the treatment; an open one keeps quiet.

    changes: what stops a sequence, for a page that says so; a plan leaves that to the guard, whose rule then stands beside the refusal.
    """
    past, promised, loans = known.past, known.past.promised, known.standing.loans
    rest = History(today, heard_on=past.heard_on, changes=changes, channels=channels, days_off=_off(days_off, known.standing.state))
    if purpose is not Purpose.RECOVERY:
        yield _due(purpose, one, past, rest)
        return
    broken = past.broken
    if broken is not None and promised is None and (owed := demand_of(loans, broken.loan_id)):
        history = replace(rest, begins=broken.due_on, sent=past.sent(BROKEN, broken.due_on + timedelta(1)))
        says: dict[str, Value | None] = {"as_of": as_of, "promised_on": broken.due_on, "amount": owed}
        yield Matter(BROKEN, step_rows()[BROKEN], history, broken.loan_id, says)
    if one.digital and one.since is not None:
        sent, other = past.sent(one.treatment, one.since), past.last_on(purpose)
        quiet = promised.due_on if promised is not None else None
        history = replace(rest, begins=one.since, sent=sent, other_on=other, promised_until=quiet)
        says = {"as_of": as_of, "amount": demand_of(loans, one.loan_id)}
        yield Matter(one.treatment, steps_of(one.treatment, today), history, one.loan_id, says)


def _due(purpose: Purpose, one: Addressee, past: Past, rest: History) -> Matter:
    """A reminder of a due date, or of a promise on its eve."""
    name, due = _SEQUENCE_OF[purpose], one.due_on or rest.begins
    rows = step_rows()[name]
    first = due + timedelta(min(row.days for row in rows))
    amount = one.amount_paise if one.amount_paise and one.amount_paise > 0 else None
    says = {"amount": amount, "due_on": due, "promised_on": due}
    return Matter(name, rows, replace(rest, begins=due, sent=past.sent(name, first)), one.loan_id, says)


def days_off(today: date) -> DaysOff:
    """The confirmed days of the calendar around today, by state; empty for all of India."""
    days = CalendarDay.objects.filter(standing="confirmed", day__gte=today - _AROUND, day__lte=today + _AROUND)
    found: dict[str, frozenset[date]] = {}
    for state, day in days.values_list("state", "day"):
        found[state] = found.get(state, frozenset()) | {day}
    return found


def loan_named(loans: Iterable[Mapping[str, Any]], loan_id: str) -> Mapping[str, Any] | None:
    """The loan of a standing; None where the book has none of that id."""
    return next((loan for loan in loans if loan["loan_id"] == loan_id), None)


def demand_of(loans: Iterable[Mapping[str, Any]], loan_id: str) -> int | None:
    """What may be demanded on the loan, as the guard will look it up; None where the book does not say."""
    loan = loan_named(loans, loan_id)
    return loan["demand_paise"] if loan is not None else None


def _off(days: DaysOff, state: str) -> frozenset[date]:
    return days.get("", frozenset()) | (days.get(state, frozenset()) if state else frozenset())
