"""Simulated loans of one shard: terms, explicit schedules with running totals, and re-schedules, in whole-array steps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int64]
"""Dates as days since 1970-01-01, and every other whole number."""

FOREVER = 2932896
"""9999-12-31 in days since 1970-01-01."""

WEEKLY, FORTNIGHTLY, MONTHLY, IRREGULAR = range(4)
FREQUENCIES = ("weekly", "fortnightly", "monthly", "irregular")
SHARES = (0.20, 0.20, 0.55, 0.05)
COUNTS = ((25, 40, 50), (12, 24, 26), (12, 18, 24), (6, 10, 20))
"""Numbers of instalments by frequency, each as likely: about twenty-one a loan."""

AT_MONTH_END = 0.15
"""Share of the monthly loans due on the last day of the month: with the weekly ones it makes the heaviest due day."""

GAPS = np.array([7, 14, 30, 45])
"""Days between instalments, for working out how old a loan is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One value a loan: frequency, instalments, day of disbursal, principal in paise, yearly rate in hundredths of a percent."""

    frequency: Days
    instalments: Days
    disbursed_on: Days
    principal_paise: Days
    rate_bps: Days


@dataclass(frozen=True, slots=True)
class Schedule:
    """One value a row of the schedule: `loan` is the place of the loan in the shard, `total_paise` all heads together."""

    loan: Days
    number: Days
    due_on: Days
    in_force_from: Days
    in_force_to: Days
    heads: tuple[Days, Days, Days]
    totals: tuple[Days, Days, Days]
    total_paise: Days

    def taken(self, rows: npt.NDArray[Any]) -> "Schedule":
        """The schedule cut to these rows, or put into this order."""
        heads = (self.heads[0][rows], self.heads[1][rows], self.heads[2][rows])
        totals = (self.totals[0][rows], self.totals[1][rows], self.totals[2][rows])
        moments = (self.due_on[rows], self.in_force_from[rows], self.in_force_to[rows])
        return Schedule(self.loan[rows], self.number[rows], *moments, heads, totals, self.total_paise[rows])


def draw_terms(random: np.random.Generator, loans: int, as_of: int) -> Terms:
    """Terms of so many loans; most run on the day, some have just ended, some begin."""
    frequency = random.choice(4, size=loans, p=SHARES)
    instalments = np.array(COUNTS)[frequency, random.integers(0, 3, size=loans)]
    life = instalments * GAPS[frequency]
    disbursed_on = as_of - (random.uniform(0.02, 1.08, size=loans) * life).astype(np.int64)
    principal_paise = random.integers(80, 1200, size=loans) * 12_500
    return Terms(frequency, instalments, disbursed_on, principal_paise, random.integers(1600, 2700, size=loans))


def first_schedule(random: np.random.Generator, terms: Terms) -> Schedule:
    """The schedule of the disbursal: equal principal, interest on what is left; irregular loans have amounts of their own."""
    loans = len(terms.frequency)
    loan = np.repeat(np.arange(loans), terms.instalments)
    starts = np.cumsum(terms.instalments) - terms.instalments
    number = np.arange(len(loan)) - starts[loan] + 1
    weight = np.where(terms.frequency[loan] == IRREGULAR, random.integers(1, 6, size=len(loan)), 1)
    weights = np.add.reduceat(weight, starts)
    principal = terms.principal_paise[loan] * weight // weights[loan]
    rest = terms.principal_paise - np.add.reduceat(principal, starts)
    principal[starts + terms.instalments - 1] += rest
    left = terms.principal_paise[loan] - _running(principal, starts, loan) + principal
    interest = left * terms.rate_bps[loan] * GAPS[terms.frequency[loan]] // (365 * 10_000)
    charge = np.where(random.random(len(loan)) < 0.01, 5_000, 0)
    due_on = _due_dates(random, terms, loan, number, starts)
    total = principal + interest + charge
    totals = (_running(total, starts, loan), _running(principal, starts, loan), _running(interest, starts, loan))
    since, until = terms.disbursed_on[loan], np.full(len(loan), FOREVER)
    return Schedule(loan, number, due_on, since, until, (principal, interest, charge), totals, total)


def _running(amounts: Days, starts: Days, loan: Days) -> Days:
    whole = np.cumsum(amounts)
    return whole - (whole[starts] - amounts[starts])[loan]


def _due_dates(random: np.random.Generator, terms: Terms, loan: Days, number: Days, starts: Days) -> Days:
    disbursed = terms.disbursed_on[loan]
    by_days = disbursed + number * np.where(terms.frequency[loan] == WEEKLY, 7, 14)
    gaps = random.integers(15, 76, size=len(loan))
    by_season = disbursed + _running(gaps, starts, loan)
    day = np.where(random.random(len(terms.frequency)) < 1 - AT_MONTH_END, random.integers(1, 29, size=len(terms.frequency)), 31)
    month = terms.disbursed_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)[loan] + number
    first = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    last = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    by_months = np.minimum(first + day[loan] - 1, last)
    frequency = terms.frequency[loan]
    return np.select([frequency <= FORTNIGHTLY, frequency == MONTHLY], [by_days, by_months], by_season)


def with_reschedules(random: np.random.Generator, schedule: Schedule, loans: int, as_of: int) -> tuple[Schedule, Days]:
    """The schedule with a second version for some loans (later half moved by sixty days), and the day it counts from (or -1)."""
    starts = np.searchsorted(schedule.loan, np.arange(loans))
    count = np.bincount(schedule.loan, minlength=loans)
    since = schedule.due_on[starts + count // 2] - 1
    moved = (random.random(loans) < 0.006) & (since > schedule.in_force_from[starts]) & (since <= as_of)
    since = np.where(moved, since, -1)
    old = moved[schedule.loan]
    ended = np.where(old, since[schedule.loan], schedule.in_force_to)
    later = schedule.number[old] > count[schedule.loan[old]] // 2
    fresh = schedule.taken(old)
    columns = []
    for before, after in (
        (schedule.due_on, fresh.due_on + np.where(later, 60, 0)),
        (schedule.in_force_from, since[fresh.loan]),
        (ended, np.full(len(fresh.loan), FOREVER)),
    ):
        columns.append(np.concatenate([before, after]))
    loan = np.concatenate([schedule.loan, fresh.loan])
    heads = tuple(np.concatenate(pair) for pair in zip(schedule.heads, fresh.heads, strict=True))
    totals = tuple(np.concatenate(pair) for pair in zip(schedule.totals, fresh.totals, strict=True))
    number, total = np.concatenate([schedule.number, fresh.number]), np.concatenate([schedule.total_paise, fresh.total_paise])
    whole = Schedule(
        loan, number, columns[0], columns[1], columns[2], (heads[0], heads[1], heads[2]), (totals[0], totals[1], totals[2]), total
    )
    return whole.taken(np.argsort(loan, kind="stable")), since
