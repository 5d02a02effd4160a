"""People act on rules (sign, switch, propose, decide), folded over the shipped rows; a look back tells what a change would have stopped."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.contact.change_rule import RuleRefusedError, approve_rule, propose_rule, reject_rule
from sulah.actions.contact.look_back import look_back
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.actions.contact.rulebook import Rulebook, RulebookError, digest_of, rulebook_of
from sulah.actions.contact.settle_contact import settle_contact
from sulah.actions.contact.sign_rule import sign_off_rule, sign_offs, switch_rule
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import ContactState, EntityType, Role
from sulah.policy.rows import Row
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.rule_change import RuleChange
from tests.contact.people import BY, NOON, actor, put_person, sms

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON)
TODAY = NOON.astimezone(IST).date()
ASHA, RAVI = Actor("asha", Role.COMPLIANCE), Actor("ravi", Role.COMPLIANCE)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender whose policy folder is empty."""
    (tmp_path / "policy").mkdir()
    return Lender(tmp_path, "Test", EntityType.NBFC_MFI)


def row_of(book: Rulebook, rule_id: str, on: date = TODAY) -> Row:
    """The row of a rule."""
    row = book.row(rule_id, on)
    assert row is not None
    return row


def a_draft(book: Rulebook) -> Row:
    """A draft row that may be switched off."""
    return next(row for row in book.whole.tables["contact_rule"] if row.status == "draft" and row.rule_id.startswith("AGT"))


def written(book: Rulebook, rule_id: str, **said: Any) -> dict[str, Any]:
    """A row as a proposal writes it: from tomorrow, some values otherwise."""
    row = row_of(book, rule_id)
    plain = {**row.to_plain(), "effective_from": (TODAY + timedelta(1)).isoformat(), "effective_to": "9999-12-31"}
    return plain | said


def one_a_day(book: Rulebook) -> dict[str, Any]:
    """The cap of messages a day at one, which any example of that row must agree with."""
    plain = written(book, "FRQ-MSG-DAY", most=1)
    example: Any = plain["example"]
    return plain | {"example": {"given": example["given"] | {"counted": [0, 1]}, "expect": example["expect"]}}


def test_a_rule_is_signed_as_it_reads_and_a_changed_one_is_signed_by_nobody(lender: Lender) -> None:
    book = rulebook_of(lender)
    draft = a_draft(book)
    sign_off_rule(draft.rule_id, digest_of(draft), book=book, by=ASHA, clock=CLOCK)
    assert sign_offs(book) == {draft.rule_id: ("asha", NOON)}
    with pytest.raises(RuleRefusedError, match="reads otherwise"):
        sign_off_rule(draft.rule_id, "0" * 64, book=book, by=ASHA, clock=CLOCK)
    switch_rule(draft.rule_id, digest_of(draft), on=False, reason="not final", book=book, by=ASHA, clock=CLOCK)
    assert sign_offs(rulebook_of(lender)) == {}


def test_a_draft_is_switched_off_and_on_again_and_its_version_grows(lender: Lender) -> None:
    first = rulebook_of(lender)
    draft = a_draft(first)
    switch_rule(draft.rule_id, digest_of(draft), on=False, reason="not final", book=first, by=ASHA, clock=CLOCK)
    second = rulebook_of(lender)
    off = row_of(second, draft.rule_id)
    assert (off.values["switched_on"], off.values["version"]) == (False, 2)
    on_file = {rule.rule_id for rule in second.rules.on(TODAY).rules}
    assert draft.rule_id not in on_file
    assert second.rules.on(TODAY).version != first.rules.on(TODAY).version
    with pytest.raises(RuleRefusedError, match="is off already"):
        switch_rule(draft.rule_id, digest_of(off), on=False, reason="again", book=second, by=ASHA, clock=CLOCK)
    switch_rule(draft.rule_id, digest_of(off), on=True, reason="final", book=second, by=RAVI, clock=CLOCK)
    assert row_of(rulebook_of(lender), draft.rule_id).values["version"] == 3
    assert list(AuditEntry.objects.filter(act="rule.switch").values_list("actor", flat=True)) == ["asha", "ravi"]


