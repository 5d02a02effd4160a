"""A reading that was wrong is corrected: the reading stays, what followed from it is taken back as far as one may."""

from datetime import timedelta

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.actions.talk.correct_reading import CorrectionRefusedError, correct_reading
from sulah.actions.talk.take_promise import PromiseRefusedError
from sulah.actions.talk.withdraw_promise import withdraw_promise
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.correction import HeardCorrection
from sulah.records.contact.heard import Heard
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from tests.contact.people import NOON, RULEBOOK, actor
from tests.talk.said import TODAY, Desk, Reading

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON + timedelta(minutes=5))


def heard(desk: Desk, reading: Reading) -> Heard:
    """One thing that one person said, acted on."""
    desk.person()
    desk.readings = {"words": reading}
    return desk.said("words")


def correct(row: Heard, right: str, by: Actor | None = None) -> HeardCorrection:
    return correct_reading(row.pk, right, book=RULEBOOK, by=by or actor(Role.AGENT), clock=CLOCK)


@pytest.mark.parametrize(("role", "ends"), [(Role.AGENT, False), (Role.COMPLIANCE, False), (Role.SUPERVISOR, True)])
def test_what_was_no_promise_is_withdrawn_and_its_quiet_ends_by_who_may_lift_it(desk: Desk, role: Role, ends: bool) -> None:
    row = heard(desk, Reading("promise", due_on=TODAY + timedelta(days=3)))
    made = correct(row, "other", by=actor(role))
    promise = Promise.objects.get()
    assert (promise.state, promise.ended_by, made.undone) == ("withdrawn", f"some-{role}", [f"promise:{promise.pk}"])
    assert (StopEvent.objects.get().lifted_at == CLOCK()) is ends
    assert any("quiet that it gave stands" in told for told in made.standing) is not ends
    row.refresh_from_db()
    assert (row.intent, row.sure, row.reading["intent"]) == ("promise", "sure", "promise")
    assert (made.was, made.sure, made.right) == ("promise", "sure", "other")


def test_a_promise_that_was_a_part_payment_stays(desk: Desk) -> None:
    row = heard(desk, Reading("promise", due_on=TODAY + timedelta(days=3)))
    assert correct(row, "part").undone == []
    assert Promise.objects.get().state == "open"


def test_a_stop_is_lifted_by_the_role_of_its_row_and_by_nobody_else(desk: Desk) -> None:
    row = heard(desk, Reading("complaint"))
    made = correct(row, "call_me")
    assert StopEvent.objects.get().lifted_at is None
    assert made.undone == []
    assert any("may not lift a stop for complaint" in told for told in made.standing)
    assert any("complaint yourself" in told for told in made.standing)
    again = correct(row, "other", by=actor(Role.COMPLIANCE))
    assert (again.undone, StopEvent.objects.get().lifted_at) == (["stop:complaint"], CLOCK())


def test_what_the_right_intent_stops_as_well_stays_stopped(desk: Desk) -> None:
    row = heard(desk, Reading("cannot_pay"))
    assert correct(row, "self_harm", by=actor(Role.COMPLIANCE)).undone == []
    assert StopEvent.objects.get().lifted_at is None


def test_a_borrower_who_did_not_say_stop_is_reached_again(desk: Desk) -> None:
    row = heard(desk, Reading("stop"))
    assert correct(row, "other").undone == ["stop:opt_out"]
    assert StopEvent.objects.get().lifted_by == "some-agent"


def test_a_stop_of_another_message_is_left_alone(desk: Desk) -> None:
    first = heard(desk, Reading("paid"))
    second = desk.said("words")
    correct(second, "other", by=actor(Role.COMPLIANCE))
    left = StopEvent.objects.filter(lifted_at=None)
    assert [stop.cause for stop in left] == [f"heard:{first.pk}"]


def test_the_last_correction_holds_and_the_same_again_is_refused(desk: Desk) -> None:
    row = heard(desk, Reading("call_me"))
    with pytest.raises(CorrectionRefusedError, match="already"):
        correct(row, "call_me")
    correct(row, "other")
    with pytest.raises(CorrectionRefusedError, match="already"):
        correct(row, "other")
    assert correct(row, "call_me").right == "call_me"
    assert [one.right for one in row.corrections.all()] == ["other", "call_me"]


@pytest.mark.parametrize("right", ["", "nonsense", "sure"])
def test_a_reading_is_corrected_to_an_intent_only(desk: Desk, right: str) -> None:
    row = heard(desk, Reading("call_me"))
    with pytest.raises(CorrectionRefusedError, match="Choose"):
        correct(row, right)


@pytest.mark.parametrize("right", sorted(CONSEQUENCES))
def test_every_intent_can_be_the_right_one(desk: Desk, right: str) -> None:
    row = heard(desk, Reading("call_me" if right != "call_me" else "other"))
    assert correct(row, right).right == right


def test_who_may_correct(desk: Desk) -> None:
    row = heard(desk, Reading("call_me"))
    for by in (actor(Role.INSPECTOR), actor(Role.LEGAL), actor(Role.AGENCY, agency="A1"), actor(Role.AGENT, "ELSEWHERE")):
        with pytest.raises(NotPermittedError):
            correct(row, "other", by=by)
    assert not HeardCorrection.objects.exists()


def test_what_nobody_on_the_book_said_is_corrected_by_the_whole_lenders_people(desk: Desk) -> None:
    desk.readings = {"words": Reading("paid")}
    row = desk.said("words", number="+919800000000")
    with pytest.raises(NotPermittedError):
        correct(row, "other", by=actor(Role.COMPLIANCE, "BR1"))
    assert correct(row, "other", by=actor(Role.COMPLIANCE)).right == "other"


def test_a_correction_is_in_the_audit_trail_and_holds_no_words(desk: Desk) -> None:
    row = heard(desk, Reading("promise", due_on=TODAY + timedelta(days=3)))
    correct(row, "other")
    entry = AuditEntry.objects.get(act="heard.correct")
    assert (entry.subject, entry.after["was"], entry.after["right"]) == ("borrower:P1", "promise", "other")
    assert AuditEntry.objects.filter(act="promise.withdraw").count() == 1


def test_withdrawing_a_promise_needs_a_reason_a_role_and_an_open_promise(desk: Desk) -> None:
    heard(desk, Reading("promise", due_on=TODAY + timedelta(days=3)))
    promise = Promise.objects.get()
    with pytest.raises(PromiseRefusedError, match="reason"):
        withdraw_promise(promise.pk, reason=" ", book=RULEBOOK, by=actor(Role.AGENT), clock=CLOCK)
    for by in (actor(Role.AGENCY, agency="A1"), actor(Role.LEGAL), actor(Role.AGENT, "ELSEWHERE")):
        with pytest.raises(NotPermittedError):
            withdraw_promise(promise.pk, reason="x", book=RULEBOOK, by=by, clock=CLOCK)
    assert withdraw_promise(promise.pk, reason="took it back", book=RULEBOOK, by=actor(Role.AGENT), clock=CLOCK).state == "withdrawn"
    for which in (promise.pk, 10**9):
        with pytest.raises(PromiseRefusedError, match="no such"):
            withdraw_promise(which, reason="again", book=RULEBOOK, by=actor(Role.AGENT), clock=CLOCK)
    assert AuditEntry.objects.get(act="promise.withdraw").after["reason"] == "took it back"
