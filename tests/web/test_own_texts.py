"""A lender's own texts of lender.toml on the text bench: read by the linter, submitted by one, approved by another, changed, retired."""

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.texts_in_force import channels_of
from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.terms import Channel, Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.text import TextVersion
from tests.outbox.place import SECRETS, settings
from tests.web import small_texts

SignIn = Callable[..., Client]
GOOD = (
    "Rs {#var#} was overdue on your loan {#var#}. If you have paid, thank you. Complaints: 18001230000. "
    "To stop, SMS STOP to 9215512345. - Sahyadri Microfinance"
)
SHIPPED = "Rs {#var#} is due on loan {#var#}. Kaveri (simulated)"


@pytest.fixture
def own(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lender]:
    """The small lender with [texts] and [sms], whose text for recovery reads as a linter would have it."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with small_texts.with_texts(lender):
        path = lender.root / "lender.toml"
        path.write_text(path.read_text("utf-8") + settings([1]).replace(SHIPPED, GOOD), "utf-8")
        yield lender


def in_force(lender: Lender) -> set[str]:
    """The texts that a worker would send by SMS."""
    return set(channels_of(open_lender(lender.root), SECRETS)[Channel.SMS].templates)


def act(client: Client, name: str, **given: object) -> str:
    return unescape(client.post(f"/contact/text-act/{name}", given, follow=True).content.decode())


def test_an_own_text_is_submitted_by_one_person_and_approved_by_another(own: Lender, signed_in: SignIn) -> None:
    """Before, it is not sent; the page says how it stands; both acts are in the trail."""
    office, second = signed_in(Role.LEGAL), signed_in(Role.COMPLIANCE)
    page = unescape(office.get("/contact/texts").content.decode())
    assert "Texts of your own, brought in lender.toml" in page
    assert "Nobody has submitted it: it is not sent." in page
    assert in_force(own) == set()
    assert "is submitted as it stands in lender.toml" in act(office, "submit_own", own="due", channel="sms")
    version = TextVersion.objects.get()
    assert (version.state, version.dlt_template_id, version.author) == ("submitted", "1107160000000000001", "legal0")
    assert in_force(own) == set()
    assert "is approved" in act(second, "approve", text_id=version.pk, sha256=version.sha256)
    assert in_force(own) == {"due"}
    acts = AuditEntry.objects.filter(subject="text:own:due:sms:en").order_by("id").values_list("act", "actor")
    assert list(acts) == [("text.draft", "legal0"), ("text.submit", "legal0"), ("text.approve", "compliance0")]


def test_what_the_linter_blocks_is_not_even_submitted(own: Lender, signed_in: SignIn) -> None:
    """It asks for money and names neither complaint line nor lender; the words are the linter's."""
    path = own.root / "lender.toml"
    path.write_text(path.read_text("utf-8").replace(GOOD, "Pay Rs {#var#} on {#var#} today or the police will come."), "utf-8")
    said = act(signed_in(Role.LEGAL), "submit_own", own="due", channel="sms")
    assert "The linter blocks this text" in said
    assert not TextVersion.objects.exists()


def test_an_own_text_that_was_changed_in_the_file_wants_a_registration_of_its_own_and_both_people_again(
    own: Lender, signed_in: SignIn
) -> None:
    office, second = signed_in(Role.LEGAL), signed_in(Role.COMPLIANCE)
    act(office, "submit_own", own="due", channel="sms")
    version = TextVersion.objects.get()
    act(second, "approve", text_id=version.pk, sha256=version.sha256)
    path = own.root / "lender.toml"
    whole = path.read_text("utf-8").replace("thank you.", "many thanks.")
    path.write_text(whole, "utf-8")
    assert in_force(own) == set()
    assert "lender.toml holds it otherwise than it was approved" in unescape(office.get("/contact/texts").content.decode())
    assert "each text has its own" in act(office, "submit_own", own="due", channel="sms")
    path.write_text(whole.replace("1107160000000000001", "1107160000000000009"), "utf-8")
    assert "is submitted" in act(office, "submit_own", own="due", channel="sms")


def test_an_own_text_is_approved_by_no_first_person_and_retired_with_a_reason(own: Lender, signed_in: SignIn) -> None:
    first = signed_in(Role.COMPLIANCE)
    act(first, "submit_own", own="due", channel="sms")
    version = TextVersion.objects.get()
    assert "another person must approve it" in act(first, "approve", text_id=version.pk, sha256=version.sha256)
    assert "I approve this text as it reads" not in unescape(first.get("/contact/texts").content.decode())
    second = signed_in(Role.COMPLIANCE, "BR-GAYA")
    assert "of some branches only" in act(second, "approve", text_id=version.pk, sha256=version.sha256)
    version.refresh_from_db()
    assert version.state == "submitted"


@pytest.mark.parametrize(("own_name", "channel"), [("nothing", "sms"), ("due", "whatsapp"), ("due", "pigeon")])
def test_a_text_that_is_not_in_the_file_cannot_be_submitted(own: Lender, signed_in: SignIn, own_name: str, channel: str) -> None:
    said = signed_in(Role.LEGAL).post("/contact/text-act/submit_own", {"own": own_name, "channel": channel}, follow=True)
    assert said.status_code == 200
    assert not TextVersion.objects.exists()
