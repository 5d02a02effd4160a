"""Promises are told kept, partly kept or broken by the book of a day, and by nothing else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from sulah.actions.contact.actor import NotPermittedError, machine
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.talk.settle_promises import settle_promises
from sulah.actions.talk.take_promise import PromiseRefusedError, take_promise
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.promised import paid_between
from sulah.adapters.book.reader import Day
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, Role
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent
from sulah.records.dayrun import DayRun
from sulah.resolution.promise import Offered, PromiseState, state_of, taken
from tests.contact.people import actor
from tests.contact.small_day import NIGHT, Lived, lived_once
from tests.village.cast import LAST_DAY

BY = machine("worker")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Lived:
    """The day, loaded and run once."""
    return lived_once(tmp_path_factory.mktemp("day") / "lender", django_db_blocker.unblock())


@pytest.fixture
def lender(lived: Lived, monkeypatch: pytest.MonkeyPatch, db: None) -> Lender:
    """The lender with its rows, the day published."""
    return lived.published(monkeypatch)


def last_paid(lender: Lender) -> tuple[str, str, date, int]:
    """A person with an overdue loan on which something was paid, the day, and how much of it on that day."""
    for standing in Standing.objects.order_by("person"):
        for loan in standing.loans:
            if loan["last_paid_on"] and (loan["demand_paise"] or 0) > 0 and standing.person in loan["parties"]:
                day = date.fromisoformat(loan["last_paid_on"])
                with Day(DayRun.objects.get(), lender) as read:
                    return standing.person, loan["loan_id"], day, paid_between(read, [(1, loan["loan_id"], day, day)])[1]
    raise AssertionError("the village has somebody who paid and is overdue")


def promised(lender: Lender, person: str, loan: str, made: date, due_on: date, amount: int) -> Promise:
    """A promise of a day in the past, as it would have been taken then."""
    at = datetime(made.year, made.month, made.day, 6, tzinfo=UTC)
    with transaction.atomic():
        Standing.objects.filter(pk=person).update(seal="")
        return Promise.objects.create(
            person=person, loan_id=loan, made_at=at, due_on=due_on, amount_paise=amount, overdue_paise=amount, channel="sms", taken_by="x"
        )


@pytest.mark.parametrize(("more", "state"), [(0, "kept"), (1, "part_kept")])
def test_what_was_paid_in_time_keeps_the_promise_and_a_paisa_less_does_not(lender: Lender, more: int, state: str) -> None:
    person, loan, day, paid = last_paid(lender)
    promise = promised(lender, person, loan, day, day, paid + more)
    assert settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT)) == {PromiseState(state): 1}
    promise.refresh_from_db()
    assert (promise.state, promise.paid_paise) == (state, paid)
    assert settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT)) == {}


def test_a_payment_after_the_day_does_not_keep_it_and_a_day_to_come_is_open(lender: Lender) -> None:
    person, loan, day, paid = last_paid(lender)
    promise = promised(lender, person, loan, day - timedelta(3), day - timedelta(1), paid)
    settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT))
    promise.refresh_from_db()
    assert promise.state in ("broken", "part_kept")
    later = promised(lender, person, loan, LAST_DAY, LAST_DAY + timedelta(1), paid)
    assert settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT)) == {}
    later.refresh_from_db()
    assert later.state == "open"


def test_a_kept_promise_ends_its_quiet_at_once(lender: Lender) -> None:
    person, loan, _, _ = last_paid(lender)
    book = rulebook_of(lender)
    promise = take_promise(
        person, loan, Offered(LAST_DAY + timedelta(5), 1), channel=Channel.CALL, book=book, by=BY, clock=fixed_clock(NIGHT)
    )
    Promise.objects.filter(pk=promise.pk).delete()
    made = promised(lender, person, loan, last_paid(lender)[2], LAST_DAY + timedelta(5), 1)
    Promise.objects.filter(pk=made.pk).update(stop=promise.stop, seal="")
    settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT))
    assert StopEvent.objects.get(pk=promise.stop_id).lifted_at == NIGHT


def test_who_may_take_a_promise_and_on_whose_loan(lender: Lender) -> None:
    person, loan, _, _ = last_paid(lender)
    asked = {"channel": Channel.CALL, "book": rulebook_of(lender), "clock": fixed_clock(NIGHT)}
    for by in (actor(Role.INSPECTOR), actor(Role.VALIDATOR), actor(Role.AGENT, "ELSEWHERE"), actor(Role.AGENCY, agency="A9")):
        with pytest.raises(NotPermittedError):
            take_promise(person, loan, Offered(LAST_DAY + timedelta(5), 1), by=by, **asked)  # type: ignore[arg-type]
    with pytest.raises(PromiseRefusedError, match="no such loan"):
        take_promise(person, "NOT-THEIRS", Offered(LAST_DAY + timedelta(5), 1), by=BY, **asked)  # type: ignore[arg-type]
    taken_one = take_promise(person, loan, Offered(LAST_DAY + timedelta(5), 1), by=actor(Role.AGENT), **asked)  # type: ignore[arg-type]
    assert taken_one.taken_by == "some-agent"


@given(st.integers(1, 10**9), st.integers(0, 2 * 10**9), st.integers(-40, 40))
def test_a_promise_ends_in_exactly_one_way(amount: int, paid: int, days: int) -> None:
    due = date(2026, 12, 5)
    state = state_of(amount, due, paid_paise=paid, known_until=due + timedelta(days))
    assert (state is PromiseState.KEPT) == (paid >= amount)
    assert (state is PromiseState.OPEN) == (paid < amount and days < 0)
    assert (state is PromiseState.BROKEN) == (paid == 0 and days >= 0)


@given(st.integers(-3, 40), st.one_of(st.none(), st.integers(-5, 600)), st.integers(0, 500), st.integers(0, 40))
def test_a_promise_that_is_taken_is_near_and_no_more_than_is_overdue(days: int, amount: int | None, overdue: int, longest: int) -> None:
    said = date(2026, 11, 23)
    made = taken(Offered(said + timedelta(days), amount), said_on=said, overdue_paise=overdue, longest_days=longest)
    fits = 0 <= days < longest and overdue > 0 and (amount is None or 0 < amount <= overdue)
    assert isinstance(made, str) is not fits
    if not isinstance(made, str):
        assert 0 < made.amount_paise <= overdue
