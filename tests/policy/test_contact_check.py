"""Every fault that is planted in the contact rules is caught; a hole in the fence refuses the whole book."""

from dataclasses import replace
from datetime import date

import pytest

from sulah.kernel.dates import FOREVER
from sulah.kernel.finding import Finding
from sulah.kernel.terms import Channel, EntityType, Purpose, StopEvent
from sulah.policy.check import change_days, check_policy, refusals
from sulah.policy.contact_check import CONTACT_BEGINNING, FENCE
from sulah.policy.contact_sheets import KINDS_OF_OCCASION
from sulah.policy.rows import Policy, Row
from tests.policy.written import CONTACT, added, changed, each, without

MESSAGES = "sms whatsapp email"


def found(policy: Policy, code: str) -> list[Finding]:
    """The findings of that code that refuse the book."""
    return [finding for finding in refusals(check_policy(policy)) if finding.code == code]


def change(rule_id: str, **columns: object) -> Policy:
    """The contact rules with one row changed."""
    return changed(rule_id, CONTACT, **columns)


FAULTS = [
    (change("HRS-GEN", first=68_400, last=28_800), "policy_bad_hours", "last"),
    (change("HRS-GEN", first=28_800, last=28_800), "policy_bad_hours", "last"),
    (change("HRS-PUSH", last=86_401), "policy_bad_hours", "last"),
    (change("WA-24H", first=86_401), "policy_bad_hours", "first"),
    (change("WA-24H", first=0), "policy_bad_hours", "first"),
    (change("WA-TPL", first=86_401), "policy_bad_hours", "first"),
    (change("WA-TIER", first=86_401), "policy_bad_hours", "first"),
    *((change("CLI-1600-BANK", series=bad), "policy_bad_series", "series") for bad in ("", "0", "01600", "1600, 1601", "1600  1601", "x")),
    (change("CLI-1600-BANK", first=1600), "policy_unused_column", "first"),
    (change("HRS-GEN", series="1600"), "policy_unused_column", "series"),
    (change("HRS-GEN", most=3), "policy_unused_column", "most"),
    (change("HRS-GEN", days=7), "policy_unused_column", "days"),
    (change("FRQ-CALL-DAY", first=1), "policy_unused_column", "first"),
    (change("PTY-ONLY", last=1), "policy_unused_column", "last"),
    (change("PTY-ONLY", counts="attempts"), "policy_unused_column", "counts"),
    (change("FRQ-CALL-DAY", counts="*"), "policy_unused_column", "counts"),
    (change("FRQ-CALL-DAY", most=0), "policy_empty_range", "most"),
    (change("FRQ-CALL-DAY", days=0), "policy_empty_range", "days"),
    (change("PLC-MFL", most=0), "policy_empty_range", "most"),
    (change("AGT-ANT", days=0), "policy_empty_range", "days"),
    (change("DUE-SOON", days=0), "policy_empty_range", "days"),
    (change("PRM-CALL", most=0), "policy_empty_range", "most"),
    (change("HRS-GEN", version=0), "policy_empty_range", "version"),
    (change("OCC-EXAM", days=0), "policy_empty_range", "days"),
    (change("MFL-INC", income_most_paise=0), "policy_unused_column", "income_most_paise"),
    (change("MFL-JLG", income_most_paise=1), "policy_unused_column", "income_most_paise"),
    (change("FRQ-CALL-DAY", channels="call"), "policy_part_of_class", "channels"),
    (change("FRQ-MSG-DAY", channels="sms whatsapp"), "policy_part_of_class", "channels"),
    (change("NUM-OWN", channels="*"), "policy_senseless_channel", "channels"),
    (change("PLC-MFL", channels="call visit meeting"), "policy_senseless_channel", "channels"),
    (change("WA-TIER", channels=MESSAGES), "policy_senseless_channel", "channels"),
    (change("HRS-GEN", switched_on=False), "policy_law_off", "switched_on"),
    (change("HRS-GEN", severity="warn"), "policy_law_off", "severity"),
    (change("HRS-GEN", override_by="legal"), "policy_law_off", "override_by"),
    (change("WA-OPT", switched_on=False), "policy_law_off", "switched_on"),
    (change("HRS-VISIT", verify=False), "policy_unverified", "verify"),
    (change("HRS-VISIT", confidence="POLICY"), "policy_mixed_source", "confidence"),
    (change("FRQ-CALL-DAY", status="law"), "policy_mixed_source", "confidence"),
    (change("HRS-GEN", citation=" "), "policy_no_citation", "citation"),
    (change("HRS-GEN", example={}), "policy_no_example", "example"),
    (change("HRS-GEN", products="J*G"), "policy_bad_product", "products"),
    (change("MFL-JLG", product="J?G"), "policy_bad_product", "product"),
    (change("STP-COMPLAINT", status="draft", confidence="B", verify=False), "policy_unverified", "verify"),
    (change("PUR-RECOVERY", recovery=False), "policy_fence_open", "recovery"),
    (change("PUR-RECOVERY", counted=False), "policy_fence_open", "recovery"),
    (without("PUR-OTP", policy=CONTACT), "policy_gap", "purpose"),
    (added("TWICE", "PUR-OTP", CONTACT), "policy_overlap", "purpose"),
    (added("TWICE", "STP-PAID", CONTACT), "policy_overlap", "event"),
    (added("TWICE", "OCC-EXAM", CONTACT, scope="person"), "policy_overlap", "kind"),
    (added("TWICE", "MFL-JLG", CONTACT, product="jlg*"), "policy_overlap", "product"),
    (added("TWICE", "MFL-INC", CONTACT), "policy_overlap", "product"),
    (without("MFL-INC", policy=CONTACT), "policy_gap", "product"),
    (change("PRM-CALL", purposes="recovery"), "policy_gap", "predicate"),
    (without("PRM-LETTER", policy=CONTACT), "policy_gap", "predicate"),
    (change("PUR-OTP", counted=True), "policy_counted", "counted"),
    (change("PUR-INFORMATION", counted=False), "policy_counted", "counted"),
]


