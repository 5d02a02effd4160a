"""The code that an officer shows at a door, and the page on which anybody checks it: who shows one, what is said, how often one may try."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client, override_settings

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.check_officer import GENUINE, OVER, QR, SLOW, TYPED, UNKNOWN, USED, WITHDRAWN, Checked, check_officer
from sulah.actions.contact.engage_agent import dismiss_agent, engage_agent, file_paper
from sulah.actions.contact.officer_code import Code, CodeRefusedError, code_of, make_code
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.rulebook import rulebook_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import fixed_clock, system_clock
from sulah.kernel.terms import Role, StopEvent
from sulah.policy.languages import LANGUAGES
from sulah.policy.languages.check_words import NAMES, check_words
from sulah.policy.talk.codes import code_limit
from sulah.records.audit import AuditEntry
from sulah.records.contact.officer_code import OfficerCheck, OfficerCode
from sulah.records.person import Person
from sulah.records.seal import sealed_models
from tests.web import small_texts
from tests.web.small_contacts import CALM, COMPLIANCE, GIVEN

SignIn = Callable[..., Client]
NUMBER = "18001230000"


@pytest.fixture
def doors(contacted: Lender) -> Iterator[Lender]:
    """The small lender with [texts], and an officer of its own who signs in as field_officer0, with a certificate."""
    clock = system_clock
    engage_agent("field_officer0", "Lakshmi Rao", by=COMPLIANCE, clock=clock)
    day = clock().date()
    file_paper(
        "field_officer0", "certificate", day - timedelta(9), last=day + timedelta(90), reference="IIBF 77", by=COMPLIANCE, clock=clock
    )
    with small_texts.with_texts(contacted) as lender:
        yield lender


def shown(lender: Lender, at: datetime | None = None, person: str = CALM) -> Code:
    """A code that the officer shows."""
    clock = fixed_clock(at or system_clock())
    by = Actor("field_officer0", Role.FIELD_OFFICER)
    return make_code("field_officer0", person, own="field_officer0", vault=Vault(lender), by=by, clock=clock)


def check(lender: Lender, given: str, way: str = TYPED, at: datetime | None = None, visitor: str = "10.0.0.1") -> Checked:
    return check_officer(given, way, visitor=visitor, language="hi", vault=Vault(lender), clock=fixed_clock(at or system_clock()))


def body_of(client: Client, address: str, **given: str) -> str:
    """A page as it is read."""
    response = client.post(address, given) if given else client.get(address)
    return unescape(response.content.decode())


def test_a_code_that_an_officer_shows_says_who_he_is_and_each_check_is_an_act(doors: Lender) -> None:
    """By its digits and by the QR code; the trail names officer and outcome, and nothing that the visitor is."""
    code = shown(doors)
    assert re.fullmatch(r"\d{4} \d{4}", code.spoken)
    for given, way in ((code.spoken, TYPED), (code.token, QR)):
        found = check(doors, given, way)
        assert (found.outcome, found.name, found.employer, found.certificate, found.until) == (
            GENUINE,
            "Lakshmi Rao",
            "",
            "IIBF 77",
            code.until,
        )
    entries = AuditEntry.objects.filter(act="officer.check")
    assert [(entry.subject, entry.after["outcome"], entry.after["way"]) for entry in entries] == [
        ("agent:field_officer0", "genuine", "typed"),
        ("agent:field_officer0", "genuine", "qr"),
    ]
    assert {entry.actor for entry in entries} == {"somebody at a door"}
    assert not any("10.0.0.1" in str(entry.after) + entry.actor for entry in entries)
    assert AuditEntry.objects.filter(act="officer.code", subject=f"borrower:{CALM}").count() == 1


def test_neither_the_code_nor_the_visitor_stands_in_the_records_in_clear(doors: Lender) -> None:
    code = shown(doors)
    check(doors, code.spoken)
    told = (
        str(list(OfficerCode.objects.values())) + str(list(OfficerCheck.objects.values())) + str(list(AuditEntry.objects.values("after")))
    )
    assert code.token not in told
    assert code.spoken.replace(" ", "") not in told
    assert {OfficerCode, OfficerCheck} <= set(sealed_models())


@pytest.mark.parametrize("typed", ["{0}{1}", " {0}-{1} ", "{0}.{1}"])
def test_a_code_is_read_however_it_is_typed(doors: Lender, typed: str) -> None:
    first, last = shown(doors).spoken.split()
    assert check(doors, typed.format(first, last)).genuine
    hindi = str.maketrans("0123456789", "०१२३४५६७८९")
    assert check(doors, f"{first}{last}".translate(hindi)).genuine


def test_a_code_is_good_for_the_minutes_of_its_row_and_not_a_second_longer(doors: Lender) -> None:
    now = system_clock()
    code = shown(doors, now)
    until = now + timedelta(minutes=code_limit("valid_minutes"))
    assert check(doors, code.spoken, at=until - timedelta(seconds=1)).outcome == GENUINE
    assert check(doors, code.spoken, at=until).outcome == OVER
    assert code_of("field_officer0", CALM, Vault(doors), until) is None


def test_a_code_is_used_up_after_the_checks_of_its_row(doors: Lender) -> None:
    code = shown(doors)
    outcomes = [check(doors, code.spoken, visitor=f"10.0.0.{n}").outcome for n in range(code_limit("checks") + 1)]
    assert outcomes == [GENUINE] * code_limit("checks") + [USED]


def test_a_new_code_ends_the_one_before(doors: Lender) -> None:
    first, second = shown(doors), shown(doors)
    assert check(doors, first.spoken).outcome == OVER
    assert check(doors, second.spoken).outcome == GENUINE


@pytest.mark.parametrize("cause", ["let go", "stopped"])
def test_a_code_of_somebody_who_is_let_go_or_stopped_since_is_not_good(doors: Lender, cause: str) -> None:
    code = shown(doors)
    if cause == "let go":
        dismiss_agent("field_officer0", by=COMPLIANCE, clock=system_clock)
    else:
        struck, book = Struck(agent_id="field_officer0"), rulebook_of(doors)
        raise_stop(StopEvent.AGENT_STOPPED, struck, reason="a complaint", book=book, by=COMPLIANCE, clock=system_clock)
    assert check(doors, code.spoken).outcome == WITHDRAWN
    with pytest.raises(CodeRefusedError):
        shown(doors)


def test_a_wrong_code_is_unknown_and_the_eighth_try_of_a_visitor_is_the_last(doors: Lender) -> None:
    """Also for a right code; another visitor, and the same one after the window, may try; nothing is written of what was refused."""
    now, code = system_clock(), None
    outcomes = {check(doors, "00000000", at=now).outcome for _ in range(code_limit("tries"))}
    assert outcomes == {UNKNOWN}
    code = shown(doors, now)
    assert check(doors, code.spoken, at=now).outcome == SLOW
    assert OfficerCheck.objects.count() == code_limit("tries")
    assert check(doors, code.spoken, at=now, visitor="10.0.0.2").outcome == GENUINE
    later = now + timedelta(minutes=code_limit("window_minutes"), seconds=1)
    assert check(doors, code.spoken, at=later).outcome == GENUINE


def test_many_wrong_codes_of_many_visitors_close_the_typing_for_the_hour_and_a_qr_code_is_still_read(doors: Lender) -> None:
    now, vault = system_clock(), Vault(doors)
    rows = [
        OfficerCheck(outcome=UNKNOWN, way=TYPED, language="en", visitor=vault.number_key(f"v{n}"), at=now)
        for n in range(code_limit("wrong_an_hour"))
    ]
    OfficerCheck.objects.bulk_create(rows)
    code = shown(doors, now)
    assert check(doors, code.spoken, at=now).outcome == SLOW
    assert check(doors, code.token, QR, at=now).outcome == GENUINE
    assert check(doors, code.spoken, at=now + timedelta(minutes=20)).outcome == SLOW


def test_nobody_shows_the_code_of_another_and_an_agency_only_for_whom_it_was_given(doors: Lender) -> None:
    vault, clock = Vault(doors), system_clock
    for by in (Actor("usha", Role.SUPERVISOR), Actor("eka", Role.AGENT)):
        with pytest.raises(CodeRefusedError, match="never that of another"):
            make_code("field_officer0", CALM, own=by.name, vault=vault, by=by, clock=clock)
    with pytest.raises(CodeRefusedError, match="given to somebody else"):
        shown(doors, person=GIVEN)
    with pytest.raises(CodeRefusedError, match="not on file"):
        make_code("nobody", CALM, own="nobody", vault=vault, by=Actor("nobody", Role.AGENT), clock=clock)
    with pytest.raises(CodeRefusedError, match="not given to this agency"):
        make_code("RA-1", CALM, own="RA-1", vault=vault, by=Actor("RA-1", Role.AGENT), clock=clock)


def test_an_agent_without_a_valid_certificate_shows_no_code(doors: Lender) -> None:
    """Of an agency; the certificate of RA-1 ends, and a year later there is none."""
    later = fixed_clock(system_clock() + timedelta(days=3_000))
    with pytest.raises(CodeRefusedError, match="no certificate that is valid"):
        make_code("RA-1", GIVEN, own="RA-1", vault=Vault(doors), by=Actor("RA-1", Role.AGENT), clock=later)
    code = make_code("RA-1", GIVEN, own="RA-1", vault=Vault(doors), by=Actor("RA-1", Role.AGENT), clock=system_clock)
    assert check(doors, code.spoken).employer != ""


def test_the_officer_sees_code_and_qr_and_a_borrower_reads_who_stands_at_the_door(doors: Lender, signed_in: SignIn) -> None:
    """From the officer's page to the borrower's, in her language, without a log-in, and with no word of a loan."""
    officer, anybody = signed_in(Role.FIELD_OFFICER), Client(headers={"accept-language": "ta-IN,ta;q=0.9"})
    assert "No code is good now" in body_of(officer, f"/contact/code/{CALM}")
    said = unescape(officer.post("/contact/code-act", {"person": CALM, "agent": "field_officer0"}, follow=True).content.decode())
    spoken = re.search(r'class="spoken">([\d ]+)<', said)
    assert spoken is not None
    assert "<svg" in said
    assert 'class="qr"' in said
    assert "<script" not in said
    page = body_of(anybody, "/officer", code=spoken[1])
    assert check_words("ta")["genuine"] in page
    assert all(word in page for word in ("Lakshmi Rao", "Sahyadri Microfinance", "IIBF 77", check_words("ta")["photo"]))
    assert not re.search(r"LN/|B-0003|₹|<script", page)
    code = code_of("field_officer0", CALM, Vault(doors), system_clock())
    assert code is not None
    assert "Lakshmi Rao" in body_of(anybody, f"/officer/{code.token}")
    assert OfficerCheck.objects.filter(outcome=GENUINE).count() == 2
    assert "genuine" in body_of(officer, f"/contact/code/{CALM}").lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_code_says_what_to_do_in_each_language_and_nothing_else(doors: Lender, language: str) -> None:
    """The same words whatever the cause: unknown, over, used up, withdrawn."""
    client = Client()
    wrong = body_of(client, "/officer", code="11112222", language=language)
    now = system_clock()
    old = shown(doors, now - timedelta(hours=1))
    over = body_of(client, "/officer", code=old.spoken, language=language)
    words = check_words(language)
    assert words["bad"] in wrong
    assert words["do_not"].replace("{number}", NUMBER) in wrong
    assert wrong == over
    assert "Lakshmi" not in over


def test_who_tries_too_often_is_told_to_wait_with_429(doors: Lender) -> None:
    client = Client()
    codes = [client.post("/officer", {"code": "11112222"}).status_code for _ in range(code_limit("tries") + 1)]
    assert codes == [200] * code_limit("tries") + [429]


def test_the_tries_behind_a_proxy_are_those_of_whom_the_proxy_saw(doors: Lender) -> None:
    """What a visitor writes himself before the proxy's own entry counts for nothing."""
    with override_settings(HTTPS=True):
        client = Client()
        for n in range(code_limit("tries")):
            client.post("/officer", {"code": "11112222"}, headers={"x-forwarded-for": f"9.9.9.{n}, 10.0.0.7"}, secure=True)
        assert client.post("/officer", {"code": "1"}, headers={"x-forwarded-for": "1.1.1.1, 10.0.0.7"}, secure=True).status_code == 429
        assert client.post("/officer", {"code": "1"}, headers={"x-forwarded-for": "10.0.0.8"}, secure=True).status_code == 200


