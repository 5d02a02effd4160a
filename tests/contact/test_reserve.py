"""Count and reserve: one transaction decides, writes the decision and reserves; what changed in between refuses with its rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sulah.actions.contact.actor import NotPermittedError
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.give_override import OverrideRefusedError, give_override
from sulah.actions.contact.record_preference import ask_preference
from sulah.actions.contact.reserve_contact import AlreadyReservedError, live_contact, reserve_contact
from sulah.actions.contact.settle_contact import ContactRefusedError, settle_contact
from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, ContactState, Purpose, Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact, ContactEvent
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.tier import ChannelTier
from sulah.records.contact.wish import Consent
from tests.contact.people import BY, NOON, NUMBER, RULES, actor, agent_on_file, loan_of, put_person, sms

pytestmark = pytest.mark.django_db


def reserve(intent: Intent, at: datetime = NOON) -> Permit | Refusal:
    """Reserve at an instant, with a registered template."""
    return reserve_contact(intent, RULES, by=BY, clock=fixed_clock(at), template=True)


def settle(intent_id: str, state: ContactState, evidence: str = "worker", **said: Any) -> bool:
    """Say what became of the contact of an intent."""
    contact = live_contact(intent_id)
    assert contact is not None
    return settle_contact(contact.pk, state, evidence=evidence, by=BY, clock=fixed_clock(NOON), **said)


def test_a_permit_is_written_with_all_that_it_rests_on_and_the_contact_is_reserved() -> None:
    put_person()
    answer = reserve(sms())
    assert isinstance(answer, Permit), answer.refusing
    decision, contact = Decision.objects.get(), Contact.objects.get()
    assert (decision.permitted, decision.refused_by, decision.content_sha256) == (True, "", answer.sha256)
    assert (contact.state, contact.at, contact.decision, contact.party) == ("reserved", NOON, decision, "borrower")
    assert ContactEvent.objects.get().state == "reserved"


def test_a_decision_can_be_made_again_from_what_was_stored_to_the_same_bytes() -> None:
    put_person()
    reserve(sms())
    reserve(sms("i-2"), NOON + timedelta(hours=9))
    for stored in Decision.objects.all():
        again = decide(Intent.from_plain(stored.intent), Facts.from_plain(stored.facts), RULES)
        assert (again.sha256, again.permitted) == (stored.content_sha256, stored.permitted)
    assert {stored.permitted for stored in Decision.objects.all()} == {True, False}


def test_a_refusal_is_written_like_a_permit_and_nothing_is_reserved() -> None:
    put_person()
    answer = reserve(sms(), NOON + timedelta(hours=7))
    assert isinstance(answer, Refusal)
    decision = Decision.objects.get()
    assert not decision.permitted
    assert " HRS-PUSH " in decision.refused_by
    assert decision.next_lawful_at == answer.next_lawful_at
    assert not Contact.objects.exists()


def test_the_instant_is_that_of_the_lock_and_not_that_of_the_intent() -> None:
    """An intent planned for the morning and taken up in the evening is of the evening."""
    put_person()
    late = NOON + timedelta(hours=7)
    assert not reserve(sms(), late).permitted
    assert Decision.objects.get().at == late


def test_an_intent_stands_once_until_it_failed_or_was_withdrawn() -> None:
    put_person()
    assert reserve(sms()).permitted
    with pytest.raises(AlreadyReservedError):
        reserve(sms())
    assert settle("i-1", ContactState.FAILED)
    assert reserve(sms()).permitted
    assert sorted(Contact.objects.values_list("attempt", "state")) == [(1, "failed"), (2, "reserved")]


def test_a_person_of_whom_nothing_is_known_is_refused_and_gets_a_row_to_lock() -> None:
    assert not reserve(sms(person="nobody")).permitted
    assert gather_facts("nobody", NOON).loans == ()


def stop(event: str, scope: str, key: str) -> Callable[[], object]:
    """A stop raised at noon."""
    return lambda: StopEvent.objects.create(event=event, scope=scope, key=key, since=NOON, reason="x", taken_at=NOON, raised_by="x")


CHANGES: dict[str, tuple[Callable[[], object], str]] = {
    "paid": (stop("paid", "loan", "L-P1"), "STP-PAID"),
    "complaint": (stop("complaint", "person", "P1"), "STP-COMPLAINT"),
    "death": (stop("death", "person", "P1"), "STP-DEATH-PERSON"),
    "wrong number": (stop("wrong_number", "number", NUMBER), "STP-WRONG-NUMBER"),
    "lender": (stop("lender_stopped", "lender", "lender"), "STP-LENDER"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_happens_between_two_decisions_refuses_the_second_with_its_rule(change: str) -> None:
    put_person()
    assert reserve(sms()).permitted
    CHANGES[change][0]()
    answer = reserve(sms("i-2"), NOON + timedelta(minutes=1))
    assert CHANGES[change][1] in answer.refusing


def test_a_calamity_anywhere_stops_who_may_live_there() -> None:
    """A person whose PIN code is not known, and one of whom nothing is; not one who is known to live elsewhere."""
    put_person("P1", pincode="847109")
    put_person("P2", pincode="")
    stop("calamity", "pincode", "560001")()
    assert reserve(sms("i-1")).permitted
    for person in ("P2", "nobody"):
        assert "STP-CALAMITY" in reserve(sms(f"i-{person}", person)).refusing


def test_a_stopped_agency_stops_an_agent_who_is_not_on_file() -> None:
    """He may be of it; an agent of another agency is not, nor are the lender's own people."""
    put_person()
    agent_on_file()
    stop("agency_stopped", "agency", "A9")()
    receipt = {"purpose": Purpose.RECEIPT}
    assert reserve(sms("i-1", agent_id="A1-7", **receipt)).permitted
    assert reserve(sms("i-2", **receipt)).permitted
    assert "STP-AGENCY" in reserve(sms("i-3", agent_id="X-1", **receipt)).refusing
    assert "STP-AGENCY" in reserve(sms("i-4", agent_id="A1-7", agency_id="A9", **receipt)).refusing


