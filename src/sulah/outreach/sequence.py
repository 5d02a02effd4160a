"""Which message comes next for a person, on which day and by which channel, and why: a sequence of rows over what has happened so far.

It is a proposal only; whether a message may go is asked elsewhere.  Source of the rows: policy/talk/sequence.toml.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sulah.kernel.dates import IST, day_text
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, StopEvent
from sulah.policy.talk.steps import StepRow

SUNDAY = 6
_NOT_SENT = (SendState.WITHDRAWN,)
_IN_VAIN = (SendState.UNDELIVERED, SendState.FAILED)
_NOT_KNOWN = (SendState.SENT,)
_REPEATS = 600
"""A step is repeated at most so often: a sequence of ten years of weeks ends."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of a sequence: its step, the day that it was planned for, its channel, where it stands, when it was handed over."""

    step: str
    on: date
    channel: Channel
    state: SendState
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to a person: begins is the day from which the steps are counted.

    sent: messages of this sequence since then, in any order.  other_on: the last day of any message of the same kind.
    heard_on: the last day on which the person answered or was spoken to.  promised_until: the day of an open promise.  changes: what stops
    the sequence.  channels: the person's own order of the channels that can be used.  days_off: days on which nobody works.
    """

    begins: date
    sent: tuple[Sent, ...] = ()
    other_on: date | None = None
    heard_on: date | None = None
    promised_until: date | None = None
    changes: frozenset[StopEvent] = frozenset()
    channels: tuple[Channel, ...] = ()
    days_off: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """The step that comes next: on is today where it is due, a later day where it waits; since: its own day in the sequence.

    channels: by which it may go, first choice first.  attempt: 1, or more where it goes again by another channel.
    """

    row: StepRow
    on: date
    since: date
    channels: tuple[Channel, ...]
    attempt: int
    because: str


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A step on its day."""

    row: StepRow
    on: date


def next_step(sequence: Sequence[StepRow], history: History, now: datetime) -> Step | None:
    """The next step of a sequence, or None where it has ended or is stopped.

    The last step whose day has come goes if it has not gone yet; steps that were missed are left out, never made up for.

    >>> from dataclasses import replace
    >>> from sulah.policy.talk.steps import step_rows
    >>> rows, began = step_rows()["digital_reminder"], date(2026, 11, 20)
    >>> history = History(began, channels=(Channel.SMS,))
    >>> step = next_step(rows, history, datetime(2026, 11, 23, 10, tzinfo=IST))
    >>> step.row.step, step.on == date(2026, 11, 23), step.because
    ('first', True, 'day 4 of what is overdue')
    >>> gone = Sent("first", date(2026, 11, 23), Channel.SMS, SendState.DELIVERED)
    >>> step = next_step(rows, replace(history, sent=(gone,)), datetime(2026, 11, 23, 18, tzinfo=IST))
    >>> step.row.step, step.on.isoformat(), step.because
    ('second', '2026-11-26', '3 days after the last message')
    """
    today = now.astimezone(IST).date()
    rows = [row for row in sequence if row.effective_from <= today and not row.stops & history.changes]
    if not rows or not history.channels:
        return None
    occurrences = _occurrences(rows, history, today)
    due = [one for one in occurrences if one.on <= today]
    if due and (again := _by_another_channel(due[-1], history, now, today)):
        return again
    ahead = [one for one in occurrences if one.on > today]
    if due and not _done(due[-1], history) and today <= due[-1].on + timedelta(due[-1].row.lasts_days):
        ahead.insert(0, due[-1])
    return _first_in_time(ahead, history, today)


def _occurrences(rows: Sequence[StepRow], history: History, today: date) -> list[_Occurrence]:
    """Every step on its day, repeated ones up to the next one after today; in order."""
    found: list[_Occurrence] = []
    for row in rows:
        until = today + timedelta(max(row.again_days, 1))
        on, times = history.begins + timedelta(row.days), 0
        while times == 0 or (row.again_days and on <= until and times < _REPEATS):
            found.append(_Occurrence(row, working_day(on, history.days_off) if row.business else on))
            on, times = on + timedelta(row.again_days), times + 1
    return sorted(found, key=lambda one: one.on)


