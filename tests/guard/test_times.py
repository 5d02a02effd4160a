"""Hours, caps, one call, wishes and occasions: each limit before, at and after, over midnight, month end, leap day and year end."""

from datetime import date, datetime, timedelta

import pytest

from sulah.guard.facts import Occasion, Preference
from sulah.kernel.terms import Channel, ContactClass, ContactState, Place, Purpose
from tests.guard.paper import DAY, MICROSECOND, NOON, SECOND, again, contact, facts, intent, ist, occasion_row, rule, says

MFL = rule("hours", first=32_400, last=64_800)
MIDNIGHTS = ("2026-11-25", "2026-12-01", "2027-01-01", "2028-02-29", "2028-03-01")
"""A plain one, month end, year end, the day before and after leap day."""


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("08:59:59", "no"),
        ("08:59:59.999999", "no"),
        ("09:00:00", "yes"),
        ("09:00:00.000001", "yes"),
        ("17:59:59", "yes"),
        ("17:59:59.999999", "yes"),
        ("18:00:00", "no"),
        ("18:00:00.000001", "no"),
        ("18:30:00", "no"),
        ("23:59:59.999999", "no"),
        ("00:00:00", "no"),
    ],
)
@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-30", "2028-02-29", "2026-12-31", "2027-01-01"])
def test_the_first_second_of_a_window_is_inside_and_its_last_is_outside(day: str, clock: str, said: str) -> None:
    """09:00:00 is in, 18:00:00 is out, on every day of the calendar."""
    assert says(MFL, intent(ist(f"{day} {clock}"))) == said


@pytest.mark.parametrize(("clock", "opens"), [("08:59:59", "2026-12-31 09:00:00"), ("18:00:00", "2027-01-01 09:00:00")])
def test_hours_open_again_on_the_same_day_or_the_next(clock: str, opens: str) -> None:
    """Before the window today, after it tomorrow, which may be next year."""
    assert again(MFL, intent(ist(f"2026-12-31 {clock}"))) == ist(opens)


def test_a_window_of_nothing_never_opens() -> None:
    """first = last = 0 is never; where it holds on Sundays alone, Monday at midnight is the way out."""
    assert says(rule("hours", first=0, last=0)) == "no"
    assert again(rule("hours", first=0, last=0)) is None
    assert again(rule("hours", first=0, last=0, weekdays="sun"), intent(ist("2026-11-29 12:00:00"))) == ist("2026-11-30 00:00:00")


@pytest.mark.parametrize(("made", "said"), [(1, "yes"), (2, "yes"), (3, "no"), (4, "no")])
def test_a_cap_is_full_when_the_count_reaches_it(made: int, said: str) -> None:
    """Of three a day the third is permitted and the fourth refused."""
    known = facts(contacts=tuple(contact(NOON - timedelta(hours=hour)) for hour in range(made)))
    assert says(rule("cap", most=3, days=1), known=known) == said


@pytest.mark.parametrize("day", MIDNIGHTS)
@pytest.mark.parametrize(
    ("days", "off", "said"),
    [
        (1, -MICROSECOND, "yes"),
        (1, timedelta(0), "no"),
        (7, -6 * DAY - MICROSECOND, "yes"),
        (7, -6 * DAY, "no"),
        (7, -6 * DAY + SECOND, "no"),
    ],
)
def test_days_are_counted_from_midnight_in_india(day: str, days: int, off: timedelta, said: str) -> None:
    """Seven days are today and the six before; one microsecond earlier does not count."""
    midnight = ist(f"{day} 00:00:00")
    known = facts(contacts=(contact(midnight + off),))
    assert says(rule("cap", most=1, days=days), intent(midnight + timedelta(hours=12)), known) == said


@pytest.mark.parametrize(("ahead", "said"), [(timedelta(0), "no"), (DAY, "no"), (400 * DAY, "no")])
def test_a_contact_of_a_later_day_counts_as_todays(ahead: timedelta, said: str) -> None:
    """A clock that was set back hides nothing."""
    assert says(rule("cap", most=1, days=1), known=facts(contacts=(contact(NOON + ahead),))) == said


