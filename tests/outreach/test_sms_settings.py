"""[sms] of lender.toml: whole it is read, half of it refuses to start and says which line to mend."""

import copy
import tomllib
from typing import Any

import pytest

from sulah.kernel.refusal import Refusal
from sulah.outreach.sms.settings import SmsSettingsError, settings_of
from tests.outbox.place import HOOK, KEY, SECRETS, settings

WHOLE: dict[str, Any] = tomllib.loads(settings([8091, 8092]))


def changed(*path: str | int, to: object = None) -> dict[str, Any]:
    """The settings with one value changed, or taken away."""
    made = copy.deepcopy(WHOLE)
    place: Any = made["sms"]
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made


def test_the_whole_settings_are_read_in_the_order_of_choice() -> None:
    read = settings_of(WHOLE, SECRETS)
    assert [provider.name for provider in read.providers] == ["one", "two"]
    assert (read.provider("one").key, read.provider("one").hook_secrets) == (KEY, (HOOK,))
    assert set(read.templates) == {"due", "receipt"}


def test_a_text_without_variables_is_a_template_too() -> None:
    given = changed("template", 0, "text", to="Somebody of ours will call you.")
    given["sms"]["template"][0]["variables"] = []
    assert settings_of(given, SECRETS).template("due").values({}) == ()


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    assert KEY not in repr(settings_of(WHOLE, SECRETS))
    assert HOOK not in repr(settings_of(WHOLE, SECRETS))


def test_both_secrets_hold_while_one_changes() -> None:
    read = settings_of(changed("provider", 0, "former_hook_secret_from", to="OLD"), {**SECRETS, "OLD": "an-older-simulated-secret"})
    assert read.provider("one").hook_secrets == (HOOK, "an-older-simulated-secret")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "SMS is not set up"),
        (changed("entity_id"), "entity_id"),
        (changed("entity_id", to="12"), "19 digits"),
        (changed("provider"), r"at least one \[\[sms.provider\]\]"),
        (changed("provider", 0, "address", to="http://gateway.example"), "https://HOST"),
        (changed("provider", 0, "address", to="https://gateway.example/path"), "https://HOST"),
        (changed("provider", 0, "key_from"), "needs key_from"),
        (changed("provider", 0, "hook_secret_from"), "needs hook_secret_from"),
        (changed("provider", 0, "key", to="abc"), "no secret belongs in a file"),
        (changed("provider", 0, "answer_seconds", to=0), "1 or more"),
        (changed("provider", 1, "name", to="one"), "two"),
        (changed("provider", 0, "name", to="One Gateway"), "small letters"),
        (changed("template", 0, "category", to="promotional"), "offers are not sent"),
        (changed("template", 0, "header", to="KAV"), "six letters"),
        (changed("template", 0, "legal_words"), "legal_words = true or false"),
        (changed("template", 0, "legal_words", to="no"), "legal_words = true or false"),
        (changed("template", 0, "dlt_template_id"), "19 digits"),
        (changed("template", 0, "text", to="Rs {#var#}"), "2 variables"),
        (changed("template", 0, "text", to="Rs {#var#} {#var#} {#other#}"), "2 variables"),
        (changed("template", 0, "variables", to=["amount:rupees", "loan:reference"]), "name:kind"),
        (changed("template", 0, "purposes", to=[]), "purposes"),
        (changed("template", 0, "provider_ids", to={"one": "T-1"}), "provider_ids.two"),
        (changed("template", 1, "name", to="due"), "two"),
    ],
)
def test_half_a_setting_refuses_to_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SmsSettingsError, match=words):
        settings_of(given, SECRETS)


@pytest.mark.parametrize("missing", list(SECRETS))
def test_a_secret_that_is_not_in_the_environment_refuses_to_start(missing: str) -> None:
    with pytest.raises(SmsSettingsError, match=f"{missing}.*is not set"):
        settings_of(WHOLE, {name: value for name, value in SECRETS.items() if name != missing})


def test_a_short_secret_of_callbacks_refuses_to_start() -> None:
    with pytest.raises(SmsSettingsError, match="shorter than 16"):
        settings_of(WHOLE, {**SECRETS, "SULAH_TEST_HOOK": "fifteen-letters"})


@pytest.mark.parametrize("name", ["provider", "template"])
def test_a_name_that_nobody_set_up_is_refused(name: str) -> None:
    with pytest.raises(SmsSettingsError, match="called nobody"):
        getattr(settings_of(WHOLE, SECRETS), name)("nobody")


def test_a_lender_that_takes_its_texts_from_the_library_writes_none_here() -> None:
    """Approved texts of the records go; a list that is no list of texts is still refused."""
    assert settings_of(changed("template"), SECRETS).templates == {}
    with pytest.raises(Refusal, match="template"):
        settings_of(changed("template", to=[]), SECRETS)
