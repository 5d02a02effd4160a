"""When the extract of a business date is expected: the lender's business days and the hour by which it must be in."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sulah.kernel.dates import IST
from sulah.kernel.refusal import Refusal

CALENDAR = "calendar.toml"
SUNDAY = 6
LOOK_BACK = 31
"""Business dates that one look goes back: who did not look for longer is told of the latest ones."""


class CalendarError(Refusal):
    """calendar.toml cannot be used; the words say which line to mend."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The extract of business date D is expected by a time of day (India), so many calendar days after D.

    A business day is every day but Sundays (unless sundays) and the holidays of calendar.toml: date to name.
    """

    by: time
    days_after: int = 0
    sundays: bool = False
    holidays: dict[date, str] = field(default_factory=dict)

    def is_business_day(self, day: date) -> bool:
        """Does the lender send an extract of this date?

        >>> Expectation(time(21, 30)).is_business_day(date(2026, 11, 22))
        False
        """
        return day not in self.holidays and (self.sundays or day.weekday() != SUNDAY)

    def due_at(self, day: date) -> datetime:
        """The moment from which the extract of a date counts as late.

        >>> Expectation(time(6, 0), days_after=1).due_at(date(2026, 3, 31)).isoformat()
        '2026-04-01T06:00:00+05:30'
        """
        return datetime.combine(day + timedelta(days=self.days_after), self.by, IST)

    def due_days(self, now: datetime, after: date | None) -> Iterator[date]:
        """Business dates whose extract is due at a moment, later than `after`, oldest first; without `after` the latest one only.

        >>> [str(day) for day in Expectation(time(21, 30)).due_days(datetime(2026, 11, 23, 21, 30, tzinfo=IST), date(2026, 11, 19))]
        ['2026-11-20', '2026-11-21', '2026-11-23']
        """
        day = now.astimezone(IST).date()
        found: list[date] = []
        oldest = after or day - timedelta(days=LOOK_BACK)
        while day > oldest and len(found) < (LOOK_BACK if after else 1):
            if self.is_business_day(day) and now >= self.due_at(day):
                found.append(day)
            day -= timedelta(days=1)
        yield from reversed(found)


def holidays_of(root: Path) -> dict[date, str]:
    """The holidays in calendar.toml of a lender's folder ([[holiday]] on, name); none without the file, CalendarError when unreadable."""
    path = root / CALENDAR
    if not path.is_file():
        return {}
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("holiday", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(f"{CALENDAR} cannot be read ({error}). Mend that line and try again.") from error
    found: dict[date, str] = {}
    for row in rows if isinstance(rows, list) else [{}]:
        on = row.get("on") if isinstance(row, dict) else None
        if type(on) is not date:
            raise CalendarError(f'{CALENDAR}: each [[holiday]] needs a date, as on = 2026-01-26 and name = "Republic Day"; found {row}.')
        found[on] = str(row.get("name", ""))
    return found
