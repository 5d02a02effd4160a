"""What the other tests did not notice when the code of the guard was one thing off (`make mutants`)."""

from datetime import date, timedelta

import pytest

from tests.guard.paper import again, intent, ist, rule, says


@pytest.mark.parametrize(("clock", "said"), [("09:29:59", "no"), ("09:30:00", "yes"), ("17:45:30", "yes"), ("17:45:31", "no")])
def test_hours_may_turn_at_any_minute_and_second(clock: str, said: str) -> None:
    """Every shipped window turns at a full hour, where minutes and seconds are nothing."""
    window = rule("hours", first=9 * 3_600 + 30 * 60, last=17 * 3_600 + 45 * 60 + 31)
    assert says(window, intent(ist(f"2026-11-24 {clock}"))) == said


NEVER = {"first": 0, "last": 0}


@pytest.mark.parametrize("columns", [{"weekdays": "sun"}, {"states": "MH"}, {"products": "PL*"}, {"loan_types": "other"}], ids=str)
def test_a_rule_that_does_not_fit_is_not_asked_and_blocks_nothing(columns: dict[str, str]) -> None:
    """It is not a rule of which nobody can say whether it is asked, either: such a one refuses."""
    assert says(rule("hours", **NEVER, **columns)) == "not asked"


def test_the_next_day_is_the_first_on_which_a_rule_may_not_be_asked() -> None:
    """On a Sunday, of a rule for Sundays and Tuesdays."""
    row = rule("hours", **NEVER, weekdays="tue sun")
    assert again(row, intent(ist("2026-11-29 12:00:00"))) == ist("2026-11-30 00:00:00")


@pytest.mark.parametrize(("last_day", "days_ahead"), [(date(2027, 1, 21), 59), (date(2027, 1, 22), 60), (date(2027, 1, 23), None)])
def test_a_rule_that_ends_within_sixty_days_is_waited_for(last_day: date, days_ahead: int | None) -> None:
    """The instant is noon of 24 Nov 2026; 60 days later it is 23 Jan 2027, of which the first half lies within."""
    row = rule("hours", **NEVER, effective_to=last_day)
    assert again(row) == (None if days_ahead is None else ist("2026-11-24 00:00:00") + timedelta(days=days_ahead))


@pytest.mark.parametrize(("clock", "next_at"), [("07:00:00", "2026-11-24 09:00:00"), ("18:00:00", "2026-11-25 00:00:00")])
def test_the_sooner_way_out_is_told(clock: str, next_at: str) -> None:
    """A rule for Tuesdays: its window opens on the same day, or the day ends on which it is asked."""
    row = rule("hours", first=9 * 3_600, last=18 * 3_600, weekdays="tue")
    assert again(row, intent(ist(f"2026-11-24 {clock}"))) == ist(next_at)
