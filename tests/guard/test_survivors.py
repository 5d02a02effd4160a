"""What the other tests did not notice when the code of the guard was one thing off (`make mutants`)."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Agent, Occasion, Person, Preference, Span
from sulah.guard.plain import built, canonical
from sulah.guard.read_rows import contact_rule, product_type, stop_rule
from sulah.guard.rule import glob_covers
from sulah.guard.rules import ContactRules
from sulah.guard.words import explain
from sulah.kernel.terms import Channel, EntityType, LoanType, Purpose
from tests.guard.paper import DAY, NOON, SECOND, Row, again, book, contact, facts, intent, ist, loan, occasion_row, rule, says, stop_row


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


def test_a_row_that_says_no_more_has_version_one_no_limits_and_is_switched_on() -> None:
    """The shipped rows say all of it; a lender's own may not."""
    named = {key: value for key, value in rule("hours").items() if key not in ("switched_on", "entity_types")}
    made = contact_rule(named)
    assert (made.version, made.first, made.last, made.most, made.days) == (1, 0, 0, 0, 0)
    assert book(named).on(NOON.date()).rules == (made,)
    whole = stop_rule(stop_row("death", "person"))
    assert (whole.version, whole.first, whole.last, whole.most, whole.days) == (1, 0, 0, 0, 0)
    assert stop_rule(stop_row("death", "person", version=3)).version == 3


@pytest.mark.parametrize(("code", "product", "covered"), [("JLG*", "JLX", False), ("JLG*", "JLGX", True), ("JLG*", "JL", False)])
def test_the_beginning_of_a_product_code_is_taken_whole(code: str, product: str, covered: bool) -> None:
    """Of JLG* every letter counts."""
    assert glob_covers(code, product) is covered


FIRST, LAST = date(2026, 11, 24), date(2026, 11, 26)


@pytest.mark.parametrize(("day", "barred"), [(-1, True), (0, False), (2, False), (3, True)])
def test_a_row_of_occasions_holds_on_its_first_and_last_day(day: int, barred: bool) -> None:
    """It bars calls alone; without a row every class is barred."""
    row = occasion_row("fast", classes="call", effective_from=FIRST, effective_to=LAST)
    there = facts(occasions=(Occasion("fast", "person", FIRST - DAY, LAST + 2 * DAY),))
    found = says(rule("occasion"), intent(NOON + day * DAY, Channel.SMS), there, (row,))
    assert found == ("no" if barred else "yes")


def test_two_rows_of_one_kind_bar_what_either_bars_and_so_do_two_occasions() -> None:
    """A text is barred by the second row, or by the second occasion, alone."""
    rows = (occasion_row("fast", classes="call"), occasion_row("fast", classes="message", rule_id="occ-other"))
    there = facts(occasions=(Occasion("fast", "person", FIRST, LAST),))
    assert says(rule("occasion"), intent(channel=Channel.SMS), there, rows) == "no"
    apart = (occasion_row("fast", classes="call"), occasion_row("feast", classes="message"))
    both = facts(occasions=(Occasion("fast", "person", FIRST, LAST), Occasion("feast", "person", FIRST, LAST)))
    assert says(rule("occasion"), intent(channel=Channel.SMS), both, apart) == "no"


@pytest.mark.parametrize(("days", "free_on"), [(0, 1), (1, 2), (59, 60), (60, None)])
def test_the_day_after_an_occasion_is_free_if_it_lies_within_sixty(days: int, free_on: int | None) -> None:
    """Yesterday and the days before were free too, which helps nobody."""
    there = facts(occasions=(Occasion("fast", "person", FIRST, FIRST + days * DAY),))
    midnight = ist("2026-11-24 00:00:00")
    assert again(rule("occasion"), known=there) == (None if free_on is None else midnight + free_on * DAY)


def test_after_a_day_that_a_wish_covers_wholly_midnight_is_free() -> None:
    """Not the second after it."""
    wish = Preference(weekdays=(NOON.weekday(),), from_second=0, to_second=86_400)
    assert again(rule("preference"), known=facts(preferences=(wish,))) == ist("2026-11-25 00:00:00")


def test_a_certificate_of_one_day_ahead_is_waited_for() -> None:
    """Its first day is its last."""
    agent = Agent("a1", "g1", certificate=Span(FIRST + DAY, FIRST + DAY))
    waited = again(rule("certificate"), intent(agent_id="a1"), facts(agent=agent))
    assert waited == ist("2026-11-25 00:00:00")


