"""When a rule is asked: dates, kinds of lender, switches, weekdays, states, products, types of loan; and rows that cannot be read."""

from datetime import date

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Facts, Person
from sulah.guard.predicates import PREDICATES
from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules
from sulah.kernel.terms import Channel, EntityType, LoanType, Party, Purpose
from tests.guard.paper import MFI, NOON, again, book, facts, intent, ist, loan, rule, says, shipped, stop_row

NEVER = {"first": 0, "last": 0}


def asked(row: dict[str, object], **columns: object) -> bool:
    """Is a rule that always says no asked of this contact?"""
    return says(rule("hours", **NEVER, **row), intent(**columns)) == "no"


@pytest.mark.parametrize(
    ("at", "yes"),
    [
        ("2026-11-22 23:59:59.999999", False),
        ("2026-11-23 00:00:00", True),
        ("2026-11-25 23:59:59.999999", True),
        ("2026-11-26 00:00:00", False),
    ],
)
def test_both_dates_of_a_row_are_inside(at: str, yes: bool) -> None:
    """By the date in India."""
    row: dict[str, object] = {"effective_from": date(2026, 11, 23), "effective_to": date(2026, 11, 25)}
    assert asked(row, at=ist(at)) is yes


def test_a_rule_that_ends_is_waited_for() -> None:
    """The day after its last is the way out."""
    row = rule("hours", **NEVER, effective_to=date(2026, 11, 25))
    assert again(row) == ist("2026-11-26 00:00:00")
    assert again(rule("hours", **NEVER, effective_to=date(2027, 6, 1))) is None
    assert again(rule("hours", **NEVER, weekdays="mon tue wed thu fri sat sun")) is None


@pytest.mark.parametrize(
    ("status", "on", "yes"),
    [("draft", True, True), ("draft", False, False), ("law", False, True), ("platform", False, True), ("policy", False, False)],
)
def test_law_and_platform_are_always_on(status: str, on: bool, yes: bool) -> None:
    """A draft or a lender's own row binds while it is switched on."""
    assert asked({"status": status, "switched_on": on}) is yes


@pytest.mark.parametrize(("entities", "yes"), [(["*"], True), (["nbfc_mfi"], True), (["bank", "sfb"], False), ([], False)])
def test_a_row_binds_the_lenders_that_it_names(entities: list[str], yes: bool) -> None:
    """This one is an NBFC-MFI."""
    assert asked({"entity_types": entities}) is yes


@pytest.mark.parametrize(
    ("row", "yes"),
    [
        ({"channels": "call"}, True),
        ({"channels": "sms visit"}, False),
        ({"purposes": "otp recovery"}, True),
        ({"purposes": "otp"}, False),
        ({"weekdays": "tue"}, True),
        ({"weekdays": "mon wed thu fri sat sun"}, False),
        ({"states": "KA"}, True),
        ({"states": "TN BR"}, False),
        ({"products": "JLG"}, True),
        ({"products": "j*"}, True),
        ({"products": "JL"}, False),
        ({"loan_types": "mfl"}, True),
        ({"loan_types": "other"}, False),
    ],
)
def test_a_rule_is_asked_of_what_its_columns_say(row: dict[str, object], yes: bool) -> None:
    """A call for recovery on a Tuesday, in Karnataka, on a JLG microfinance loan."""
    assert asked(row) is yes


def test_the_weekday_is_that_of_india() -> None:
    """Half an hour after midnight on Sunday it is still Saturday in UTC."""
    assert asked({"weekdays": "sun"}, at=ist("2026-11-29 00:30:00"))
    assert not asked({"weekdays": "sun"}, at=ist("2026-11-30 00:00:00"))


def test_an_unknown_state_or_product_fits() -> None:
    """A loan that is not on the book may be of any product; without a loan there is none."""
    assert says(rule("hours", **NEVER, states="TN"), known=facts(person=Person("p1"))) == "no"
    assert says(rule("hours", **NEVER, products="HL"), intent(loan_ids=("L9",))) == "no"
    assert says(rule("hours", **NEVER, products="HL"), intent(loan_ids=())) == "not asked"


