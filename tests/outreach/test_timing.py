"""Hours and channels are chosen by counts that can be told; before anything is known the stated prior decides, and chance has a seed."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel
from sulah.outreach.cash import cash_days, wait_for_cash
from sulah.outreach.timing import BANDS, Counts, Strengths, Timing, Try, begin_of, choose, explores, open_bands, share, shrunk

TODAY = date(2026, 11, 23)
BY = Strengths(prior=300, of_all=50, group=30, person=8, explore=0, cheaper_within=100)
COSTS = {Channel.SMS: 3500, Channel.WHATSAPP: 1500}
NONE = Counts()
BOTH = (Channel.SMS, Channel.WHATSAPP)
COUNT = st.integers(0, 500)


def tries(channel: Channel, hour: int, answered: int, silent: int) -> list[Try]:
    moment = datetime(2026, 11, 1, hour, 30, tzinfo=IST)
    return [Try(channel, moment + timedelta(days=place % 20), place < answered) for place in range(answered + silent)]


def chosen(own: Counts = NONE, group: Counts = NONE, everybody: Counts = NONE, by: Strengths = BY) -> Timing:
    return choose("P1", TODAY, BOTH, (own, group, everybody), bands=range(len(BANDS)), costs=COSTS, by=by, seed="s")


@given(COUNT, COUNT, st.floats(0, 1), st.integers(0, 200))
def test_a_share_lies_between_nothing_and_all(answered: int, silent: int, prior: float, strength: int) -> None:
    assert 0 <= shrunk(answered, answered + silent, prior, strength) <= 1


@given(COUNT, COUNT, st.floats(0, 1), st.integers(1, 200))
def test_one_more_answer_never_makes_an_answer_less_likely(answered: int, silent: int, prior: float, strength: int) -> None:
    tried = answered + silent + 1
    assert shrunk(answered + 1, tried, prior, strength) > shrunk(answered, tried, prior, strength)


@given(st.floats(0, 1), st.integers(0, 200))
def test_without_data_the_prior_stands(prior: float, strength: int) -> None:
    assert shrunk(0, 0, prior, strength) == prior


def test_a_person_of_whom_nothing_is_known_is_like_those_of_the_same_product_and_place() -> None:
    group = Counts().add(tries(Channel.SMS, 17, 60, 40))
    slot = (Channel.SMS, 4)
    assert share(slot, NONE, group, NONE, BY) == pytest.approx((60 + 30 * 0.03) / 130)
    silent = Counts().add(tries(Channel.SMS, 17, 0, 20))
    assert share(slot, silent, group, NONE, BY) < share(slot, NONE, group, NONE, BY) / 2
    assert chosen(group=group).bands[Channel.SMS] == 4


def test_nothing_known_chooses_the_cheaper_channel_and_no_hour() -> None:
    made = chosen()
    assert (made.channels, dict(made.bands), made.tried) == (
        (Channel.WHATSAPP, Channel.SMS),
        {Channel.SMS: None, Channel.WHATSAPP: None},
        False,
    )
    assert made.because == "WhatsApp: no hour stands out"


def test_who_answers_by_one_channel_gets_it_first_although_it_costs_more() -> None:
    made = chosen(Counts().add(tries(Channel.SMS, 11, 4, 1)).add(tries(Channel.WHATSAPP, 11, 0, 5)))
    assert (made.channels[0], made.bands[Channel.SMS]) == (Channel.SMS, 1)
    assert made.because == "SMS, 10 to 12: the person answered 4 of 5, people of the same product and place 0 of 0"


@given(st.lists(st.tuples(st.sampled_from(BOTH), st.integers(0, 23), st.booleans()), max_size=30), st.integers(0, 99))
def test_the_order_of_the_history_changes_nothing(some: list[tuple[Channel, int, bool]], seed: int) -> None:
    history = [Try(channel, datetime(2026, 11, 2, hour, tzinfo=IST), answered) for channel, hour, answered in some]
    mixed = list(history)
    Random(seed).shuffle(mixed)
    assert chosen(Counts().add(history)) == chosen(Counts().add(mixed))


def test_trying_another_hour_is_drawn_again_the_same_and_about_as_often_as_stated() -> None:
    drawn = [explores(f"P{number}", TODAY, 500, "s") for number in range(10_000)]
    assert drawn == [explores(f"P{number}", TODAY, 500, "s") for number in range(10_000)]
    assert 400 < sum(drawn) < 600
    always = Strengths(300, 50, 30, 8, explore=10_000, cheaper_within=100)
    made = chosen(Counts().add(tries(Channel.SMS, 17, 9, 0)), by=always)
    assert made.tried
    assert "to learn" in made.because
    assert made == chosen(Counts().add(tries(Channel.SMS, 17, 9, 0)), by=always)


@pytest.mark.parametrize(("hour", "minute", "bands"), [(7, 0, 6), (9, 59, 6), (10, 0, 5), (17, 59, 2), (18, 59, 1), (19, 0, 0)])
def test_a_band_is_open_until_its_end(hour: int, minute: int, bands: int) -> None:
    now = datetime(2026, 11, 23, hour, minute, tzinfo=IST)
    found = open_bands(now, datetime(2026, 11, 24, tzinfo=IST))
    assert len(found) == bands
    assert all(begin_of(band, now, last=True) > now for band in found)


CIRCLE = st.dictionaries(st.integers(0, 6), st.integers(0, 30), max_size=7)


@given(CIRCLE, CIRCLE, st.booleans(), st.integers(1, 50))
def test_days_of_cash_are_shares_of_one(own: dict[int, int], product: dict[int, int], weekly: bool, strength: int) -> None:
    made = cash_days(own, product, weekly=weekly, strength=strength)
    assert sum(made.shares) == pytest.approx(1)
    assert all(0 < value < 1 for value in made.shares)


@given(CIRCLE, st.integers(0, 6))
def test_a_payment_on_a_day_makes_that_day_more_likely(own: dict[int, int], place: int) -> None:
    more = {**own, place: own.get(place, 0) + 1}
    before, after = (cash_days(counts, {}, weekly=True, strength=6).shares[place] for counts in (own, more))
    assert after > before or before == pytest.approx(after)


def test_a_person_without_payments_has_the_days_of_the_product() -> None:
    product = {4: 300, 20: 10}
    assert cash_days({}, product, weekly=False, strength=6).shares[4] > 0.4
    assert wait_for_cash(date(2026, 12, 3), cash_days({}, product, weekly=False, strength=6), 3) == (date(2026, 12, 3), "")


def test_the_circle_has_no_end() -> None:
    """The first of the month lies beside the thirty-first, and Sunday beside Monday."""
    assert cash_days({0: 9}, {}, weekly=False, strength=6).shares[30] > cash_days({0: 9}, {}, weekly=False, strength=6).shares[15]
    assert cash_days({6: 9}, {}, weekly=True, strength=6).shares[0] == cash_days({6: 9}, {}, weekly=True, strength=6).shares[5]


@pytest.mark.parametrize(("most", "waits"), [(0, 0), (1, 1), (2, 2), (3, 2)])
def test_a_message_waits_for_a_pay_day_no_longer_than_its_row_says(most: int, waits: int) -> None:
    """Paid on the 5th nine times: from the 3rd it is two days, and the 4th, beside it, is better than the 3rd."""
    pays = cash_days({4: 9}, {}, weekly=False, strength=6)
    on, _ = wait_for_cash(date(2026, 12, 3), pays, most)
    assert (on - date(2026, 12, 3)).days == waits


def test_a_pay_day_at_the_end_of_the_month_is_the_last_day_of_a_short_one() -> None:
    pays = cash_days({30: 9}, {}, weekly=False, strength=6)
    assert wait_for_cash(date(2027, 2, 26), pays, 3)[0] == date(2027, 2, 28)
