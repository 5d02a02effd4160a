"""Each act on facts of contact: what it writes, what it leaves in the audit trail, whom it refuses, and what the guard then knows."""

from datetime import date, datetime, timedelta

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError, actor_of
from sulah.actions.contact.assign_agent import AssignmentRefusedError, assign_agent, end_assignment, give_notice
from sulah.actions.contact.edit_calendar import CalendarRefusedError, add_day, decide_day, propose_days
from sulah.actions.contact.engage_agent import AgentRefusedError, dismiss_agent, engage_agency, engage_agent, file_paper
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.mark_number import NumberRefusedError, mark_number
from sulah.actions.contact.note_inbound import note_inbound
from sulah.actions.contact.note_occasion import OccasionRefusedError, end_occasion, note_occasion
from sulah.actions.contact.raise_stop import StopRefusedError, Struck, lift_stop, raise_stop
from sulah.actions.contact.record_consent import ConsentRefusedError, give_consent, withdraw_consent
from sulah.actions.contact.record_place import PlaceRefusedError, agree_place, record_miss
from sulah.actions.contact.record_preference import PreferenceRefusedError, ask_preference, end_preference
from sulah.guard.facts import Number, Whose
from sulah.guard.facts import Standing as Good
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, ContactClass, Place, Role, StopEvent, StopScope
from sulah.records.audit import AuditEntry
from sulah.records.contact.agent import Assignment
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.contact.wish import Consent
from sulah.records.person import Person
from tests.contact.people import BY, CLOCK, NOON, NUMBER, TODAY, actor, agent_on_file, loan_of, put_person, sms
from tests.contact.people import RULEBOOK as BOOK

pytestmark = pytest.mark.django_db


def test_an_actor_is_made_of_who_is_signed_in() -> None:
    usha = Person(username="usha", role="agency", branches=[], agency_id="A1")
    assert actor_of(usha) == Actor("usha", Role.AGENCY, None, "A1")
    assert not actor_of(usha).whole_lender
    assert actor_of(Person(username="r", role="agent", branches=["BR1"])).branches == ("BR1",)


def test_the_last_entry_of_consent_wins_and_a_future_one_is_refused() -> None:
    put_person()
    give_consent("P1", Channel.WHATSAPP, source="form", by=BY, clock=CLOCK, at=NOON - timedelta(9))
    withdraw_consent("P1", Channel.WHATSAPP, source="call", by=BY, clock=CLOCK)
    assert [one.given for one in gather_facts("P1", NOON).consents] == [True, False]
    with pytest.raises(ConsentRefusedError):
        give_consent("P1", Channel.WHATSAPP, source="form", by=BY, clock=CLOCK, at=NOON + timedelta(seconds=1))
    with pytest.raises(ConsentRefusedError):
        give_consent("P1", Channel.WHATSAPP, source=" ", by=BY, clock=CLOCK)
    assert Consent.objects.count() == 2


def test_a_wish_holds_until_it_is_ended_once() -> None:
    put_person()
    wish = ask_preference("P1", first=0, last=36_000, weekdays=[6], classes=[ContactClass.CALL], places=[], by=BY, clock=CLOCK)
    (found,) = gather_facts("P1", NOON).preferences
    assert (found.weekdays, found.from_second, found.to_second, found.classes) == ((6,), 0, 36_000, (ContactClass.CALL,))
    end_preference(wish.pk, by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).preferences == ()
    with pytest.raises(PreferenceRefusedError, match="no such wish"):
        end_preference(wish.pk, by=BY, clock=CLOCK)


@pytest.mark.parametrize(("first", "last", "weekdays"), [(10, 10, []), (-1, 5, []), (0, 86_401, []), (0, 5, [7])])
def test_a_wish_that_says_no_time_is_refused(first: int, last: int, weekdays: list[int]) -> None:
    put_person()
    with pytest.raises(PreferenceRefusedError):
        ask_preference("P1", first=first, last=last, weekdays=weekdays, by=BY, clock=CLOCK)