def test_a_cap_frees_at_midnight_of_the_day_on_which_enough_have_left() -> None:
    """Contacts on the 20th, 22nd and 24th, two in seven days: the first of the last two leaves after the 28th."""
    known = facts(contacts=tuple(contact(ist(f"2026-11-{day} 10:00:00")) for day in (20, 22, 24)))
    assert again(rule("cap", most=2, days=7), known=known) == ist("2026-11-29 00:00:00")
    assert again(rule("cap", most=3, days=7), known=known) == ist("2026-11-27 00:00:00")
    assert again(rule("cap", most=1, days=1), known=known) == ist("2026-11-25 00:00:00")
    assert again(rule("cap", most=0, days=1), known=known) is None


@pytest.mark.parametrize("state", list(ContactState))
def test_what_became_of_a_contact_decides_whether_it_counts(state: ContactState) -> None:
    """Refused before any effect, or stopped by us: no attempt.  A reserved, ringing or ambiguous one may have connected."""
    known = facts(contacts=(contact(NOON - SECOND, state=state),))
    attempt = state not in (ContactState.FAILED, ContactState.WITHDRAWN)
    connect = state in (ContactState.CONNECTED, ContactState.RESERVED, ContactState.RINGING, ContactState.AMBIGUOUS)
    assert says(rule("cap", most=1, days=1), known=known) == ("no" if attempt else "yes")
    assert says(rule("cap", most=1, days=1, counts="connects"), known=known) == ("no" if connect else "yes")


def test_a_cap_pools_the_channels_of_its_classes_and_all_sources() -> None:
    """A machine's call and an agency's count against the cap on calls; a message does not; a purpose that nobody noted does."""
    calls = rule("cap", most=2, days=1, channels="call", purposes="recovery")
    mixed = (contact(NOON - SECOND, Channel.BOT_CALL), contact(NOON - SECOND, purpose=None), contact(NOON, Channel.SMS))
    assert says(calls, known=facts(contacts=mixed)) == "no"
    assert says(calls, known=facts(contacts=mixed[1:])) == "yes"
    assert says(calls, known=facts(contacts=(mixed[0], contact(NOON, purpose=Purpose.OTP)))) == "yes"


@pytest.mark.parametrize("state", list(ContactState))
def test_one_call_at_a_time(state: ContactState) -> None:
    """While a call is reserved or ringing, whenever it began, there is no other; waiting alone does not end it."""
    known = facts(contacts=(contact(NOON - 9 * DAY, Channel.BOT_CALL, state), contact(NOON, Channel.SMS, ContactState.RESERVED)))
    in_flight = state in (ContactState.RESERVED, ContactState.RINGING)
    assert says(rule("one_call"), known=known) == ("no" if in_flight else "yes")
    if in_flight:
        assert again(rule("one_call"), known=known) is None


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Preference(from_second=43_200), "no"),
        (Preference(from_second=43_201), "yes"),
        (Preference(to_second=43_200), "yes"),
        (Preference(to_second=43_201), "no"),
        (Preference(weekdays=(1,)), "no"),
        (Preference(weekdays=(0, 2, 6)), "yes"),
        (Preference(classes=(ContactClass.CALL,)), "no"),
        (Preference(classes=(ContactClass.VISIT,)), "yes"),
        (Preference(places=(Place.WORKPLACE,)), "yes"),
    ],
)
def test_a_wish_bars_its_hours_days_classes_and_places(wish: Preference, said: str) -> None:
    """On a Tuesday at noon, by call; a call is at no place."""
    assert says(rule("preference"), known=facts(preferences=(wish,))) == said


def test_a_wish_about_a_place_bars_visits_there() -> None:
    """Not at work; at home they may be visited."""
    known = facts(preferences=(Preference(places=(Place.WORKPLACE,)),))
    at_work, at_home = (intent(channel=Channel.VISIT, place=place) for place in (Place.WORKPLACE, Place.RESIDENCE))
    assert (says(rule("preference"), at_work, known), says(rule("preference"), at_home, known)) == ("no", "yes")


