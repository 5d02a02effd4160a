"""The best channel and hour for a person, from what was answered and what was not: shares shrunk to product and place, in words.

Each share is the mean of a Beta posterior.  Before anything is known it is the stated prior; the lender's own counts move it, those of the
person's product and place move that, and the person's own move that again, each weighing so many messages as its row says.  No chance
without a seed: which hour is tried instead of the best is drawn by a hash of person and day, so it can be told again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel
from sulah.policy.talk.steps import learned_by

BANDS = ((8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 19))
"""Hours of the day in India, the last outside."""

ALL = len(BANDS)
_WHOLE = 10_000

Slot = tuple[Channel, int]
"""A channel and the place of an hour band in BANDS."""


@dataclass(frozen=True, slots=True)
class Try:
    """One message or call that reached the telephone, and whether the person answered it."""

    channel: Channel
    at: datetime
    answered: bool


@dataclass(slots=True)
class Counts:
    """Tries and answers by slot."""

    tried: Counter[Slot] = field(default_factory=Counter)
    answered: Counter[Slot] = field(default_factory=Counter)

    def add(self, tries: Iterable[Try]) -> "Counts":
        """Count some tries in; those outside the hours of the bands are no slot's."""
        for one in tries:
            band = band_of(one.at)
            if band is not None:
                self.tried[one.channel, band] += 1
                self.answered[one.channel, band] += one.answered
        return self


@dataclass(frozen=True, slots=True)
class Strengths:
    """How much each level weighs, in messages; prior in ten-thousandths."""

    prior: int
    of_all: int
    group: int
    person: int
    explore: int
    cheaper_within: int

    @classmethod
    def by_rows(cls) -> "Strengths":
        """As learning.toml has them."""
        names = ("prior_answered", "strength_all", "strength_group", "strength_person", "explore", "cheaper_within")
        return cls(*(learned_by(name) for name in names))


@dataclass(frozen=True, slots=True)
class Timing:
    """The order of the channels and the hour band chosen for each; band None: nothing speaks for an hour.

    tried: is another band than the best one taken, to learn about it?  because: the counts that made the choice, in words.
    """

    channels: tuple[Channel, ...]
    bands: Mapping[Channel, int | None]
    tried: bool
    because: str


def band_of(at: datetime) -> int | None:
    """The place of the hour band of an instant in India; None outside 08:00 to 19:00.

    >>> [band_of(datetime(2026, 11, 23, hour, tzinfo=IST)) for hour in (7, 8, 9, 10, 18, 19)]
    [None, 0, 0, 1, 5, None]
    """
    hour = at.astimezone(IST).hour
    return next((place for place, (first, last) in enumerate(BANDS) if first <= hour < last), None)


def shrunk(answered: int, tried: int, prior: float, strength: int) -> float:
    """The mean of the Beta posterior: the share answered, shrunk to a prior that weighs `strength` messages.

    >>> shrunk(0, 0, 0.25, 8), shrunk(4, 8, 0.25, 8), shrunk(0, 0, 0.03, 0)
    (0.25, 0.375, 0.03)
    """
    return (answered + strength * prior) / (tried + strength) if tried else prior


def share(slot: Slot, own: Counts, group: Counts, everybody: Counts, by: Strengths) -> float:
    """How likely the person answers in a slot, between 0 and 1.

    >>> by = Strengths(prior=300, of_all=50, group=30, person=8, explore=0, cheaper_within=100)
    >>> share((Channel.SMS, 1), Counts(), Counts(), Counts(), by)
    0.03
    """
    of_all = shrunk(everybody.answered[slot], everybody.tried[slot], by.prior / _WHOLE, by.of_all)
    of_group = shrunk(group.answered[slot], group.tried[slot], of_all, by.group)
    return shrunk(own.answered[slot], own.tried[slot], of_group, by.person)


