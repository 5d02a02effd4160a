"""[voice] of lender.toml: providers, caller ids that are registered with us, scripts and tariffs; half a setting refuses to start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sulah.kernel.refusal import Refusal
from sulah.outreach.section import Section
from sulah.outreach.voice.calls import LONGEST_SECONDS, Tariff
from sulah.outreach.voice.ivr import Script
from sulah.outreach.voice.read_script import ScriptError, script_of

_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_HOOK = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*")
_NUMBER = re.compile(r"\+91[1-9][0-9]{9}")
SERIES = re.compile(r"160[01]")
"""Ten digits that begin with 1600 or 1601: DoT's memo of 28 May 2024 gives 1601 to entities that RBI regulates, 1600 to government; the
trade calls both the 1600 series.  Which of the two the guard asks for stands in its rows."""
_SECRET = 16


class VoiceSettingsError(Refusal):
    """[voice] of lender.toml cannot be used as it stands; the words say which line to mend."""


_SECTION = Section("voice", VoiceSettingsError, ("key", "token", "hook_secret"))


class Kind(StrEnum):
    """Whose wire format a provider speaks."""

    EXOTEL = "exotel"
    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class CallerId:
    """A number that borrowers see: of a series, registered with us on a day; there is no setting for hiding it (CLI-ANON)."""

    number: str
    series: str
    registered_on: date


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of calls: address, account, user and password of its API, the secrets that open our door, and its caller id.

    hook_secrets: for Exotel, which signs nothing, the secret in our address; for Twilio the auth tokens that it signs with.
    flow: the number of the flow that plays scripts (Exotel).
    """

    name: str
    kind: Kind
    address: str
    account: str
    caller_id: CallerId
    user: str = field(repr=False)
    password: str = field(repr=False)
    hook_secrets: tuple[str, ...] = field(repr=False)
    hook_address: str = ""
    flow: str = ""
    tariffs: tuple[Tariff, ...] = ()
    connect_seconds: int = 5
    answer_seconds: int = 20
    settles_seconds: int = 900


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """All of [voice]; providers in the order of choice; person_number: where 0 puts a borrower through to."""

    providers: tuple[Provider, ...]
    scripts: Mapping[str, Script]
    person_number: str
    time_limit_seconds: int
    ring_seconds: int

    @property
    def series(self) -> str:
        """The series that every call shows: what an intent to call says as its caller_series."""
        return self.providers[0].caller_id.series

    def provider(self, name: str) -> Provider:
        """A provider by its name; VoiceSettingsError when there is none."""
        found = next((provider for provider in self.providers if provider.name == name), None)
        if found is None:
            raise VoiceSettingsError(f"lender.toml has no [[voice.provider]] called {name}.")
        return found

    def script(self, name: str) -> Script:
        """A script by its name; VoiceSettingsError when there is none."""
        if name not in self.scripts:
            raise VoiceSettingsError(f"lender.toml has no [[voice.script]] called {name}: only registered scripts are spoken.")
        return self.scripts[name]


def settings_of(settings: Mapping[str, object], environment: Mapping[str, str]) -> VoiceSettings:
    """[voice] of a lender's settings, secrets from the environment by the names that the settings give; VoiceSettingsError in words."""
    given = settings.get("voice")
    if not isinstance(given, Mapping):
        raise VoiceSettingsError("Calls are not set up: lender.toml has no [voice]. docs/operate/voice.md says what it needs.")
    hook = str(given.get("hook_address", "")).rstrip("/")
    if not _HOOK.fullmatch(hook) and not _LOOPBACK.fullmatch(hook):
        raise VoiceSettingsError(
            f"lender.toml: hook_address of [voice] is {hook!r}; write https://YOUR-HOST/hooks/voice, where providers reach us."
        )
    if given.get("record") is not True:
        raise VoiceSettingsError(
            "lender.toml: write record = true in [voice]: recovery calls are recorded and the borrower is told (REC-CALL)."
        )
    caller_ids = {row.number: row for row in map(_caller_id, _SECTION.rows(given, "caller_id"))}
    providers = tuple(_provider(row, caller_ids, hook, environment) for row in _SECTION.rows(given, "provider"))
    if len({provider.caller_id.series for provider in providers}) > 1:
        raise VoiceSettingsError("lender.toml: the providers of [voice] show two series; the guard permits a call for one of them.")
    scripts = _scripts(given, providers)
    _SECTION.once("provider", [each.name for each in providers])
    _SECTION.once("script", [script.template.name for script in scripts])
    return VoiceSettings(
        providers,
        {script.template.name: script for script in scripts},
        _SECTION.text(
            given, "person_number", "[voice]", _NUMBER, "the number of your people as +91 and ten digits: 0 puts a borrower through to them"
        ),
        _SECTION.number(given, "time_limit_seconds", 900, "[voice]", LONGEST_SECONDS),
        _SECTION.number(given, "ring_seconds", 30, "[voice]", 60),
    )