def test_wishes_that_follow_each_other_end_together() -> None:
    """Noon to three, three to midnight, and the morning after; a wish for ever has no end."""
    noon, three = Preference(from_second=43_200, to_second=54_000), Preference(from_second=54_000)
    morning = Preference(weekdays=(2,), to_second=36_000)
    assert again(rule("preference"), known=facts(preferences=(noon,))) == ist("2026-11-24 15:00:00")
    assert again(rule("preference"), known=facts(preferences=(noon, three, morning))) == ist("2026-11-25 10:00:00")
    assert again(rule("preference"), known=facts(preferences=(Preference(),))) is None


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 5), (6, 5), (0, 86_401)])
def test_a_wish_over_midnight_is_two(first: int, last: int) -> None:
    """A window that is empty or leaves the day is refused."""
    with pytest.raises(ValueError, match="from_second < to_second"):
        Preference(from_second=first, to_second=last)


BEREAVED = (occasion_row("bereavement", "call visit"),)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), "no"),
        (date(2026, 11, 1), date(2026, 11, 24), "no"),
        (date(2026, 11, 24), date(2026, 12, 24), "no"),
        (date(2026, 11, 1), date(2026, 11, 23), "yes"),
        (date(2026, 11, 25), date(2026, 11, 30), "yes"),
    ],
)
def test_both_ends_of_an_occasion_are_inside(first: date, last: date, said: str) -> None:
    """On the 24th."""
    known = facts(occasions=(Occasion("bereavement", "person", first, last),))
    assert says(rule("occasion"), known=known, occasions=BEREAVED) == said
    assert says(rule("occasion"), intent(channel=Channel.SMS), known, BEREAVED) == "yes"


def test_an_occasion_ends_at_midnight_after_the_last_of_them() -> None:
    """Two that follow each other; one that lasts beyond the horizon; one whose row changes before it ends."""
    one = Occasion("bereavement", "person", date(2026, 11, 20), date(2026, 11, 26))
    two = Occasion("bereavement", "household", date(2026, 11, 27), date(2026, 11, 30))
    assert again(rule("occasion"), known=facts(occasions=(one, two)), occasions=BEREAVED) == ist("2026-12-01 00:00:00")
    long = Occasion("bereavement", "person", date(2026, 11, 20), date(2027, 11, 26))
    assert again(rule("occasion"), known=facts(occasions=(long,)), occasions=BEREAVED) is None
    visits = occasion_row("bereavement", "visit", rule_id="later", effective_from=date(2026, 11, 26))
    ended = (occasion_row("bereavement", effective_to=date(2026, 11, 25)), visits)
    assert again(rule("occasion"), known=facts(occasions=(long,)), occasions=ended) == ist("2026-11-26 00:00:00")


@pytest.mark.parametrize("channel", list(Channel))
def test_an_occasion_of_a_kind_without_a_row_bars_every_class(channel: Channel) -> None:
    """Nobody can say what a mistyped kind bars; one that is over bars nothing."""
    known = facts(occasions=(Occasion("exam", "person", date(2026, 11, 20), date(2026, 11, 26)),))
    assert says(rule("occasion"), intent(channel=channel), known, BEREAVED) == "no"
    assert again(rule("occasion"), intent(channel=channel), known, BEREAVED) == ist("2026-11-27 00:00:00")
    assert says(rule("occasion"), intent(ist("2026-11-27 00:00:00"), channel), known, BEREAVED) == "yes"


def test_a_day_begins_in_india_not_in_utc() -> None:
    """18:29:59 UTC is still today, 18:30:00 UTC is tomorrow."""
    known = facts(contacts=(contact(datetime.fromisoformat("2026-11-23T18:29:59.999999+00:00")),))
    assert says(rule("cap", most=1, days=1), known=known) == "yes"
    known = facts(contacts=(contact(datetime.fromisoformat("2026-11-23T18:30:00+00:00")),))
    assert says(rule("cap", most=1, days=1), known=known) == "no"
