"""Party, number, consent, place, agents and stops: each answer, each unknown, each limit."""

from datetime import date, datetime, timedelta

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Agent, Assignment, Consent, Notice, Number, Person, Span, Standing, Stop, Whose
from sulah.guard.intent import Intent
from sulah.kernel.terms import Channel, Party, Place, Purpose, StopEvent, StopScope
from tests.guard.paper import DAY, MICROSECOND, NOON, again, book, facts, intent, ist, loan, rule, says, stop_row

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("party", list(Party))
def test_only_those_who_owe_are_contacted(party: Party) -> None:
    """Borrower, co-borrower, guarantor; nobody else, an heir neither."""
    owes = party in (Party.BORROWER, Party.CO_BORROWER, Party.GUARANTOR)
    assert says(rule("party"), known=facts(loans=(loan(parties={"p1": party}),))) == ("yes" if owes else "no")


def test_the_party_must_owe_on_every_loan_named() -> None:
    """A reference of one of two loans is refused for both; unknown on one is unknown; a definite no wins; naming no loan passes."""
    mine, theirs = loan("L1"), loan("L2", parties={"p1": Party.REFERENCE})
    both, nobody = intent(loan_ids=("L1", "L2")), loan("L2", parties={"p9": Party.BORROWER})
    assert says(rule("party"), both, facts(loans=(mine, theirs))) == "no"
    assert says(rule("party"), both, facts(loans=(mine, nobody))) == "unknown"
    assert says(rule("party"), both, facts(loans=(mine,))) == "unknown"
    assert says(rule("party"), intent(loan_ids=("L2", "L9")), facts(loans=(theirs,))) == "no"
    assert says(rule("party"), intent(loan_ids=()), facts(loans=())) == "yes"


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("whose", [None, *Whose])
def test_the_number_is_the_persons_own_and_not_known_as_bad(whose: Whose | None, standing: Standing) -> None:
    """A standing that nobody knows passes; a bad one is a no whoever it belongs to."""
    bad = standing in (Standing.INVALID, Standing.WRONG)
    expected = "no" if bad else "unknown" if whose is None else "yes" if whose is Whose.OWN else "no"
    assert says(rule("number"), known=facts(numbers={"n1": Number(whose, standing)})) == expected


def test_a_number_that_is_not_given_or_not_on_file_is_unknown() -> None:
    """Visits and letters have none and are not asked."""
    assert says(rule("number"), intent(number_key=None)) == "unknown"
    assert says(rule("number"), intent(number_key="n9")) == "unknown"
    for channel in (Channel.VISIT, Channel.MEETING, Channel.LETTER):
        assert says(rule("number"), intent(channel=channel, number_key=None)) == "not asked"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "no"),
        ([(True, timedelta(0))], "yes"),
        ([(True, MICROSECOND)], "no"),
        ([(True, -DAY), (False, timedelta(0))], "no"),
        ([(True, -DAY), (False, MICROSECOND)], "yes"),
        ([(False, -DAY), (True, -MICROSECOND)], "yes"),
        ([(True, -DAY), (False, -DAY)], "no"),
        ([(False, -DAY), (True, -DAY)], "no"),
    ],
)
def test_the_last_entry_of_consent_wins(entries: list[tuple[bool, timedelta]], said: str) -> None:
    """Entries of a later instant do not count; of two at once the withdrawal wins."""
    known = facts(consents=tuple(Consent(Channel.CALL, given, NOON + off) for given, off in entries))
    assert says(rule("consent"), known=known) == said


def test_consent_is_for_its_own_channel() -> None:
    """Consent to WhatsApp is none to calls; one dated ahead is waited for."""
    assert says(rule("consent"), known=facts(consents=(Consent(Channel.WHATSAPP, given=True, at=NOON - DAY),))) == "no"
    ahead = facts(consents=(Consent(Channel.CALL, given=False, at=NOON + DAY), Consent(Channel.CALL, given=True, at=NOON + 2 * DAY)))
    assert again(rule("consent"), known=ahead) == NOON + 2 * DAY


def visit(place: Place | None) -> Intent:
    """A visit at a place."""
    return intent(channel=Channel.VISIT, place=place, number_key=None)


