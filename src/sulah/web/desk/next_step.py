"""What comes next for a person and why: the next step of their sequence, its day, its channels and the counts behind them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sulah.actions.contact.plan_contacts import closing, next_opening
from sulah.actions.contact.read_past import Past
from sulah.actions.contact.texts_in_force import channels_of
from sulah.actions.matter import BROKEN, Known, days_off, matters
from sulah.actions.propose_messages import WRITTEN
from sulah.actions.read_timing import group_of, learned_of
from sulah.adapters.book.message_lists import DIGITAL, Addressee
from sulah.guard.facts import Facts
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels
from sulah.outreach.numbers import view_of
from sulah.outreach.sequence import next_step, withdrawn_from
from sulah.outreach.timing import BANDS
from sulah.records.contact.standing import Standing
from sulah.records.workitem import WorkItem
from sulah.web.standing import the_lender


@dataclass(frozen=True, slots=True)
class Next:
    """The next step in words; step empty: nothing comes, and because says why.  hours: of the first channel, empty for any hour."""

    because: str
    sequence: str = ""
    step: str = ""
    on: date | None = None
    channels: tuple[Channel, ...] = ()
    hours: str = ""
    timing: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """How likely a number reaches the person, of 10,000, and the counts behind that."""

    contactable: int
    because: str

    @property
    def share(self) -> int:
        """Of 100, rounded."""
        return (self.contactable + 50) // 100


def reached(past: Past, key: str, standing: str, today: date) -> Reached:
    """What was learned of one number."""
    view = view_of(past.seen(key), today, standing)
    return Reached(view.contactable, view.because)


def what_next(standing: Standing, facts: Facts, past: Past, rules: ContactRules, now: datetime) -> Next:
    """The next step about what is overdue, as a plan would take it; whether it may go is decided when it goes."""
    item = WorkItem.objects.filter(borrower_id=standing.person, closed_on=None).first()
    if item is None:
        return Next("Nothing is overdue, so nothing is asked for.")
    if item.hold_reason:
        return Next(f"Held: {item.hold_reason.replace('_', ' ')}.")
    channels = _channels()
    usable = tuple(channel for channel in WRITTEN if channel in channels)
    if not usable:
        return Next("No channel for messages is set up.")
    at = next_opening(rules, now, [(channel, Purpose.RECOVERY) for channel in usable])
    today = at.astimezone(IST).date()
    group = group_of(item.product, standing.pincode)
    closes = closing(rules, at, [(channel, Purpose.RECOVERY) for channel in usable])
    timing = learned_of(channels, today).timing(standing.person, group, past.tries(), usable, at, closes)
    one = Addressee(
        standing.person, item.lead_loan_id, None, "", item.treatment, item.overdue_since, None, item.channel == DIGITAL, item.product
    )
    known, changes = Known(standing, facts.numbers, past), frozenset(stop.event for stop in facts.stops)
    asked = matters(Purpose.RECOVERY, one, known, timing.channels, today=today, as_of=today, days_off=days_off(today), changes=changes)
    why = f"The treatment {item.treatment.replace('_', ' ')} is worked by {item.channel.replace('_', ' ')}, not by messages."
    for matter in asked:
        step = next_step(matter.rows, matter.history, at)
        if step is None:
            why = f"{(withdrawn_from(matter.rows, matter.history) or 'the sequence has ended').capitalize()}."
            continue
        band = timing.bands.get(step.channels[0])
        hours = f"{BANDS[band][0]:02d}:00 to {BANDS[band][1]:02d}:00" if band is not None and step.on == today else ""
        return Next(step.because, _name(matter.sequence), step.row.step, step.on, step.channels, hours, timing.because, step.row.citation)
    return Next(why)


def _name(sequence: str) -> str:
    return "after a broken promise" if sequence == BROKEN else sequence.replace("_", " ")


def _channels() -> Channels:
    """The channels of lender.toml; none where none is set up, or where this process does not have their secrets."""
    try:
        return channels_of(the_lender(), os.environ)
    except Refusal:
        return {}


def names_of(channels: Iterable[Channel]) -> str:
    """Channels in words, in order.

    >>> names_of([Channel.WHATSAPP, Channel.SMS])
    'WhatsApp, else SMS'
    """
    return ", else ".join(channel.spoken for channel in channels)