def test_the_last_mark_on_a_number_wins_over_the_book_and_says_only_what_it_says() -> None:
    put_person()
    assert gather_facts("P1", NOON).numbers[NUMBER] == Number(Whose.OWN, Good.GOOD)
    mark_number("P1", NUMBER, standing="wrong", source="call", by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).numbers[NUMBER] == Number(Whose.OWN, Good.WRONG)
    mark_number("P1", NUMBER, whose="family", standing="good", source="call", by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).numbers[NUMBER] == Number(Whose.FAMILY, Good.GOOD)
    for bad in ({"whose": "mine"}, {"standing": "bad"}, {}):
        with pytest.raises(NumberRefusedError):
            mark_number("P1", NUMBER, source="call", by=BY, clock=CLOCK, **bad)


def test_misses_of_one_day_in_india_are_one_occasion() -> None:
    """Two seconds apart, or morning and evening: one.  Before and after midnight in India, on one day in UTC: two."""
    put_person("P1", loan_of("L1", "P1", last_paid_on="2026-11-10"))
    for at, counted in (
        (datetime(2026, 11, 20, 10, 0, 0, tzinfo=IST), 1),
        (datetime(2026, 11, 20, 10, 0, 1, tzinfo=IST), 1),
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=IST), 1),
        (datetime(2026, 11, 21, 0, 0, 0, tzinfo=IST), 2),
        (datetime(2026, 11, 22, 9, 0, 0, tzinfo=IST), 3),
    ):
        record_miss("P1", Place.AGREED, met=False, at=at, by=BY, clock=CLOCK)
        assert gather_facts("P1", NOON).misses_in_succession == counted


def test_misses_are_counted_from_the_last_meeting_or_payment() -> None:
    put_person("P1", loan_of("L1", "P1", last_paid_on="2026-11-20"))

    def looked_for(place: Place, day: int, *, met: bool = False) -> None:
        at = datetime(2026, 11, day, 5, tzinfo=IST)
        record_miss("P1", place, met=met, at=at, by=BY, clock=CLOCK)

    for day in (19, 20, 21, 22):
        looked_for(Place.AGREED, day)
    looked_for(Place.RESIDENCE, 22)
    facts = gather_facts("P1", NOON)
    assert (facts.misses_in_succession, facts.not_found) == (2, {Place.AGREED: 2, Place.RESIDENCE: 1})
    looked_for(Place.RESIDENCE, 23, met=True)
    looked_for(Place.AGREED, 24)
    assert gather_facts("P1", NOON).misses_in_succession == 1
    looked_for(Place.AGREED, 24)
    assert gather_facts("P1", NOON).misses_in_succession == 1
    with pytest.raises(PlaceRefusedError, match="a miss"):
        looked_for(Place.AGREED, 24, met=True)
    with pytest.raises(PlaceRefusedError, match="time to come"):
        looked_for(Place.AGREED, 25)


def test_an_agreed_place_is_the_last_one_written_down() -> None:
    put_person(centre_id="C1")
    assert gather_facts("P1", NOON).person.agreed_place is True
    agree_place("P1", by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).person.agreed_place is False
    with pytest.raises(PlaceRefusedError):
        agree_place("P1", centre_id="C1", branch_id="BR1", by=BY, clock=CLOCK)


def test_an_occasion_lasts_as_long_as_its_kind_and_covers_the_household() -> None:
    put_person()
    put_person("P2", household="H-P1")
    noted = note_occasion("bereavement", TODAY, person="P1", book=BOOK, by=BY, clock=CLOCK)
    assert (noted.scope, noted.key, noted.last) == ("household", "H-P1", TODAY + timedelta(14))
    for person in ("P1", "P2"):
        assert [(one.kind, one.first, one.last) for one in gather_facts(person, NOON).occasions] == [("bereavement", TODAY, noted.last)]
    assert gather_facts("P1", NOON + timedelta(15)).occasions == ()
    end_occasion(noted.pk, by=BY, clock=CLOCK)
    assert gather_facts("P2", NOON).occasions == ()
    with pytest.raises(OccasionRefusedError):
        end_occasion(noted.pk, by=BY, clock=CLOCK)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "picnic", "person": "P1"},
        {"kind": "hospital"},
        {"kind": "calamity"},
        {"kind": "religious_festival", "key": "Bihar"},
        {"kind": "hospital", "person": "P1", "last": TODAY - timedelta(1)},
        {"kind": "hospital", "person": "P1", "last": TODAY + timedelta(366)},
        {"kind": "hospital", "person": "P1", "scope": "calendar"},
    ],
)
def test_an_occasion_that_covers_nobody_or_no_day_is_refused(said: dict[str, str]) -> None:
    put_person()
    kind, *_ = said.pop("kind"), None
    with pytest.raises(OccasionRefusedError):
        note_occasion(kind, TODAY, book=BOOK, by=BY, clock=CLOCK, **said)
    assert not Occasion.objects.exists()


