"""The door and the frame: signing in, locking out, headers, error pages, empty states."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.records.person import Person
from tests.web.conftest import PASSWORD

SignIn = Callable[..., Client]
POLICY = (
    "default-src 'none'",
    "script-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)


@pytest.mark.parametrize("address", ["/", "/loans", "/loan/LN/10001", "/sign-in", "/no-such-page", "/rules"])
def test_every_answer_carries_the_strict_policy_and_is_not_stored(lender: Lender, signed_in: SignIn, address: str) -> None:
    """Error pages too."""
    headers = signed_in(Role.COMPLIANCE).get(address).headers
    parts = [part.strip() for part in headers["Content-Security-Policy"].split(";") if part.strip()]
    assert sorted(parts) == sorted(POLICY)
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_person_signs_in_with_an_argon2_password_and_out_again(lender: Lender) -> None:
    """The cookie ends after eight hours and is out of a script's reach."""
    someone = Person.objects.create_user("usha", password=PASSWORD, role=Role.SUPERVISOR.value)
    assert someone.password.startswith("argon2")
    client = Client(enforce_csrf_checks=False)
    answer = client.post("/sign-in", {"username": "usha", "password": PASSWORD})
    assert answer.status_code == 302
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (8 * 3600, True, "Lax")
    assert client.get("/").status_code == 200
    client.post("/sign-out")
    assert client.get("/").status_code == 302


def test_a_wrong_password_says_so_without_saying_which_part(lender: Lender) -> None:
    """The same words for an unknown name and a wrong password."""
    Person.objects.create_user("usha", password=PASSWORD, role=Role.AGENT.value)
    answers = [Client().post("/sign-in", {"username": name, "password": "wrong"}).content.decode() for name in ("usha", "nobody")]
    assert all("The name or the password is not right" in text for text in answers)


def test_the_fifth_wrong_try_closes_the_door_even_for_the_right_password(lender: Lender) -> None:
    """Before, at and after the limit."""
    Person.objects.create_user("usha", password=PASSWORD, role=Role.AGENT.value)
    client = Client()
    codes = [client.post("/sign-in", {"username": "usha", "password": "wrong"}).status_code for _ in range(5)]
    assert codes[:4] == [200] * 4
    assert codes[4] == 429
    last = client.post("/sign-in", {"username": "usha", "password": PASSWORD})
    assert last.status_code == 429
    assert "Wait 15 minutes" in last.content.decode()


def test_a_form_from_elsewhere_is_refused(lender: Lender) -> None:
    """No token, no act."""
    client = Client(enforce_csrf_checks=True)
    administrator = Person.objects.create_user("adil", role=Role.ADMINISTRATOR.value)
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/loads/2026-03-30.1/decide", {"decision": "approve", "note": "x"}).status_code == 403


def test_pages_before_the_first_day_say_what_to_do_next(empty_lender: Lender, signed_in: SignIn) -> None:
    """Words and commands, no empty table and no error."""
    client = signed_in(Role.SUPERVISOR)
    for address in ("/", "/loans", "/worklist", "/differences", "/quarantine", "/rules", "/loan/LN/1"):
        text = client.get(address).content.decode()
        assert "No day has run yet" in text
        assert "sulah day --as-of" in text
    assert "No load yet" in client.get("/loads").content.decode()
    assert "No day has run yet" in client.get("/runs").content.decode()


@pytest.mark.parametrize("address", ["/?day=2020-01-01", "/?day=tomorrow", "/loans?day=2026-13-40", "/quarantine?load=nothing", "/nowhere"])
def test_what_is_not_there_answers_404_in_words(lender: Lender, signed_in: SignIn, address: str) -> None:
    """A designed page with the way back."""
    response = signed_in(Role.SUPERVISOR).get(address)
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_our_own_mistake_answers_500_in_words(lender: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that breaks in the middle: no half page, and no detail of the machine on it."""
    monkeypatch.setattr("sulah.web.desk.book.by_part", lambda *_: [][1])
    client = signed_in(Role.SUPERVISOR)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    text = response.content.decode()
    assert "Something broke on our side" in text
    assert str(lender.root) not in text


def test_a_day_whose_files_are_gone_is_refused_in_words(lender: Lender, signed_in: SignIn) -> None:
    """503 and what to do, instead of a number."""
    run = DayRun.objects.order_by("-as_of").first()
    assert run is not None
    run.tables = {}
    run.save()
    response = signed_in(Role.SUPERVISOR).get("/")
    assert response.status_code == 503
    assert "estore" in response.content.decode()