def test_only_a_platform_with_sessions_waits_for_one() -> None:
    """A message dated ahead begins a session on WhatsApp, where the row gives it a length, and on no other channel."""
    sessions = ((Channel.WHATSAPP, 86_400, NOON + SECOND), (Channel.WHATSAPP, 1, NOON + SECOND))
    for channel, first, waited in (*sessions, (Channel.SMS, 86_400, None), (Channel.WHATSAPP, 0, None)):
        known = facts(template=False, last_inbound={channel: NOON + SECOND})
        assert again(rule("template", first=first), intent(channel=channel), known) == waited, (channel, first)
    known = facts(template=False, last_inbound={Channel.WHATSAPP: NOON})
    assert says(rule("template", first=0), intent(channel=Channel.WHATSAPP), known) == "no"
    known = facts(template=False, last_inbound={Channel.WHATSAPP: NOON - SECOND})
    assert says(rule("template", first=1), intent(channel=Channel.WHATSAPP), known) == "yes"


@pytest.mark.parametrize(("first", "span"), [(86_400, "24 hours"), (3_600, "1 hour"), (3_601, "3601 seconds"), (5_400, "5400 seconds")])
def test_the_length_of_a_session_is_told_in_hours_where_it_has_whole_ones(first: int, span: str) -> None:
    wanted = intent(channel=Channel.WHATSAPP, free_text=True)
    _, sentence = explain(decide(wanted, facts(), book(rule("session", first=first), rule("permit_life", most=60))))
    assert f" {span}" in sentence, sentence


def test_a_reminder_waits_for_the_sooner_of_two_due_dates_and_for_the_last_day_before_one() -> None:
    """With `days` = 1 the day before; a loan due later does not matter."""
    two = facts(loans=(loan(overdue_paise=0, next_due_on=date(2026, 11, 29)), loan("L2", overdue_paise=0, next_due_on=date(2026, 12, 9))))
    asked = intent(channel=Channel.SMS, purpose=Purpose.PRE_DUE, loan_ids=("L1", "L2"))
    assert again(rule("due_soon", days=1), asked, two) == ist("2026-11-28 00:00:00")


def test_rules_keep_whom_they_bind() -> None:
    """A page names the kind of lender."""
    assert book(entity=EntityType.SFB).entity is EntityType.SFB


@pytest.mark.parametrize("made", [OrderedDict(b=1, a=2), MappingProxyType({"b": 1, "a": 2})])
def test_any_mapping_is_written_like_a_plain_one(made: Any) -> None:
    """And a record of one field as a record."""
    assert canonical(made) == '{"a":2,"b":1}'
    assert canonical(Person("p1")).startswith('{"agreed_place":null,')


@dataclass(frozen=True)
class One:
    """A record of one field, which may be left empty."""

    late: None | int  # noqa: RUF036  (this order is what is tried)


def test_a_record_of_one_field_is_written_and_read_back_whatever_stands_first_in_its_type() -> None:
    assert canonical(One(7)) == '{"late":7}'
    assert canonical(One(None)) == '{"late":null}'
    assert (built(One, {"late": 7}), built(One, {"late": None})) == (One(7), One(None))


def test_what_is_not_said_of_a_contact_or_an_intent_is_the_plainest() -> None:
    """It is our own contact; nothing was written freely or approved, and no tier is used."""
    assert contact(NOON).source == "ours"
    assert (intent().free_text, intent().legal_approved) == (False, False)
    assert (facts().tier_used, facts().in_tier_already) == (0, False)


def test_a_loans_type_without_a_limit_of_income_has_none() -> None:
    row = {"product": "JLG", "loan_type": "mfl", "effective_from": FIRST, "effective_to": LAST}
    assert product_type(row).income_most_paise == 0


NO_ROWS: dict[str, tuple[Row, ...]] = {"contact_rule": (), "contact_stop": (), "contact_occasion": ()}


@pytest.mark.parametrize(("day", "held"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_row_of_products_and_the_rows_as_written_hold_on_their_first_and_last_day(day: int, held: bool) -> None:
    """A code whose row is not in force has no type, and the version of the rules does not change by it."""
    row: Row = {**rule("x", rule_id="P"), "product": "JLG", "loan_type": "mfl", "effective_from": FIRST, "effective_to": LAST}
    rules, none = (ContactRules(EntityType.NBFC_MFI, {**NO_ROWS, "loan_type": rows}).on(FIRST + day * DAY) for rows in ((row,), ()))
    assert rules.loan_type_of("JLG", secured=False, household_income_paise=0) == (LoanType.MFL if held else None)
    assert (rules.version != none.version) is held