def test_days_of_the_published_list_bind_nobody_until_a_person_confirms_them() -> None:
    put_person()
    fresh = propose_days(2026, ["BR", "TN"], by=BY, clock=CLOCK)
    assert {(day.day, day.kind) for day in fresh if not day.state} >= {(date(2026, 1, 26), "national_holiday")}
    assert {day.state for day in fresh} == {"", "TN"}
    today = CalendarDay.objects.get(day=TODAY, state="")
    assert gather_facts("P1", NOON).occasions == ()
    decide_day(today.pk, confirm=True, by=BY, clock=CLOCK)
    assert [(one.scope, one.first) for one in gather_facts("P1", NOON).occasions] == [("calendar", TODAY)]
    decide_day(today.pk, confirm=False, by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).occasions == ()
    assert propose_days(2026, ["BR", "TN"], by=BY, clock=CLOCK) == []
    with pytest.raises(CalendarRefusedError):
        propose_days(2026, ["XX"], by=BY, clock=CLOCK)


def test_a_day_of_one_state_reaches_its_people_only() -> None:
    put_person()
    put_person("P2", state="TN")
    add_day(TODAY, "Chhath", state="BR", by=BY, clock=CLOCK)
    assert len(gather_facts("P1", NOON).occasions) == 1
    assert gather_facts("P2", NOON).occasions == ()
    with pytest.raises(CalendarRefusedError):
        add_day(TODAY, "", by=BY, clock=CLOCK)


def test_an_event_raises_a_stop_for_each_row_of_the_table_and_all_that_is_not_named() -> None:
    """Paid, and nobody knows which of the two loans: both."""
    put_person("P1", loan_of("L1", "P1"), loan_of("L2", "P1"))
    stops = raise_stop(StopEvent.PAID, Struck("P1"), reason="receipt", book=BOOK, by=BY, clock=CLOCK)
    assert {(stop.scope, stop.key, stop.person) for stop in stops} == {("loan", "L1", "P1"), ("loan", "L2", "P1")}
    (one,) = raise_stop(StopEvent.PAID, Struck("P1", ("L1",)), reason="receipt", book=BOOK, by=BY, clock=CLOCK)
    assert one.key == "L1"
    wrong = raise_stop(StopEvent.WRONG_NUMBER, Struck("P1"), reason="call", book=BOOK, by=BY, clock=CLOCK)
    assert [stop.key for stop in wrong] == [NUMBER]
    opted = raise_stop(StopEvent.OPT_OUT, Struck("P1", channel=Channel.SMS), reason="STOP", book=BOOK, by=BY, clock=CLOCK)
    assert [(stop.scope, stop.key) for stop in opted] == [("channel", "sms")]
    assert {stop.scope for stop in gather_facts("P1", NOON, sms()).stops} == {StopScope.LOAN, StopScope.NUMBER, StopScope.CHANNEL}


def test_the_same_cause_raises_its_stops_once() -> None:
    put_person()
    for _ in range(2):
        raise_stop(StopEvent.COMPLAINT, Struck("P1"), reason="letter", book=BOOK, by=BY, clock=CLOCK, cause="inbox:7")
    assert Stop.objects.count() == AuditEntry.objects.filter(act="stop.raise").count() == 1