@pytest.mark.parametrize(("missed", "said"), [(None, "unknown"), (0, "no"), (1, "no"), (2, "yes"), (3, "yes")])
@pytest.mark.parametrize("place", [Place.RESIDENCE, Place.WORKPLACE])
def test_home_and_work_need_two_misses_in_succession(place: Place, missed: int | None, said: str) -> None:
    """The agreed place and the branch need none."""
    assert says(rule("misses", most=2), visit(place), facts(misses_in_succession=missed)) == said


def test_the_agreed_place_and_the_branch_need_no_misses() -> None:
    """A visit whose place nobody gave is unknown."""
    for place in (Place.AGREED, Place.BRANCH):
        assert says(rule("misses", most=2), visit(place)) == "yes"
        assert says(rule("place_order"), visit(place), facts(person=Person("p1"))) == "yes"
    assert says(rule("misses", most=2), visit(None)) == "unknown"
    assert says(rule("place_order"), visit(None)) == "unknown"


@pytest.mark.parametrize(("agreed", "said"), [(True, "yes"), (None, "yes"), (False, "no")])
def test_there_is_no_agreed_place_where_none_was_agreed(agreed: bool | None, said: str) -> None:
    """A visit has to say residence, workplace or branch then."""
    known = facts(person=Person("p1", agreed_place=agreed))
    for row in (rule("misses", most=2), rule("place_order")):
        assert says(row, visit(Place.AGREED), known) == said
        assert says(row, visit(Place.BRANCH), known) == "yes"


@pytest.mark.parametrize(
    ("agreed", "not_found", "home", "work"),
    [
        (True, {}, "no", "no"),
        (True, {Place.AGREED: 1}, "yes", "no"),
        (True, {Place.RESIDENCE: 1}, "no", "no"),
        (True, {Place.AGREED: 1, Place.RESIDENCE: 1}, "yes", "yes"),
        (False, {}, "yes", "no"),
        (False, {Place.RESIDENCE: 1}, "yes", "yes"),
        (None, {}, "unknown", "no"),
        (None, {Place.AGREED: 1}, "yes", "no"),
        (None, {Place.AGREED: 1, Place.RESIDENCE: 1}, "yes", "yes"),
        (None, {Place.RESIDENCE: 1}, "unknown", "unknown"),
    ],
)
def test_places_are_tried_in_order(agreed: bool | None, not_found: dict[Place, int], home: str, work: str) -> None:
    """The agreed place, then home, then work."""
    known = facts(person=Person("p1", agreed_place=agreed), not_found=not_found)
    assert says(rule("place_order"), visit(Place.RESIDENCE), known) == home
    assert says(rule("place_order"), visit(Place.WORKPLACE), known) == work


@pytest.mark.parametrize("predicate", ["certificate", "antecedents", "agent_notice", "assigned"])
def test_without_an_agent_the_papers_of_agents_are_not_needed(predicate: str) -> None:
    """The lender's own call passes; an agent or agency that is not on file is unknown, and so is another's paper."""
    assert says(rule(predicate, days=9)) == "yes"
    for agent in (None, Agent("a2", "g1"), Agent(None, "g1")):
        assert says(rule(predicate, days=9), intent(agent_id="a1"), facts(agent=agent)) == "unknown"
    assert says(rule(predicate, days=9), intent(agent_id="a1", agency_id="g2"), facts(agent=Agent("a1", "g1"))) == "unknown"
    assert says(rule(predicate, days=9), intent(agency_id="g2"), facts(agent=Agent(None, "g1"))) == "unknown"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(0, 0, "yes"), (-9, 0, "yes"), (0, 9, "yes"), (1, 9, "no"), (-9, -1, "no")],
)
def test_both_ends_of_a_certificate_are_inside(first: int, last: int, said: str) -> None:
    """In days from today; one that begins later is waited for."""
    wanted = intent(agent_id="a1")
    known = facts(agent=Agent("a1", None, Span(TODAY + first * DAY, TODAY + last * DAY)))
    assert says(rule("certificate"), wanted, known) == said
    if said == "no":
        assert again(rule("certificate"), wanted, known) == (ist("2026-11-25 00:00:00") if first > 0 else None)
    assert says(rule("certificate"), wanted, facts(agent=Agent("a1", None))) == "unknown"


