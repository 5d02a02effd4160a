"""The ledger of contacts read back at the instant of a decision: what was known of each, and how many counted against a cap.

Written apart from the guard's own counting and from the records' reading: two meanings that must agree find each other's errors.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sulah.guard.case import ist_instant, ist_ordinal
from sulah.guard.facts import Contact
from sulah.guard.rule import ContactRule, Counted
from sulah.kernel.terms import Channel, ContactState, Purpose

STEP_SLACK = timedelta(minutes=1)
"""The clock of a step is read before it is committed: a step so close to a decision may or may not have been known to it."""
LOG_SLACK = timedelta(minutes=10)
"""The same for a dialler log, which is taken in as one whole."""
_IN_FLIGHT = (ContactState.RESERVED, ContactState.RINGING)
_NO_ATTEMPT = (ContactState.FAILED, ContactState.WITHDRAWN)
_MAY_HAVE_REACHED = (*_IN_FLIGHT, ContactState.CONNECTED, ContactState.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Logged:
    """One contact of the ledger: decision is the number of the one that permitted it, None for one of an agency's log.

    steps: when each state was written down, in order; the first is when the contact came to be known.
    """

    number: int
    intent: str
    person: str
    at: datetime
    channel: Channel
    purpose: Purpose | None
    source: str
    decision: int | None
    steps: tuple[tuple[datetime, ContactState], ...]

    @classmethod
    def from_plain(cls, written: Mapping[str, Any]) -> "Logged":
        """The contact of a line of the bundle; ValueError where it is damaged."""
        try:
            steps = tuple((datetime.fromisoformat(at), ContactState(state)) for at, state in written["steps"])
            if not steps or any(at.tzinfo is None for at, _ in steps):
                raise ValueError("its steps are not given")
            return cls(
                number=int(written["id"]),
                intent=str(written["intent"]),
                person=str(written["person"]),
                at=datetime.fromisoformat(written["at"]),
                channel=Channel(written["channel"]),
                purpose=Purpose(written["purpose"]) if written["purpose"] else None,
                source=str(written["source"]),
                decision=None if written["decision"] is None else int(written["decision"]),
                steps=steps,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"a contact is damaged: {error!r}") from error

    def states(self, decision: int, at: datetime) -> Iterator[ContactState | None]:
        """The states in which a decision at an instant may have found the contact; None = it did not know of it."""
        if self.decision is not None:
            known: bool | None = self.decision < decision
        else:
            early = self.steps[0][0] - at
            known = None if abs(early) < LOG_SLACK else early < timedelta()
        if known is not True:
            yield None
        if known is False:
            return
        slack = STEP_SLACK if self.decision is not None else LOG_SLACK
        yield next((state for when, state in reversed(self.steps) if when <= at - slack), self.steps[0][1])
        yield from (state for when, state in self.steps if abs(when - at) < slack)

    def seen(self, state: ContactState) -> Contact:
        """The contact as the facts of a decision carry it."""
        return Contact(self.at, self.channel, self.purpose, state, self.source)


@dataclass(frozen=True, slots=True)
class Asked:
    """The decision that is recounted: its number and intent, the person, the instant, and how many days of contacts it looked at."""

    number: int
    intent: str
    at: datetime
    days: int


def recounted(ledger: Iterable[Logged], asked: Asked, stated: Sequence[Contact]) -> tuple[list[Contact], list[Contact]]:
    """Contacts of the ledger that the facts of a decision leave out, and contacts of the facts that the ledger does not have."""
    left = Counter(stated)
    missing: list[Contact] = []
    unsure: list[set[Contact | None]] = []
    for one in ledger:
        could = _could_be(one, asked)
        if len(could) > 1:
            unsure.append(could)
        elif (only := could.pop()) is not None:
            _take(left, only, missing)
    for could in unsure:
        found = next((one for one in sorted(filter(None, could), key=repr) if left[one]), None)
        if found is not None:
            left[found] -= 1
        elif None not in could:
            missing.append(min(filter(None, could), key=repr))
    return missing, list(left.elements())


def _take(left: "Counter[Contact]", one: Contact, missing: list[Contact]) -> None:
    if left[one]:
        left[one] -= 1
    else:
        missing.append(one)


def _could_be(one: Logged, asked: Asked) -> set[Contact | None]:
    """What the facts may carry of a contact; None = nothing."""
    since = ist_instant(ist_ordinal(asked.at) - asked.days + 1)
    could: set[Contact | None] = set()
    for state in one.states(asked.number, asked.at):
        own = state is ContactState.RESERVED and one.intent == asked.intent
        wanted = state is not None and not own and (state in _IN_FLIGHT or (one.at >= since and state not in _NO_ATTEMPT))
        could.add(one.seen(state) if state is not None and wanted else None)
    return could


def bounds(ledger: Iterable[Logged], asked: Asked, rule: ContactRule) -> tuple[int, int]:
    """The least and the most contacts that counted against a cap at the instant, from the ledger alone."""
    since = ist_instant(ist_ordinal(asked.at) - rule.days + 1)
    least = most = 0
    for one in ledger:
        about = rule.classes is None or one.channel.contact_class in rule.classes
        if one.at < since or not about or not (one.purpose is None or rule.purposes is None or one.purpose in rule.purposes):
            continue
        could = {_counts(rule, one, state, asked) for state in one.states(asked.number, asked.at)}
        least, most = least + (could == {True}), most + (True in could)
    return least, most


def _counts(rule: ContactRule, one: Logged, state: ContactState | None, asked: Asked) -> bool:
    if state is None or (state is ContactState.RESERVED and one.intent == asked.intent):
        return False
    return state in _MAY_HAVE_REACHED if rule.counts is Counted.CONNECTS else state not in _NO_ATTEMPT