def test_a_rule_of_law_has_no_switch(lender: Lender) -> None:
    book = rulebook_of(lender)
    law = next(row for row in book.whole.tables["contact_rule"] if row.status == "law")
    with pytest.raises(RuleRefusedError, match="only a draft"):
        switch_rule(law.rule_id, digest_of(law), on=False, reason="x", book=book, by=ASHA, clock=CLOCK)
    assert not RuleChange.objects.exists()


def test_a_change_takes_two_people_and_holds_from_its_first_day(lender: Lender) -> None:
    book = rulebook_of(lender)
    proposal = propose_rule(one_a_day(book), reason="too many", book=book, by=ASHA, clock=CLOCK)
    assert row_of(rulebook_of(lender), "FRQ-MSG-DAY", TODAY + timedelta(1)).values["most"] != 1
    with pytest.raises(RuleRefusedError, match="another person"):
        approve_rule(proposal.pk, book=book, by=ASHA, clock=CLOCK)
    approve_rule(proposal.pk, book=book, by=RAVI, clock=CLOCK)
    changed = rulebook_of(lender)
    assert row_of(changed, "FRQ-MSG-DAY", TODAY).values["most"] == row_of(book, "FRQ-MSG-DAY").values["most"]
    assert row_of(changed, "FRQ-MSG-DAY", TODAY + timedelta(1)).values["most"] == 1
    assert row_of(changed, "FRQ-MSG-DAY", TODAY).effective_to == TODAY
    with pytest.raises(RuleRefusedError, match="decided about already"):
        approve_rule(proposal.pk, book=book, by=RAVI, clock=CLOCK)
    acts = list(AuditEntry.objects.filter(act__startswith="rule.").values_list("act", "actor"))
    assert acts == [("rule.propose", "asha"), ("rule.approve", "ravi")]


def test_the_changed_rule_is_what_the_guard_asks(lender: Lender) -> None:
    put_person()
    book = rulebook_of(lender)
    proposal = propose_rule(one_a_day(book), reason="too many", book=book, by=ASHA, clock=CLOCK)
    approve_rule(proposal.pk, book=book, by=RAVI, clock=CLOCK)
    rules = rulebook_of(lender).rules
    for day, answers in ((NOON, [True, True]), (NOON + timedelta(1), [True, False])):
        made = [
            reserve_contact(sms(f"{day}-{number}"), rules, by=BY, clock=fixed_clock(day), template=True).permitted for number in range(2)
        ]
        assert made == answers


def test_a_proposal_on_a_rule_that_changed_since_is_not_approved(lender: Lender) -> None:
    book = rulebook_of(lender)
    old = propose_rule(one_a_day(book), reason="too many", book=book, by=ASHA, clock=CLOCK)
    new = propose_rule(one_a_day(book), reason="the same", book=book, by=ASHA, clock=CLOCK)
    approve_rule(new.pk, book=book, by=RAVI, clock=CLOCK)
    with pytest.raises(RuleRefusedError, match="changed since"):
        approve_rule(old.pk, book=rulebook_of(lender), by=RAVI, clock=CLOCK)
    reject_rule(old.pk, reason="overtaken", book=rulebook_of(lender), by=ASHA, clock=CLOCK)
    late = fixed_clock(NOON + timedelta(9))
    later = propose_rule(written(rulebook_of(lender), "FRQ-MSG-WEEK"), reason="x", book=rulebook_of(lender), by=ASHA, clock=CLOCK)
    with pytest.raises(RuleRefusedError, match="has gone by"):
        approve_rule(later.pk, book=rulebook_of(lender), by=RAVI, clock=late)


