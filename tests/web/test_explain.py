"""The page of a loan: dpd in words, every rupee placed, and a visible error when something does not tie."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import day_text
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.web.desk import loan as loan_page
from sulah.web.desk.explain import left_out, merged, reason_of, receipts_of, schedule_of, untied
from sulah.web.standing import day_of
from tests.web import cast

SignIn = Callable[..., Client]
LATE = [story for story in cast.stories() if cast.state_and_position(story, cast.LAST)[1]["dpd"]]


def test_the_page_says_the_dpd_in_words_from_the_oldest_unpaid_instalment(lender: Lender, signed_in: SignIn) -> None:
    """The date and the number of day-ends, both as the story has them."""
    client = signed_in(Role.VALIDATOR)
    for story in LATE[:4]:
        position = cast.state_and_position(story, cast.LAST)[1]
        text = client.get(f"/loan/{story.loan_id}").content.decode()
        assert f"The oldest unpaid instalment fell due {day_text(position['oldest_unpaid_due_on'])}" in text
        assert f"{position['dpd']} day-end" in text
        assert "do not tie" not in text


def test_the_class_of_an_npa_names_the_limit_in_force_on_its_first_day(lender: Lender, signed_in: SignIn) -> None:
    """The day, the rule and its citation."""
    story = next(story for story in LATE if cast.state_and_position(story, cast.LAST)[1]["dpd"] > 90)
    text = signed_in(Role.VALIDATOR).get(f"/loan/{story.loan_id}").content.decode()
    assert "LIM-NPA" in text
    assert "RBI/2021-22/125" in text


def test_the_portfolios_settlement_equals_the_story_rupee_by_rupee(lender: Lender, signed_in: SignIn) -> None:
    """Receipt, instalment, head and paise of the page's rows, against the plain loop of the cast."""
    run = DayRun.objects.get(as_of=cast.LAST)
    for story in LATE[:6]:
        with day_of(run) as day:
            ours = loan_page.settlement_of(day, story.key)
        theirs = cast.settled(story, cast.LAST)[0]
        key = [(r["repayment_id"], r["number"], r["head"], r["amount_paise"]) for r in ours]
        assert sorted(key) == sorted((r["repayment_id"], r["number"], r["head"], r["amount_paise"]) for r in theirs)


@pytest.mark.parametrize("spoil", ["lost", "changed", "stranger"])
def test_settlement_that_does_not_tie_is_shown_as_an_error(
    lender: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    """A row lost, a paisa changed, an instalment that is not there: the page says so and says not to act."""
    real = loan_page.settlement_of

    def spoiled(day: Any, loan_key: int) -> list[dict[str, Any]]:
        rows = real(day, loan_key)
        if spoil == "lost":
            return rows[1:]
        change = {"amount_paise": rows[0]["amount_paise"] + 1} if spoil == "changed" else {"number": 99}
        return [{**rows[0], **change}, *rows[1:]]

    monkeypatch.setattr(loan_page, "settlement_of", spoiled)
    text = signed_in(Role.VALIDATOR).get(f"/loan/{LATE[0].loan_id}").content.decode()
    assert 'role="alert"' in text
    assert "The figures on this page do not tie" in text


def test_a_dpd_that_the_count_does_not_give_is_shown_as_an_error() -> None:
    """One day off is enough."""
    state, position = cast.state_and_position(LATE[0], cast.LAST)
    assert reason_of(position, state, []).untied == ()
    wrong = reason_of({**position, "dpd": position["dpd"] + 1}, state, [])
    assert "Counted again" in wrong.untied[0]


def test_relief_days_are_left_out_and_said() -> None:
    """Two overlapping windows count once; the part before the oldest unpaid due date does not count."""
    state, position = cast.state_and_position(LATE[0], cast.LAST)
    oldest: date = position["oldest_unpaid_due_on"]
    windows = [
        {"from_on": oldest - timedelta(days=5), "to_on": oldest + timedelta(days=2), "known_on": oldest},
        {"from_on": oldest + timedelta(days=1), "to_on": oldest + timedelta(days=4), "known_on": oldest},
        {"from_on": oldest, "to_on": oldest + timedelta(days=9), "known_on": cast.LAST + timedelta(days=1)},
    ]
    reason = reason_of({**position, "dpd": position["dpd"] - 5}, state, windows)
    assert reason.untied == ()
    assert "5 day-ends are left out" in reason.sentences[1]


def test_a_loan_that_is_no_longer_demanded_has_no_days() -> None:
    """And a position that says otherwise is an error."""
    state, position = cast.state_and_position(LATE[0], cast.LAST)
    ended = {**state, "demanded": False}
    assert reason_of({**position, "dpd": 0, "oldest_unpaid_due_on": None}, ended, []).untied == ()
    assert reason_of(position, ended, []).untied != ()


@given(st.lists(st.integers(1, 400_000), max_size=14), st.integers(0, 330))
def test_whatever_was_paid_every_sum_ties(amounts: list[int], days: int) -> None:
    """Any receipts on any day: settled by head, by instalment and by receipt are the state's; one paisa more is seen."""
    first = date(2025, 5, 1)
    story = cast.Story(1, "L", 1, "B", "P", first, 100_000, 12_345)
    story.paid = [(first + timedelta(days=9 * place), paise) for place, paise in enumerate(amounts)]
    as_of = first + timedelta(days=days)
    state, position = cast.state_and_position(story, as_of)
    rows = cast.settled(story, as_of)[0]
    dues = [
        {"number": n, "due_on": on, "principal_paise": principal, "interest_paise": interest, "charge_paise": 0}
        for n, on, principal, interest in story.dues()
    ]
    entries = [
        {"effective_on": on, "repayment_id": f"R1-{place}", "entry": "receipt", "amount_paise": paise}
        for place, (on, paise) in enumerate(story.paid)
        if on <= as_of
    ]
    schedule, receipts = schedule_of(dues, rows), receipts_of(entries, rows)
    assert untied(state, position, schedule, receipts, rows) == []
    assert sum(line.left_paise for line in receipts) == position["unallocated_paise"]
    assert untied({**state, "settled_paise": state["settled_paise"] + 1}, position, schedule, receipts, rows) != []
    assert reason_of(position, state, []).untied == ()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=6), st.integers(0, 60))
def test_days_left_out_are_the_union_of_the_windows_day_by_day(spans: list[tuple[int, int]], oldest: int) -> None:
    """Merging and cutting equals marking each day."""
    start = date(2026, 1, 1)
    as_of = start + timedelta(days=70)
    windows = [
        {"from_on": start + timedelta(days=begin), "to_on": start + timedelta(days=begin + long), "known_on": start}
        for begin, long in spans
    ]
    due = start + timedelta(days=oldest)
    marked = {begin + place for begin, long in spans for place in range(long + 1) if oldest <= begin + place <= 70}
    assert left_out(merged(windows, as_of), due, whole_window=False) == len(marked)
