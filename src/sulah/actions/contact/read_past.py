"""What has passed between the lender and some people: messages, calls, answers, promises; what sequences, hours and numbers learn from.

One query a kind of fact, however many people are asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sulah.kernel.dates import IST
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, ContactClass, ContactState
from sulah.outreach.numbers import Happened, Seen, error_kind
from sulah.outreach.sequence import Sent
from sulah.outreach.timing import Try
from sulah.policy.talk.steps import learned_by
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.task import LanguageWish

VISIT = "visit"
"""source of a mark on a number that somebody made who saw the person with it."""

_BROKEN = ("broken", "part_kept")
_NOT_COUNTED = (SendState.WITHDRAWN, SendState.FAILED)
_ENDED_CALLS = (ContactState.CONNECTED, ContactState.NOT_CONNECTED)
_OUTBOX = ("person", "reference", "channel", "purpose", "step", "number_key", "state", "not_before", "handed_at", "changed_at", "words")


@dataclass(slots=True)
class Written:
    """One message of the outbox; on: the day in India that it was planned for.  answered: did the person answer it?"""

    reference: str
    channel: Channel
    purpose: str
    step: str
    number_key: str
    state: SendState
    not_before: datetime
    handed_at: datetime | None
    changed_at: datetime
    words: str
    answered: bool = False

    @property
    def on(self) -> date:
        """The day in India."""
        return self.not_before.astimezone(IST).date()


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing heard, or one call that ended: connected is False for a call that was not taken."""

    channel: Channel
    at: datetime
    number_key: str
    connected: bool = True
    answers: str = ""


@dataclass(slots=True)
class Past:
    """What has passed with one person within the window of learning; promises whatever their age."""

    written: list[Written] = field(default_factory=list)
    heard: list[Spoken] = field(default_factory=list)
    calls: list[Spoken] = field(default_factory=list)
    marks: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    promised: Promise | None = None
    broken: Promise | None = None
    wish: str = ""

    @property
    def heard_on(self) -> date | None:
        """The last day in India on which the person answered or was spoken to."""
        at = [one.at for one in (*self.heard, *self.calls) if one.connected]
        return max(at).astimezone(IST).date() if at else None

    def sent(self, sequence: str, since: date) -> tuple[Sent, ...]:
        """The messages of a sequence planned for that day or later."""
        mine = [one for one in self.written if one.step.partition("/")[0] == sequence and one.on >= since]
        return tuple(Sent(one.step.partition("/")[2], one.on, one.channel, one.state, one.handed_at) for one in mine)

    def last_on(self, purpose: str) -> date | None:
        """The last day of a message of the purpose that went or may go, of whatever sequence and whatever episode."""
        return max((one.on for one in self.written if one.purpose == purpose and one.state not in _NOT_COUNTED), default=None)

    def tries(self) -> list[Try]:
        """Messages that arrived and calls that ended, answered or not."""
        arrived = [one for one in self.written if one.handed_at and (one.state is SendState.DELIVERED or one.answered)]
        messages = [Try(one.channel, one.handed_at, one.answered) for one in arrived if one.handed_at is not None]
        return [*messages, *(Try(one.channel, one.at, one.connected) for one in self.calls)]

    def seen(self, number_key: str) -> list[Seen]:
        """What happened on one number."""
        found = [Seen(what, _day(one.changed_at)) for one in self.written if one.number_key == number_key and (what := _what(one))]
        found += [Seen(Happened.ANSWERED, _day(one.at)) for one in self.heard if one.number_key == number_key]
        calls = [one for one in self.calls if one.number_key == number_key]
        found += [Seen(Happened.ANSWERED if one.connected else Happened.ABSENT, _day(one.at)) for one in calls]
        of_number = [(standing, source, at) for key, standing, source, at in self.marks if key == number_key]
        found += [Seen(Happened.WRONG, _day(at)) for standing, _, at in of_number if standing == "wrong"]
        return found + [Seen(Happened.CONFIRMED, _day(at)) for standing, source, at in of_number if (standing, source) == ("good", VISIT)]


def _what(one: Written) -> Happened | None:
    """What a message says of its number; None where it says nothing of it."""
    if one.state is SendState.DELIVERED:
        return Happened.DELIVERED
    if one.state is not SendState.UNDELIVERED:
        return None
    return {"invalid": Happened.INVALID, "absent": Happened.ABSENT}.get(error_kind(one.words))


def _day(at: datetime) -> date:
    return at.astimezone(IST).date()


def pasts_of(people: Sequence[str], now: datetime) -> dict[str, Past]:
    """The past of each of some hundreds of people; of who has none, an empty one."""
    since = now - timedelta(days=learned_by("window_days"))
    found = {person: Past() for person in people}
    for person, *message in Outbox.objects.filter(person__in=people, queued_at__gte=since).order_by("id").values_list(*_OUTBOX):
        reference, channel, purpose, step, key, state, *rest = message
        found[person].written.append(Written(reference, Channel(channel), purpose, step, key, SendState(state), *rest))
    heard = Heard.objects.filter(person__in=people, said_at__gte=since).order_by("said_at", "id")
    for person, channel, at, key, answers in heard.values_list("person", "channel", "said_at", "number_key", "answers"):
        found[person].heard.append(Spoken(Channel(channel), at, key, answers=answers))
    _calls(found, since)
    _promises(found)
    marks = NumberStanding.objects.filter(person__in=people, recorded_at__gte=since).order_by("id")
    for person, key, standing, source, at in marks.values_list("person", "number_key", "standing", "source", "recorded_at"):
        found[person].marks.append((key, standing, source, at))
    for person, language in LanguageWish.objects.filter(person__in=people).order_by("id").values_list("person", "language"):
        found[person].wish = language
    for past in found.values():
        _match(past.written, past.heard)
    return found


def _calls(found: Mapping[str, Past], since: datetime) -> None:
    rows = Contact.objects.filter(person__in=list(found), at__gte=since, contact_class=ContactClass.CALL, state__in=_ENDED_CALLS)
    for person, channel, at, key, state in rows.order_by("at", "id").values_list("person", "channel", "at", "number_key", "state"):
        found[person].calls.append(Spoken(Channel(channel), at, key, state == ContactState.CONNECTED))


def _promises(found: Mapping[str, Past]) -> None:
    """The open promise that ends first, and the last one where it was not kept."""
    last: dict[str, Promise] = {}
    for promise in Promise.objects.filter(person__in=list(found)).order_by("id"):
        past = found[promise.person]
        if promise.state == "open" and (past.promised is None or promise.due_on < past.promised.due_on):
            past.promised = promise
        last[promise.person] = promise
    for person, promise in last.items():
        found[person].broken = promise if promise.state in _BROKEN else None


def _match(written: Sequence[Written], heard: Iterable[Spoken]) -> None:
    """Mark what was answered: the message that was named, else the last one on the channel within the hours of the row."""
    hours = timedelta(hours=learned_by("answer_hours"))
    by_reference: Mapping[str, Any] = {one.reference: one for one in written}
    for said in heard:
        named = by_reference.get(said.answers)
        before = [
            one for one in written if one.channel is said.channel and one.handed_at and one.handed_at <= said.at < one.handed_at + hours
        ]
        answered = named or max(before, key=lambda one: one.handed_at or one.not_before, default=None)
        if answered is not None:
            answered.answered = True