def test_a_stop_of_a_calamity_ends_by_itself_and_covers_a_place() -> None:
    put_person()
    (stop,) = raise_stop(StopEvent.CALAMITY, Struck(pincode="847109"), reason="flood", book=BOOK, by=BY, clock=CLOCK)
    assert stop.until == datetime.combine(TODAY + timedelta(45), datetime.min.time(), IST)
    assert stop.person == ""
    assert len(gather_facts("P1", stop.until - timedelta(microseconds=1)).stops) == 1
    assert gather_facts("P1", stop.until).stops == ()


@pytest.mark.parametrize("struck", [Struck(), Struck("P1"), Struck(person="nobody")])
def test_a_stop_about_nothing_is_refused(struck: Struck) -> None:
    event = StopEvent.AGENCY_STOPPED if struck.person == "P1" else StopEvent.PAID
    with pytest.raises(StopRefusedError):
        raise_stop(event, struck, reason="x", book=BOOK, by=BY, clock=CLOCK)
    assert not Stop.objects.exists()


LIFTERS = {StopEvent.COMPLAINT: {Role.COMPLIANCE}, StopEvent.HARDSHIP: {Role.SUPERVISOR}, StopEvent.COURT: {Role.LEGAL}}


@pytest.mark.parametrize("event", LIFTERS)
def test_a_stop_is_lifted_by_whom_the_table_names_and_by_nobody_else(event: StopEvent) -> None:
    put_person()
    (stop,) = raise_stop(event, Struck("P1"), reason="x", book=BOOK, by=BY, clock=CLOCK)
    lift = {"reason": "settled", "book": BOOK, "clock": CLOCK}
    for role in set(Role) - LIFTERS[event]:
        with pytest.raises(NotPermittedError):
            lift_stop(stop.pk, by=actor(role, agency="A1" if role is Role.AGENCY else ""), **lift)
    with pytest.raises(NotPermittedError):
        lift_stop(stop.pk, by=actor(next(iter(LIFTERS[event])), "BR2"), **lift)
    with pytest.raises(StopRefusedError, match="reason"):
        lift_stop(stop.pk, by=actor(next(iter(LIFTERS[event]))), **lift | {"reason": " "})
    lift_stop(stop.pk, by=actor(next(iter(LIFTERS[event]))), **lift)
    assert gather_facts("P1", NOON).stops == ()
    with pytest.raises(StopRefusedError, match="no such stop"):
        lift_stop(stop.pk, by=actor(next(iter(LIFTERS[event]))), **lift)


def test_the_old_agents_access_ends_at_the_instant_that_the_new_ones_begins() -> None:
    put_person()
    agent_on_file()
    engage_agent("A1-8", "Other", agency_id="A1", by=BY, clock=CLOCK)
    assign_agent("P1", agent_id="A1-7", by=BY, clock=CLOCK)
    later = NOON + timedelta(hours=1)
    assign_agent("P1", agent_id="A1-8", by=BY, clock=fixed_clock(later))
    first, second = Assignment.objects.order_by("id")
    assert (first.until, second.since, second.until) == (later, later, None)
    seen = gather_facts("P1", later, sms(agent_id="A1-7", agency_id="A1")).agent
    assert seen is not None
    assert [(one.agent_id, one.until) for one in seen.assignments] == [("A1-7", later)]
    dismiss_agent("A1-8", by=BY, clock=fixed_clock(later))
    assert not Assignment.objects.filter(until=None).exists()


def test_an_agency_reaches_a_person_only_while_they_are_assigned() -> None:
    put_person()
    agent_on_file()
    by = actor(Role.AGENCY, agency="A1")
    assign_agent("P1", agency_id="A1", by=BY, clock=CLOCK)
    withdraw_consent("P1", Channel.SMS, source="call", by=by, clock=CLOCK)
    end_assignment("P1", by=BY, clock=CLOCK)
    with pytest.raises(NotPermittedError):
        withdraw_consent("P1", Channel.SMS, source="call", by=by, clock=CLOCK)
    with pytest.raises(AssignmentRefusedError, match="nobody"):
        end_assignment("P1", by=BY, clock=CLOCK)


