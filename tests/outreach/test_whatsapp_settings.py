"""[whatsapp] of lender.toml: whole it is read, half of it refuses to start and says which line to mend."""

import copy
import tomllib
from datetime import date
from typing import Any

import pytest

from sulah.kernel.refusal import Refusal
from sulah.outreach.whatsapp.form import FormError
from sulah.outreach.whatsapp.settings import WhatsAppSettingsError, settings_of
from tests.outreach.whatsapp_place import APP, FORMER, SECRETS, TOKEN, VERIFY, settings

WHOLE: dict[str, Any] = tomllib.loads(settings(two=True))


def changed(*path: str | int, to: object = None) -> dict[str, Any]:
    """The settings with one value changed, or taken away."""
    made = copy.deepcopy(WHOLE)
    place: Any = made["whatsapp"]
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made


def test_the_whole_settings_are_read_in_the_order_of_choice() -> None:
    read = settings_of(WHOLE, SECRETS)
    assert [provider.name for provider in read.providers] == ["meta", "second"]
    assert (read.provider("meta").token, read.provider("meta").app_secrets) == (TOKEN, (APP, FORMER))
    assert set(read.templates) == {"due_en", "due_hi", "receipt_en", "hello_en"}
    assert (read.form("due_en").registered, read.form("due_en").code, read.form("receipt_en").code) == ("loan_due", "en", "en_US")


def test_the_address_is_metas_where_none_is_given() -> None:
    assert settings_of(changed("provider", 0, "address"), SECRETS).provider("meta").address == "https://graph.facebook.com"


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    shown = repr(settings_of(WHOLE, SECRETS))
    assert [secret for secret in (TOKEN, APP, FORMER, VERIFY) if secret in shown] == []


def test_the_whole_text_of_a_template_is_what_the_person_reads_with_its_buttons() -> None:
    template = settings_of(WHOLE, SECRETS).templates["due_en"]
    values = template.values({"amount": 1_234_50, "loan": "LN/1", "way": "a7x"})
    assert template.body(values) == (
        "Kaveri (simulated)\nRs 1,234.50 is due on loan LN/1. Press a button or write to us.\nWrite STOP to hear no more\n"
        "[I have paid]\n[Call me]\n[Pay now] https://pay.kaveri.example/l/a7x"
    )


def test_a_value_of_another_kind_is_refused_before_anything_is_sent() -> None:
    template = settings_of(WHOLE, SECRETS).templates["due_en"]
    with pytest.raises(Exception, match="must be of the kind amount"):
        template.values({"amount": date(2026, 1, 1), "loan": "LN/1", "way": "a7x"})


