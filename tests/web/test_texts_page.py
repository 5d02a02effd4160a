"""The text bench on the pages: read in each language and channel, drafted, approved by a second person, languages signed off."""

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.review_language import digest_of, reviewed_languages
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.outreach.samples import VALUES
from sulah.policy.languages import load_languages
from sulah.policy.text_rows import text_kinds
from sulah.records.audit import AuditEntry
from sulah.records.contact.text import TextVersion
from sulah.records.person import Person
from tests.web import small_texts as small

SignIn = Callable[..., Client]
PAGE = "/contact/texts/overdue_early"


@pytest.fixture
def texted(lender: Lender) -> Iterator[Lender]:
    """The small lender with [texts] in its settings and some texts on their way."""
    with small.with_texts(lender):
        small.fill_texts()
        yield lender


def body_of(client: Client, address: str, **asked: object) -> str:
    """A page as it is read."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


def act(client: Client, act_name: str, /, **given: object) -> str:
    """What the page says after an act."""
    return unescape(client.post(f"/contact/text-act/{act_name}", given, follow=True).content.decode())


def test_every_variable_of_the_register_has_a_value_to_show() -> None:
    """A text that the bench could not fill in would break its page."""
    named = {str(each).partition(":")[0] for kind in text_kinds().values() for each in (*kind.variables, *kind.optional.values()) if each}
    assert named | {"borrower"} == set(VALUES)


@pytest.mark.parametrize("name", list(text_kinds()))
def test_every_text_is_shown_in_every_language_on_every_channel(lender: Lender, signed_in: SignIn, name: str) -> None:
    """No place left open, and its title; the other languages stand beneath."""
    client = signed_in(Role.AGENT)
    kind = text_kinds()[name]
    for channel in kind.channels:
        body = body_of(client, f"/contact/texts/{name}", language="hi", channel=channel)
        assert kind.title in body
        assert all(language.own_name in body for language in load_languages().values())
        assert body.count(f'class="message {channel}"') == len(load_languages())


def test_a_text_is_read_with_the_sentences_that_are_asked_for(texted: Lender, signed_in: SignIn) -> None:
    """With the penal charge and without; the characters and parts follow; the lender's own stands in it."""
    client = signed_in(Role.SUPERVISOR)
    plain = body_of(client, PAGE, language="en", channel="sms")
    penal = body_of(client, PAGE, **{"language": "en", "channel": "sms", "with": ["penal", "officer", "link"]})
    assert "Rs 1,234.50 was overdue on your loan ending 0001 as on 22 Nov 2026. If you have paid since" in plain
    assert "This includes a penal charge of Rs 50. Your loan officer is Lakshmi Venkataraman. Pay here: https://" in penal
    assert "- Sahyadri Microfinance" in plain
    assert "GSM-7, 184 units" in plain
    assert "₹0.70 (2 × ₹0.35)" in plain


def test_an_unreviewed_language_says_so_and_a_rich_text_is_marked(texted: Lender, signed_in: SignIn) -> None:
    """English is signed off here, Tamil is not."""
    client = signed_in(Role.AGENT)
    assert "no native reader has signed the language off" in body_of(client, "/contact/texts/overdue_late", language="ta")
    assert "no native reader has signed the language off" not in body_of(client, "/contact/texts/overdue_late", language="en")
    assert "no native reader has signed the language off" not in body_of(client, PAGE, language="ta")
    assert "no native reader of yours has signed them off" in body_of(client, "/contact/texts", language="ta")


def test_the_list_is_filtered_by_language_and_state_and_taken_out(texted: Lender, signed_in: SignIn) -> None:
    """The furthest state of each channel; the file carries each version."""
    client = signed_in(Role.COMPLIANCE)
    body = body_of(client, "/contact/texts", language="hi", state="approved")
    assert 'id="overdue_early"' in body
    assert 'id="overdue_late"' not in body
    waiting = body_of(client, "/contact/texts", language="hi", state="submitted")
    assert 'id="overdue_early"' in waiting
    assert "another waits" in waiting
    assert 'id="overdue_late"' in body_of(client, "/contact/texts", language="hi", state="draft")
    assert "No text in Tamil is approved" in body_of(client, "/contact/texts", language="ta", state="approved")
    lines = client.get("/contact/texts", {"language": "hi", "csv": "texts"}).content.decode().splitlines()
    assert len(lines) == 1 + sum(len(kind.channels) for kind in text_kinds().values()) + 1
    assert sum(",approved," in line for line in lines) == 1


@pytest.mark.parametrize(
    "asked", [{"language": "xx"}, {"channel": "visit"}, {"channel": "bot_call", "name": "receipt"}, {"name": "threat"}]
)
def test_what_there_is_not_is_not_found(lender: Lender, signed_in: SignIn, asked: dict[str, str]) -> None:
    """An unknown language, channel or text."""
    name = asked.pop("name", "overdue_early")
    assert signed_in(Role.AGENT).get(f"/contact/texts/{name}", asked).status_code == 404


def test_a_text_is_drafted_on_the_page_as_it_is_or_rewritten(texted: Lender, signed_in: SignIn) -> None:
    """Unchanged it keeps its author; rewritten it has the person's name; without the grievance line it is refused in words."""
    client = signed_in(Role.LEGAL)
    row = small.row_of("receipt")
    asked = {"name": "receipt", "language": "en", "channel": "sms"}
    assert "Version 1 of receipt is drafted" in act(client, "draft", **asked, text=row.text)
    assert "Version 2 of receipt is drafted" in act(client, "draft", **asked, text=row.text.replace("with thanks", "with many thanks"))
    assert "lacks grievance" in act(client, "draft", **asked, text=row.text.replace("Complaints: <grievance>.", ""))
    assert "a variable caste that the register does not know" in act(client, "draft", **asked, text=row.text + " {caste}")
    assert list(TextVersion.objects.filter(name="receipt").values_list("version", "author").order_by("version")) == [
        (1, "Sulah project (draft)"),
        (2, "legal0"),
    ]
    body = body_of(client, "/contact/texts/receipt", language="en")
    assert "<ins>many" in body.replace("<ins> ", "<ins>")