def whatsapp(intent_id: str, person: str = "P1") -> Intent:
    """A reminder by WhatsApp from a template."""
    return sms(intent_id, person, channel=Channel.WHATSAPP)


def test_consent_withdrawn_between_two_decisions_refuses_the_second() -> None:
    put_person()
    ChannelTier.objects.create(channel="whatsapp", most=250, changed_at=NOON, changed_by="x")
    given = {"person": "P1", "channel": "whatsapp", "source": "form", "recorded_at": NOON, "recorded_by": "x"}
    Consent.objects.create(given=True, at=NOON - timedelta(2), **given)
    assert reserve(whatsapp("i-1")).permitted
    Consent.objects.create(given=False, at=NOON, **given)
    assert "WA-OPT" in reserve(whatsapp("i-2"), NOON + timedelta(minutes=1)).refusing


def test_the_tier_counts_persons_messaged_outside_sessions() -> None:
    ChannelTier.objects.create(channel="whatsapp", most=2, changed_at=NOON, changed_by="x")
    answers = []
    for person in ("P1", "P2", "P3"):
        put_person(person)
        given = {"person": person, "channel": "whatsapp", "source": "form", "recorded_at": NOON, "recorded_by": "x"}
        Consent.objects.create(given=True, at=NOON - timedelta(2), **given)
        answers.append(reserve(whatsapp(f"i-{person}", person)))
    assert [answer.permitted for answer in answers] == [True, True, False]
    assert answers[2].refusing == ("WA-TIER",)
    assert "WA-TIER" not in reserve(whatsapp("i-1-again", "P1"), NOON + timedelta(hours=1)).refusing


def test_a_state_moves_forward_and_a_late_callback_changes_nothing() -> None:
    put_person()
    reserve(sms())
    assert settle("i-1", ContactState.SENT, provider="msg91", provider_ref="R1")
    assert settle("i-1", ContactState.DELIVERED, "callback")
    assert not settle("i-1", ContactState.SENT, "callback")
    assert not settle("i-1", ContactState.DELIVERED, "callback")
    assert [event.state for event in ContactEvent.objects.all()] == ["reserved", "sent", "delivered"]


def test_an_ambiguous_contact_is_cleared_by_look_up_only() -> None:
    put_person()
    reserve(sms())
    assert settle("i-1", ContactState.AMBIGUOUS)
    for evidence in ("worker", "callback", "person"):
        assert not settle("i-1", ContactState.FAILED, evidence)
        assert not settle("i-1", ContactState.SENT, evidence)
    assert settle("i-1", ContactState.FAILED, "look_up")


