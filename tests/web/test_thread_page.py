"""The thread of a person: what was said both ways, what became of it, and the acts on it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.read_personal import SIGHT, Sight
from sulah.actions.talk.answer_by_hand import Looked
from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel, Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Task
from sulah.web import talk_ways
from sulah.web.desk.thread import MOST
from sulah.web.words import INTENTS
from tests.web import small_contacts as small
from tests.web import small_talk as talk
from tests.web.conftest import Written

SignIn = Callable[..., Client]


@pytest.fixture
def talked(lender: Lender, written: Written, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """The lender after a day of talk, its channels made by hand."""
    monkeypatch.setattr(talk_ways, "channels_here", talk.channels)
    talk.fill_talk(lender, written.told)
    return lender


def text_of(client: Client, person: str, **asked: str) -> str:
    """The thread as it is read, without tags."""
    response = client.get(f"/talk/thread/{person}", asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def act(client: Client, name: str, person: str, **given: object) -> str:
    """What the page says after an act."""
    return unescape(client.post(f"/talk/thread-act/{name}", {"person": person, **given}, follow=True).content.decode())


def test_both_sides_are_read_in_order_with_what_was_read_and_done(talked: Lender, signed_in: SignIn) -> None:
    text = text_of(signed_in(Role.SUPERVISOR), "B-0005")
    ours, theirs = text.index("की किस्त 450 बाकी है"), text.index(talk.MONDAY)
    assert ours < theirs
    assert "delivered" in text
    assert "Read as paid already , sure" in text
    assert "Stop: paid" in text
    assert "Task: check payment" in text
    assert "भर दिया" in text


def test_what_was_read_is_shown_as_people_write_it(talked: Lender, signed_in: SignIn) -> None:
    row = Heard.objects.get(person="B-0006")
    Heard.objects.filter(pk=row.pk).update(
        reading={"intent": "promise", "matched": "dunga", "amount_paise": 50_000, "amount_sure": True, "due_on": "2026-12-05", "utr": None}
    )
    text = text_of(signed_in(Role.SUPERVISOR), "B-0006")
    assert "Matched dunga Amount ₹500 Due 5 Dec 2026" in text
    assert "True" not in text


def test_a_message_that_was_refused_names_its_rules(talked: Lender, signed_in: SignIn) -> None:
    body = signed_in(Role.SUPERVISOR).get("/talk/thread/B-0005").content.decode()
    assert 'href="/contact/rules/FRQ-DAY"' in body
    assert "refused" in text_of(signed_in(Role.COMPLIANCE), "B-0005")


def test_a_text_that_is_set_up_no_more_says_so_and_breaks_nothing(
    talked: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk_ways, "channels_here", dict)
    assert "The text due_hi is set up no more" in text_of(signed_in(Role.SUPERVISOR), "B-0005")


def test_contacts_that_were_no_message_of_the_outbox_stand_in_the_thread(talked: Lender, written: Written, signed_in: SignIn) -> None:
    small.put_contacts(talked, rulebook_of(talked), ["B-0004"])
    text = text_of(signed_in(Role.SUPERVISOR), "B-0004")
    assert "Call, recovery: connected" in text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENCY])
def test_words_are_read_by_those_who_see_people_and_their_reading_is_written_down_once_a_visit(
    talked: Lender, signed_in: SignIn, role: Role
) -> None:
    client = signed_in(role)
    text = text_of(client, "B-0005")
    sees = SIGHT[role] is not Sight.PSEUDONYM
    assert (talk.MONDAY in text) is sees
    assert ("not shown to your role" in text) is not sees
    assert ("भर दिया" in text) is sees
    entries = AuditEntry.objects.filter(act="read_personal", subject="words:B-0005")
    assert entries.count() == sees
    if sees:
        entry = entries.get()
        assert entry.after["page"] == "thread/B-0005"
        assert len(entry.after["messages"]) == 2
        assert len(entry.after["heard"]) == 1
        assert talk.MONDAY not in str(entry.after)


def test_a_thread_of_another_branch_is_not_found_neither_by_page_nor_by_act(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE, "BR-SALEM")
    assert client.get("/talk/thread/B-0003").status_code == client.get("/talk/thread/NOBODY").status_code == 404
    for name in ("answer", "correct"):
        assert client.post(f"/talk/thread-act/{name}", {"person": "B-0003"}).status_code == 404
    assert not AuditEntry.objects.filter(subject="words:B-0003").exists()


def test_what_was_read_wrongly_is_corrected_here(talked: Lender, signed_in: SignIn) -> None:
    client, row = signed_in(Role.AGENT), Heard.objects.get(person="B-0006")
    assert Promise.objects.get().state == "open"
    said = act(client, "correct", "B-0006", which=row.pk, right="other")
    assert "Written down; it was: something else. The promise is withdrawn." in said
    assert Promise.objects.get().state == "withdrawn"
    text = text_of(client, "B-0006")
    assert "Read as a promise to pay , sure. Corrected by agent0: something else" in text
    assert "That is how it was read already" in act(client, "correct", "B-0006", which=row.pk, right="other")


def test_every_intent_has_its_words() -> None:
    assert set(INTENTS) == set(CONSEQUENCES)


def test_a_correction_tells_what_it_could_not_take_back(talked: Lender, signed_in: SignIn) -> None:
    client, row = signed_in(Role.AGENT), Heard.objects.get(person="B-0007")
    said = act(client, "correct", "B-0007", which=row.pk, right="call_me")
    assert "The stop for complaint stands." in said
    assert StopEvent.objects.filter(event="complaint", lifted_at=None).count() == 1
    assert "The stop for complaint stands." in text_of(client, "B-0007")


def test_a_message_of_somebody_else_is_not_corrected_from_here(talked: Lender, signed_in: SignIn) -> None:
    row = Heard.objects.get(person="B-0007")
    response = signed_in(Role.COMPLIANCE).post("/talk/thread-act/correct", {"person": "B-0006", "which": row.pk, "right": "other"})
    assert response.status_code == 404


def test_an_answer_goes_only_where_a_session_is_open_and_the_words_were_looked_through(
    talked: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(Role.AGENT)
    assert "No session is open" in text_of(client, "B-0005")
    assert "Answer by WhatsApp, until" in text_of(client, "B-0003")
    refused = act(client, "answer", "B-0003", channel="whatsapp", text="Pay today or the police will arrest you.")
    assert '<p class="note error"' in refused
    assert not Outbox.objects.filter(template="").exists()
    monkeypatch.setattr(talk_ways, "LINT", lambda *_: Looked(("It threatens: “police”.",)))
    assert "It threatens: “police”." in act(client, "answer", "B-0003", channel="whatsapp", text="Police!")
    monkeypatch.setattr(talk_ways, "LINT", lambda *_: Looked(legal_words=False, offers=False))
    assert "The answer waits to be sent" in act(client, "answer", "B-0003", channel="whatsapp", text="We call at four.")
    row = Outbox.objects.get(template="")
    assert (row.purpose, row.queued_by, row.person) == ("session_answer", "agent0", "B-0003")
    text = text_of(client, "B-0003")
    assert "We call at four." in text
    assert "written by agent0" in text
    assert "No session is open" in act(client, "answer", "B-0005", channel="sms", text="hello")
    assert "choose one of the list" in act(client, "answer", "B-0003", channel="telegraph", text="hello")


def test_tasks_of_the_person_are_taken_and_closed_here(talked: Lender, signed_in: SignIn) -> None:
    client, task = signed_in(Role.AGENT), Task.objects.get(person="B-0003")
    answer = client.post("/talk/task-act/take", {"which": task.pk, "thread": "B-0003"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/talk/thread/B-0003"
    assert "agent0 has it" in text_of(client, "B-0003")
    client.post("/talk/task-act/close", {"which": task.pk, "thread": "B-0003", "outcome": "Agreed by telephone"})
    assert "Nothing is open about this person" in text_of(client, "B-0003")
    outside = client.post("/talk/task-act/close", {"which": task.pk, "thread": "NOBODY", "outcome": "x"})
    assert outside.headers["Location"] == "/talk"


def test_a_long_thread_shows_its_newest_end_and_leads_back(talked: Lender, signed_in: SignIn) -> None:
    start = system_clock() - timedelta(hours=5)
    for place in range(MOST + 5):
        Outbox.objects.filter(pk=talk.reminded(talked, 8).pk).update(handed_at=start + timedelta(minutes=place))
    client = signed_in(Role.SUPERVISOR)
    body = client.get("/talk/thread/B-0008").content.decode()
    assert body.count('class="bubble') == MOST
    earlier = re.search(r'href="\?before=([^"]+)"', body)
    assert earlier is not None
    older = client.get(f"/talk/thread/B-0008?before={earlier[1]}").content.decode()
    assert older.count('class="bubble') == 5
    assert "The newest" in older
    assert client.get("/talk/thread/B-0008?before=nonsense").status_code == 200


def test_what_is_of_one_instant_stands_on_one_page(talked: Lender, signed_in: SignIn) -> None:
    start = system_clock() - timedelta(hours=5)
    for place in range(MOST + 3):
        minutes = 2 if place == 3 else place  # the third and the fourth are of one instant, and the page would begin between them
        Outbox.objects.filter(pk=talk.reminded(talked, 8).pk).update(handed_at=start + timedelta(minutes=minutes))
    client = signed_in(Role.SUPERVISOR)
    body = client.get("/talk/thread/B-0008").content.decode()
    assert body.count('class="bubble') == MOST + 1
    earlier = re.search(r'href="\?before=([^"]+)"', body)
    assert earlier is not None
    assert client.get(f"/talk/thread/B-0008?before={earlier[1]}").content.decode().count('class="bubble') == 2


def test_words_of_a_person_are_shown_as_they_are_and_never_as_markup(talked: Lender, signed_in: SignIn) -> None:
    row = talk.reminded(talked, 3, Channel.WHATSAPP)
    Outbox.objects.filter(pk=row.pk).update(words="<b>odd</b>")
    body = signed_in(Role.SUPERVISOR).get("/talk/thread/B-0003").content.decode()
    assert "&lt;b&gt;odd&lt;/b&gt;" in body


def test_the_persons_page_leads_to_the_thread_and_takes_promises(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT)
    loan = "LN/10004"
    page = client.get("/contact/person/B-0003").content.decode()
    assert 'href="/talk/thread/B-0003"' in page
    day = (small.today() + timedelta(days=4)).isoformat()

    def post(name: str, **given: object) -> str:
        return unescape(client.post(f"/contact/person-act/{name}", {"person": "B-0003", **given}, follow=True).content.decode())

    assert "Write the amount in rupees" in post("promise", loan=loan, amount="lots", due_on=day, channel="call")
    assert "The amount is more than what is overdue" in post("promise", loan=loan, amount="99,99,999", due_on=day, channel="call")
    assert "no such loan of this person" in post("promise", loan="LN/10001", amount="", due_on=day, channel="call")
    assert "₹100 by" in post("promise", loan=loan, amount="100", due_on=day, channel="call")
    promise = Promise.objects.get(person="B-0003")
    assert (promise.amount_paise, promise.taken_by, promise.channel) == (100_00, "agent0", "call")
    assert "Withdraw a promise" in client.get("/contact/person/B-0003").content.decode()
    assert "Give the reason" in post("withdraw_promise", which=promise.pk, reason=" ")
    other = client.post("/contact/person-act/withdraw_promise", {"person": "B-0005", "which": promise.pk, "reason": "x"})
    assert other.status_code == 404
    assert "a supervisor may end it" in post("withdraw_promise", which=promise.pk, reason="she took it back")
    assert StopEvent.objects.get(event="promise", person="B-0003").lifted_at is None