def _caller_id(row: Mapping[str, object]) -> CallerId:
    number = _SECTION.text(row, "number", "[[voice.caller_id]]", _NUMBER, "+91 and ten digits")
    series = _SECTION.text(
        row, "series", f"caller id {number}", SERIES, "1600 or 1601: no other number may call borrowers for a regulated lender"
    )
    if not number.removeprefix("+91").startswith(series):
        raise VoiceSettingsError(f"lender.toml: the caller id {number} is not of the series {series}.")
    since = row.get("registered_on")
    if type(since) is not date:
        raise VoiceSettingsError(f"lender.toml: say since when the caller id {number} is yours: registered_on = 2026-02-01.")
    return CallerId(number, series, since)


def _provider(row: Mapping[str, object], known: Mapping[str, CallerId], hook: str, environment: Mapping[str, str]) -> Provider:
    name = _SECTION.text(row, "name", "[[voice.provider]]", _NAME, "small letters, digits, - and _")
    where = f"provider {name}"
    if row.get("kind") not in tuple(Kind):
        raise VoiceSettingsError(f"lender.toml: kind of the {where} must be one of {', '.join(Kind)}.")
    kind = Kind(str(row["kind"]))
    address = str(row.get("address", "")).rstrip("/")
    if not _HTTPS.fullmatch(address) and not _LOOPBACK.fullmatch(address):
        raise VoiceSettingsError(
            f"lender.toml: address of the {where} is {address!r}; write https://HOST (plain http only to this machine)."
        )
    caller = str(row.get("caller_id", ""))
    if caller not in known:
        raise VoiceSettingsError(
            f"lender.toml: caller_id of the {where} is {caller!r}, which no [[voice.caller_id]] registers. Hidden is no choice."
        )
    account = _SECTION.text(row, "account", where, re.compile(r"[A-Za-z0-9_-]{2,64}"), "the account's SID")
    password = _SECTION.secret(row, "token_from", where, environment)
    hooks = _hooks(row, kind, password, where, environment)
    return Provider(
        name=name,
        kind=kind,
        address=address,
        account=account,
        caller_id=known[caller],
        user=_SECTION.secret(row, "key_from", where, environment) if kind is Kind.EXOTEL else account,
        password=password,
        hook_secrets=hooks,
        hook_address=f"{hook}/{name}",
        flow=_SECTION.text(row, "flow", where, re.compile(r"[0-9]{1,12}|"), "the number of the flow that plays scripts"),
        tariffs=tuple(_tariff(each, where) for each in _tariffs(row)),
        connect_seconds=_SECTION.number(row, "connect_seconds", 5, where, 60),
        answer_seconds=_SECTION.number(row, "answer_seconds", 20, where, 120),
        settles_seconds=_SECTION.number(row, "settles_seconds", 900, where, 86_400),
    )


def _hooks(row: Mapping[str, object], kind: Kind, password: str, where: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What opens our door for this provider: one secret, or two while it is changed."""
    first = password if kind is Kind.TWILIO else _SECTION.secret(row, "hook_secret_from", where, environment)
    former = "former_token_from" if kind is Kind.TWILIO else "former_hook_secret_from"
    found = (first, _SECTION.secret(row, former, where, environment)) if former in row else (first,)
    if any(len(secret) < _SECRET for secret in found):
        raise VoiceSettingsError(f"The secret of the callbacks of the {where} is shorter than {_SECRET} characters. Make a longer one.")
    return found


def _scripts(given: Mapping[str, object], providers: tuple[Provider, ...]) -> tuple[Script, ...]:
    if "script" not in given:
        return ()
    try:
        found = tuple(script_of(row) for row in _SECTION.rows(given, "script"))
    except ScriptError as error:
        raise VoiceSettingsError(f"lender.toml: {error}.") from error
    for provider in providers:
        if provider.kind is Kind.EXOTEL and not provider.flow:
            raise VoiceSettingsError(
                f"lender.toml: the provider {provider.name} needs flow: the number of the flow that plays the scripts."
            )
        if provider.kind is Kind.EXOTEL and (long := [script.template.name for script in found if len(script.steps) > 1]):
            raise VoiceSettingsError(f"lender.toml: the script {long[0]} has several steps; the flow of {provider.name} plays one.")
    return found


def _tariffs(row: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = row.get("tariff", [])
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise VoiceSettingsError("lender.toml: tariffs of calls are written as [[voice.provider.tariff]].")
    return found


def _tariff(row: Mapping[str, object], where: str) -> Tariff:
    since, citation = row.get("effective_from"), str(row.get("citation", "")).strip()
    if type(since) is not date or not citation or type(row.get("verify")) is not bool:
        raise VoiceSettingsError(
            f"lender.toml: a tariff of the {where} needs effective_from (a date), citation and verify = true or false."
        )
    pulse, paise = row.get("pulse_seconds"), row.get("paise_per_pulse")
    if type(pulse) is not int or type(paise) is not int or pulse < 1 or paise < 0:
        raise VoiceSettingsError(f"lender.toml: a tariff of the {where} needs pulse_seconds and paise_per_pulse, whole numbers.")
    return Tariff(since, pulse, paise, citation, bool(row["verify"]))
