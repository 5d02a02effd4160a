"""A person's page: what is allowed, why not, what it rests on, and the acts by role."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.contact.assign_agent import assign_agent
from sulah.actions.contact.engage_agent import engage_agent
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.read_personal import SIGHT, Sight
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import day_text, fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.wish import Consent, Preference
from sulah.records.person import Person
from sulah.web.desk.person_acts import ACTS
from sulah.web.desk.person_forms import ROLES
from tests.web import small_contacts as small
from tests.web.cast import LAST
from tests.web.conftest import Written

SignIn = Callable[..., Client]
PERSON = "/contact/person/B-0003"


def noon_ahead() -> str:
    """12:00 in India of a weekday to come that is no Sunday, as a field writes it."""
    day = small.today() + timedelta(days=1)
    return f"{(day if day.weekday() < 6 else day + timedelta(days=1)).isoformat()}T12:00"


def text_of(client: Client, address: str, **asked: str) -> str:
    """The text of a page without its tags."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def cell(client: Client, address: str, purpose: str, channel: str) -> str:
    """The words of one cell of the table of what is allowed at noon of a day ahead."""
    body = client.get(address, {"at": noon_ahead()}).content.decode()
    row = body.split(f'<th scope="row">{purpose}</th>')[1].split("</tr>")[0]
    found = re.search(rf'data-label="{channel}"><a[^>]*><b>(\w+)</b> ([^<]*)</a>', row)
    assert found is not None
    return f"{found[1]} {found[2]}"


def act(client: Client, name: str, person: str = "B-0003", **given: object) -> str:
    """What the page says after an act."""
    response = client.post(f"/contact/person-act/{name}", {"person": person, **given}, follow=True)
    return unescape(response.content.decode())


def test_a_calm_person_may_be_called_until_the_window_closes(people: Lender, signed_in: SignIn) -> None:
    assert cell(signed_in(Role.AGENT), PERSON, "Recovery", "Call") == "Yes until 19:00"


def test_a_cell_leads_to_every_rule_that_says_no(people: Lender, signed_in: SignIn) -> None:
    text = text_of(signed_in(Role.AGENT), PERSON, at=noon_ahead(), channel="whatsapp", purpose="recovery")
    assert "Recovery by WhatsApp" in text
    assert "WA-OPT" in text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENCY])
def test_names_and_numbers_are_shown_as_far_as_the_role_sees_them(people: Lender, signed_in: SignIn, role: Role) -> None:
    text = text_of(signed_in(role), PERSON)
    sight = SIGHT[role]
    assert ("Salma Bano" in text) is (sight is not Sight.PSEUDONYM)
    assert ("9820000003" in text) is (sight is Sight.CLEAR)
    assert ("•••••• 0003" in text) is (sight is Sight.NAME_AND_LAST_FOUR)
    assert small.key_of(people, 3) not in text
    entries = AuditEntry.objects.filter(act="read_personal", subject="page:person/B-0003")
    assert entries.count() == (0 if sight is Sight.PSEUDONYM else 1)


def test_a_person_of_another_branch_is_not_found_neither_by_page_nor_by_act(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE, "BR-SALEM")  # B-0003 is of BR-NASHIK
    assert client.get(PERSON).status_code == client.get("/contact/person/NOBODY").status_code == 404
    assert client.get("/contact", {"q": "B-0003"}).status_code == 200
    assert "Nobody has that number" in text_of(client, "/contact", q="B-0003")
    response = client.post("/contact/person-act/consent", {"person": "B-0003", "channel": "sms", "source": "form"})
    assert response.status_code == 404
    assert not Consent.objects.exists()


@pytest.mark.parametrize("asked", ["B-0003", "LN/10004"])
def test_a_person_is_found_by_their_number_or_a_loan(people: Lender, signed_in: SignIn, asked: str) -> None:
    response = signed_in(Role.AGENT, "BR-NASHIK").get("/contact", {"q": asked})
    assert (response.status_code, response.headers["Location"]) == (302, PERSON)