def test_nothing_is_drafted_before_the_lender_has_said_what_is_its_own(lender: Lender, signed_in: SignIn) -> None:
    """The page shows an example and says which section is lacking."""
    client = signed_in(Role.LEGAL)
    assert "lender.toml has no [texts]" in body_of(client, PAGE)
    said = act(client, "draft", name="receipt", language="en", channel="sms", text="x")
    assert "lender.toml has no [texts]" in said
    assert not TextVersion.objects.exists()


def test_a_second_person_approves_on_the_page_and_the_former_version_is_retired(texted: Lender, signed_in: SignIn) -> None:
    """Once by who may; its digest travels with the form."""
    waiting = TextVersion.objects.get(state="submitted")
    client = signed_in(Role.COMPLIANCE)
    body = body_of(client, PAGE, language="hi", channel="sms")
    assert "I approve this text as it reads" in body
    assert "<ins>आपका </ins>" in body or "<ins>आपका</ins>" in body
    assert "A simulated finding in hi." in body
    assert "reads otherwise" in act(client, "approve", text_id=waiting.pk, sha256="0" * 64)
    assert "Version 2 of overdue_early is approved." in act(client, "approve", text_id=waiting.pk, sha256=waiting.sha256)
    assert list(TextVersion.objects.filter(name="overdue_early").values_list("version", "state")) == [(1, "retired"), (2, "approved")]
    assert AuditEntry.objects.filter(act="text.approve", actor="compliance0").count() == 1


def test_the_author_is_shown_no_button_and_is_refused_at_the_address(texted: Lender) -> None:
    """The one who submitted reads that another person approves."""
    asha = Person.objects.create_user("asha", password=None, role=Role.COMPLIANCE.value)
    client = Client()
    client.force_login(asha, backend="django.contrib.auth.backends.ModelBackend")
    waiting = TextVersion.objects.get(state="submitted")
    body = body_of(client, PAGE, language="hi", channel="sms")
    assert "I approve this text" not in body
    assert "another person approves it" in body
    assert "another person must approve it" in act(client, "approve", text_id=waiting.pk, sha256=waiting.sha256)
    assert TextVersion.objects.get(pk=waiting.pk).state == "submitted"


def test_a_text_is_given_back_and_retired_on_the_page(texted: Lender, signed_in: SignIn) -> None:
    """Each with its reason, which stands in the page afterwards."""
    client = signed_in(Role.COMPLIANCE)
    waiting, live = TextVersion.objects.get(state="submitted"), TextVersion.objects.get(state="approved")
    assert "is given back" in act(client, "give_back", text_id=waiting.pk, reason="Two words too many.")
    assert "Give the reason" in act(client, "retire", text_id=live.pk, reason=" ")
    assert "“No longer used.”" in act(client, "retire", text_id=live.pk, reason="No longer used.")


def test_a_language_is_signed_off_and_taken_back_on_the_page(texted: Lender, signed_in: SignIn) -> None:
    """By compliance, for the reader named; the list says who read it."""
    client = signed_in(Role.COMPLIANCE)
    asked = {"language": "ta", "digest": digest_of("ta"), "reader": "Tamilselvi R.", "read_on": "2026-11-19", "note": "Read aloud twice."}
    assert "Tamil is signed off by Tamilselvi R." in act(client, "sign_off", **asked)
    assert "ta" in reviewed_languages()
    assert "Tamilselvi R., 19 Nov 2026" in body_of(client, "/contact/texts")
    assert "read otherwise by now" in act(client, "sign_off", **{**asked, "digest": "0" * 64})
    assert "Give the day" in act(client, "sign_off", **{**asked, "read_on": "soon"})
    assert "is taken back: only plain reminders" in act(client, "withdraw", language="ta", note="A word was wrong.")
    assert "ta" not in reviewed_languages()


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD_OFFICER, Role.VALIDATOR, Role.INSPECTOR, Role.AGENCY])
def test_people_outside_of_the_office_read_and_do_nothing(texted: Lender, signed_in: SignIn, role: Role) -> None:
    """No form on the page, and 403 at every address of an act."""
    client = signed_in(role)
    for name in ("draft", "submit", "approve", "give_back", "retire", "sign_off", "withdraw"):
        assert client.post(f"/contact/text-act/{name}", {"text_id": "1"}).status_code == 403
    if role is not Role.AGENCY:
        assert "/contact/text-act/" not in body_of(client, PAGE, language="hi", channel="sms")
        assert "/contact/text-act/" not in body_of(client, "/contact/texts")


def test_people_of_some_branches_read_and_do_nothing(texted: Lender, signed_in: SignIn) -> None:
    """A text is the whole lender's."""
    client = signed_in(Role.COMPLIANCE, "BR-SALEM")
    assert "/contact/text-act/" not in body_of(client, PAGE, language="hi", channel="sms")
    live = TextVersion.objects.get(state="approved")
    assert "some branches only" in act(client, "retire", text_id=live.pk, reason="x")


def test_an_unknown_act_is_not_found(texted: Lender, signed_in: SignIn) -> None:
    """Nor one that is only read."""
    client = signed_in(Role.COMPLIANCE)
    assert client.post("/contact/text-act/erase", {}).status_code == 404
    assert client.get("/contact/text-act/approve").status_code == 405
