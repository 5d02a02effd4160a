"""Stops, calendar, agencies: what stands, what runs out, and who may change it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.actor import CONDUCT, OFFICE
from sulah.actions.contact.raise_stop import HEADS
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.agent import Agent, Assignment
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.stop import StopEvent
from sulah.records.person import Person
from sulah.web.reach import PAGES
from tests.web import small_contacts as small

SignIn = Callable[..., Client]


def body_of(client: Client, address: str, **asked: str) -> str:
    """A page as it is read."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


def act(client: Client, address: str, /, **given: str) -> str:
    """What the page says after an act."""
    return unescape(client.post(f"/contact/{address}", given, follow=True).content.decode())


def test_a_stop_of_the_lender_is_raised_and_lifted_by_its_heads(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert "No stop is in force" in body_of(client, "/contact/stops")
    assert "stopped at once" in act(client, "stop-act/raise", event="lender_stopped", reason="the provider leaks")
    assert "the provider leaks" in body_of(signed_in(Role.AGENT, "BR-SALEM"), "/contact/stops")
    stop = StopEvent.objects.get()
    refused = act(signed_in(Role.SUPERVISOR), "stop-act/lift", which=str(stop.pk), reason="over")
    assert "may not lift a stop" in refused
    assert "mended" not in body_of(client, "/contact/stops", ended="yes")
    assert "The stop of the lender is lifted" in act(client, "stop-act/lift", which=str(stop.pk), reason="mended")
    assert "the provider leaks" not in body_of(client, "/contact/stops")
    assert "mended" in body_of(client, "/contact/stops", ended="yes")


def test_stops_of_other_branches_people_are_not_listed(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    for person in ("B-0003", "B-0007"):
        act(client, "person-act/stop", person=person, event="complaint", reason=f"of {person}")
    own = body_of(signed_in(Role.COMPLIANCE, "BR-NASHIK"), "/contact/stops")
    assert "of B-0003" in own
    assert "of B-0007" not in own
    taken = client.get("/contact/stops", {"csv": "stops"}).content.decode("utf-8-sig").strip().splitlines()
    assert len(taken) == 3
    assert AuditEntry.objects.filter(act="page.export", subject="stops").count() == 1


def handed_over(stop: StopEvent, seconds: float) -> None:
    """A message that a worker handed over so many seconds after a stop was taken in, before it for a negative number."""
    at = stop.taken_at + timedelta(seconds=seconds)
    Outbox.objects.create(
        reference=f"m{Outbox.objects.count()}", person=stop.person, channel="sms", purpose="recovery", template="due", state="sent",
        not_before=at, not_after=at, queued_at=at, queued_by="x", changed_at=at, handed_at=at, attempts=1, provider="one", sealed="x",
    )  # fmt: skip


def test_the_time_from_intake_to_the_last_send_is_shown(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    act(client, "person-act/stop", person="B-0003", event="complaint", reason="rude")
    stop = StopEvent.objects.get()
    handed_over(stop, 7)
    handed_over(stop, -40)
    handed_over(stop, -90_000)
    page = body_of(client, "/contact/stops")
    assert "7 s" in page
    assert '<td class="n" data-label="Accepted before">1</td>' in page
    line = client.get("/contact/stops", {"csv": "stops"}).content.decode("utf-8-sig").splitlines()[1]
    assert line.endswith(",7,1")
    assert "7 s" in body_of(client, "/inspection/stops")


def test_a_day_is_proposed_confirmed_and_taken_out_again(people: Lender, signed_in: SignIn) -> None:
    client, year = signed_in(Role.COMPLIANCE), 2026
    assert f"days of {year} are proposed" in act(client, "calendar-act/propose", year=str(year), states="MH")
    row = CalendarDay.objects.get(day="2026-10-02", state="")
    page = body_of(client, "/contact/calendar", month="2026-10")
    assert "Gandhi" in page
    assert "proposed" in page
    assert "is confirmed" in act(client, "calendar-act/confirm", which=str(row.pk), month="2026-10")
    assert "is dismissed" in act(client, "calendar-act/dismiss", which=str(row.pk), month="2026-10")
    assert "Confirm after all" in body_of(client, "/contact/calendar", month="2026-10")
    assert "0 days" in act(client, "calendar-act/propose", year=str(year), states="MH")
    assert "Give a year" in act(client, "calendar-act/propose", year="20000")
    trail = AuditEntry.objects.filter(act__startswith="calendar.").values_list("act", flat=True)
    assert list(trail) == ["calendar.propose", "calendar.confirmed", "calendar.dismissed", "calendar.propose"]


def test_a_day_added_by_hand_and_an_occasion_of_a_place_stand_in_the_month(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    act(client, "calendar-act/add", day="2026-12-07", name="Local <fair>", kind="religious_festival", state="MH")
    act(client, "calendar-act/note", kind="calamity", pincode="422001", first="2026-12-05", last="2026-12-09", note="flood")
    page = client.get("/contact/calendar", {"month": "2026-12"}).content.decode()
    assert "Local &lt;fair&gt;" in page
    assert page.count("Calamity, 422001") == 5
    assert "Local" not in body_of(client, "/contact/calendar", month="2026-12", state="BR")
    assert "422001" not in body_of(client, "/contact/calendar", month="2026-12", pincode="999999").split("<table")[1]
    assert "is taken back" in act(client, "calendar-act/end", which=str(Occasion.objects.get().pk))
    assert "Calamity" not in body_of(client, "/contact/calendar", month="2026-12").split("</table>")[0]
    assert "Give the day" in act(client, "calendar-act/add", day="soon", name="x")


@pytest.mark.parametrize("month", ["2026-13", "0000-00", "x", "9999-12", "0001-01"])
def test_a_month_that_is_none_or_at_the_end_of_time_is_no_error(people: Lender, signed_in: SignIn, month: str) -> None:
    assert signed_in(Role.AGENT).get("/contact/calendar", {"month": month}).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_the_lists_offer_their_acts_to_those_who_may_do_them(people: Lender, signed_in: SignIn, role: Role) -> None:
    """What is offered is let by the act, and an act that is not offered is refused at the door or by the act."""
    small.put_agents(small.GIVEN)
    client = signed_in(role)
    offered = {
        "stops": ("Stop a channel", HEADS),
        "calendar": ("Propose the holidays", OFFICE),
        "agencies": ("Engage an agency", OFFICE),
    }
    for name, (words, roles) in offered.items():
        if role in PAGES[name]:
            assert (words in body_of(client, f"/contact/{name}")) is (role in roles)
    given = {"stop-act/raise": HEADS, "calendar-act/propose": OFFICE, "calendar-act/end": CONDUCT, "agency-act/agency": OFFICE}
    for address, roles in given.items():
        before = AuditEntry.objects.count()
        values = {"event": "lender_stopped", "reason": "x", "year": "2027", "agency": "AG-9", "name": "N", "which": "0"}
        response = client.post(f"/contact/{address}", values)
        assert response.status_code == (302 if role in PAGES[address.split("-")[0] + "_act"] else 403)
        written = AuditEntry.objects.count() > before
        assert written is (role in roles and address != "calendar-act/end")


def test_what_runs_out_is_listed_first_and_papers_are_put_on_file(people: Lender, signed_in: SignIn) -> None:
    small.put_agents(small.GIVEN)
    client = signed_in(Role.COMPLIANCE)
    page = body_of(client, "/contact/agencies")
    assert "the certificate ends in 12 days" in page.split("Vishwas")[0]
    assert "Sanjay More" not in page.split("Vishwas")[0]
    last = (small.today() + timedelta(days=300)).isoformat()
    given = {"agent": "RA-2", "first": small.today().isoformat(), "last": last, "reference": "IIBF 9"}
    assert "The certificate is on file" in act(client, "agency-act/certificate", **given)
    assert "ends in 12 days" not in body_of(client, "/contact/agencies")
    assert "has a last day" in act(client, "agency-act/certificate", **{**given, "last": "2020-01-01"})


def test_an_agent_who_is_let_go_has_nobody_at_the_same_instant(people: Lender, signed_in: SignIn) -> None:
    small.put_agents(small.GIVEN)
    client = signed_in(Role.COMPLIANCE)
    assert small.GIVEN in body_of(client, "/contact/agents/RA-1")
    assert "is let go" in act(client, "agency-act/dismiss", agent="RA-1")
    assert Assignment.objects.filter(until=None).count() == 0
    assert Agent.objects.get(pk="RA-1").ended_on is not None
    assert client.get("/contact/agents/NOBODY").status_code == 404


def test_people_who_were_not_told_of_their_agent_are_listed_within_reach(people: Lender, signed_in: SignIn) -> None:
    small.put_agents(small.GIVEN)
    supervisor = signed_in(Role.SUPERVISOR)
    act(supervisor, "person-act/assign", person="B-0003", whom="agency:AG-1")
    assert "Not told yet: 1" in body_of(supervisor, "/contact/agencies")
    assert "Not told yet" not in body_of(signed_in(Role.SUPERVISOR, "BR-SALEM"), "/contact/agencies")
    act(supervisor, "person-act/notice", person="B-0003", whom="agency:AG-1", channel="letter")
    assert "Not told yet" not in body_of(supervisor, "/contact/agencies")


def test_an_agency_sees_its_own_agents_only(people: Lender, signed_in: SignIn) -> None:
    small.put_agents(small.GIVEN)
    client = signed_in(Role.AGENCY)
    assert "Sanjay More" not in body_of(client, "/contact/agencies")
    Person.objects.filter(username="agency0").update(agency_id="AG-1")
    assert "Sanjay More" in body_of(client, "/contact/agencies")
    assert re.search(rf'href="/contact/person/{small.GIVEN}"', body_of(client, "/contact/agents/RA-1"))