def test_nobody_is_given_to_an_agency_while_a_complaint_is_open() -> None:
    put_person()
    agent_on_file()
    engage_agent("S1", "Own", by=BY, clock=CLOCK)
    raise_stop(StopEvent.COMPLAINT, Struck("P1"), reason="x", book=BOOK, by=BY, clock=CLOCK)
    for given in ({"agency_id": "A1"}, {"agent_id": "A1-7"}):
        with pytest.raises(AssignmentRefusedError, match="complaint"):
            assign_agent("P1", by=BY, clock=CLOCK, **given)
    assert assign_agent("P1", agent_id="S1", by=BY, clock=CLOCK).pk


@pytest.mark.parametrize("given", [{"agent_id": "X"}, {"agency_id": "X"}, {}, {"agent_id": "A1-7", "agency_id": "A2"}])
def test_nobody_is_given_to_somebody_who_is_not_engaged(given: dict[str, str]) -> None:
    put_person()
    agent_on_file()
    agent_on_file("A2-1", "A2")
    with pytest.raises(AssignmentRefusedError):
        assign_agent("P1", by=BY, clock=CLOCK, **given)
    assert not Assignment.objects.exists()


def test_papers_and_notices_are_what_the_guard_sees_of_an_agent() -> None:
    put_person()
    agent_on_file()
    assign_agent("P1", agent_id="A1-7", by=BY, clock=CLOCK)
    file_paper("A1-7", "certificate", TODAY - timedelta(9), last=TODAY + timedelta(9), reference="IIBF 1", by=BY, clock=CLOCK)
    file_paper("A1-7", "certificate", TODAY + timedelta(10), last=TODAY + timedelta(99), reference="IIBF 2", by=BY, clock=CLOCK)
    file_paper("A1-7", "antecedents", TODAY - timedelta(3), reference="police 12", by=BY, clock=CLOCK)
    give_notice("P1", agency_id="A1", channel=Channel.SMS, by=BY, clock=CLOCK)
    agent = gather_facts("P1", NOON, sms(agent_id="A1-7", agency_id="A1")).agent
    assert agent is not None
    assert agent.certificate is not None
    assert (agent.certificate.first, agent.antecedents_on) == (TODAY - timedelta(9), TODAY - timedelta(3))
    assert [(notice.told_of, notice.at) for notice in agent.notices] == [("A1", NOON)]
    for named in ({"agent_id": "A1-7", "agency_id": "A2"}, {"agent_id": "nobody"}, {"agency_id": "nobody"}):
        assert gather_facts("P1", NOON, sms(**named)).agent is None


@pytest.mark.parametrize(
    "paper",
    [
        ("A1-7", "licence", TODAY, {"reference": "x"}),
        ("A1-7", "certificate", TODAY, {"reference": "x"}),
        ("A1-7", "certificate", TODAY, {"reference": "x", "last": TODAY - timedelta(1)}),
        ("A1-7", "antecedents", TODAY + timedelta(1), {"reference": "x"}),
        ("A1-7", "antecedents", TODAY, {"reference": " "}),
        ("nobody", "antecedents", TODAY, {"reference": "x"}),
    ],
)
def test_a_paper_that_proves_nothing_is_refused(paper: tuple[str, str, date, dict[str, str]]) -> None:
    agent_on_file()
    agent_id, kind, first, rest = paper
    with pytest.raises(AgentRefusedError):
        file_paper(agent_id, kind, first, by=BY, clock=CLOCK, **rest)


def test_an_agent_does_not_change_agency() -> None:
    agent_on_file()
    engage_agency("A2", "Other", by=BY, clock=CLOCK)
    with pytest.raises(AgentRefusedError, match="of A1"):
        engage_agent("A1-7", "Agent", agency_id="A2", by=BY, clock=CLOCK)
    with pytest.raises(AgentRefusedError, match="no agency"):
        engage_agent("A3-1", "Agent", agency_id="A3", by=BY, clock=CLOCK)


def test_the_same_inbound_message_is_heard_once() -> None:
    put_person()
    for _ in range(2):
        note_inbound("P1", Channel.WHATSAPP, reference="w-1", at=NOON, by=BY, clock=CLOCK)
    assert gather_facts("P1", NOON).last_inbound == {Channel.WHATSAPP: NOON}
    assert AuditEntry.objects.filter(act="inbound.note").count() == 1
