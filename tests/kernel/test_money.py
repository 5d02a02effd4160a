"""Rupees become paise and back without loss, and splitting loses nothing."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.money import indian, paise_of, rupees_of, split

PAISE = st.integers(1 - 10**17, 10**17 - 1)


@given(PAISE)
def test_rupee_text_and_paise_are_inverse(paise: int) -> None:
    """Every amount survives the way there and back."""
    assert paise_of(rupees_of(paise)) == paise


@pytest.mark.parametrize(
    "text", ["", "-", ".5", "5.", "1.005", "1e5", "1,000", "₹5", "NaN", "inf", "0x10", " 5", "5 ", "5\n", "+5", "--5", "١٢", "1" * 16]
)
def test_what_is_no_plain_rupee_amount_is_refused(text: str) -> None:
    """At most two decimals, ASCII digits, no sign but a minus, no grouping, no exponent."""
    with pytest.raises(ValueError, match="not a rupee amount"):
        paise_of(text)


@pytest.mark.parametrize(
    ("text", "paise"), [("0", 0), ("-0", 0), ("0.01", 1), ("0.1", 10), ("-1.5", -150), ("999999999999999.99", 99_999_999_999_999_999)]
)
def test_plain_amounts_are_read(text: str, paise: int) -> None:
    """The smallest, the largest, one decimal, a minus."""
    assert paise_of(text) == paise


@given(PAISE, st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
def test_a_split_loses_nothing_and_is_fair(total: int, weights: list[int]) -> None:
    """The parts add up to the total, each lies within a paisa of its exact share, and nothing goes to a weight of zero."""
    parts = split(total, weights)
    base = sum(weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * base - total * weight) < base
        assert weight or part == 0


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=2, max_size=10).filter(any))
def test_a_larger_weight_never_gets_less(total: int, weights: list[int]) -> None:
    """Order of weights is order of parts."""
    pairs = sorted(zip(weights, split(total, weights), strict=True))
    assert all(low[1] <= high[1] for low, high in itertools.pairwise(pairs) if low[0] < high[0])


@pytest.mark.parametrize("weights", [[0], [0, 0], [-1, 2]])
def test_weights_that_say_nothing_are_refused(weights: list[int]) -> None:
    """All zero, or below zero."""
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "₹0"),
        (99_900, "₹999"),
        (100_000, "₹1,000"),
        (9_999_900, "₹99,999"),
        (10_000_000, "₹1,00,000"),
        (1_234_567_800, "₹1,23,45,678"),
        (100_000_000_000, "₹1,00,00,00,000"),
        (-5, "-₹0.05"),
        (150, "₹1.50"),
    ],
)
def test_money_is_shown_the_indian_way(paise: int, text: str) -> None:
    """Lakh and crore grouping; paise only where there are any."""
    assert indian(paise) == text
