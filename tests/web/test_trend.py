"""The book over days: sums that equal the stories, moves against month-end, and nothing invented."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.money import indian
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.web.supervise.history import month_end_before, next_month_end, runs_to, standings
from sulah.web.words import bps, percent
from tests.web import cast
from tests.web.small_book import DAYS

SignIn = Callable[..., Client]


@pytest.mark.parametrize("as_of", DAYS)
@pytest.mark.parametrize("days", [30, 60, 90, 180])
def test_par_of_each_day_equals_the_stories(lender: Lender, as_of: date, days: int) -> None:
    """Principal of loans beyond the days, of all principal, written-off loans apart."""
    live = [cast.state_and_position(story, as_of)[1] for story in cast.stories() if not story.written_off_on]
    found = {one.as_of: one for one in standings(runs_to(DayRun.objects.get(as_of=cast.LAST), 30), ())}[as_of]
    beyond = sum(row["outstanding_principal_paise"] for row in live if row["dpd"] > days)
    assert found.par_paise(days) == beyond
    assert found.par(days) == bps(beyond, sum(row["outstanding_principal_paise"] for row in live))
    assert found.overdue_paise == sum(row["overdue_paise"] for row in live)


def test_the_page_shows_each_day_and_leads_to_it(lender: Lender, signed_in: SignIn) -> None:
    """The figures of both days, each a door."""
    text = signed_in(Role.SUPERVISOR).get("/trend").content.decode()
    for as_of in DAYS:
        live = [cast.state_and_position(story, as_of)[1] for story in cast.stories() if not story.written_off_on]
        assert indian(sum(row["overdue_paise"] for row in live)) in text
        assert f'href="/?day={as_of}"' in text
        assert f"/loans?day={as_of}&amp;dpd_over=30" in text
    assert text.count('role="img"') >= 3


def test_without_a_month_end_nothing_is_compared(lender: Lender, signed_in: SignIn) -> None:
    """The page says which month-end will be the first."""
    text = signed_in(Role.SUPERVISOR).get("/trend").content.decode()
    assert "the first is 31 Mar 2026" in text
    assert '<th scope="col" class="n">Move</th>' not in text


def test_the_day_after_a_month_end_is_compared_with_it(lender: Lender, signed_in: SignIn) -> None:
    """The earlier day's files stand in the ledger as those of a month-end; the move is the later sum less the earlier."""
    DayRun.objects.filter(as_of=DAYS[0]).update(as_of=date(2026, 2, 28))
    text = signed_in(Role.SUPERVISOR).get("/trend").content.decode()
    assert "No month-end to compare with yet" not in text
    assert ">Move</th>" in text
    sums = [
        sum(row["overdue_paise"] for row in (cast.state_and_position(one, day)[1] for one in cast.stories() if not one.written_off_on))
        for day in DAYS
    ]
    assert f">{indian(sums[1] - sums[0])}<" in text


def test_a_day_further_back_than_asked_is_left_out(lender: Lender) -> None:
    """Calendar days: the last one counts as the first of them."""
    last = DayRun.objects.get(as_of=cast.LAST)
    assert [run.as_of for run in runs_to(last, 1)] == [cast.LAST]
    assert [run.as_of for run in runs_to(last, 2)] == list(DAYS)


def test_a_branch_sees_its_own_trend(lender: Lender, signed_in: SignIn) -> None:
    """Sums of the branch alone."""
    own = [
        cast.state_and_position(story, cast.LAST)[1] for story in cast.stories() if story.branch == "BR-GAYA" and not story.written_off_on
    ]
    text = signed_in(Role.SUPERVISOR, "BR-GAYA").get("/trend").content.decode()
    beyond = sum(row["outstanding_principal_paise"] for row in own if row["dpd"] > 30)
    assert percent(bps(beyond, sum(row["outstanding_principal_paise"] for row in own))) in text
    assert "BR-SALEM" not in text
    assert "No loan within your reach" in signed_in(Role.COMPLIANCE, "BR-NOWHERE").get("/trend").content.decode()


@pytest.mark.parametrize("asked", ["", "7", "x", "-1", "30"])
def test_a_span_that_is_not_offered_is_thirty_days(lender: Lender, signed_in: SignIn, asked: str) -> None:
    """Whatever the address says."""
    text = signed_in(Role.SUPERVISOR).get(f"/trend?days={asked}").content.decode()
    assert 'aria-current="true">30 days' in text


@pytest.mark.parametrize(
    ("day", "before", "coming"),
    [
        (date(2026, 3, 31), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 3, 31), date(2026, 4, 30)),
        (date(2028, 3, 1), date(2028, 2, 29), date(2028, 3, 31)),
        (date(2026, 1, 1), date(2025, 12, 31), date(2026, 1, 31)),
    ],
)
def test_month_ends_know_leap_days_and_new_year(day: date, before: date, coming: date) -> None:
    """The last day of the month before, and the first month-end on or after."""
    assert (month_end_before(day), next_month_end(day)) == (before, coming)
