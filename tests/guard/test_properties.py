"""What holds for every person, contact and rule book: more contacts never free, fewer rules never refuse, times are exact, bytes repeat."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.guard.case import HORIZON, Case
from sulah.guard.decide import decide, verdicts_of
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.verdict import Answer, Permit, Refusal
from sulah.kernel.terms import EntityType
from tests.depth import so_many
from tests.guard.paper import MICROSECOND, ist
from tests.guard.wild import KINDS, Wild

MINUTE = timedelta(minutes=1)
AT = ist("2026-11-24 12:00:00")
seeds = st.integers(0, 2**32)


def one_of(seed: int, at: datetime = AT) -> tuple[Intent, Facts, Wild]:
    """A random intent with its facts."""
    wild = Wild(seed, at)
    wanted, known = next(iter(wild.people("p", 1)))
    return wanted, known, wild


def permitted(wanted: Intent, known: Facts, rules: ContactRules, at: datetime) -> bool:
    """Would the contact be permitted at another instant?"""
    return all(verdict.answer is not Answer.NO for verdict in verdicts_of(Case(replace(wanted, at=at), known, rules)))


@settings(deadline=None, max_examples=so_many(1_000, 40))
@given(seeds)
def test_one_more_contact_never_turns_a_refusal_into_a_permit(seed: int) -> None:
    """Whatever it was and became."""
    wanted, known, wild = one_of(seed)
    rules = wild.rules()
    if not decide(wanted, known, rules).permitted:
        assert not decide(wanted, replace(known, contacts=(*known.contacts, wild.contact())), rules).permitted


@settings(deadline=None, max_examples=so_many(500, 15))
@given(seeds)
def test_one_rule_less_never_turns_a_permit_into_a_refusal(seed: int) -> None:
    """Each rule, stop row and occasion row in turn; what is left refuses no more than before."""
    wanted, known, wild = one_of(seed)
    rows = wild.rows()
    whole = set(decide(wanted, known, ContactRules(EntityType.NBFC_MFI, rows)).refusing)
    for sheet, given_rows in rows.items():
        for place in range(len(given_rows)):
            fewer = {**rows, sheet: given_rows[:place] + given_rows[place + 1 :]}
            assert set(decide(wanted, known, ContactRules(EntityType.NBFC_MFI, fewer)).refusing) <= whole


@settings(deadline=None, max_examples=so_many(1_000, 40))
@given(seeds)
def test_the_same_intent_facts_and_rules_give_the_same_bytes(seed: int) -> None:
    """Also when everything was written down and read back, and the rows come in another order."""
    wanted, known, wild = one_of(seed)
    rows = wild.rows()
    first = decide(wanted, known, ContactRules(EntityType.NBFC_MFI, rows))
    read = Intent.from_plain(wanted.to_plain()), Facts.from_plain(known.to_plain())
    turned = {sheet: given_rows[::-1] for sheet, given_rows in reversed(rows.items())}
    again = decide(*read, ContactRules(EntityType.NBFC_MFI, turned))
    assert first.canonical == again.canonical
    assert first.sha256 == again.sha256


def test_a_next_lawful_time_is_the_first_minute_that_is_permitted() -> None:
    """By deciding at every minute until then, up to three days, and a microsecond before; where there is none, at times of all 60 days."""
    waited = 0
    for seed in range(so_many(1_500, 60)):
        wanted, known, wild = one_of(seed, AT + MINUTE * seed)
        rules = wild.timed_rules(300)
        decision = decide(wanted, known, rules)
        if not isinstance(decision, Refusal):
            continue
        end = decision.next_lawful_at
        if end is None:
            assert not any(permitted(wanted, known, rules, wanted.at + step * timedelta(hours=7)) for step in range(1, 205))
            continue
        waited += 1
        assert wanted.at < end <= wanted.at + HORIZON
        assert permitted(wanted, known, rules, end)
        assert end - MICROSECOND == wanted.at or not permitted(wanted, known, rules, end - MICROSECOND)
        minutes = min(int((end - wanted.at) / MINUTE), 3 * 1_440)
        assert not any(
            permitted(wanted, known, rules, wanted.at + minute * MINUTE)
            for minute in range(1, minutes)
            if wanted.at + minute * MINUTE < end
        )
    assert waited > 5


def test_a_permit_holds_at_every_minute_until_its_end() -> None:
    """By deciding at every minute; where it ends before its life does, it is refused at that instant."""
    cut = 0
    for seed in range(so_many(3_000, 80)):
        wanted, known, wild = one_of(seed, AT + MINUTE * seed * 7)
        rules = wild.timed_rules(40_000)
        decision = decide(wanted, known, rules)
        if not isinstance(decision, Permit):
            continue
        end = decision.until
        assert wanted.at < end <= wanted.at + timedelta(seconds=40_000)
        minutes = int((end - MICROSECOND - wanted.at) / MINUTE)
        assert all(permitted(wanted, known, rules, wanted.at + minute * MINUTE) for minute in range(minutes + 1))
        assert permitted(wanted, known, rules, end - MICROSECOND)
        if end < wanted.at + timedelta(seconds=40_000):
            cut += 1
            assert not permitted(wanted, known, rules, end)
    assert cut > 2


def test_a_rules_own_again_at_is_exact() -> None:
    """At that instant it says yes or is not asked, and a microsecond before it still says no."""
    seen = 0
    for seed in range(so_many(4_000, 100)):
        wanted, known, wild = one_of(seed, AT + MINUTE * seed * 11)
        rules = wild.rules(most=8)
        for verdict in decide(wanted, known, rules).verdicts:
            if verdict.again_at is None:
                continue
            seen += 1
            assert not _still_no(wanted, known, rules, verdict.rule.rule_id, verdict.again_at)
            assert _still_no(wanted, known, rules, verdict.rule.rule_id, verdict.again_at - MICROSECOND)
    assert seen > 5


def _still_no(wanted: Intent, known: Facts, rules: ContactRules, rule_id: str, at: datetime) -> bool:
    verdicts = verdicts_of(Case(replace(wanted, at=at), known, rules))
    return any(one.rule.rule_id == rule_id and one.answer is not Answer.YES for one in verdicts)


def test_the_kinds_of_occasion_are_met() -> None:
    """The worlds above have occasions that bar."""
    assert any(one_of(seed)[1].occasions for seed in range(50))
    assert len(KINDS) == 4