@pytest.mark.parametrize(("age", "said"), [(-1, "no"), (0, "yes"), (364, "yes"), (365, "yes"), (366, "no")])
def test_a_check_of_antecedents_ages(age: int, said: str) -> None:
    """Exactly 365 days old passes; one dated ahead is no check yet."""
    known = facts(agent=Agent("a1", None, antecedents_on=TODAY - age * DAY))
    assert says(rule("antecedents", days=365), intent(agent_id="a1"), known) == said
    if said == "no":
        assert again(rule("antecedents", days=365), intent(agent_id="a1"), known) == (ist("2026-11-25 00:00:00") if age < 0 else None)


ASSIGNED = (Assignment("a1", NOON - DAY),)


@pytest.mark.parametrize(
    ("told_of", "off", "said"),
    [
        ("a1", -MICROSECOND, "yes"),
        ("a1", timedelta(0), "no"),
        ("a1", MICROSECOND, "no"),
        ("g1", -MICROSECOND, "yes"),
        ("a2", -MICROSECOND, "no"),
        ("a1", -DAY + MICROSECOND, "yes"),
        ("a1", -DAY, "no"),
        ("a1", -DAY - MICROSECOND, "no"),
    ],
)
def test_notice_of_an_agent_comes_after_the_assignment_and_before_the_contact(told_of: str, off: timedelta, said: str) -> None:
    """Of this agent or its agency, to the microsecond."""
    known = facts(agent=Agent("a1", "g1", notices=(Notice(told_of, NOON + off),), assignments=ASSIGNED))
    assert says(rule("agent_notice"), intent(agent_id="a1"), known) == said
    if off >= timedelta(0):
        assert again(rule("agent_notice"), intent(agent_id="a1"), known) == NOON + off + MICROSECOND


def test_a_new_assignment_needs_a_new_notice() -> None:
    """A notice before the latest assignment is worth nothing; one that has not begun yet asks for none; without any there is a no."""
    told = (Notice("a1", NOON - 2 * DAY),)
    for since, said in ((NOON - 3 * DAY, "yes"), (NOON - DAY, "no"), (NOON, "no")):
        known = facts(agent=Agent("a1", "g1", notices=told, assignments=(Assignment("a1", NOON - 9 * DAY), Assignment("g1", since))))
        assert says(rule("agent_notice"), intent(agent_id="a1"), known) == said
    assert says(rule("agent_notice"), intent(agent_id="a1"), facts(agent=Agent("a1", "g1", notices=told))) == "no"
    later = facts(agent=Agent("a1", "g1", notices=told, assignments=(Assignment("a1", NOON - 9 * DAY), Assignment("a1", NOON + DAY))))
    assert says(rule("agent_notice"), intent(agent_id="a1"), later) == "yes"


@pytest.mark.parametrize(
    ("to", "since", "until", "said"),
    [
        ("a1", timedelta(0), None, "yes"),
        ("a1", MICROSECOND, None, "no"),
        ("a1", -DAY, MICROSECOND, "yes"),
        ("a1", -DAY, timedelta(0), "no"),
        ("g1", -DAY, None, "yes"),
        ("a2", -DAY, None, "no"),
    ],
)
def test_an_assignment_holds_from_its_instant_until_just_before_its_end(
    to: str, since: timedelta, until: timedelta | None, said: str
) -> None:
    """To this agent or to its agency."""
    one = Assignment(to, NOON + since, None if until is None else NOON + until)
    known = facts(agent=Agent("a1", "g1", assignments=(one,)))
    assert says(rule("assigned"), intent(agent_id="a1"), known) == said
    if since == MICROSECOND:
        assert again(rule("assigned"), intent(agent_id="a1"), known) == NOON + MICROSECOND


KEYS = {
    StopScope.NUMBER: "n1",
    StopScope.CHANNEL: "call",
    StopScope.LOAN: "L1",
    StopScope.PERSON: "p1",
    StopScope.HOUSEHOLD: "h1",
    StopScope.PINCODE: "560001",
    StopScope.AGENT: "a1",
    StopScope.AGENCY: "g1",
    StopScope.CHANNEL_ALL: "call",
    StopScope.LENDER: "",
}


