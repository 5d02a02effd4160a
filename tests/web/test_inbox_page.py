"""The inbox: what people have to do, in working order, within reach; and what unknown numbers said."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.task import Task
from tests.web import small_talk as talk
from tests.web.conftest import Written

SignIn = Callable[..., Client]


@pytest.fixture
def talked(lender: Lender, written: Written) -> Lender:
    """The lender after a day of talk."""
    talk.fill_talk(lender, written.told)
    return lender


def body_of(client: Client, address: str = "/talk", **asked: str) -> str:
    """A page as it is read, without tags."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def act(client: Client, name: str, **given: object) -> str:
    """What the page says after an act."""
    return unescape(client.post(f"/talk/task-act/{name}", given, follow=True).content.decode())


def people_in_order(client: Client, **asked: str) -> list[str]:
    """The people of the list, as their rows stand."""
    body = client.get("/talk", asked).content.decode()
    table = body.split("<tbody>")[1].split("</tbody>")[0] if "tasks" in body and "<tbody>" in body else ""
    return re.findall(r'<th scope="row"><a href="/talk/thread/([^"]+)"', table)


def test_what_is_urgent_comes_first_then_what_is_due_soonest(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    now = system_clock()
    Task.objects.filter(person="B-0007").update(due_at=now + timedelta(minutes=3))
    assert people_in_order(client)[:2] == ["B-0009", "B-0007"]
    text = body_of(client)
    assert "14 min left" in text
    assert "2 min left" in text
    Task.objects.filter(kind="urgent_call").update(due_at=now - timedelta(minutes=61))
    assert "1 h late" in body_of(client)


def test_the_inbox_is_narrowed_by_kind_by_whose_and_by_branch(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    assert people_in_order(client, kind="complaint") == ["B-0007"]
    task = Task.objects.get(kind="check_payment")
    assert "it is yours" in act(client, "take", which=task.pk)
    assert people_in_order(client, mine="yes") == ["B-0005"]
    assert "B-0005" not in people_in_order(client, mine="nobody")
    assert "B-0003" in people_in_order(client, branch="BR-NASHIK")
    assert people_in_order(client, branch="NOWHERE") == []
    assert "Nothing to do with these filters" in body_of(client, branch="NOWHERE")


def test_a_branch_sees_its_own_people_and_no_strangers(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT, "BR-NASHIK")
    seen = people_in_order(client)
    assert "B-0003" in seen
    assert "B-0007" not in seen
    text = body_of(client)
    assert "B-0007" not in text
    other = Task.objects.get(person="B-0007")
    assert "is not among the people that you work with" in act(client, "take", which=other.pk)
    assert client.get("/talk/unknown").status_code == 403
    assert signed_in(Role.COMPLIANCE, "BR-NASHIK").get("/talk/unknown").status_code == 404


def test_a_task_is_taken_once_and_taken_over_by_conduct_only(talked: Lender, signed_in: SignIn) -> None:
    first, second, supervisor = signed_in(Role.AGENT), signed_in(Role.FIELD_OFFICER), signed_in(Role.SUPERVISOR)
    task = Task.objects.get(kind="check_payment")
    assert "it is yours" in act(first, "take", which=task.pk)
    assert "may not take over" in act(second, "take", which=task.pk)
    assert "it is yours" in act(supervisor, "take", which=task.pk)
    assert "Say what was done" in act(supervisor, "close", which=task.pk, outcome=" ")
    assert "closed" in act(supervisor, "close", which=task.pk, outcome="Receipt found, posted today")
    assert "no such open task" in act(supervisor, "close", which=task.pk, outcome="again")
    assert "B-0005" not in people_in_order(supervisor)


def test_an_urgent_task_is_closed_by_those_who_answer_for_conduct(talked: Lender, signed_in: SignIn) -> None:
    agent, officer = signed_in(Role.AGENT), signed_in(Role.COMPLIANCE)
    task = Task.objects.get(kind="urgent_call")
    assert "Closed by a supervisor or the compliance officer" in body_of(agent)
    assert "may not close an urgent task" in act(agent, "close", which=task.pk, outcome="called")
    assert "closed" in act(officer, "close", which=task.pk, outcome="Called, her sister is with her")


@pytest.mark.parametrize("role", [Role.LEGAL, Role.ADMINISTRATOR, Role.VALIDATOR, Role.INSPECTOR])
def test_who_only_reads_is_shown_no_act_and_may_do_none(talked: Lender, signed_in: SignIn, role: Role) -> None:
    client, task = signed_in(role), Task.objects.get(kind="check_payment")
    assert "task-act" not in client.get("/talk").content.decode()
    assert client.post("/talk/task-act/take", {"which": task.pk}).status_code == 403


def test_names_are_shown_as_far_as_the_role_sees_them_and_their_reading_is_written_down(talked: Lender, signed_in: SignIn) -> None:
    assert "Salma Bano" in body_of(signed_in(Role.AGENT, "BR-NASHIK"))
    assert AuditEntry.objects.get(act="read_personal", subject="page:inbox").actor == "agent1"
    assert "Salma Bano" not in body_of(signed_in(Role.INSPECTOR))


def test_counts_by_kind_and_who_waits_longest_are_told(talked: Lender, signed_in: SignIn) -> None:
    Task.objects.filter(person="B-0005").update(opened_at=system_clock() - timedelta(days=3))
    text = body_of(signed_in(Role.SUPERVISOR))
    assert "Who waits longest Borrower B-0005" in text
    assert "3 days" in text
    assert "1 heard from numbers that nobody on the book has" in text


def test_what_unknown_numbers_said_is_read_and_its_reading_written_down(talked: Lender, signed_in: SignIn) -> None:
    text = body_of(signed_in(Role.COMPLIANCE), "/talk/unknown")
    assert "who is this" in text
    assert "9899999999" not in text
    entry = AuditEntry.objects.get(act="read_personal", subject="words:nobody")
    assert len(entry.after["heard"]) == 1


def test_the_inbox_is_taken_out_without_names_and_written_down(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    taken = client.get("/talk", {"csv": "inbox", "kind": "complaint"}).content.decode("utf-8-sig").strip().splitlines()
    assert taken[0].startswith("id,kind,person,urgent")
    assert len(taken) == 2
    assert "complaint,B-0007,false" in taken[1]
    assert AuditEntry.objects.get(act="page.export").subject == "inbox"


def test_corrections_are_taken_out_as_labels_without_a_word(talked: Lender, signed_in: SignIn) -> None:
    officer = signed_in(Role.COMPLIANCE)
    row = talk.said(talked, talk.MONDAY, 6)
    answer = officer.post("/talk/thread-act/correct", {"person": "B-0006", "which": row.pk, "right": "other"}, follow=True)
    assert "it was: something else" in answer.content.decode()
    taken = officer.get("/talk", {"csv": "corrections"}).content.decode("utf-8-sig").strip().splitlines()
    assert taken[0] == "heard,channel,kind,read_as,sure,right,at,by"
    assert taken[1].startswith(f"{row.pk},sms,text,paid,sure,other,")
    assert talk.MONDAY not in "".join(taken)
    agent = signed_in(Role.AGENT)
    assert len(agent.get("/talk", {"csv": "corrections"}).content.decode("utf-8-sig").strip().splitlines()) == 1


def test_a_long_inbox_is_paged_with_as_many_queries_as_a_short_one(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    with CaptureQueriesContext(connection) as short:
        client.get("/talk")
    now = system_clock()
    Task.objects.bulk_create(
        Task(kind="read", person="B-0005", about=f"t{n}", opened_at=now, opened_by="x", due_at=now + timedelta(hours=n + 1))
        for n in range(120)
    )
    with CaptureQueriesContext(connection) as long:
        first = people_in_order(client)
    assert len(long) <= len(short) + 1
    assert len(first) == 50
    assert people_in_order(client, page="3")
    assert people_in_order(client, page="2") != people_in_order(client, page="3")