def test_as_many_values_as_variables_or_none_of_it() -> None:
    with pytest.raises(FormError, match="3 variables; 2 were given"):
        settings_of(WHOLE, SECRETS).form("due_en").components(("1", "2"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "WhatsApp is not set up"),
        (changed("provider"), r"at least one \[\[whatsapp.provider\]\]"),
        (changed("provider", 0, "name", to="Meta"), "small letters"),
        (changed("provider", 1, "name", to="meta"), "the same: provider meta"),
        (changed("provider", 1, "phone_number_id", to="106540352242922"), "the same: provider with the phone_number_id"),
        (changed("provider", 0, "address", to="http://graph.facebook.com"), "plain http only to this machine"),
        (changed("provider", 0, "address", to="https://graph.facebook.com/v23.0"), "address of the provider meta"),
        (changed("provider", 0, "version"), "such as v23.0"),
        (changed("provider", 0, "version", to="23"), "such as v23.0"),
        (changed("provider", 0, "phone_number_id", to="+91 98123 45678"), "which are not the number"),
        (changed("provider", 0, "waba_id"), "WhatsApp Business Account"),
        (changed("provider", 0, "token_from"), "needs token_from"),
        (changed("provider", 0, "app_secret_from"), "needs app_secret_from"),
        (changed("provider", 0, "verify_token_from"), "needs verify_token_from"),
        (changed("provider", 0, "token", to="EAA"), "no secret belongs in a file"),
        (changed("provider", 0, "app_secret", to="EAA"), "no secret belongs in a file"),
        (changed("provider", 0, "token_from", to="NOWHERE"), "NOWHERE"),
        (changed("provider", 0, "answer_seconds", to=0), "1 or more"),
        (changed("template", 0, "category", to="marketing"), "an offer is no message about a debt"),
        (changed("template", 0, "category"), "must be utility"),
        (changed("template", 0, "legal_words"), "legal_words"),
        (changed("template", 0, "purposes"), "purposes"),
        (changed("template", 0, "language", to="english"), "such as en"),
        (changed("template", 0, "language_code", to="hi"), "Meta's code of en"),
        (changed("template", 0, "language_code", to="en-US"), "Meta's code of en"),
        (changed("template", 0, "registered_name", to="Loan Due"), "its name with Meta"),
        (changed("template", 1, "name", to="due_en"), "the same: template due_en"),
        (changed("template", 1, "language", to="en"), "the same: template with registered name and language loan_due en"),
        (changed("template", 0, "text", to=""), "1 to 1024"),
        (changed("template", 0, "text", to="a" * 1025), "1 to 1024"),
        (changed("template", 0, "text", to="Rs {{2}} on {{1}} now"), "in this order"),
        (changed("template", 0, "text", to="Rs {{1}} on {{1}} now"), "in this order"),
        (changed("template", 0, "text", to="Rs {{amount}} now"), "in this order"),
        (changed("template", 0, "text", to="{{1}} on {{2}} now"), "may not begin or end"),
        (changed("template", 0, "text", to="Rs {{1}}{{2}} now"), "side by side"),
        (changed("template", 0, "text", to="Rs {{1}} is due."), "3 variables"),
        (changed("template", 0, "header", to="a" * 61), "60 characters"),
        (changed("template", 0, "header", to="{{1}} and {{2}}"), "one value"),
        (changed("template", 0, "footer", to="of {{1}}"), "can have no value"),
        (changed("template", 0, "buttons", 0, "payload", to="Paid!"), "needs a payload"),
        (changed("template", 0, "buttons", 0, "label", to="a" * 26), "1 to 25"),
        (changed("template", 0, "buttons", 0, "kind", to="copy_code"), "quick_reply"),
        (changed("template", 0, "buttons", 2, "address", to="http://pay.kaveri.example/{{1}}"), "https://"),
        (changed("template", 0, "buttons", 2, "address", to="https://pay.kaveri.example{{1}}"), "https://"),
        (changed("template", 0, "buttons", 2, "address", to="https://evil.example/{{1}}"), "not in its hosts"),
        (
            changed("template", 0, "buttons", to=[{"kind": "quick_reply", "label": f"b{n}", "payload": f"b{n}"} for n in range(11)]),
            "11 buttons",
        ),
        (changed("template", 0, "variables", 2, to="way:amount"), "make it a reference"),
        (changed("template", 0, "variables", 0, to="amount:rupees"), "name:kind"),
        (changed("template", 2, "variables", 0, to="paper:amount"), "its document"),
        (changed("template", 2, "header_media", to="video"), "image or document"),
    ],
)
def test_half_a_setting_refuses_and_says_which_line_to_mend(given: dict[str, Any], words: str) -> None:
    with pytest.raises((WhatsAppSettingsError, FormError), match=words):
        settings_of(given, SECRETS)


def test_quick_replies_stand_together() -> None:
    reply = {"kind": "quick_reply", "label": "Later", "payload": "later"}
    with pytest.raises(WhatsAppSettingsError, match="together"):
        settings_of(changed("template", 0, "buttons", to=[*WHOLE["whatsapp"]["template"][0]["buttons"], reply]), SECRETS)


@pytest.mark.parametrize("secret", ["WA_APP", "WA_FORMER", "WA_VERIFY"])
def test_a_short_secret_is_refused(secret: str) -> None:
    with pytest.raises(WhatsAppSettingsError, match="shorter than 16"):
        settings_of(WHOLE, {**SECRETS, secret: "short"})


def test_a_lender_that_takes_its_texts_from_the_library_writes_none_here() -> None:
    """Approved texts of the records go; a list that is no list of texts is still refused."""
    assert settings_of(changed("template"), SECRETS).templates == {}
    with pytest.raises(Refusal, match="template"):
        settings_of(changed("template", to=[]), SECRETS)