def test_the_search_says_as_of_which_day_people_stand_and_which_day_waits(lender: Lender, written: Written, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    before = text_of(client, "/contact")
    assert "No day is published for contact yet" in before
    assert f"The day of {day_text(LAST)} waits" in before
    small.put_people(lender, written.told)
    assert "People stand as on" in text_of(client, "/contact")


def test_a_complaint_stops_recovery_at_once_and_only_compliance_lifts_it(people: Lender, signed_in: SignIn) -> None:
    agent, compliance = signed_in(Role.AGENT), signed_in(Role.COMPLIANCE)
    said = act(agent, "stop", event="complaint", reason="Called <b>rudely</b>")
    assert "contact is stopped at once" in said
    assert "Called &lt;b&gt;rudely" in agent.get(PERSON).content.decode()
    assert cell(agent, PERSON, "Recovery", "SMS") == "No not by waiting"
    assert cell(agent, PERSON, "Receipt", "SMS").startswith("Yes")
    assert "STP-COMPLAINT" in text_of(agent, PERSON, at=noon_ahead())
    stop = StopEvent.objects.get()
    assert "Lift this stop" not in text_of(agent, PERSON)
    assert "may not lift a stop" in act(agent, "lift", which=stop.pk, reason="answered")
    assert "Lift this stop" in text_of(compliance, PERSON)
    assert "Give the reason" in act(compliance, "lift", which=stop.pk, reason=" ")
    assert "is lifted" in act(compliance, "lift", which=stop.pk, reason="answered, letter 12")
    assert cell(agent, PERSON, "Recovery", "SMS").startswith("Yes")
    assert "answered, letter 12" in text_of(agent, PERSON)
    acts = AuditEntry.objects.filter(act__startswith="stop.").order_by("id")
    assert [(entry.actor, entry.act) for entry in acts] == [("agent0", "stop.raise"), ("compliance0", "stop.lift")]


def test_a_stop_of_somebody_else_cannot_be_lifted_from_here(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    act(client, "stop", person="B-0005", event="complaint", reason="rude")
    response = client.post("/contact/person-act/lift", {"person": "B-0003", "which": StopEvent.objects.get().pk, "reason": "x"})
    assert response.status_code == 404
    assert StopEvent.objects.get().lifted_at is None


def test_what_the_person_said_is_written_down_through_small_forms(people: Lender, signed_in: SignIn) -> None:
    client, key = signed_in(Role.SUPERVISOR), small.key_of(people, 3)
    assert "agreement to SMS" in act(client, "consent", channel="sms", source="loan form")
    assert "holds at once" in act(client, "withdraw", channel="sms", source="reply STOP")
    assert "The wish is written down" in act(client, "wish", weekdays=["6"], classes=["call"])
    assert "No call on Sunday" in text_of(client, PERSON)
    assert "must begin before it ends" in act(client, "wish", first="18:00", last="09:00")
    assert "The wish has ended" in act(client, "end_wish", which=Preference.objects.get().pk)
    assert "The number is marked" in act(client, "number", number_key=key, standing="invalid", source="call")
    assert "Invalid" in text_of(client, PERSON)
    assert "Choose one of the person" in act(client, "number", number_key="f" * 32, standing="good", source="call")
    assert "The visit is written down" in act(client, "visit", place="agreed", met="no", at="2026-01-05T10:00")
    assert "Centre C-7" in act(client, "place", centre_id="C-7")
    assert "is noted for the household" in act(client, "occasion", kind="bereavement", first=small.today().isoformat(), note="father died")
    assert "father died" in text_of(client, PERSON)
    assert "choose one of the list" in act(client, "consent", channel="telegraph", source="x")


def test_an_occasion_bars_contact_on_the_page_and_can_be_taken_back(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    act(client, "occasion", kind="bereavement", first=small.today().isoformat(), note="father died")
    assert cell(client, PERSON, "Recovery", "Call").startswith("No")
    assert "an occasion to be left in peace" in text_of(client, PERSON, at=noon_ahead())
    which = re.search(r'end_occasion.*?name="which" value="(\d+)"', client.get(PERSON).content.decode(), re.DOTALL)
    assert which is not None
    act(client, "end_occasion", which=which[1])
    assert cell(client, PERSON, "Recovery", "Call").startswith("Yes")


GIVEN = {
    "consent": {"channel": "sms", "source": "form"},
    "withdraw": {"channel": "sms", "source": "reply"},
    "wish": {"weekdays": "6"},
    "number": {"standing": "invalid", "source": "call"},
    "place": {"centre_id": "C-1"},
    "visit": {"place": "agreed", "met": "no", "at": "2026-01-05T10:00"},
    "stop": {"event": "complaint", "reason": "rude"},
    "occasion": {"kind": "hospital", "first": "2026-11-01", "note": "fever"},
    "assign": {"whom": "agent:RA-1"},
    "notice": {"whom": "agent:RA-1", "channel": "letter"},
}


def given_for(name: str, lender: Lender) -> QueryDict:
    """What the form of an act gives when all is in order."""
    given = QueryDict(mutable=True)
    given.update({**GIVEN.get(name, {}), "number_key": small.key_of(lender, 10)} if name == "number" else GIVEN.get(name, {}))
    return given


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_the_acts_hold_the_roles_that_the_page_shows_them_to(people: Lender, name: str) -> None:
    """A role that is not shown an act is refused by it; one that is shown it is let."""
    small.put_agents(small.GIVEN)
    for role in Role:
        agency = "AG-1" if role is Role.AGENCY else ""
        by = Actor(f"some {role}", role, None, agency)
        if role in ROLES[name]:
            assert ACTS[name](small.GIVEN, given_for(name, people), by)
        else:
            with pytest.raises(NotPermittedError):
                ACTS[name](small.GIVEN, given_for(name, people), by)


def test_every_act_of_the_page_is_in_the_table_of_roles() -> None:
    assert set(ACTS) == set(ROLES) | {"lift"}


def test_an_agency_sees_only_those_given_to_it_and_no_name(people: Lender, signed_in: SignIn) -> None:
    small.put_agents(small.GIVEN)
    client = signed_in(Role.AGENCY)
    Person.objects.filter(username="agency0").update(agency_id="AG-1")
    assert client.get(PERSON).status_code == 404
    text = text_of(client, f"/contact/person/{small.GIVEN}")
    assert f"Borrower {small.GIVEN}" in text
    assert small.phone_of(10)[-4:] not in text.replace(small.GIVEN, "")
    engage_agent("OWN-1", "Own agent", by=small.COMPLIANCE, clock=fixed_clock(small.at_noon(1)))
    assign_agent(small.GIVEN, agent_id="OWN-1", by=small.SUPERVISOR, clock=fixed_clock(small.at_noon(0)))
    assert client.get(f"/contact/person/{small.GIVEN}").status_code == 404


def test_caps_are_counted_as_the_guard_counts_them(people: Lender, signed_in: SignIn) -> None:
    small.put_contacts(people, rulebook_of(people), ["B-0003"], days=5)
    called = Contact.objects.filter(person="B-0003", channel="call").count()
    sent = Contact.objects.filter(person="B-0003", contact_class="message").count()
    body = signed_in(Role.AGENT).get(PERSON).content.decode()
    for rule_id, used, most in (("FRQ-CALL-WEEK", called, 10), ("FRQ-MSG-WEEK", sent, 7)):
        row = next(part for part in body.split("<tr") if f">{rule_id}<" in part and "bar-col" in part)
        assert f'<td class="n">{used} of {most}</td>' in row
    assert called + sent > 0


def test_an_instant_that_cannot_be_read_or_lies_behind_is_now(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT)
    for asked in ("yesterday", "2020-01-01T10:00", "2999-01-01T10:00", "<script>"):
        assert "What is allowed now" in text_of(client, PERSON, at=asked)


def test_acts_need_a_post_with_a_token_and_a_name_that_there_is(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT)
    assert client.get("/contact/person-act/consent").status_code == 405
    assert client.post("/contact/person-act/nothing", {"person": "B-0003"}).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/contact/person-act/consent", {"person": "B-0003", "channel": "sms", "source": "x"}).status_code == 403
