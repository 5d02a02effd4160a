"""[whatsapp] of lender.toml: the numbers that send, and the templates registered with Meta; half a setting refuses to start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sulah.kernel.refusal import Refusal
from sulah.outreach.section import Section
from sulah.outreach.template import Template
from sulah.outreach.whatsapp.form import Form, FormError, form_of, variable_of

META = "https://graph.facebook.com"
_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
_ID = re.compile(r"[0-9]{5,32}")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_SECRETS = ("token", "app_secret", "former_app_secret", "verify_token")
_SHORTEST = 16
CATEGORY = "utility"
"""Marketing is for offers, and an offer is no message about a debt (WA-OPT); authentication is for one-time codes."""


class WhatsAppSettingsError(Refusal):
    """[whatsapp] of lender.toml cannot be used as it stands; the words say which line to mend."""


_SECTION = Section("whatsapp", WhatsAppSettingsError, _SECRETS)


@dataclass(frozen=True, slots=True)
class Provider:
    """One business number on the platform: where it is reached, its ids, its token, and the secrets of its callbacks.

    app_secrets: one, or two while it changes.  answer_seconds: for the whole answer.  settles_seconds: kept for the look-up that the
    platform does not have.
    """

    name: str
    address: str
    version: str
    number_id: str
    account_id: str
    token: str = field(repr=False)
    app_secrets: tuple[str, ...] = field(repr=False)
    verify_token: str = field(repr=False)
    connect_seconds: int = 5
    answer_seconds: int = 20
    settles_seconds: int = 900


@dataclass(frozen=True, slots=True)
class WhatsAppSettings:
    """All of [whatsapp]; providers in the order of choice; forms by the name of the template."""

    providers: tuple[Provider, ...]
    forms: Mapping[str, Form]

    @property
    def templates(self) -> dict[str, Template]:
        """The registered templates by name."""
        return {name: form.template for name, form in self.forms.items()}

    def provider(self, name: str) -> Provider:
        """A number by its name; WhatsAppSettingsError when there is none."""
        found = next((provider for provider in self.providers if provider.name == name), None)
        if found is None:
            raise WhatsAppSettingsError(f"lender.toml has no [[whatsapp.provider]] called {name}.")
        return found

    def form(self, name: str) -> Form:
        """A registered template by its name; WhatsAppSettingsError when there is none."""
        if name not in self.forms:
            raise WhatsAppSettingsError(f"lender.toml has no [[whatsapp.template]] called {name}: only registered texts are sent.")
        return self.forms[name]


def settings_of(settings: Mapping[str, object], environment: Mapping[str, str]) -> WhatsAppSettings:
    """[whatsapp] of a lender's settings, secrets from the environment by the names that the settings give; refusals in words."""
    given = settings.get("whatsapp")
    if not isinstance(given, Mapping):
        raise WhatsAppSettingsError("WhatsApp is not set up: lender.toml has no [whatsapp]. docs/operate/whatsapp.md says what it needs.")
    providers = tuple(_provider(row, environment) for row in _SECTION.rows(given, "provider"))
    forms = [_form(row) for row in _SECTION.rows(given, "template", empty=True)]
    for kind, names in (
        ("provider", [provider.name for provider in providers]),
        ("template", [form.template.name for form in forms]),
        ("provider with the phone_number_id", [provider.number_id for provider in providers]),
        ("template with registered name and language", [f"{form.registered} {form.code}" for form in forms]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise WhatsAppSettingsError(f"lender.toml: two of [whatsapp] are the same: {kind} {twice[0]}. Give each its own.")
    return WhatsAppSettings(providers, {form.template.name: form for form in forms})


def _provider(row: Mapping[str, object], environment: Mapping[str, str]) -> Provider:
    name = _SECTION.text(row, "name", "[[whatsapp.provider]]", _NAME, "small letters, digits, - and _")
    where = f"provider {name}"
    address = str(row.get("address", META)).rstrip("/")
    if not _ADDRESS.fullmatch(address) and not _LOOPBACK.fullmatch(address):
        raise WhatsAppSettingsError(f"lender.toml: address of the {where} is {address!r}; write {META} (plain http only to this machine).")
    accepted = [_SECTION.secret(row, "app_secret_from", where, environment)]
    if "former_app_secret_from" in row:
        accepted.append(_SECTION.secret(row, "former_app_secret_from", where, environment))
    verify = _SECTION.secret(row, "verify_token_from", where, environment)
    if any(len(secret) < _SHORTEST for secret in (*accepted, verify)):
        raise WhatsAppSettingsError(f"A secret of the callbacks of the {where} is shorter than {_SHORTEST} characters.")
    return Provider(
        name=name,
        address=address,
        version=_SECTION.text(row, "version", where, _VERSION, "the version of the Graph API, such as v23.0"),
        number_id=_SECTION.text(row, "phone_number_id", where, _ID, "the digits of the number's id, which are not the number"),
        account_id=_SECTION.text(row, "waba_id", where, _ID, "the digits of the WhatsApp Business Account"),
        token=_SECTION.secret(row, "token_from", where, environment),
        app_secrets=tuple(accepted),
        verify_token=verify,
        connect_seconds=_SECTION.number(row, "connect_seconds", 5, where),
        answer_seconds=_SECTION.number(row, "answer_seconds", 20, where),
        settles_seconds=_SECTION.number(row, "settles_seconds", 900, where),
    )


def _form(row: Mapping[str, object]) -> Form:
    name = _SECTION.text(row, "name", "[[whatsapp.template]]", re.compile(r"[a-z0-9_]{1,64}"), "small letters, digits and _")
    where = f"template {name}"
    if row.get("category") != CATEGORY:
        words = f"category of the {where} must be {CATEGORY}; marketing is refused, because an offer is no message about a debt."
        raise WhatsAppSettingsError(f"lender.toml: {words}")
    if type(row.get("legal_words")) is not bool:
        raise WhatsAppSettingsError(f"lender.toml: say legal_words = true or false of the {where}: does it speak of law or courts?")
    registered = str(row.get("registered_name", name))
    if not re.fullmatch(r"[a-z0-9_]{1,512}", registered):
        raise WhatsAppSettingsError(f"lender.toml: registered_name of the {where} is {registered!r}; write its name with Meta.")
    language = _SECTION.text(row, "language", where, re.compile(r"[a-z]{2,3}"), "a code such as en, hi or ta")
    code = str(row.get("language_code", language))
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,3})?", code) or code.partition("_")[0] != language:
        raise WhatsAppSettingsError(f"lender.toml: language_code of the {where} is {code!r}; write Meta's code of {language}.")
    template = Template(
        name=name,
        language=language,
        text="",
        variables=tuple(variable_of(each, where) for each in _SECTION.listed(row, "variables", where, empty=True)),
        purposes=tuple(str(each) for each in _SECTION.listed(row, "purposes", where)),
        header="",
        registered_id=registered,
        provider_ids={},
        hosts=tuple(str(each) for each in _SECTION.listed(row, "hosts", where, empty=True)),
        legal_words=bool(row["legal_words"]),
    )
    try:
        return form_of(row, template, code, where)
    except FormError as error:
        raise WhatsAppSettingsError(str(error)) from error
