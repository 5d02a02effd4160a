"""[sms] of lender.toml: the registered entity, the gateways and the registered templates; half a setting refuses to start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sulah.kernel.refusal import Refusal
from sulah.outreach.section import Section
from sulah.outreach.smpp.settings import SmppSettingError, SmppSettings, smpp_of
from sulah.outreach.template import VARIABLE, Template

_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_REGISTERED = re.compile(r"[0-9]{19}")
_HEADER = re.compile(r"[A-Za-z]{6}")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_SECRET = 16
CATEGORIES = ("transactional", "service_implicit", "service_explicit")
"""Categories of a registered template; promotional ones are for offers, and an offer is no message about a debt (SMS-PROMO)."""


class SmsSettingsError(Refusal):
    """[sms] of lender.toml cannot be used as it stands; the words say which line to mend."""


_SECTION = Section("sms", SmsSettingsError, ("key", "hook_secret"))


class Kind(StrEnum):
    """What a gateway speaks."""

    MSG91 = "msg91"
    GUPSHUP = "gupshup"
    SMPP = "smpp"


@dataclass(frozen=True, slots=True)
class Provider:
    """One gateway: address, key, the secrets of its callbacks (one, or two while it changes; none by SMPP), and how long to wait.

    answer_seconds: for its whole answer.  settles_seconds: after so long a whole look-up that does not know a message is believed.
    user: the account number at Gupshup.  smpp: what SMPP needs besides.
    """

    name: str
    address: str
    key: str = field(repr=False)
    hook_secrets: tuple[str, ...] = field(repr=False)
    connect_seconds: int = 5
    answer_seconds: int = 20
    settles_seconds: int = 900
    kind: Kind = Kind.MSG91
    user: str = ""
    smpp: SmppSettings | None = None


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """All of [sms]; providers in the order of choice."""

    entity_id: str
    providers: tuple[Provider, ...]
    templates: Mapping[str, Template]

    def provider(self, name: str) -> Provider:
        """A gateway by its name; SmsSettingsError when there is none."""
        found = next((provider for provider in self.providers if provider.name == name), None)
        if found is None:
            raise SmsSettingsError(f"lender.toml has no [[sms.provider]] called {name}.")
        return found

    def template(self, name: str) -> Template:
        """A registered template by its name; SmsSettingsError when there is none."""
        if name not in self.templates:
            raise SmsSettingsError(f"lender.toml has no [[sms.template]] called {name}: only registered texts are sent.")
        return self.templates[name]


def settings_of(settings: Mapping[str, object], environment: Mapping[str, str]) -> SmsSettings:
    """[sms] of a lender's settings, secrets taken from the environment by the names that the settings give; SmsSettingsError in words."""
    given = settings.get("sms")
    if not isinstance(given, Mapping):
        raise SmsSettingsError("SMS is not set up: lender.toml has no [sms]. docs/operate/sms.md says what it needs.")
    entity = _SECTION.text(given, "entity_id", "[sms]", _REGISTERED, "the 19 digits of your DLT registration")
    providers = tuple(_provider(row, environment) for row in _SECTION.rows(given, "provider"))
    templates = [_template(row, providers) for row in _SECTION.rows(given, "template", empty=True)]
    _SECTION.once("provider", [each.name for each in providers])
    _SECTION.once("template", [t.name for t in templates])
    return SmsSettings(entity, providers, {template.name: template for template in templates})