def _first_in_time(ahead: Sequence[_Occurrence], history: History, today: date) -> Step | None:
    """The first step that can still go on a day on which nothing speaks against it."""
    for place, one in enumerate(ahead):
        on, because = _quiet_until(one, history, today)
        later = ahead[place + 1].on if place + 1 < len(ahead) else None
        if later is not None and on >= later:
            continue  # the next step takes its place
        if on <= one.on + timedelta(one.row.lasts_days):
            order = one.row.channels or history.channels
            channels = tuple(channel for channel in order if channel in history.channels)
            return Step(one.row, on, one.on, channels, 1, because) if channels else None
    return None


def _quiet_until(one: _Occurrence, history: History, today: date) -> tuple[date, str]:
    """The first day for a step: its own, or after the quiet that a message, an answer or a promise gives; and the reason in words."""
    row = one.row
    days = [(max(one.on, today), _own_day(one, history, max(one.on, today)))]
    last = max([sent.on for sent in history.sent if _counts(sent)] + ([history.other_on] if history.other_on else []), default=None)
    if last is not None and row.apart_days:
        days.append((last + timedelta(row.apart_days), f"{row.apart_days} days after the last message"))
    if history.heard_on is not None and row.quiet_days:
        days.append((history.heard_on + timedelta(row.quiet_days), f"{row.quiet_days} days of quiet after the person was heard"))
    if history.promised_until is not None and row.after != "promised":
        days.append((history.promised_until + timedelta(1), f"quiet until {day_text(history.promised_until)}, the day promised"))
    on, because = max(days, key=lambda pair: pair[0])
    return (working_day(on, history.days_off) if row.business else on), because


def _own_day(one: _Occurrence, history: History, on: date) -> str:
    """Why the step is due on that day, counted from what began the sequence."""
    days = (on - history.begins).days
    words = {
        "overdue": f"day {days + 1} of what is overdue",
        "due": f"{-days} days before the due date",
        "promised": "the day before the day promised" if days == -1 else f"{-days} days before the day promised",
        "broken": f"the promise of {day_text(history.begins)} was not kept",
        "link": "a payment link was opened and not paid by",
    }
    return words[one.row.after]


def _by_another_channel(one: _Occurrence, history: History, now: datetime, today: date) -> Step | None:
    """The step once more by the next channel of the person's order, where the last try did not arrive, or not within hours."""
    tries = [sent for sent in history.sent if sent.step == one.row.step and sent.on >= one.on and sent.state not in _NOT_SENT]
    if not tries or not one.row.failover_hours or history.promised_until or today > one.on + timedelta(one.row.lasts_days):
        return None
    if history.heard_on is not None and history.heard_on >= min(sent.on for sent in tries):
        return None  # the person was reached, whatever the operator says
    last = max(tries, key=lambda sent: (sent.on, sent.at is not None, sent.at or now))
    waited = last.at is not None and now - last.at >= timedelta(hours=one.row.failover_hours)
    if any(sent.state not in (*_IN_VAIN, *_NOT_KNOWN) for sent in tries) or not (last.state in _IN_VAIN or waited):
        return None
    tried = {sent.channel for sent in tries}
    left = tuple(channel for channel in one.row.channels or history.channels if channel in history.channels and channel not in tried)
    if not left:
        return None
    why = "did not arrive" if last.state in _IN_VAIN else f"was not delivered within {one.row.failover_hours} hours"
    return Step(one.row, today, one.on, left, len(tries) + 1, f"it {why} by {last.channel.spoken}")


def _done(one: _Occurrence, history: History) -> bool:
    return any(sent.step == one.row.step and sent.on >= one.on and _counts(sent) for sent in history.sent)


def _counts(sent: Sent) -> bool:
    """Is it a message that went, or that waits to go?"""
    return sent.state not in _NOT_SENT and sent.state is not SendState.FAILED


def working_day(on: date, days_off: Collection[date]) -> date:
    """The day itself, or the first after it that is no Sunday and no day off.

    >>> working_day(date(2026, 11, 22), {date(2026, 11, 23)}).isoformat()  # a Sunday before a holiday
    '2026-11-24'
    """
    while on.weekday() == SUNDAY or on in days_off:
        on += timedelta(1)
    return on


def withdrawn_from(sequence: Sequence[StepRow], history: History) -> str:
    """Why a sequence goes on no more, in words; empty while it does."""
    if not sequence:
        return "no sequence belongs to the treatment"
    stopped = sorted({event.value for row in sequence for event in row.stops & history.changes})
    return f"stopped: {', '.join(stopped).replace('_', ' ')}" if stopped else ""
