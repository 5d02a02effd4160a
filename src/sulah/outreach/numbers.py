"""What a telephone number is good for, learned from what happened on it: its standing, and how likely it reaches the person.

Each observation counts more the younger it is: its weight is the days that are left of the window, so everything is whole numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sulah.policy.talk.steps import ErrorRow, error_rows, learned_by

_WHOLE = 10_000


class Happened(StrEnum):
    """What happened on a number.

    answered: the person wrote back, pressed keys or spoke.  confirmed: somebody saw at a visit that it is theirs.  delivered: it arrived.
    absent: it was not reached.  invalid: the operator says that there is no such number.  wrong: whoever has it is not the person.
    """

    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    ABSENT = "absent"
    INVALID = "invalid"
    WRONG = "wrong"


_GOOD = {Happened.ANSWERED: 3, Happened.CONFIRMED: 3, Happened.DELIVERED: 1}
_BAD = {Happened.ABSENT: 1, Happened.INVALID: 3, Happened.WRONG: 6}
"""How many observations one of them counts for: an answer says more than a delivery, which any telephone in a drawer gives."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, of a day in India."""

    what: Happened
    on: date


@dataclass(frozen=True, slots=True)
class NumberView:
    """What is believed of a number: good, unknown, invalid or wrong; how likely it reaches the person, of 10,000; and the counts."""

    standing: str
    contactable: int
    because: str


def view_of(seen: Iterable[Seen], today: date, known: str = "unknown") -> NumberView:
    """The standing and contactability of a number; permuting what was seen changes nothing.

    known: what the book says of it, which stands until what was seen says otherwise.

    >>> day = date(2026, 11, 23)
    >>> view_of([], day)
    NumberView(standing='unknown', contactable=5000, because='nothing happened on it in 180 days')
    >>> view_of([Seen(Happened.ANSWERED, day)], day)
    NumberView(standing='good', contactable=8000, because='1 answered')
    >>> view_of([Seen(Happened.INVALID, date(2026, 11, 20)), Seen(Happened.INVALID, day)], day).standing
    'invalid'
    """
    window = learned_by("window_days")
    lately = sorted((one for one in seen if 0 <= (today - one.on).days < window), key=lambda one: (one.on, one.what))
    return NumberView(_standing(lately, known), contactability(lately, today, window), _words(lately, window))


def contactability(seen: Iterable[Seen], today: date, window: int) -> int:
    """The mean of a Beta posterior, of 10,000: what went well of what was tried, the young counting more, rounded down.

    >>> contactability([Seen(Happened.DELIVERED, date(2026, 11, 23))], date(2026, 11, 23), 180)
    6666
    """
    good, bad = learned_by("number_prior_good") * window, learned_by("number_prior_bad") * window
    for one in seen:
        left = window - (today - one.on).days
        if 0 < left <= window:
            good += left * _GOOD.get(one.what, 0)
            bad += left * _BAD.get(one.what, 0)
    return good * _WHOLE // (good + bad) if good + bad else 0


def _standing(lately: Sequence[Seen], known: str) -> str:
    """What the days say: wrong and invalid hold until something good came after them, on a later day."""
    last_good = max((one.on for one in lately if one.what in _GOOD), default=date.min)
    since = [one for one in lately if one.what in _BAD and one.on > last_good]
    # On one day a wrong number outweighs a delivery: it was delivered, and whoever read it said so.
    if any(one.what is Happened.WRONG and one.on >= _last_own(lately) for one in lately):
        return "wrong"
    if len({one.on for one in since if one.what is Happened.INVALID}) >= learned_by("number_invalid_days"):
        return "invalid"
    if known != "invalid" and len({one.on for one in since}) >= learned_by("number_doubt_days"):
        return "unknown"
    return "good" if last_good > date.min else known


def _last_own(lately: Sequence[Seen]) -> date:
    """The last day on which the number was seen to be the person's own; a delivery proves no owner."""
    return max((one.on for one in lately if one.what is Happened.CONFIRMED), default=date.min) + timedelta(1)


def _words(lately: Sequence[Seen], window: int) -> str:
    counts = [(sum(one.what is what for one in lately), what) for what in Happened]
    return ", ".join(f"{count} {what}" for count, what in counts if count) or f"nothing happened on it in {window} days"


def error_kind(words: str, rows: Sequence[ErrorRow] | None = None) -> str:
    """What a provider's words on a message that did not arrive say of the number: invalid, absent, or `ours`: nothing about it.

    >>> error_kind("16 Invalid Number"), error_kind("9 NDNC Number"), error_kind("17 something else")
    ('invalid', 'ours', 'absent')
    """
    plain = words.lower()
    return next((row.kind for row in (error_rows() if rows is None else rows) if any(word in plain for word in row.words)), "absent")
