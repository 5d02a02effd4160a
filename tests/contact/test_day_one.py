"""What a new lender may do on the first day, when nothing is known of people but the book."""

from collections.abc import Iterable

import pytest

from sulah.actions.contact.gather_facts import gather_facts
from sulah.guard.allowed import Allowance, allowed_now
from sulah.guard.decide import decide
from sulah.kernel.terms import Channel, Purpose
from tests.contact.people import NOON, RULES, loan_of, put_person, sms

pytestmark = pytest.mark.django_db


def told(found: Iterable[Allowance]) -> str:
    """One line a channel: the purposes permitted, and the rules that refuse the others."""
    lines = []
    for channel in Channel:
        of = [one for one in found if one.channel is channel]
        yes = [one.purpose.value for one in of if one.decision.permitted]
        no = sorted({rule for one in of for rule in one.decision.refusing})
        lines.append(f"{channel.value}: {', '.join(yes) or 'nothing'}; refused by {', '.join(no) or 'none'}")
    return "\n".join(lines)


WRITTEN = "recovery, receipt, otp, complaint_reply, statutory_notice, agent_notice, hardship_offer, promise_note, information"
SAID = WRITTEN.replace("otp, ", "")
LATE = f"""\
sms: {WRITTEN}; refused by DUE-SOON, SES-ANSWER
whatsapp: nothing; refused by DUE-SOON, SES-ANSWER, WA-24H, WA-OPT, WA-TIER
email: {WRITTEN}; refused by DUE-SOON, SES-ANSWER
call: {SAID}; refused by DUE-SOON, OTP-WRITTEN, SES-ANSWER-WRITTEN
bot_call: {WRITTEN}; refused by DUE-SOON, SES-ANSWER-WRITTEN
visit: {SAID.replace("recovery, ", "")}; refused by DUE-SOON, OTP-WRITTEN, PLC-GEN, PLC-MFL, SES-ANSWER-WRITTEN
meeting: {SAID.replace("recovery, ", "")}; refused by DUE-SOON, OTP-WRITTEN, PLC-GEN, PLC-MFL, SES-ANSWER-WRITTEN
letter: {SAID}; refused by DUE-SOON, OTP-WRITTEN, SES-ANSWER-WRITTEN"""
"""Nobody opted in and no place was agreed, so WhatsApp and visits wait; all else of a late borrower may be done by the book."""


def allowed(person: str, series: str | None = "1600") -> tuple[Allowance, ...]:
    """What the lender's own people may do now, with texts from registered templates."""
    return allowed_now(gather_facts(person, NOON, template=True), RULES, NOON, series)


def test_day_one_permits_what_the_book_alone_can_justify() -> None:
    put_person("P1", loan_of("L1", "P1"))
    print(told(allowed("P1")))
    assert told(allowed("P1")) == LATE


def test_day_one_reminds_whoever_is_due_in_days_and_asks_nothing_of_who_owes_nothing() -> None:
    put_person("P1", loan_of("L1", "P1", overdue_paise=0, next_due_on="2026-11-27"))
    permitted = {(one.channel, one.purpose) for one in allowed("P1") if one.decision.permitted}
    assert not any(purpose is Purpose.RECOVERY for _, purpose in permitted)
    assert (Channel.SMS, Purpose.PRE_DUE) in permitted


def test_day_one_permits_no_call_that_hides_or_does_not_know_its_series() -> None:
    put_person("P1", loan_of("L1", "P1"))
    assert not any(one.decision.permitted for one in allowed("P1", None) if one.channel is Channel.BOT_CALL)


def test_day_one_asks_nothing_of_a_person_whom_the_book_does_not_know() -> None:
    asked = [one for one in allowed("STRANGER") if one.purpose in (Purpose.RECOVERY, Purpose.PRE_DUE)]
    assert len(asked) == 2 * len(Channel)
    assert not any(one.decision.permitted for one in asked)


def test_day_one_permits_no_recovery_by_an_agent_whose_papers_nobody_has_seen() -> None:
    put_person("P1", loan_of("L1", "P1"))
    intent = sms(loan_ids=("L1",), agent_id="A1-7", agency_id="A1")
    decision = decide(intent, gather_facts("P1", NOON, intent, template=True), RULES)
    assert {"AGT-ASG", "AGT-CERT", "AGT-ANT", "AGT-NTC"} <= set(decision.refusing)