def test_a_proposal_that_cannot_hold_is_refused_with_its_reasons(lender: Lender) -> None:
    book = rulebook_of(lender)
    refused = [
        written(book, "FRQ-MSG-DAY", effective_from=TODAY - timedelta(1)) | {"effective_from": (TODAY - timedelta(1)).isoformat()},
        written(book, "HRS-PUSH", first=0, last=0),
        {"rule_id": "NO-SUCH-RULE"},
    ]
    for plain in refused:
        with pytest.raises(RuleRefusedError):
            propose_rule(plain, reason="x", book=book, by=ASHA, clock=CLOCK)
    for broken in ({"most": "many"}, {"effective_from": "soon"}, {"unheard": 1}):
        with pytest.raises(RulebookError):
            propose_rule(written(book, "FRQ-MSG-DAY") | broken, reason="x", book=book, by=ASHA, clock=CLOCK)
    with pytest.raises(RuleRefusedError, match="reason"):
        propose_rule(one_a_day(book), reason=" ", book=book, by=ASHA, clock=CLOCK)
    assert not RuleChange.objects.exists()


@pytest.mark.parametrize("role", [*(role for role in Role if role is not Role.COMPLIANCE), None])
def test_nobody_but_compliance_of_the_whole_lender_acts_on_a_rule(lender: Lender, role: Role | None) -> None:
    book = rulebook_of(lender)
    draft = a_draft(book)
    for by in (actor(role) if role else BY, actor(Role.COMPLIANCE, "BR1")):
        refusals = (NotPermittedError, RuleRefusedError)
        with pytest.raises(refusals):
            sign_off_rule(draft.rule_id, digest_of(draft), book=book, by=by, clock=CLOCK)
        with pytest.raises(refusals):
            switch_rule(draft.rule_id, digest_of(draft), on=False, reason="x", book=book, by=by, clock=CLOCK)
        with pytest.raises(refusals):
            propose_rule(one_a_day(book), reason="x", book=book, by=by, clock=CLOCK)
        with pytest.raises(refusals):
            approve_rule(1, book=book, by=by, clock=CLOCK)
        with pytest.raises(refusals):
            reject_rule(1, reason="x", book=book, by=by, clock=CLOCK)
    assert not RuleChange.objects.exists()


def test_a_look_back_tells_which_contacts_a_changed_rule_would_have_stopped(lender: Lender) -> None:
    """Two messages on the first day, one on the second: with one a day the second of the first day would not have been."""
    put_person()
    book = rulebook_of(lender)
    for number, at in enumerate((NOON, NOON + timedelta(minutes=5), NOON + timedelta(1))):
        answer = reserve_contact(sms(f"i-{number}"), book.rules, by=BY, clock=fixed_clock(at), template=True)
        assert answer.permitted
        contact = Contact.objects.get(intent=f"i-{number}")
        settle_contact(contact.pk, ContactState.SENT, evidence="worker", by=BY, clock=fixed_clock(at))
    Contact.objects.create(
        intent="log:A1:1",
        person="P1",
        channel="call",
        contact_class="call",
        purpose="",
        at=NOON,
        source="agency_file",
        agency="A1",
        state="connected",
        state_at=NOON,
    )
    proposal = propose_rule(one_a_day(book), reason="too many", book=book, by=ASHA, clock=CLOCK)
    told = look_back(proposal, TODAY, TODAY + timedelta(1), book)
    assert (told.decided, told.without_facts, told.note) == (3, 1, "")
    assert [one.at for one in told.stopped] == [NOON + timedelta(minutes=5)]
    assert look_back(proposal, TODAY + timedelta(1), TODAY + timedelta(1), book).stopped == ()
    plain = one_a_day(book)
    far = {"given": plain["example"]["given"] | {"days_ago": [59, 60]}, "expect": plain["example"]["expect"]}
    longer = propose_rule(plain | {"days": 60, "example": far}, reason="x", book=book, by=ASHA, clock=CLOCK)
    assert "more may have been stopped" in look_back(longer, TODAY, TODAY, book).note
