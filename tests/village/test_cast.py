"""The village's expected figures, worked out by hand, against the naive reference and the lender's own simulated figures."""

from datetime import date, timedelta

import pytest

from sulah.simulation.standing import Standings
from sulah.simulation.world import village_world
from tests.reference.fold import Reference
from tests.reference.standing import Standing
from tests.village.cast import EXPECTED, LAST_DAY, STORIES, VILLAGERS, Expected, ago, village_rows

DAYS = (LAST_DAY, date(2026, 3, 5), date(2028, 2, 29))


def _as_expected(found: Standing, last_day: date) -> Expected:
    def back(day: date | None) -> int | None:
        return None if day is None else (last_day - day).days

    return Expected(
        found.dpd,
        found.dpd_elapsed,
        found.overdue_paise // 100,
        found.bucket,
        found.sma,
        found.asset_class,
        back(found.npa_on),
        back(found.upgraded_on),
        found.advance_paise // 100,
    )


@pytest.mark.parametrize("last_day", DAYS, ids=str)
def test_every_story_ends_as_worked_out_by_hand_when_its_last_day_is_the_first_load(last_day: date) -> None:
    """The reference reads the last extract alone."""
    reference = Reference("nbfc_mfi")
    reference.accept(last_day, village_rows(last_day, last_day))
    standing = reference.stand(last_day)
    assert {loan: _as_expected(standing[loan], last_day) for loan in EXPECTED} == EXPECTED


def test_every_story_ends_the_same_when_ten_days_are_loaded_one_by_one() -> None:
    """What is known when makes no difference to where these people stand on the last day."""
    reference = Reference("nbfc_mfi")
    for back in range(9, -1, -1):
        day = LAST_DAY - timedelta(days=back)
        reference.accept(day, village_rows(day))
    standing = reference.stand(LAST_DAY)
    assert {loan: _as_expected(standing[loan], LAST_DAY) for loan in EXPECTED} == EXPECTED


def test_the_lenders_own_figures_are_right_but_where_the_story_says_otherwise() -> None:
    """Its system forgets the flood and looks at one loan at a time."""
    lender = {account.loan_id: Standings(account).on(LAST_DAY) for account in village_world(LAST_DAY).accounts}
    wrong = {loan for loan, expected in EXPECTED.items() if lender[loan].dpd_elapsed != expected.dpd_elapsed}
    assert wrong == {"VIL-08"}
    npa = {loan for loan, expected in EXPECTED.items() if lender[loan].npa_on != ago(expected.npa_ago)}
    assert npa == {"VIL-06A", "VIL-13"}


def test_every_villager_has_a_story_and_every_story_an_expected_end() -> None:
    """No loan without a person, no person without a loan."""
    assert {story.borrower_id for story in STORIES} == {villager.borrower_id for villager in VILLAGERS}
    assert {story.loan_id for story in STORIES} == set(EXPECTED)
    assert all(villager.story.endswith(".") for villager in VILLAGERS)