def test_looking_at_the_page_is_no_check_and_a_program_that_asks_for_its_head_neither(doors: Lender) -> None:
    code = shown(doors)
    assert Client().get("/officer?language=hi").status_code == 200
    assert Client().head(f"/officer/{code.token}").status_code == 200
    assert OfficerCheck.objects.count() == 0


def test_who_has_no_code_of_his_own_reads_what_became_of_those_of_others(doors: Lender, signed_in: SignIn) -> None:
    code = shown(doors)
    check(doors, code.spoken)
    page = body_of(signed_in(Role.SUPERVISOR), f"/contact/code/{CALM}")
    assert "No code of yours" in page
    assert "Lakshmi Rao" in page
    assert code.spoken not in page
    assert signed_in(Role.FIELD_OFFICER, "BR-NONE").get(f"/contact/code/{CALM}").status_code == 404


def test_an_officer_of_another_name_on_the_book_is_known_by_it(doors: Lender, signed_in: SignIn) -> None:
    """officer_id of a log-in goes before its name."""
    client = signed_in(Role.AGENT)
    Person.objects.filter(role="agent").update(officer_id="field_officer0")
    assert "Show a new code" in body_of(client, f"/contact/code/{CALM}")


def test_every_language_has_every_word_and_says_where_to_call() -> None:
    for language in LANGUAGES:
        words = check_words(language)
        assert all(words[name] for name in NAMES)
        assert all("{number}" in words[name] for name in ("do_not", "slow", "complaint"))
        assert check_words("en")["title"] not in words["title"] or language == "en"
