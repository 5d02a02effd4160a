"""What the pages show: the book's staleness above the loads, and returned debits on a loan."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sulah.daycycle.run import run_day
from sulah.kernel.terms import Role
from sulah.records.load import Load
from sulah.records.person import Person
from tests.intake.extract import good
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


BOOK_PAGES = ("/", "/worklist", "/loans", "/quality", "/loads")


def test_every_page_of_the_book_says_since_when_it_is_stale_until_the_load_comes(inbox: Inbox, signed_in: SignIn) -> None:
    begun(inbox)
    client = signed_in(Role.SUPERVISOR)
    assert all("stale since" not in client.get(page).content.decode() for page in BOOK_PAGES)
    inbox.moment = DUE
    inbox.look()
    for page in BOOK_PAGES:
        text = client.get(page).content.decode()
        assert "The book is stale since 1 Apr 2026" in text, page
        assert "sulah load FOLDER --as-of 2026-04-01" in text, page
    assert "stale since" not in client.get("/contact/calendar").content.decode()
    accepted(inbox, DUE.date())
    assert all("stale since" not in client.get(page).content.decode() for page in BOOK_PAGES)


def test_who_works_a_list_is_told_that_it_is_stale_and_not_how_to_mend_it(inbox: Inbox, signed_in: SignIn) -> None:
    begun(inbox)
    inbox.moment = DUE
    inbox.look()
    text = signed_in(Role.AGENT).get("/worklist").content.decode()
    assert "The book is stale since 1 Apr 2026" in text
    assert "sulah load FOLDER" not in text


def test_a_refused_and_a_held_extract_make_the_book_stale_without_any_timetable(inbox: Inbox, signed_in: SignIn) -> None:
    """A refused extract of a date that is in the book already says nothing: what was sent before stands."""
    accepted(inbox)
    client, day = signed_in(Role.SUPERVISOR), DUE.date()
    broken = {name: rows for name, rows in good().items() if name != "loan"}
    inbox.drop(inbox_day := Load.objects.get().as_of, broken, name=f"{inbox_day.isoformat()}")
    inbox.settle()
    assert "stale since" not in client.get("/").content.decode()
    inbox.drop(day, broken)
    inbox.settle()
    (inbox.lender.book / "refused" / "notes").mkdir()  # of another hand
    text = client.get("/").content.decode()
    assert "The book is stale since 1 Apr 2026" in text
    assert "An extract of 1 Apr 2026 was refused. Figures and worklist stand on 2026-03-31.1 until it is sent again." in text
    inbox.load = {"quarantine_percent": 100, "overdue_move_bps": 0, "rows_fall_bps": 0}
    fewer = good()
    fewer["repayment"] = fewer["repayment"][:1]
    inbox.drop(day, fewer)
    inbox.settle()
    held = Load.objects.get(state="held")
    text = client.get("/").content.decode()
    assert f"The extract of 1 Apr 2026 is held as {held.id} and waits for a decision" in text
    assert "was refused" not in text


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
