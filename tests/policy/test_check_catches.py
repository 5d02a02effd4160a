"""Every fault that is planted in a good policy is caught, and told once, in words that name the rows."""

from dataclasses import replace
from datetime import date

import pytest

from sulah.kernel.finding import Finding
from sulah.kernel.terms import EntityType
from sulah.policy.check import change_days, check_policy, refusals
from sulah.policy.rows import Policy
from tests.policy.written import SHIPPED, added, changed, without

MARCH = date(2026, 3, 31)
APRIL = date(2026, 4, 1)


def found(policy: Policy, code: str) -> list[Finding]:
    """The findings of that code that refuse the policy."""
    return [finding for finding in refusals(check_policy(policy)) if finding.code == code]


GAPS = [
    (changed("BKT-31-60", dpd_from=32), "31 to 31", "every kind of lender"),
    (changed("BKT-366-UP", dpd_to=5000), "5001 and more", "every kind of lender"),
    (changed("BKT-CURRENT", dpd_from=1, dpd_to=1), "0 to 0", "every kind of lender"),
    (without("LIM-BL-SMA-2-120"), "61 to 120", "nbfc_bl"),
    (changed("LIM-SMA-2", dpd_to=89), "90 to 90", "bank, sfb, nbfc_ml, nbfc_ul, nbfc_mfi"),
    (changed("LIM-NPA", effective_to=MARCH), "91 and more", "1 Apr 2026"),
    (changed("LIM-BL-NPA-90", effective_from=APRIL), "91 and more", "31 Mar 2026"),
    (changed("AGE-BANK-DOUBTFUL-2", months_to=46), "47 to 47", "bank, sfb"),
    (changed("AGE-NBFC-DOUBTFUL-3", months_to=60), "61 and more", "nbfc_bl"),
    (without("PRV-BANK-STD-ANY"), "class standard, leg standard", "bank, sfb"),
    (without("PRV-NBFC-LOSS-UNSEC"), "class loss, leg unsecured", "nbfc_bl, nbfc_ml, nbfc_ul"),
    (without("PRV-MFI-INST-180"), "leg instalments_180", "nbfc_mfi"),
    (without("PRV-MFI-PORTFOLIO", "PRV-MFI-INST-91-179", "PRV-MFI-INST-180"), "not none", "nbfc_mfi"),
    (changed("WTF-INTEREST-PRINCIPAL-CHARGE", effective_to=MARCH), "no row is in force", "1 Apr 2026"),
    (without("RST-WATCH"), "no row is in force", "1 Jan 1990"),
    (without("UPG-ALL-ARREARS"), "no row is in force", "every kind"),
    (without("DAY-OVERLAP"), "no row is in force", "every kind"),
    (without("LDT-OVERDUE-MOVE"), "overdue_move: no row", "every kind"),
    (without("STG-46-60"), "dpd 46 to 60", "every kind"),
    (changed("STG-61-75-HIGH", ticket_from_paise=100_000_01), "ticket from 10000000 paise", "dpd 61 to 75"),
    (without("STG-NPA"), "(NPA)", "every kind"),
    (without("STG-91-UP"), "dpd 91 to 999999", "every kind"),
    (changed("STG-1-30", product="PL*"), "dpd 1 to 30, product", "every kind"),
    (changed("STG-1-30", effective_to=MARCH), "dpd 1 to 30", "1 Apr 2026"),
]


@pytest.mark.parametrize(("policy", "words", "whom"), GAPS, ids=[words for _, words, _ in GAPS])
def test_a_gap_is_caught_with_its_days_its_date_and_its_lenders(policy: Policy, words: str, whom: str) -> None:
    """An expired row without a successor is a gap, too."""
    gaps = found(policy, "policy_gap")
    assert any(words in gap.words and whom in gap.words for gap in gaps), [gap.words for gap in gaps]


