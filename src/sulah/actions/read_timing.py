"""What the lender has learned about hours, channels and days of cash, ready for choosing; read once for a plan or a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sulah.adapters.book.message_lists import paid_by_product
from sulah.adapters.book.reader import Day
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel
from sulah.outreach.cash import cash_days, wait_for_cash
from sulah.outreach.configured import Channels
from sulah.outreach.sequence import Step
from sulah.outreach.timing import Counts, Strengths, Timing, Try, choose, open_bands
from sulah.policy.talk.steps import cost_of, learned_by
from sulah.records.contact.learnt import AnswerCount

EVERYBODY = ""
SEED = "timing-1"
"""Which people try another hour on which day is drawn with this; another word draws anew."""

_OF_PLACE = 3
"""Digits of a PIN code that name the sorting district (India Post)."""

OfProduct = Mapping[str, tuple[Counter[int], Counter[int]]]


def group_of(product: str, pincode: str) -> str:
    """Product and sorting district.

    >>> group_of("PL", "847109")
    'PL|847'
    """
    return f"{product}|{pincode[:_OF_PLACE]}"[:80]


@dataclass(slots=True)
class Learned:
    """Counts by group, costs by channel in hundredths of a paisa, days on which people of each product pay."""

    groups: Mapping[str, Counts]
    costs: Mapping[Channel, int]
    products: OfProduct = field(default_factory=dict)
    by: Strengths = field(default_factory=Strengths.by_rows)

    def timing(self, person: str, group: str, tries: Sequence[Try], channels: Sequence[Channel], at: datetime, closes: datetime) -> Timing:
        """The person's order of channels and the hours for them, among those still open from `at` until the hours close."""
        nothing = Counts()
        levels = (Counts().add(tries), self.groups.get(group, nothing), self.groups.get(EVERYBODY, nothing))
        bands = open_bands(at, closes)
        return choose(person, at.astimezone(IST).date(), channels, levels, bands=bands, costs=self.costs, by=self.by, seed=SEED)

    def waits(self, product: str, paid: Sequence[date], step: Step, *, weekly: bool) -> str:
        """Why a step that is due waits for a day on which the person more often pays; empty where it does not."""
        left = step.row.cash_days - (step.on - step.since).days
        if left <= 0:
            return ""
        own = Counter(day.weekday() if weekly else day.day - 1 for day in paid)
        of_product = self.products.get(product, (Counter(), Counter()))[0 if weekly else 1]
        made = cash_days(own, of_product, weekly=weekly, strength=learned_by("cash_strength"))
        return wait_for_cash(step.on, made, left)[1]


def learned_of(channels: Channels, today: date, day: Day | None = None) -> Learned:
    """What is learned so far; with a day open, the days of cash of its products too."""
    groups: dict[str, Counts] = {}
    rows: Any = AnswerCount.objects.values_list("group", "channel", "band", "tried", "answered")
    for group, channel, band, tried, answered in rows.iterator(2_000):
        counts = groups.setdefault(group, Counts())
        counts.tried[Channel(channel), band] += tried
        counts.answered[Channel(channel), band] += answered
    costs = {}
    for channel, one in channels.items():
        row = cost_of(channel.value, next(iter(one.hooks), ""), today)
        costs[channel] = row.paise_hundredths if row is not None else 0
    return Learned(groups, costs, paid_by_product(day) if day is not None else {})