def choose(
    person: str,
    on: date,
    channels: Sequence[Channel],
    levels: tuple[Counts, Counts, Counts],
    *,
    bands: Sequence[int],
    costs: Mapping[Channel, int],
    by: Strengths,
    seed: str,
) -> Timing:
    """The channels in the person's order, each with its best hour band of those that are open on that day.

    levels: counts of the person, of product and place, of everybody.  A channel stands for its best open band; channels whose shares lie
    within `cheaper_within` of the best are taken as equal, and the cheaper goes first.

    >>> own = Counts().add(Try(Channel.WHATSAPP, datetime(2026, 11, day, 17, tzinfo=IST), True) for day in (2, 9, 16))
    >>> by, costs = Strengths(300, 50, 30, 8, 0, 100), {Channel.SMS: 3500, Channel.WHATSAPP: 1500}
    >>> made = choose("P1", date(2026, 11, 23), (Channel.SMS, Channel.WHATSAPP), (own, Counts(), Counts()),
    ...               bands=(0, 1, 2, 3, 4), costs=costs, by=by, seed="s")
    >>> made.channels[0].value, made.bands[made.channels[0]], made.because
    ('whatsapp', 4, 'WhatsApp, 16 to 18: the person answered 3 of 3, people of the same product and place 0 of 0')
    """
    shares = {(channel, band): share((channel, band), *levels, by) for channel in channels for band in bands}
    best = {channel: max((shares[channel, band] for band in bands), default=0.0) for channel in channels}
    order = _order(channels, best, costs, by.cheaper_within / _WHOLE)
    known = any(level.tried for level in levels)
    chosen = {channel: _band(channel, bands, shares) if known else None for channel in order}
    first = order[0] if order else None
    tried = bool(known and bands and first is not None and explores(person, on, by.explore, seed))
    if tried and first is not None:
        chosen[first] = bands[_drawn(f"{seed}|band|{person}|{on}") % len(bands)]
    return Timing(tuple(order), chosen, tried, _words(first, chosen.get(first) if first else None, tried, levels))


def _order(channels: Sequence[Channel], best: Mapping[Channel, float], costs: Mapping[Channel, int], within: float) -> list[Channel]:
    """Best first; of those about as good as the best that is left, the cheapest, and of equals the first as configured."""
    left, order = list(channels), list[Channel]()
    while left:
        top = max(best[channel] for channel in left)
        equals = [channel for channel in left if top - best[channel] <= within]
        taken = min(equals, key=lambda channel: (costs.get(channel, 0), list(channels).index(channel)))
        order.append(taken)
        left.remove(taken)
    return order


def _band(channel: Channel, bands: Sequence[int], shares: Mapping[Slot, float]) -> int | None:
    """The band with the largest share, the earliest of equals; None where none stands out."""
    if not bands or len({shares[channel, band] for band in bands}) == 1:
        return None
    return max(bands, key=lambda band: (shares[channel, band], -band))


def explores(person: str, on: date, of_ten_thousand: int, seed: str) -> bool:
    """Is this the person's day for trying another hour?  The same answer however often it is asked.

    >>> explores("P1", date(2026, 11, 23), 0, "s"), explores("P1", date(2026, 11, 23), 10_000, "s")
    (False, True)
    """
    return _drawn(f"{seed}|try|{person}|{on}") % _WHOLE < of_ten_thousand


def _drawn(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def _words(channel: Channel | None, band: int | None, tried: bool, levels: tuple[Counts, Counts, Counts]) -> str:
    """Which counts made the choice."""
    if channel is None:
        return "no channel can be used"
    name = channel.spoken
    if band is None:
        return f"{name}: no hour stands out"
    slot, (first, last) = (channel, band), BANDS[band]
    own, group, _ = levels
    counts = f"the person answered {own.answered[slot]} of {own.tried[slot]}"
    counts += f", people of the same product and place {group.answered[slot]} of {group.tried[slot]}"
    return f"{name}, {first:02d} to {last:02d}{' (tried, to learn)' if tried else ''}: {counts}"


def open_bands(at: datetime, until: datetime) -> tuple[int, ...]:
    """The bands of the day of `at` that have not ended by then and begin before `until`.

    >>> open_bands(datetime(2026, 11, 23, 13, 30, tzinfo=IST), datetime(2026, 11, 24, tzinfo=IST))
    (2, 3, 4, 5)
    """
    return tuple(place for place in range(ALL) if begin_of(place, at) < until and begin_of(place, at, last=True) > at)


def begin_of(band: int, on: datetime, *, last: bool = False) -> datetime:
    """The instant at which a band begins (or ends) on the day of an instant in India."""
    day = on.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(hours=BANDS[band][1 if last else 0])