@pytest.mark.parametrize(
    ("types", "block", "strictest", "not_applicable"),
    [
        ((), "not asked", "not asked", "not asked"),
        ((LoanType.OTHER,), "not asked", "not asked", "not asked"),
        ((LoanType.OTHER, LoanType.MFL), "yes", "yes", "yes"),
        ((LoanType.OTHER, None), "unknown", "yes", "not asked"),
        ((LoanType.MFL, None), "yes", "yes", "yes"),
    ],
)
def test_a_loan_of_unknown_type_is_read_as_the_row_says(
    types: tuple[LoanType | None, ...], block: str, strictest: str, not_applicable: str
) -> None:
    """It blocks, has every type, or has none; where another open loan has the type, the rule is asked for certain."""
    known = facts(loans=tuple(loan(f"L{place}", one) for place, one in enumerate(types)))
    for when_unknown, said in (("block", block), ("strictest", strictest), ("not_applicable", not_applicable)):
        row = rule("hours", first=0, last=86_400, loan_types="mfl", when_unknown=when_unknown)
        assert says(row, intent(loan_ids=("L0",) if types else ()), known) == said


def test_a_loan_named_that_is_not_on_the_book_is_open_and_of_unknown_type() -> None:
    """As any other: it blocks, has every type, or has none; whoever the person is to the loans on the book."""
    known = facts(loans=(loan("L1", LoanType.OTHER),))
    for when_unknown, said in (("block", "unknown"), ("strictest", "yes"), ("not_applicable", "not asked")):
        row = rule("hours", first=0, last=86_400, loan_types="mfl", when_unknown=when_unknown)
        assert says(row, intent(loan_ids=("L1",)), known) == "not asked"
        assert says(row, intent(loan_ids=("L1", "L9")), known) == said
        assert says(row, intent(loan_ids=("L9",)), facts(loans=(loan("L1", parties={"p1": Party.FAMILY}),))) == "yes"


def test_a_person_with_both_types_is_under_the_stricter_hours() -> None:
    """Any open loan brings its rules, named or not: 18:30 is refused by the microfinance row, 19:00:00 by both, 17:59:59 by none."""
    rules = shipped()
    known = facts(loans=(loan("L1", LoanType.OTHER), loan("L2", LoanType.MFL)), book_as_of=date(2026, 11, 24), contacts=())
    at_six = [_hours_refusing(rules, known, clock) for clock in ("17:59:59", "18:30:00", "19:00:00")]
    assert at_six[0] == set()
    assert "HRS-MFL" in at_six[1]
    assert "HRS-GEN" not in at_six[1]
    assert {"HRS-GEN", "HRS-MFL"} <= at_six[2]


def _hours_refusing(rules: ContactRules, known: Facts, clock: str) -> set[str]:
    decision = decide(intent(ist(f"2026-11-24 {clock}")), known, rules)
    return {
        one.rule.rule_id for one in decision.verdicts if one.rule.predicate is Predicate.HOURS and one.rule.rule_id in decision.refusing
    }


def test_every_predicate_has_its_function() -> None:
    """None is missing, none is strange."""
    assert set(PREDICATES) == set(Predicate)


def test_the_version_is_that_of_the_rows_in_force() -> None:
    """A changed limit changes it, so does a switch; a row of another day or another lender does not."""
    one, ahead = rule("hours", first=1, last=2), rule("cap", rule_id="later", effective_from=date(2027, 1, 1))
    foreign = rule("cap", rule_id="bank", entity_types=["bank"])
    on = date(2026, 11, 24)
    version = book(one).on(on).version
    assert version == book(ahead, one, foreign).on(on).version
    assert version != book({**one, "last": 3}).on(on).version
    assert version != book(one, {**ahead, "effective_from": on}).on(on).version
    assert book(ahead, one).on(on).version != book(ahead, one).on(date(2027, 1, 1)).version
    assert len(version) == 64


