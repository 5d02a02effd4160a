"""What the pages show: the book's staleness above the loads, and returned debits on a loan."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sulah.daycycle.run import run_day
from sulah.kernel.terms import Role
from sulah.records.load import Load
from sulah.records.person import Person
from tests.watch.inbox import Inbox
from tests.watch.test_alarm import DUE, accepted, begun
from tests.watch.test_between import BOUNCES, between

SignIn = Callable[[Role], Client]


@pytest.fixture
def signed_in() -> SignIn:
    """A client signed in as a new person of a role."""

    def sign_in(role: Role) -> Client:
        client = Client()
        person = Person.objects.create_user(role.value, password=None, role=role.value, branches=[])
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def test_the_page_of_loads_says_since_when_the_book_is_stale_until_the_load_comes(inbox: Inbox, signed_in: SignIn) -> None:
    begun(inbox)
    client = signed_in(Role.INSPECTOR)
    assert "stale since" not in client.get("/loads").content.decode()
    inbox.moment = DUE
    inbox.look()
    page = client.get("/loads").content.decode()
    assert "The book is stale since 1 Apr 2026" in page
    assert "sulah load FOLDER --as-of 2026-04-01" in page
    accepted(inbox, DUE.date())
    assert "stale since" not in client.get("/loads").content.decode()


def test_a_day_run_without_its_extract_says_so(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE
    inbox.look()
    load = Load.objects.get()
    outcome = run_day(inbox.lender, load.as_of + timedelta(days=1), actor="asha", clock=lambda: inbox.moment, code="test", load=load)
    assert any(note.startswith("The extract of 1 Apr 2026 was expected") for note in outcome.notes)


def test_the_loan_shows_its_bounced_debit_in_plain_words(inbox: Inbox, signed_in: SignIn) -> None:
    accepted(inbox)
    load = Load.objects.get()
    run_day(inbox.lender, load.as_of, actor="asha", clock=lambda: inbox.moment, code="test", load=load)
    client = signed_in(Role.SUPERVISOR)
    assert "Returned debits" not in client.get("/loan/L1").content.decode()
    between(inbox, {"bounce": BOUNCES})
    page = client.get("/loan/L1").content.decode()
    assert "Returned debits" in page
    assert "There was not enough money in the account." in page
    assert "may be presented again as it is" in page
    assert "BNC-NACH-04" in page
    assert "must not be presented again" in client.get("/loan/L2").content.decode()
