"""Back-off and circuit breaker: waits grow, are obeyed and repeat with their seed; a provider that fails is left alone for a while."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.patience import FAULTS_TO_OPEN, MOST_SECONDS, OPEN_SECONDS, Breaker, wait_seconds

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@given(st.text(max_size=20), st.integers(1, 60), st.integers(0, 3600))
def test_a_wait_is_bounded_repeats_with_its_seed_and_obeys_what_was_asked(seed: str, attempt: int, asked: int) -> None:
    found = wait_seconds(seed, attempt, asked)
    assert asked <= found <= asked + MOST_SECONDS
    assert found >= 1
    assert found == wait_seconds(seed, attempt, asked)


def test_a_thousand_messages_do_not_come_back_together() -> None:
    assert len({wait_seconds(f"m{number}", 8) for number in range(1000)}) > 60


def test_the_breaker_opens_at_its_fault_and_not_one_before() -> None:
    breaker = Breaker()
    for _ in range(FAULTS_TO_OPEN - 1):
        breaker = breaker.fault(NOW)
        assert breaker.closed(NOW)
    breaker = breaker.fault(NOW)
    assert not breaker.closed(NOW)
    opens = NOW + timedelta(seconds=OPEN_SECONDS)
    assert not breaker.closed(opens - timedelta(microseconds=1))
    assert breaker.closed(opens)


def test_one_fault_after_its_pause_opens_it_for_longer_and_a_success_closes_it_for_good() -> None:
    breaker = Breaker()
    for _ in range(FAULTS_TO_OPEN + 1):
        breaker = breaker.fault(NOW)
    assert breaker.open_until == NOW + timedelta(seconds=2 * OPEN_SECONDS)
    assert breaker.well() == Breaker()


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_a_wait_that_was_asked_for_opens_it_at_once(seconds: int) -> None:
    assert Breaker().fault(NOW, at_once=True, seconds=seconds).open_until == NOW + timedelta(seconds=seconds)


def test_a_breaker_is_never_open_longer_than_a_quarter_of_an_hour() -> None:
    breaker = Breaker()
    for _ in range(200):
        breaker = breaker.fault(NOW)
    assert breaker.open_until == NOW + timedelta(seconds=MOST_SECONDS)