def test_a_providers_reference_stands_for_one_contact() -> None:
    put_person()
    reserve(sms())
    reserve(sms("i-2"))
    assert settle("i-1", ContactState.SENT, provider="msg91", provider_ref="R1")
    with pytest.raises(ContactRefusedError, match="another contact"):
        settle("i-2", ContactState.SENT, provider="msg91", provider_ref="R1")
    found = live_contact("i-2")
    assert found is not None
    assert found.state == "reserved"


def test_an_override_lifts_one_rule_for_one_intent_by_the_role_that_the_rule_allows() -> None:
    put_person()
    evening = NOON + timedelta(hours=7)
    refusing = reserve(sms(), evening).refusing
    rule = next(rule for rule in RULES.on(NOON.date()).rules if rule.override_by is Role.SUPERVISOR)
    clock = fixed_clock(NOON)
    given = {"reason": "asked for it on the telephone", "rules": RULES, "clock": clock}
    for role in Role:
        if role is not Role.SUPERVISOR:
            with pytest.raises(NotPermittedError):
                give_override("i-9", "P1", rule.rule_id, by=actor(role, agency="A1"), **given)
    with pytest.raises(NotPermittedError):
        give_override("i-9", "P1", rule.rule_id, by=BY, **given)
    for rule_id in refusing:
        with pytest.raises((NotPermittedError, OverrideRefusedError)):
            give_override("i-9", "P1", rule_id, by=actor(Role.VALIDATOR), **given)
    give_override("i-9", "P1", rule.rule_id, by=actor(Role.SUPERVISOR), **given)
    with pytest.raises(OverrideRefusedError, match="already"):
        give_override("i-9", "P1", rule.rule_id, by=actor(Role.SUPERVISOR), **given)
    reserve(sms("i-9"))
    stored = Intent.from_plain(Decision.objects.get(intent_id="i-9").intent)
    assert [one.rule_id for one in stored.overrides] == [rule.rule_id]
    assert (Override.objects.count(), AuditEntry.objects.filter(act="override.give").count()) == (1, 1)


def test_an_override_lifts_the_rule_for_the_person_that_it_was_given_for_and_for_no_other() -> None:
    """A supervisor who may not work with P2 gives one for P1, under the id of the intent about P2."""
    put_person("P1")
    put_person("P2", branches=["BR2"])
    for person in ("P1", "P2"):
        ask_preference(person, by=BY, clock=fixed_clock(NOON))
        assert reserve(sms(f"i-{person}", person)).refusing == ("HRS-PREF",)
    given = {"reason": "asked for it", "rules": RULES, "by": actor(Role.SUPERVISOR, "BR1"), "clock": fixed_clock(NOON)}
    with pytest.raises(NotPermittedError):
        give_override("i-P2", "P2", "HRS-PREF", **given)
    for intent_id in ("i-P1", "i-P2"):
        give_override(intent_id, "P1", "HRS-PREF", **given)
    assert reserve(sms("i-P1", "P1")).permitted
    assert reserve(sms("i-P2", "P2")).refusing == ("HRS-PREF",)


def test_overrides_that_nobody_registered_are_dropped() -> None:
    put_person()
    forged = replace(sms(), overrides=Intent.from_plain(sms().to_plain() | {"overrides": [_forged()]}).overrides)
    assert not reserve(forged, NOON + timedelta(hours=7)).permitted
    assert Decision.objects.get().intent["overrides"] == []


def _forged() -> dict[str, str]:
    return {"rule_id": "HRS-PUSH", "role": "compliance", "by": "nobody", "reason": "because"}


def test_facts_are_gathered_in_few_queries_however_much_is_known() -> None:
    put_person("P1", *(loan_of(f"L{number}", "P1") for number in range(5)))
    for number in range(30):
        reserve(sms(f"i-{number}", loan_ids=("L1",)), NOON - timedelta(days=number))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        gather_facts("P1", NOON, sms(), days=7)
    assert len(asked) <= 12, [query["sql"][:80] for query in asked]


def test_a_hardship_offer_of_a_stopped_person_is_no_recovery() -> None:
    """The purposes that a stop leaves open stay open."""
    put_person()
    CHANGES["complaint"][0]()
    answer = reserve(sms(purpose=Purpose.COMPLAINT_REPLY))
    assert "STP-COMPLAINT" not in answer.refusing