@pytest.mark.parametrize(("policy", "code", "field"), FAULTS, ids=[f"{place}-{code}" for place, (_, code, _) in enumerate(FAULTS)])
def test_a_planted_fault_is_caught_by_its_own_code_and_column(policy: Policy, code: str, field: str) -> None:
    """With words for the compliance officer."""
    faults = found(policy, code)
    assert field in {fault.field for fault in faults}, [(fault.code, fault.field) for fault in check_policy(policy)]
    assert all(len(fault.words) > 30 for fault in faults)


def test_hours_of_never_and_of_the_whole_day_are_hours() -> None:
    """0 to 0 is never; 0 to 86,400 is always: both are lawful things to write."""
    for first, last in ((0, 0), (0, 86_400), (86_399, 86_400)):
        assert not found(change("HRS-RECEIPT", first=first, last=last), "policy_bad_hours")


HOLES = [
    (change("HRS-PUSH", purposes="pre_due"), "hours of recovery by sms"),
    (change("HRS-PUSH", channels="sms whatsapp email"), "hours of recovery by letter"),
    (change("HRS-PUSH", weekdays="mon tue wed thu fri sat"), "other loans on sun"),
    (change("HRS-PUSH", loan_types="mfl"), "other loans on mon"),
    (change("HRS-PUSH", states="KA"), "hours of recovery by sms"),
    (change("HRS-PUSH", products="JLG*"), "hours of recovery by sms"),
    (change("HRS-PUSH", severity="warn"), "hours of recovery by sms"),
    (change("HRS-PUSH", severity="log"), "hours of recovery by sms"),
    (change("HRS-PUSH", switched_on=False), "hours of recovery by sms"),
    (change("HRS-PUSH", effective_to=date(2026, 12, 31)), "on 1 Jan 2027"),
    (change("HRS-PUSH", effective_from=date(2022, 8, 13)), "on 12 Aug 2022"),
    (change("HRS-PUSH", entity_types=("bank", "sfb")), "for nbfc_bl, nbfc_ml, nbfc_ul, nbfc_mfi"),
    (without("FRQ-LETTER-WEEK", policy=CONTACT), "cap of recovery by letter"),
    (without("FRQ-MSG-DAY", "FRQ-MSG-WEEK", policy=CONTACT), "cap of recovery by whatsapp"),
    (without("FRQ-VISIT-DAY", "FRQ-VISIT-WEEK", policy=CONTACT), "cap of recovery by meeting"),
    (without("PTY-ONLY", policy=CONTACT), "party of recovery by visit"),
    (without("DUE-OWED", policy=CONTACT), "overdue of recovery by bot_call"),
    (without("NUM-OWN", policy=CONTACT), "number of recovery by email"),
    (change("NUM-OWN", channels="sms whatsapp email call"), "number of recovery by bot_call"),
    (change("PUR-PRE-DUE", recovery=True), "overdue of pre_due by sms"),
    (change("STP-PAID", allowed="recovery receipt"), "STP-PAID leaves recovery open (recovery)"),
    (change("STP-DEATH-LOAN", allowed="*"), "STP-DEATH-LOAN leaves recovery open"),
    (change("STP-COURT", classes="message call"), "STP-COURT leaves recovery open (visit, letter)"),
]


@pytest.mark.parametrize(("policy", "words"), HOLES, ids=[words for _, words in HOLES])
def test_a_hole_in_the_fence_refuses_the_book_and_is_named(policy: Policy, words: str) -> None:
    """With what is not asked, of what, when and for whom."""
    holes = found(policy, "policy_fence_open")
    assert any(words in hole.words for hole in holes), [hole.words for hole in holes]


@pytest.mark.parametrize("event", StopEvent)
def test_no_event_is_without_its_stop(event: StopEvent) -> None:
    """Taking its rows away leaves a gap that is told."""
    ids = [row.rule_id for row in CONTACT.tables["contact_stop"] if row.values["event"] == event.value]
    gaps = found(without(*ids, policy=CONTACT), "policy_gap")
    assert [gap.words.partition(" has no row")[0] for gap in gaps] == [event.value]


