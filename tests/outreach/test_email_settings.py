"""[email] of lender.toml: whole it is read, half of it refuses to start and says which line to mend."""

import copy
from typing import Any

import pytest

from sulah.kernel.refusal import Refusal
from sulah.outreach.email.settings import EmailSettingsError, sendable, settings_of
from tests.channels.mail_place import SECRETS, email_toml

WHOLE: dict[str, Any] = email_toml(security="starttls", host="relay.example", user="kaveri")


def changed(*path: str | int, to: object = None) -> dict[str, Any]:
    """The settings with one value changed, or taken away."""
    made = copy.deepcopy(WHOLE)
    place: Any = made["email"]
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made


def test_the_whole_settings_are_read() -> None:
    read = settings_of(WHOLE, SECRETS)
    assert (read.provider("relay").user, read.provider("relay").password) == ("kaveri", SECRETS["SULAH_TEST_MAIL"])
    assert (read.domain, read.stop_address) == ("kaveri.example", "https://collect.kaveri.example/hooks/email/mail")
    assert read.template("due").text.startswith("Rs {#var#} is due to Kaveri\nRs {#var#}")


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    shown = repr(settings_of(WHOLE, SECRETS))
    assert not any(secret in shown for secret in SECRETS.values())


def test_both_secrets_hold_while_one_changes() -> None:
    read = settings_of(changed("former_sign_secret_from", to="OLD"), {**SECRETS, "OLD": "an-older-simulated-secret"})
    assert read.secrets == (SECRETS["SULAH_TEST_SIGN"], "an-older-simulated-secret")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "E-mail is not set up"),
        (changed("from_name"), "from_name"),
        (changed("from_name", to="Kaveri\r\nBcc: x"), "from_name"),
        (changed("from_address", to="Kaveri <care@kaveri.example>"), "from_address"),
        (changed("from_address", to="care@KAVERI.example"), "small letters"),
        (changed("reply_to"), "reply_to"),
        (changed("bounce_domain", to="bounce"), "bounce_domain"),
        (changed("hook_address", to="http://collect.kaveri.example"), "https"),
        (changed("maildir"), "maildir"),
        (changed("sign_secret_from"), "needs sign_secret_from"),
        (changed("provider"), r"at least one \[\[email.provider\]\]"),
        (changed("provider", 0, "name", to="mail"), "can be called mail"),
        (changed("provider", 0, "security", to="ssl"), "starttls, tls, none"),
        (changed("provider", 0, "security", to="none"), "not on this machine"),
        (changed("provider", 0, "host", to="relay.example/x"), "host"),
        (changed("provider", 0, "port", to=0), "from 1 to 65535"),
        (changed("provider", 0, "user"), "or neither"),
        (changed("provider", 0, "password_from"), "or neither"),
        (changed("provider", 0, "password", to="abc"), "no secret belongs in a file"),
        (changed("template", 0, "subject", to="Due\r\nBcc: x"), "one line"),
        (changed("template", 0, "subject", to="x" * 201), "at most 200"),
        (changed("template", 0, "subject", to="Due"), "2 {#var#}, and 3 variables"),
        (changed("template", 0, "text", to=""), "variables"),
        (changed("template", 0, "variables", to=["amount:amount", "again:amount", "loan:words"]), "name:kind"),
        (changed("template", 0, "legal_words"), "legal_words"),
        (changed("template", 0, "purposes", to=[]), "purposes"),
        (changed("template", 0, "language", to="English"), "language"),
    ],
)
def test_half_a_setting_refuses_to_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(EmailSettingsError, match=words):
        settings_of(given, SECRETS)


@pytest.mark.parametrize("missing", list(SECRETS))
def test_a_secret_that_is_not_in_the_environment_refuses_to_start(missing: str) -> None:
    with pytest.raises(EmailSettingsError, match=f"{missing}.*is not set"):
        settings_of(WHOLE, {name: value for name, value in SECRETS.items() if name != missing})


@pytest.mark.parametrize("name", ["provider", "template"])
def test_a_name_that_nobody_set_up_is_refused(name: str) -> None:
    with pytest.raises(EmailSettingsError, match="called nobody"):
        getattr(settings_of(WHOLE, SECRETS), name)("nobody")


@pytest.mark.parametrize("address", ["asha@mail.example", "a.b+c@x-y.co.in", "o'neil@mail.example", "x" * 64 + "@mail.example"])
def test_plain_addresses_can_be_written_to(address: str) -> None:
    assert sendable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "asha",
        "@mail.example",
        "asha@",
        "a@b@mail.example",
        "a..b@mail.example",
        ".a@mail.example",
        "asha@mail",
        "asha@-mail.example",
        "asha@mail..example",
        "asha@mail.example.",
        "asha @mail.example",
        "asha@mail.example\r\nRCPT TO:<x@y.example>",
        "आशा@mail.example",
        "x" * 65 + "@mail.example",
        "a@" + "x" * 63 + "." + "y" * 63 + "." + "z" * 63 + "." + "w" * 63 + ".example",
        '"a b"@mail.example',
        "<asha@mail.example>",
    ],
)
def test_anything_else_is_no_address(address: str) -> None:
    assert not sendable(address)


def test_a_lender_that_takes_its_texts_from_the_library_writes_none_here() -> None:
    """Approved texts of the records go; a list that is no list of texts is still refused."""
    assert settings_of(changed("template"), SECRETS).templates == {}
    with pytest.raises(Refusal, match="template"):
        settings_of(changed("template", to=[]), SECRETS)
