"""The page of erasures: what keeps a person is said with its source, nobody approves their own request, and holds stand there too."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.erasure import Erasure, LegalHold
from tests.web.conftest import Written
from tests.web.test_contact_lists import act, body_of

SignIn = Callable[..., Client]
PLACE = "/contact/erasures"
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture
def waiting(lender: Lender, written: Written) -> Erasure:
    """Somebody asked for one who still owes."""
    owes = next(story for story in written.told if story.key)
    return Erasure.objects.create(person=f"B-{owes.borrower:04d}", reason="letter 4", state="asked", asked_at=NOW, asked_by="tara")


def test_a_person_who_owes_is_kept_and_the_page_says_by_which_rule(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert "Nobody has asked to be erased" in body_of(client, PLACE)
    assert "is kept: ERA-OPEN" in act(client, "erasure-act/ask", person="B-0001", reason="letter 3")
    page = body_of(client, PLACE)
    assert "ERA-OPEN" in page
    assert "DPDP Act 2023" in page
    assert Erasure.objects.get().state == "refused"


def test_another_person_is_offered_the_approval_and_law_is_asked_again(waiting: Erasure, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert "Erase for good" in body_of(client, PLACE)
    assert "Erase for good" not in body_of(signed_in(Role.INSPECTOR), PLACE)
    assert "is refused" in act(client, "erasure-act/approve", which=str(waiting.pk))
    assert "Erase for good" not in body_of(client, PLACE)


def test_nobody_is_offered_or_let_approve_their_own_request(waiting: Erasure, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    waiting.asked_by = client.get(PLACE).context["request"].user.get_username()
    waiting.save()
    page = body_of(client, PLACE)
    assert "Erase for good" not in page
    assert "another person approves it" in page
    assert "is your own" in act(client, "erasure-act/approve", which=str(waiting.pk))
    assert Erasure.objects.get().state == "asked"


def test_a_request_is_declined_with_words(waiting: Erasure, signed_in: SignIn) -> None:
    assert "is declined" in act(signed_in(Role.COMPLIANCE), "erasure-act/decline", which=str(waiting.pk), note="wrong person")


def test_legal_places_and_lifts_a_hold_and_asks_for_no_erasure(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.LEGAL)
    assert "Erase a person" not in body_of(client, PLACE)
    assert "may not erase" in act(client, "erasure-act/ask", person="B-0001", reason="x")
    told = act(client, "erasure-act/hold", person="", reason="Writ 1/2026")
    assert f"Hold {LegalHold.objects.get().pk} stands" in told
    assert "Writ 1/2026" in body_of(client, PLACE)
    assert "is lifted" in act(client, "erasure-act/lift", which=str(LegalHold.objects.get().pk), reason="decided")
    assert "Writ 1/2026" not in body_of(client, PLACE)


def test_the_case_of_a_hold_on_one_person_lies_under_that_persons_key_and_is_masked(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.LEGAL)
    act(client, "erasure-act/hold", person="B-0001", reason="Ramesh v. the lender")
    assert "Ramesh" in body_of(client, PLACE)
    assert "Ramesh" not in body_of(signed_in(Role.INSPECTOR), PLACE)
    assert "is lifted" in act(client, "erasure-act/lift", which=str(LegalHold.objects.get().pk), reason="Ramesh withdrew")
    hold = LegalHold.objects.get()
    assert [text.startswith("said:") for text in (hold.reason, hold.lift_reason)] == [True, True]


def test_the_certificate_of_what_is_done_is_taken_along_with_its_proof_or_why_there_is_none(waiting: Erasure, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    address = f"{PLACE}?certificate={waiting.pk}"
    assert client.get(address).status_code == client.get(f"{PLACE}?certificate=x").status_code == 404
    told = {
        "lender": "Kaveri",
        "simulated": True,
        "erasure": waiting.pk,
        "person": waiting.person,
        "erased_at": "2026-11-23T12:00:00+05:30",
    }
    told |= {"asked_by": "tara", "approved_by": "ravi", "reason": "letter <4>", "key": "0" * 16, "counts": {"messages": 2}, "months": {}}
    waiting.certificate = {**told, "key_copies_until": "2026-12-24", "older_loads": [], "exports_before": 0, "stays": ["The id stays."]}
    waiting.state, waiting.certificate_sha256 = "done", "f" * 64
    waiting.save()
    assert f'href="?certificate={waiting.pk}"' in body_of(client, PLACE)
    got = client.get(address)
    assert got["Content-Disposition"] == f'attachment; filename="certificate-{waiting.pk}.html"'
    page = got.content.decode()
    assert "letter &lt;4&gt;" in page
    assert f"Request {waiting.pk} is not done, so the log says nothing of it." in page
    assert "24 Dec 2026" in page
