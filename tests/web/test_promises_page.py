"""Promises on their page: what is open, due and broken, and how many were kept, by channel and by who took them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.promise import Promise
from sulah.web.desk.promises import DAYS, rates, within
from sulah.web.reach import Reach
from tests.web import small_contacts as small
from tests.web.conftest import person

SignIn = Callable[..., Client]
LOANS = {"B-0003": "LN/10004", "B-0005": "L-5", "B-0006": "L-6", "B-0007": "L-7"}


def put(name: str, state: str, days: int, *, channel: str = "sms", by: str = "worker", paid: int | None = None) -> Promise:
    """A promise of ₹100 whose day lies so many days ahead."""
    given = {"loan_id": f"{LOANS[name]}-{Promise.objects.count()}", "amount_paise": 100_00, "overdue_paise": 450_00}
    due, now = small.today() + timedelta(days=days), system_clock()
    return Promise.objects.create(person=name, made_at=now, due_on=due, channel=channel, taken_by=by, state=state, paid_paise=paid, **given)


def text_of(client: Client, **asked: str) -> str:
    """The page as it is read, without tags."""
    response = client.get("/talk/promises", asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def listed(client: Client, **asked: str) -> list[str]:
    """The people of the list, in order."""
    return re.findall(r'<th scope="row"><a href="/talk/thread/([^"]+)"', client.get("/talk/promises", asked).content.decode())


def test_open_ones_come_by_their_day_and_the_views_show_what_they_say(people: Lender, signed_in: SignIn) -> None:
    put("B-0005", "open", 4)
    put("B-0003", "open", 0)
    put("B-0006", "broken", -1, paid=0)
    put("B-0007", "part_kept", -1, paid=40_00)
    put("B-0006", "kept", -1, paid=100_00)
    put("B-0006", "broken", -2, paid=0)
    client = signed_in(Role.SUPERVISOR)
    assert listed(client) == ["B-0003", "B-0005"]
    assert listed(client, show="today") == ["B-0003"]
    assert listed(client, show="broken") == ["B-0006", "B-0007"]
    assert len(listed(client, show="all")) == 6
    assert listed(client, person="B-0006") == ["B-0006"] * 3
    assert listed(client, show="nonsense") == ["B-0003", "B-0005"]
    assert "Open 2" in text_of(client)
    assert "Broken yesterday 2" in text_of(client)
    assert "the book of that day is not in yet" not in text_of(client)


def test_kept_whole_and_any_of_it_are_told_by_channel_and_by_taker(people: Lender, signed_in: SignIn) -> None:
    for state, channel, by in (
        ("kept", "sms", "worker"),
        ("kept", "sms", "worker"),
        ("part_kept", "sms", "asha"),
        ("broken", "call", "asha"),
    ):
        put("B-0003", state, -3, channel=channel, by=by)
    put("B-0003", "withdrawn", -3)
    put("B-0003", "replaced", -3)
    put("B-0003", "broken", -DAYS)
    text = text_of(signed_in(Role.SUPERVISOR))
    assert "SMS 3 66.67% 100.00%" in text
    assert "Call 1 0.00% 0.00%" in text
    assert "Worker 2 100.00% 100.00%" in text
    assert "Asha 2 0.00% 50.00%" in text


def test_a_promise_of_exactly_ninety_days_ago_is_out_of_the_rates_and_one_of_a_day_less_is_in(people: Lender) -> None:
    put("B-0003", "kept", -DAYS)
    reach = Reach(person(Role.SUPERVISOR), Role.SUPERVISOR, None)
    assert rates(within(reach), "channel", small.today()) == []
    put("B-0003", "kept", -DAYS + 1)
    assert [line.ended for line in rates(within(reach), "channel", small.today())] == [1]


def test_a_branch_sees_its_own_promises_in_list_counts_and_rates(people: Lender, signed_in: SignIn) -> None:
    put("B-0003", "open", 1)
    put("B-0007", "open", 1)
    put("B-0007", "kept", -1, by="stranger")
    client = signed_in(Role.AGENT, "BR-NASHIK")
    assert listed(client, show="all") == ["B-0003"]
    text = text_of(client)
    assert "Open 1" in text
    assert "tranger" not in text
    assert "No promise came to its day" in text
    assert listed(client, person="B-0007") == []


def test_promises_are_taken_out_without_names_and_written_down(people: Lender, signed_in: SignIn) -> None:
    put("B-0003", "open", 1)
    taken = signed_in(Role.SUPERVISOR).get("/talk/promises", {"csv": "promises"}).content.decode("utf-8-sig").strip().splitlines()
    assert taken[0].startswith("id,person,loan_id,made_at,due_on,amount_paise")
    assert len(taken) == 2
    assert "B-0003" in taken[1]
    assert "Salma" not in taken[1]
    assert AuditEntry.objects.get(act="page.export").subject == "promises"


def test_a_lender_without_promises_says_where_they_come_from(people: Lender, signed_in: SignIn) -> None:
    assert "No promise here" in text_of(signed_in(Role.INSPECTOR))