def test_rules_are_made_once_for_each_stretch_of_days() -> None:
    """The same object for two days between which no row turns."""
    rules = book(rule("hours"), rule("cap", rule_id="c", effective_from=date(2026, 12, 1), effective_to=date(2026, 12, 5)))
    assert rules.on(date(2026, 11, 1)) is rules.on(date(2026, 11, 30))
    assert len({id(rules.on(day)) for day in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 6))}) == 3
    assert rules.on(date(2026, 12, 1)).about(Channel.SMS, Purpose.OTP) is rules.on(date(2026, 12, 5)).about(Channel.SMS, Purpose.OTP)


@pytest.mark.parametrize(
    "broken",
    [
        {"predicate": "mood"},
        {"predicate": "stop"},
        {"channels": "pigeon"},
        {"purposes": "recovery fun"},
        {"loan_types": "gold"},
        {"weekdays": "monday"},
        {"severity": "loud"},
        {"when_unknown": "maybe"},
        {"override_by": "anybody"},
        {"first": "09:00"},
        {"most": True},
        {"effective_from": "2026-01-01"},
        {"citation": 7},
    ],
)
def test_a_row_with_a_term_that_the_guard_does_not_know_refuses_the_book(broken: dict[str, object]) -> None:
    """A book of rules that cannot be read decides nothing."""
    with pytest.raises(ValueError, match=r"\w"):
        book(rule("hours", **broken) if "predicate" not in broken else {**rule("hours"), **broken})


def test_a_stop_row_with_a_strange_event_refuses_the_book() -> None:
    """As any other row does."""
    with pytest.raises(ValueError, match="boredom"):
        book(stops=(stop_row("boredom", "person"),))


@pytest.mark.parametrize("entity", list(EntityType))
def test_the_shipped_rules_can_be_asked_by_every_lender(entity: EntityType) -> None:
    """And always ask something of recovery, on every channel."""
    in_force = shipped(entity).on(NOON.date())
    for channel in Channel:
        asked_of = {one.predicate for one in in_force.about(channel, Purpose.RECOVERY)}
        assert {Predicate.HOURS, Predicate.CAP, Predicate.PARTY, Predicate.OVERDUE, Predicate.STOP} <= asked_of


TYPES = (
    {"rule_id": "T1", "product": "*", "loan_type": "by_income", "income_most_paise": 30_000_000},
    {"rule_id": "T2", "product": "JLG*", "loan_type": "mfl", "income_most_paise": 0},
    {"rule_id": "T4", "product": "JLG-TOP*", "loan_type": "mfl", "income_most_paise": 0},
    {"rule_id": "T3", "product": "JLG-TOP", "loan_type": "other", "income_most_paise": 0},
)


@pytest.mark.parametrize(
    ("product", "secured", "income", "loan_type"),
    [
        ("JLG-1", True, None, LoanType.MFL),
        ("jlg-top", False, 1, LoanType.OTHER),
        ("MSME", False, 30_000_000, LoanType.MFL),
        ("MSME", False, 30_000_001, LoanType.OTHER),
        ("MSME", True, 1, LoanType.OTHER),
        ("MSME", False, None, None),
        ("MSME", None, 1, None),
        ("MSME", None, 30_000_001, LoanType.OTHER),
    ],
)
def test_the_closest_product_says_the_type_of_a_loan(
    product: str, secured: bool | None, income: int | None, loan_type: LoanType | None
) -> None:
    """Else income up to three lakh rupees a year without security; unknown where nobody can say."""
    rows = [{**rule("hours"), **one} for one in TYPES]
    in_force = ContactRules(MFI, {"loan_type": rows}).on(NOON.date())
    assert in_force.loan_type_of(product, secured=secured, household_income_paise=income) is loan_type
    assert book().on(NOON.date()).loan_type_of(product, secured=False, household_income_paise=1) is None