OVERLAPS = [
    (changed("BKT-31-60", dpd_to=61), "BKT-31-60 and BKT-61-90 both answer for 61 to 61"),
    (changed("LIM-SMA-2", dpd_to=91), "LIM-SMA-2 and LIM-NPA both answer for 91 to 91"),
    (changed("LIM-BL-NPA-120", effective_to=MARCH), "both answer for 121 to 999999; let one of them end (on 31 Mar 2026"),
    (changed("LIM-NPA", entity_types=("*",)), "both answer for"),
    (changed("AGE-BANK-SUB-STANDARD", months_to=12), "both answer for 12 to 12"),
    (added("TWICE", "BKT-31-60"), "both answer for 31 to 60"),
    (added("TWICE", "WTF-INTEREST-PRINCIPAL-CHARGE"), "in force together"),
    (changed("WTF-CHARGE-INTEREST-PRINCIPAL", entity_types=("sfb",)), "in force together"),
    (added("TWICE", "RST-WATCH"), "in force together"),
    (added("TWICE", "LDT-ROWS-FALL"), "rows_fall: LDT-ROWS-FALL and TWICE"),
    (added("TWICE", "PRV-BANK-STD-CRE"), "more than one row for segment cre"),
    (added("TWICE", "PRV-MFI-PORTFOLIO", entity_types=("bank",)), "one way to provide is needed, not by_class, nbfc_mfi_two_way"),
    (added("TWICE", "STG-46-60"), "STG-46-60 and TWICE have the same priority"),
    (added("TWICE", "STG-JLG-1-30", product="JL*"), "same priority"),
    (changed("STG-61-75", ticket_to_paise=100_000_00), "STG-61-75 and STG-61-75-HIGH have the same priority"),
    (changed("BKT-61-90", bucket="31-60"), "two buckets have the same name"),
]


@pytest.mark.parametrize(("policy", "words"), OVERLAPS, ids=[words for _, words in OVERLAPS])
def test_an_overlap_is_caught_with_the_rows_that_overlap(policy: Policy, words: str) -> None:
    """Two rows for one question is one too many."""
    overlaps = found(policy, "policy_overlap")
    assert any(words in overlap.words for overlap in overlaps), [overlap.words for overlap in overlaps]


FAULTS = [
    (changed("RST-WATCH", citation=" "), "policy_no_citation"),
    (changed("RST-WATCH", example={}), "policy_no_example"),
    (changed("RST-WATCH", example={"given": {"months": 1}, "expect": {}}), "policy_no_example"),
    (changed("RST-WATCH", verify=False), "policy_unverified"),
    (changed("RST-WATCH", confidence="POLICY"), "policy_mixed_source"),
    (changed("STG-1-30", status="law"), "policy_mixed_source"),
    (changed("RST-WATCH", effective_from=APRIL, effective_to=MARCH), "policy_never_in_force"),
    (changed("RST-WATCH", effective_from=date(202, 4, 1)), "policy_odd_date"),
    (changed("BKT-31-60", dpd_from=60, dpd_to=31), "policy_empty_range"),
    (changed("STG-61-75", ticket_from_paise=2, ticket_to_paise=1), "policy_empty_range"),
    (changed("STG-JLG-1-30", product="J*G"), "policy_bad_product"),
    (changed("STG-JLG-1-30", product="JLG?"), "policy_bad_product"),
    (changed("STG-JLG-1-30", product="J[LM]G"), "policy_bad_product"),
    (changed("STG-JLG-1-30", product="JLG**"), "policy_bad_product"),
    (changed("WTF-CHARGE-INTEREST-PRINCIPAL", interest_place=1), "policy_bad_order"),
    (changed("BKT-31-60", place=7), "policy_disorder"),
    (changed("LIM-SMA-1", **{"class": "sma_0"}), "policy_disorder"),
    (changed("AGE-BANK-DOUBTFUL-1", asset_class="doubtful_2"), "policy_disorder"),
    (changed("PRV-MFI-PORTFOLIO", asset_class="standard"), "policy_stray_leg"),
    (changed("PRV-BANK-STD-CRE", leg="secured"), "policy_stray_leg"),
    (changed("STG-JLG-1-30", priority=101), "policy_general_first"),
    (added("CLOSER", "STG-JLG-1-30", product="JLG-WEEKLY", priority=11), "policy_general_first"),
    (changed("BKT-31-60", example={"given": {"dpd": 61}, "expect": {"bucket": "31-60"}}), "policy_example_elsewhere"),
    (changed("BKT-31-60", example={"given": {"dpd": 60}, "expect": {"bucket": "61-90"}}), "policy_example_fails"),
    (changed("BKT-31-60", example={"given": {"dpd": 60}, "expect": {"buckets": "31-60"}}), "policy_example_fails"),
    (changed("BKT-31-60", example={"given": {"dpd": "60"}, "expect": {"bucket": "31-60"}}), "policy_bad_example"),
    (changed("BKT-31-60", example={"given": {"days": 60}, "expect": {"bucket": "31-60"}}), "policy_bad_example"),
    (changed("LIM-NPA", example={"given": {"due_on": "1st", "day_end": "2nd"}, "expect": {"class": "npa"}}), "policy_bad_example"),
    (changed("RST-WATCH", watch_months=6, repaid_percent=9), "policy_example_fails"),
    (changed("DAY-OVERLAP", pause_rule="whole_window"), "policy_example_fails"),
    (changed("UPG-ALL-ARREARS", charges_included=False), "policy_example_fails"),
]