@pytest.mark.parametrize("kind", KINDS_OF_OCCASION)
def test_no_kind_of_occasion_is_without_its_row(kind: str) -> None:
    """What nobody classified would bar nothing."""
    ids = [row.rule_id for row in CONTACT.tables["contact_occasion"] if row.values["kind"] == kind]
    assert len(ids) == 1
    assert [gap.words.partition(" has no row")[0] for gap in found(without(*ids, policy=CONTACT), "policy_gap")] == [kind]


def test_with_every_draft_switched_off_the_fence_still_stands() -> None:
    """A draft may fall; recovery is never without hours, cap, party, number, stop and overdue."""

    def off(row: Row) -> Row:
        return replace(row, values={**row.values, "switched_on": False}) if row.table == "contact_rule" and row.status == "draft" else row

    assert refusals(check_policy(each(off, CONTACT))) == ()
    assert refusals(check_policy(each(lambda row: None if row.status == "draft" else row, CONTACT))) == ()


@pytest.mark.parametrize("predicate", FENCE)
def test_every_part_of_the_fence_is_asked_for_each_channel_and_missed_when_gone(predicate: str) -> None:
    """Without the rows of a predicate, every channel that it must hold is told."""
    ids = [row.rule_id for row in CONTACT.tables["contact_rule"] if row.values["predicate"] == predicate]
    told = " ".join(hole.words for hole in found(without(*ids, policy=CONTACT), "policy_fence_open"))
    held = {channel for channel in Channel if channel.contact_class in FENCE[predicate]}
    assert {channel for channel in Channel if f"asks {predicate} of recovery by {channel.value} " in told} == held


@pytest.mark.parametrize("purpose", Purpose)
def test_what_counts_is_in_a_cap_and_what_does_not_is_in_none(purpose: Purpose) -> None:
    """The table of purposes and the caps say the same, whichever of them is changed."""
    rule_id = "PUR-" + purpose.value.upper().replace("_", "-")
    counted = CONTACT.rule(rule_id).values["counted"]
    assert found(change(rule_id, counted=not counted), "policy_counted")


def test_the_days_that_matter_begin_with_the_circular_of_august_2022() -> None:
    """No contact is decided before it; the day's tables still begin in 1990."""
    assert change_days(CONTACT, EntityType.SFB, "contact_rule", "contact_purpose", "contact_stop")[0] == CONTACT_BEGINNING
    assert date(2026, 10, 1) in change_days(CONTACT, EntityType.SFB, "contact_rule")


def test_a_later_version_of_a_rule_is_judged_for_itself() -> None:
    """A change keeps the id of the row: the hole that it makes from its first day on is seen, and so is its end."""
    first_day = date(2027, 1, 1)
    ended = change("HRS-PUSH", effective_to=date(2026, 12, 31))
    weaker = added("HRS-PUSH", "HRS-PUSH", ended, effective_from=first_day, effective_to=FOREVER, severity="warn", version=2)
    assert all("on 1 Jan 2027" in hole.words for hole in found(weaker, "policy_fence_open"))
    assert found(weaker, "policy_fence_open")
    same = added("HRS-PUSH", "HRS-PUSH", ended, effective_from=first_day, effective_to=FOREVER, version=2)
    assert refusals(check_policy(same)) == ()


def test_an_example_that_gives_other_facts_than_its_question_needs_is_refused() -> None:
    """By name, kind and length."""
    good = CONTACT.rule("HRS-MFL").example
    bad = [
        {**good["given"], "at": ["08:59"] * 3},
        {**good["given"], "at": []},
        {**good["given"], "at": [9]},
        {**good["given"], "weekday": "mon"},
        {name: value for name, value in good["given"].items() if name != "loan_type"},
    ]
    codes = [{fault.code for fault in refusals(check_policy(change("HRS-MFL", example={**good, "given": given})))} for given in bad]
    assert codes == [{"policy_example_fails"}, *[{"policy_bad_example"}] * 4]
    uneven = {"given": {**CONTACT.rule("WA-TPL").example["given"], "seconds": [1]}, "expect": {"yes": [True]}}
    assert found(change("WA-TPL", example=uneven), "policy_bad_example")


@pytest.mark.parametrize(
    ("rule_id", "name", "value"),
    [("HRS-MFL", "channel", "sms"), ("HRS-MFL", "purpose", "receipt"), ("HRS-MFL", "loan_type", "other"), ("SUN-CALL", "weekday", "mon")],
)
def test_an_example_of_a_contact_that_the_rule_is_not_asked_of_is_refused(rule_id: str, name: str, value: str) -> None:
    """An example shows what its own row does."""
    example = CONTACT.rule(rule_id).example
    assert found(change(rule_id, example={**example, "given": {**example["given"], name: value}}), "policy_example_elsewhere")
