"""Dates as people write them, resolved from the day on which they were said: aaj, kal, 5 tareekh ko, next Friday, do din mein, 25/12."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.kernel.dates import add_months
from sulah.outreach.intent_lexicon import LanguageWords, look
from sulah.outreach.phrases import Token, find

FAR_DAYS = 60
"""Days ahead after which a date is given as read, but not as sure."""

_NUMERIC = re.compile(
    r"(?<![0-9/.,₹-])(?:(20[0-9]{2})[-/](1[0-2]|0?[1-9])[-/](3[01]|[12][0-9]|0?[1-9])|"
    r"(3[01]|[12][0-9]|0?[1-9])([-/.]) ?(1[0-2]|0?[1-9])(?:\5 ?(20[0-9]{2}|[0-9]{2}))?)(?![0-9/-]|\.[0-9]|\s*(?:(?:rs|k|lakh)\b|%))"
)


@dataclass(frozen=True, slots=True)
class SaidDate:
    """A date in a message: its tokens, how it was found, the date (None where the words name none) and whether it is sure.

    open: the words name a time without a day ("after salary", "next week").
    """

    on: date | None
    start: int
    end: int
    rule: str
    sure: bool = True
    open: bool = False


@dataclass(frozen=True, slots=True)
class DateWords:
    """A date before it is resolved: how to find it and the numbers that it names.  day, month and year are 0 where not named."""

    start: int
    end: int
    rule: str
    how: str
    numbers: tuple[int, ...] = ()
    weekday: int = -1
    month: int = 0


def date_words(flat: str, tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> tuple[DateWords, ...]:
    """The dates that a message names, in order; of two that overlap the longer."""
    found = [*_numeric(flat, tokens), *_phrased(tokens, languages)]
    found.sort(key=lambda one: (one.start - one.end, one.start))
    kept: list[DateWords] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


def resolve(words: DateWords, said_on: date, *, forward: bool) -> SaidDate:
    """The date that words name: the coming one for a promise, the past one (forward=False) for a payment that was made.

    A day of the month that is today's is today, and not sure; a day that the month does not have is its last day, and not sure; a date
    past, or more than FAR_DAYS off, is given as read and not sure.
    """
    day, sure = _resolved(words, said_on, forward=forward)
    if day is None:
        return SaidDate(None, words.start, words.end, words.rule, sure=False, open=True)
    off = (day - said_on).days if forward else (said_on - day).days
    return SaidDate(day, words.start, words.end, words.rule, sure=sure and 0 <= off <= FAR_DAYS)


def _numeric(flat: str, tokens: Sequence[Token]) -> list[DateWords]:
    """25/12, 5-12-26, 2026-12-05: day first, as in India; a dot only between three numbers."""
    made = []
    for found in _NUMERIC.finditer(flat):
        year, month, day, day_first, mark, month_second, year_last = found.groups()
        if (mark == "." and not year_last) or found.group() in {"24/7", "50/50"}:
            continue
        inside = [place for place, token in enumerate(tokens) if found.start() <= token.word.start < found.end()]
        if not inside or any(tokens[place].digits is None and "." not in tokens[place].word.plain for place in inside):
            continue
        numbers = (int(day or day_first), int(year or (year_last or 0)))
        made.append(DateWords(inside[0], inside[-1] + 1, "figures", "day_month", numbers, month=int(month or month_second)))
    return made


def _phrased(tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> list[DateWords]:
    made = []
    for start, token in enumerate(tokens):
        for language in languages:
            for row, wanted in language.dates.at(token):
                match = find(wanted, tokens, start)
                if match is None or _is_no_date(tokens, match.start, match.end, languages, row.key):
                    continue
                words = _picked(tokens, match.picked, match.start, match.end, f"{row.row_id} {row.key}", row.key)
                if words is not None:
                    made.append(words)
    return made


def _is_no_date(tokens: Sequence[Token], start: int, end: int, languages: Sequence[LanguageWords], how: str) -> bool:
    """ "5th emi", "emi no 5 ko": the words beside a day of the month say that it is another thing."""
    before = tokens[start - 1].word if start else None
    after = tokens[end].word if end < len(tokens) else None
    if before is not None and look(languages, "not_a_date_before", before) is not None:
        return True
    return how.startswith("day") and after is not None and look(languages, "not_a_date_after", after) is not None


def _picked(tokens: Sequence[Token], picked: Sequence[int], start: int, end: int, rule: str, how: str) -> DateWords | None:
    """The numbers, weekday and month of a match; None for a day or a count that cannot be."""
    numbers: list[int] = []
    weekday, month = -1, 0
    for place in picked:
        token = tokens[place]
        if token.month is not None and "month" in how and not month:
            month = token.month
        elif token.weekday is not None or token.weekday_short is not None:
            weekday = token.weekday if token.weekday is not None else token.weekday_short or 0
        elif token.number is not None:
            numbers.append(token.number)
    if how.startswith("day") and not (numbers and 1 <= numbers[0] <= 31):
        return None
    if how.startswith("in") and any(not 0 < number <= 400 for number in numbers):
        return None
    return DateWords(start, end, rule, how, tuple(numbers), weekday, month)


def _resolved(words: DateWords, said_on: date, *, forward: bool) -> tuple[date | None, bool]:
    kind, _, rest = words.how.partition(" ")
    if kind == "offset":
        return said_on + timedelta(int(rest)), True
    if kind == "either":
        return said_on + timedelta(int(rest) if forward else -int(rest)), True
    if kind in {"in_days", "in_weeks", "in_months"}:
        return _counted(words, said_on, rest, kind, forward=forward)
    if kind == "weekday":
        return _weekday(words, said_on, rest, forward=forward)
    if kind == "month_end":
        first = add_months(said_on.replace(day=1), int(rest or 0))
        return _last_of(first.year, first.month), True
    if kind == "named_month_end":
        year = _year_of(words.month, said_on)
        return _last_of(year, words.month), True
    if kind == "day_month":
        return _day_month(words, said_on, forward=forward)
    if kind in {"day", "day_in"}:
        return _day(words.numbers[0], said_on, int(rest) if kind == "day_in" else None, forward=forward)
    return None, False


def _counted(words: DateWords, said_on: date, rest: str, kind: str, *, forward: bool) -> tuple[date, bool]:
    """ "do din mein", "2-3 din me": the last number of a span, which then is not sure; months never are."""
    count = (words.numbers[-1] if words.numbers else int(rest or 1)) * (1 if forward else -1)
    if kind == "in_months":
        return add_months(said_on, count), False
    return said_on + timedelta(count * (7 if kind == "in_weeks" else 1)), len(words.numbers) < 2


def _weekday(words: DateWords, said_on: date, rest: str, *, forward: bool) -> tuple[date, bool]:
    """The coming weekday, never today; "next Friday" is that of the next week (weeks begin on Monday), and not sure."""
    if not forward:
        return said_on - timedelta((said_on.weekday() - words.weekday - 1) % 7 + 1), True
    if rest == "next":
        return said_on + timedelta(7 - said_on.weekday() + words.weekday), False
    ahead = (words.weekday - said_on.weekday() - 1) % 7 + 1
    return said_on + timedelta(ahead), ahead < 7


def _day(day: int, said_on: date, months: int | None, *, forward: bool) -> tuple[date, bool]:
    """A day of the month: of the month named, or the coming one (today's number is today)."""
    if months is not None:
        return _clipped(add_months(said_on.replace(day=1), months), day)
    if forward:
        month = said_on.replace(day=1) if day >= said_on.day else add_months(said_on.replace(day=1), 1)
    else:
        month = said_on.replace(day=1) if day <= said_on.day else add_months(said_on.replace(day=1), -1)
    found, sure = _clipped(month, day)
    return found, sure and day != said_on.day


def _day_month(words: DateWords, said_on: date, *, forward: bool) -> tuple[date, bool]:
    """A day with its month; without a year the one nearest: up to half a year back is past, else it is to come."""
    day, year = words.numbers[0], words.numbers[1] if len(words.numbers) > 1 else 0
    if year >= 100 and not 2000 <= year <= 2099:
        year = 0
    if not year:
        year = _year_of(words.month, said_on, day) if forward else said_on.year - ((words.month, day) > (said_on.month, said_on.day))
    return _clipped(date(year + 2000 if year < 100 else year, words.month, 1), day)


def _year_of(month: int, said_on: date, day: int = 31) -> int:
    """The year of a month that is named alone: this year's unless it lies more than half a year back; then the next year's."""
    months_back = (said_on.month - month) + (1 if said_on.day > day and said_on.month == month else 0)
    if months_back > 6:
        return said_on.year + 1
    return said_on.year - 1 if months_back < -10 and said_on.month == 1 else said_on.year


def _clipped(month: date, day: int) -> tuple[date, bool]:
    """A day in a month; the last one, not sure, where the month has no such day."""
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=min(day, last)), day <= last


def _last_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
