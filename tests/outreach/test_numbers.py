"""What a number is good for is learned from what happened on it, and can be told with the counts."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.numbers import Happened, Seen, contactability, error_kind, view_of

TODAY = date(2026, 11, 23)
SEEN = st.builds(lambda what, age: Seen(what, TODAY - timedelta(age)), st.sampled_from(list(Happened)), st.integers(0, 300))


def seen(*whats: tuple[str, int]) -> list[Seen]:
    return [Seen(Happened(what), TODAY - timedelta(age)) for what, age in whats]


@pytest.mark.parametrize(
    ("history", "standing"),
    [
        ((), "unknown"),
        ((("delivered", 3),), "good"),
        ((("absent", 3),), "unknown"),
        ((("invalid", 3), ("invalid", 3)), "unknown"),
        ((("invalid", 3), ("invalid", 2)), "invalid"),
        ((("invalid", 3), ("invalid", 2), ("delivered", 1)), "good"),
        ((("delivered", 9), ("invalid", 3), ("invalid", 2)), "invalid"),
        ((("delivered", 20), *(("absent", age) for age in range(4))), "good"),
        ((("delivered", 20), *(("absent", age) for age in range(5))), "unknown"),
        ((("answered", 5), ("wrong", 5)), "wrong"),
        ((("wrong", 5), ("delivered", 1), ("answered", 1)), "wrong"),
        ((("wrong", 5), ("confirmed", 1)), "good"),
        ((("delivered", 180),), "unknown"),
        ((("delivered", 179),), "good"),
    ],
)
def test_a_number_stands_as_what_happened_on_it_says(history: tuple[tuple[str, int], ...], standing: str) -> None:
    """Two days of `invalid` mark it, five unreached days make it unknown, only a visit takes back `wrong`, and 180 days are enough."""
    assert view_of(seen(*history), TODAY).standing == standing


@given(st.lists(SEEN, max_size=30), st.integers(0, 99))
def test_the_order_of_what_happened_changes_nothing(some: list[Seen], seed: int) -> None:
    mixed = list(some)
    Random(seed).shuffle(mixed)
    assert view_of(some, TODAY) == view_of(mixed, TODAY)


@given(st.lists(SEEN, max_size=30), st.integers(0, 179))
def test_contactability_is_a_share_that_grows_with_answers_and_falls_with_wrong_ones(some: list[Seen], age: int) -> None:
    on = TODAY - timedelta(age)
    before = contactability(some, TODAY, 180)
    assert 0 <= before <= 10_000
    assert contactability([*some, Seen(Happened.ANSWERED, on)], TODAY, 180) >= before
    assert contactability([*some, Seen(Happened.WRONG, on)], TODAY, 180) <= before


def test_the_young_counts_more_than_the_old() -> None:
    old, young = (contactability(seen(("delivered", age)), TODAY, 180) for age in (170, 1))
    assert 5_000 < old < young


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("131026 Message undeliverable", "invalid"),
        ("Invalid Mobile Number", "invalid"),
        ("550 5.1.1 user unknown", "invalid"),
        ("absent subscriber", "absent"),
        ("rejected: DLT template mismatch", "ours"),
        ("131049 not delivered to keep the ecosystem healthy", "ours"),
        ("", "absent"),
    ],
)
def test_words_of_a_provider_are_told_apart(words: str, kind: str) -> None:
    assert error_kind(words) == kind
