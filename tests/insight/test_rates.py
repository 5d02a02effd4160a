"""Rates are whole hundredths of a percent, rounded half up, and nothing is divided by nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.insight.rates import Efficiency, efficiency_of, share_bps

paise = st.integers(-(10**15), 10**15)


@given(numerator=paise, denominator=st.integers(1, 10**15))
def test_a_share_is_within_half_a_hundredth_of_a_percent(numerator: int, denominator: int) -> None:
    """Against exact fractions."""
    found = share_bps(numerator, denominator)
    assert found is not None
    assert abs(Fraction(numerator * 10_000, denominator) - found) <= Fraction(1, 2)


@pytest.mark.parametrize(("numerator", "rate"), [(0, 0), (49, 0), (50, 1), (51, 1), (-50, -1), (10**6, 10_000)])
def test_half_a_hundredth_of_a_percent_goes_away_from_nothing(numerator: int, rate: int) -> None:
    """Of a million paise."""
    assert share_bps(numerator, 10**6) == rate


def test_without_a_denominator_there_is_no_rate() -> None:
    """No dues and no arrears: not 0%, and not 100%."""
    nothing = Efficiency(0, 0, 0, 0, 5)
    assert (nothing.current_bps, nothing.overdue_bps, nothing.total_bps) == (None, None, None)


def test_a_month_without_an_anchor_has_no_efficiency() -> None:
    """Zeros of a month that was never opened are not an efficiency of zero."""
    assert efficiency_of({"open_on": None, "month_due_paise": 0}) is None


@given(due=st.integers(0, 10**12), arrears=st.integers(0, 10**12), settled=st.integers(0, 10**12), caught=st.integers(0, 10**12))
def test_the_total_lies_between_current_and_overdue(due: int, arrears: int, settled: int, caught: int) -> None:
    """It is their weighted mean."""
    found = Efficiency(due, min(due, settled), arrears, min(arrears, caught), 0)
    parts = [rate for rate in (found.current_bps, found.overdue_bps) if rate is not None]
    if found.total_bps is None:
        assert parts == []
    else:
        assert min(parts) - 1 <= found.total_bps <= max(parts) + 1