def stopped(wanted: Intent, *stops: Stop, row: dict[str, object] | None = None) -> tuple[bool, datetime | None]:
    """Is a contact refused by a row that bars everything, and until when?"""
    rules = book(stops=(row or stop_row("dispute", stops[0].scope.value),))
    decision = decide(wanted, facts(agent=Agent("a1", "g1"), stops=stops), rules)
    return not decision.permitted, next((verdict.again_at for verdict in decision.verdicts), None)


@pytest.mark.parametrize("scope", list(StopScope))
def test_a_stop_of_each_scope_covers_what_it_is_about(scope: StopScope) -> None:
    """And nothing that it is not about, but that a stop of the lender's covers all."""
    wanted = intent(agent_id="a1")
    assert stopped(wanted, Stop(StopEvent.DISPUTE, scope, KEYS[scope], NOON))[0]
    assert stopped(wanted, Stop(StopEvent.DISPUTE, scope, "else", NOON))[0] is (scope is StopScope.LENDER)
    assert not stopped(wanted, Stop(StopEvent.COURT, scope, KEYS[scope], NOON))[0]


@pytest.mark.parametrize(
    ("since", "until", "refused"),
    [
        (timedelta(0), None, True),
        (MICROSECOND, None, False),
        (-DAY, timedelta(0), False),
        (-DAY, MICROSECOND, True),
    ],
)
def test_a_stop_holds_from_its_instant_until_just_before_its_end(since: timedelta, until: timedelta | None, refused: bool) -> None:
    """To the microsecond."""
    end = None if until is None else NOON + until
    stop = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON + since, end)
    assert stopped(intent(), stop) == (refused, end if refused else None)


def test_stops_that_follow_each_other_end_together() -> None:
    """The first ends as the second begins; one after a pause does not lengthen them."""
    first = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON - DAY, NOON + DAY)
    second = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON + DAY, NOON + 2 * DAY)
    third = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON + 3 * DAY)
    assert stopped(intent(), third, first, second) == (True, NOON + 2 * DAY)


def test_a_stop_leaves_what_its_row_allows() -> None:
    """A receipt goes out after a dispute; a stop of visits leaves calls; a row that allows all bars nothing."""
    row = stop_row("dispute", "person", allowed="receipt otp", classes="call message")
    stop = Stop(StopEvent.DISPUTE, StopScope.PERSON, "p1", NOON)
    assert stopped(intent(), stop, row=row)[0]
    assert not stopped(intent(purpose=Purpose.RECEIPT), stop, row=row)[0]
    assert not stopped(intent(channel=Channel.VISIT), stop, row=row)[0]
    assert not stopped(intent(), stop, row=stop_row("dispute", "person", allowed="*"))[0]


def barred(scope: StopScope, key: str, wanted: Intent, **known: object) -> bool:
    """Does a stop of a scope and key refuse a contact with the person of these facts?"""
    rules = book(stops=(stop_row("calamity", scope.value),))
    return not decide(wanted, facts(stops=(Stop(StopEvent.CALAMITY, scope, key, NOON),), **known), rules).permitted


def test_a_stop_on_a_pin_code_covers_who_may_live_there() -> None:
    """Where the PIN code is not known; a person without a household is in none."""
    assert barred(StopScope.PINCODE, "560001", intent(), person=Person("p1"))
    assert not barred(StopScope.PINCODE, "560001", intent(), person=Person("p1", pincode="560002"))
    assert not barred(StopScope.HOUSEHOLD, "h1", intent(), person=Person("p1"))


@pytest.mark.parametrize(
    ("agent_id", "agency_id", "papers", "stopped_too"),
    [
        ("a1", None, None, True),
        ("a1", "g1", None, True),
        ("a1", "g1", Agent("a1", "g2"), True),
        ("a1", None, Agent("a1", "g1"), False),
        ("a1", None, Agent("a1", None), False),
        (None, "g1", None, False),
        (None, None, None, False),
    ],
)
def test_an_agent_not_on_file_may_be_of_any_agency(
    agent_id: str | None, agency_id: str | None, papers: Agent | None, stopped_too: bool
) -> None:
    """Papers of another agency than the one named are not this agent's."""
    wanted = intent(agent_id=agent_id, agency_id=agency_id)
    assert barred(StopScope.AGENCY, "g9", wanted, agent=papers) is stopped_too