@pytest.mark.parametrize(("policy", "code"), FAULTS, ids=[f"{place}-{code}" for place, (_, code) in enumerate(FAULTS)])
def test_a_planted_fault_is_caught_by_its_own_code(policy: Policy, code: str) -> None:
    """Each by the check that is there for it, with words for a person."""
    faults = found(policy, code)
    assert faults, [finding.code for finding in check_policy(policy)]
    assert all(len(fault.words) > 30 and fault.table in policy.tables for fault in faults)


def test_a_fault_of_all_lenders_over_many_days_is_told_once() -> None:
    """Six kinds of lender and every later change of date give one finding."""
    assert len(found(changed("LIM-SMA-1", dpd_to=59), "policy_gap")) == 1
    assert len(found(without("BKT-31-60"), "policy_gap")) == 1
    assert len(found(without("STG-46-60"), "policy_gap")) == 1


@pytest.mark.parametrize(
    "rule_id", [row.rule_id for rows in SHIPPED.tables.values() for row in rows if row.entities() and row.table != "bounce_reason"]
)
def test_no_row_in_force_can_be_left_out_unseen(rule_id: str) -> None:
    """Every row that binds somebody is needed, or is a closer row of the ladder or a named segment over one for all.

    A list of another system's codes (bounce_reason) answers only for the codes in it.
    """
    row = SHIPPED.rule(rule_id)
    general = row.values.get("product", row.values.get("segment", "*")) == "*"
    assert bool(refusals(check_policy(without(rule_id)))) is general


def test_a_law_row_that_is_taken_away_is_told_with_its_citation() -> None:
    """Beside the gap that it leaves."""
    notes = [finding for finding in check_policy(without("UPG-ALL-ARREARS")) if finding.code == "policy_departs_from_law"]
    assert len(notes) == 1
    assert "RBI/2021-22/125" in notes[0].words


def test_a_law_row_that_is_only_confirmed_does_not_depart() -> None:
    """Citation, confidence and verify may be set right without a note."""
    assert check_policy(changed("RST-WATCH", verify=False, confidence="A", citation="IRACP Directions 2025, paragraph 55")) == []


def test_the_days_that_matter_are_those_on_which_a_row_begins_or_has_ended() -> None:
    """The glide path of the base layer; the others have the beginning alone."""
    days = change_days(SHIPPED, EntityType.NBFC_BL, "asset_limit")
    assert days == (date(1990, 1, 1), date(2024, 3, 31), date(2025, 3, 31), date(2026, 3, 31))
    assert change_days(SHIPPED, EntityType.BANK, "asset_limit") == (date(1990, 1, 1),)


def test_rows_in_another_order_are_the_same_policy() -> None:
    """Neither the sha256 nor the order that the engine sees depends on how files were written."""
    policy = SHIPPED
    turned = Policy({table: tuple(replace(row, file="x", number=9) for row in reversed(rows)) for table, rows in policy.tables.items()})
    assert turned == policy
    assert turned.sha256 == policy.sha256
    assert [row.rule_id for row in turned.tables["stage"]] == [row.rule_id for row in policy.tables["stage"]]