def _provider(row: Mapping[str, object], environment: Mapping[str, str]) -> Provider:
    name = _SECTION.text(row, "name", "[[sms.provider]]", _NAME, "small letters, digits, - and _")
    where = f"provider {name}"
    if row.get("kind", Kind.MSG91) not in set(Kind):
        raise SmsSettingsError(f"lender.toml: kind of the {where} is {row.get('kind')!r}; write one of {', '.join(Kind)}.")
    kind = Kind(str(row.get("kind", Kind.MSG91)))
    address = str(row.get("address", "")).rstrip("/")
    if kind is not Kind.SMPP and not _ADDRESS.fullmatch(address) and not _LOOPBACK.fullmatch(address):
        raise SmsSettingsError(f"lender.toml: address of the {where} is {address!r}; write https://HOST (plain http only to this machine).")
    accepted = () if kind is Kind.SMPP else _hook_secrets(row, where, environment)
    user = (
        _SECTION.text(row, "user_id", f"the {where}", re.compile(r"[0-9]{4,20}"), "the account number in digits")
        if kind is Kind.GUPSHUP
        else ""
    )
    return Provider(
        name=name,
        address=address,
        key=_SECTION.secret(row, "key_from", where, environment),
        hook_secrets=accepted,
        connect_seconds=_SECTION.number(row, "connect_seconds", 5, where),
        answer_seconds=_SECTION.number(row, "answer_seconds", 20, where),
        settles_seconds=_SECTION.number(row, "settles_seconds", 900, where),
        kind=kind,
        user=user,
        smpp=_smpp(row, where) if kind is Kind.SMPP else None,
    )


def _hook_secrets(row: Mapping[str, object], where: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    accepted = [_SECTION.secret(row, "hook_secret_from", where, environment)]
    if "former_hook_secret_from" in row:
        accepted.append(_SECTION.secret(row, "former_hook_secret_from", where, environment))
    if any(len(secret) < _SECRET for secret in accepted):
        raise SmsSettingsError(f"The secret of the callbacks of the {where} is shorter than {_SECRET} characters. Make a longer one.")
    return tuple(accepted)


def _smpp(row: Mapping[str, object], where: str) -> SmppSettings:
    try:
        return smpp_of(row)
    except SmppSettingError as error:
        raise SmsSettingsError(f"lender.toml: of the {where}, {error}.") from error


def _template(row: Mapping[str, object], providers: tuple[Provider, ...]) -> Template:
    name = _SECTION.text(row, "name", "[[sms.template]]", re.compile(r"[a-z0-9_]{1,64}"), "small letters, digits and _")
    where = f"template {name}"
    if row.get("category") not in CATEGORIES:
        raise SmsSettingsError(f"lender.toml: category of the {where} must be one of {', '.join(CATEGORIES)}; offers are not sent.")
    text = str(row.get("text", ""))
    variables = tuple(_SECTION.variable(each, where) for each in _SECTION.listed(row, "variables", where, empty=True))
    if not text or text.count(VARIABLE) != len(variables) or text.replace(VARIABLE, "").count("{#"):
        raise SmsSettingsError(
            f"lender.toml: the text of the {where} has {text.count(VARIABLE)} {VARIABLE}, and {len(variables)} variables."
        )
    if type(row.get("legal_words")) is not bool:
        raise SmsSettingsError(f"lender.toml: say legal_words = true or false of the {where}: does it speak of law, courts or notices?")
    given_ids = row.get("provider_ids", {})
    ids = {str(key): str(value) for key, value in given_ids.items()} if isinstance(given_ids, Mapping) else {}
    if missing := [provider.name for provider in providers if provider.kind is Kind.MSG91 and not ids.get(provider.name)]:
        raise SmsSettingsError(f"lender.toml: the {where} has no provider_ids.{missing[0]}: the number that this gateway gave it.")
    return Template(
        name=name,
        language=_SECTION.text(row, "language", where, re.compile(r"[a-z]{2,3}"), "a code such as en, hi or ta"),
        text=text,
        variables=variables,
        purposes=tuple(str(each) for each in _SECTION.listed(row, "purposes", where)),
        header=_SECTION.text(row, "header", where, _HEADER, "the six letters of your DLT header"),
        registered_id=_SECTION.text(row, "dlt_template_id", where, _REGISTERED, "the 19 digits of the template's DLT registration"),
        provider_ids=ids,
        hosts=tuple(str(each) for each in _SECTION.listed(row, "hosts", where, empty=True)),
        legal_words=bool(row["legal_words"]),
    )
