"""Dates as people write them, resolved from the day on which they were said."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.outreach.intents import Intent, Read, read_intent
from tests.outreach.intent_corpus import shipped

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))


def said(text: str, language: str = "hi", on: date = MONDAY) -> Read:
    """A message read on a day."""
    return read_intent(text, language, on, shipped())


@pytest.mark.parametrize(
    ("text", "language", "due_on"),
    [
        ("aaj dunga", "hi", date(2026, 11, 23)),
        ("kal dunga", "hi", date(2026, 11, 24)),
        ("parso dunga", "hi", date(2026, 11, 25)),
        ("narson dunga", "hi", date(2026, 11, 26)),
        ("5 tareekh ko dunga", "hi", date(2026, 12, 5)),
        ("28 ko dunga", "hi", date(2026, 11, 28)),
        ("agle mahine ki 5 ko dunga", "hi", date(2026, 12, 5)),
        ("is mahine ke end tak dunga", "hi", date(2026, 11, 30)),
        ("agle mahine ke end tak dunga", "hi", date(2026, 12, 31)),
        ("somvar ko dunga", "hi", date(2026, 11, 30)),
        ("do din mein dunga", "hi", date(2026, 11, 25)),
        ("25/12 ko dunga", "hi", date(2026, 12, 25)),
        ("will pay on 5-12-26", "en", date(2026, 12, 5)),
        ("will pay 5.12.2026", "en", date(2026, 12, 5)),
        ("will pay 2026-12-05", "en", date(2026, 12, 5)),
        ("will pay on 5th Dec", "en", date(2026, 12, 5)),
        ("will pay Dec 5", "en", date(2026, 12, 5)),
        ("will pay Friday", "en", date(2026, 11, 27)),
        ("will pay next Friday", "en", date(2026, 12, 4)),
        ("will pay in 2 days", "en", date(2026, 11, 25)),
        ("will pay in a week", "en", date(2026, 11, 30)),
        ("will pay day after tomorrow", "en", date(2026, 11, 25)),
        ("நாளைக்கு கட்டுறேன்", "ta", date(2026, 11, 24)),
        ("రేపు కడతాను", "te", date(2026, 11, 24)),
        ("ನಾಳೆ ಕಟ್ಟುತ್ತೇನೆ", "kn", date(2026, 11, 24)),
        ("उद्या भरतो", "mr", date(2026, 11, 24)),
        ("কাল দেব", "bn", date(2026, 11, 24)),
        ("ଆସନ୍ତାକାଲି ଦେବି", "or", date(2026, 11, 24)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, language: str, due_on: date | None) -> None:
    assert said(text, language).due_on == due_on


@pytest.mark.parametrize("text", ["salary ke baad dunga", "diwali ke baad dunga", "agle hafte dunga", "agle mahine dunga"])
def test_a_time_without_a_day_is_no_date(text: str) -> None:
    read = said(text)
    assert (read.intent, read.due_on, read.due_sure) == (Intent.PROMISE, None, False)


def test_kal_is_tomorrow_in_a_promise_and_yesterday_in_a_payment() -> None:
    assert said("kal dunga").due_on == date(2026, 11, 24)
    paid = said("kal bhar diya tha")
    assert (paid.due_on, paid.paid_on) == (None, date(2026, 11, 22))


def test_kal_is_yesterday_in_marathi() -> None:
    assert said("काल भरले", "mr").paid_on == date(2026, 11, 22)


def test_a_day_that_is_todays_number_is_today_and_not_sure() -> None:
    read = said("23 tareekh ko dunga")
    assert (read.due_on, read.due_sure) == (MONDAY, False)


def test_the_weekday_of_today_is_in_a_week_and_not_sure() -> None:
    read = said("monday ko dunga")
    assert (read.due_on, read.due_sure) == (date(2026, 11, 30), False)


@pytest.mark.parametrize(
    ("text", "on", "due_on", "sure"),
    [
        ("will pay on 29 feb", date(2028, 2, 1), date(2028, 2, 29), True),
        ("will pay on 29 feb", date(2027, 2, 1), date(2027, 2, 28), False),
        ("will pay on 31st", date(2026, 11, 23), date(2026, 11, 30), False),
        ("will pay by month end", date(2028, 2, 10), date(2028, 2, 29), True),
        ("will pay by month end", date(2026, 12, 31), date(2026, 12, 31), True),
        ("will pay tomorrow", date(2026, 12, 31), date(2027, 1, 1), True),
        ("will pay on 5th", date(2026, 12, 31), date(2027, 1, 5), True),
        ("will pay on 5 jan", date(2026, 12, 20), date(2027, 1, 5), True),
        ("will pay on 5th of next month", date(2026, 12, 31), date(2027, 1, 5), True),
        ("will pay next month end", date(2027, 1, 31), date(2027, 2, 28), True),
        ("will pay in 2 weeks", date(2026, 12, 25), date(2027, 1, 8), True),
    ],
)
def test_leap_days_month_ends_and_year_ends(text: str, on: date, due_on: date, sure: bool) -> None:
    read = said(text, "en", on)
    assert (read.due_on, read.due_sure) == (due_on, sure)


@pytest.mark.parametrize(("off", "sure"), [(60, True), (61, False)])
def test_a_date_more_than_sixty_days_off_is_given_but_not_sure(off: int, sure: bool) -> None:
    day = MONDAY + timedelta(off)
    read = said(f"will pay on {day:%d/%m/%Y}", "en")
    assert (read.due_on, read.due_sure) == (day, sure)


def test_a_date_in_the_past_is_given_but_not_sure() -> None:
    read = said("will pay on 20/11/2026", "en")
    assert (read.due_on, read.due_sure) == (date(2026, 11, 20), False)


@settings(max_examples=200, deadline=None)
@given(on=DAYS, ahead=st.integers(0, 59))
def test_every_coming_date_in_figures_reads_back(on: date, ahead: int) -> None:
    day = on + timedelta(ahead)
    read = said(f"will pay on {day.day}-{day.month}-{day.year % 100:02d}", "en", on)
    assert (read.due_on, read.due_sure) == (day, True)


@settings(max_examples=200, deadline=None)
@given(on=DAYS, day=st.integers(1, 28))
def test_a_day_of_the_month_is_never_past_and_never_a_month_away(on: date, day: int) -> None:
    read = said(f"{day} tareekh ko dunga", "hi", on)
    assert read.due_on is not None
    assert read.due_on.day == day
    assert 0 <= (read.due_on - on).days <= 31


@settings(max_examples=100, deadline=None)
@given(on=DAYS, weekday=st.sampled_from(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]))
def test_a_weekday_is_within_the_next_seven_days(on: date, weekday: str) -> None:
    read = said(f"will pay {weekday}", "en", on)
    assert read.due_on is not None
    assert f"{read.due_on:%A}" == weekday
    assert 1 <= (read.due_on - on).days <= 7
