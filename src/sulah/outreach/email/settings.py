"""[email] of lender.toml: who writes, where answers and bounces come in, servers and registered texts; half a setting refuses to start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sulah.kernel.refusal import Refusal
from sulah.outreach.section import Section
from sulah.outreach.template import VARIABLE, Template

_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@)({_ATOM}(\.{_ATOM})*)@({_LABEL}(\.{_LABEL})+)")
DOMAIN = re.compile(rf"(?=.{{3,200}}\Z){_LABEL}(\.{_LABEL})+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOOK = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SECRET = 16
LONGEST_SUBJECT = 200


class EmailSettingsError(Refusal):
    """[email] of lender.toml cannot be used as it stands; the words say which line to mend."""


_SECTION = Section("email", EmailSettingsError, ("password",))


class Security(StrEnum):
    """How the way to a server is closed: TLS asked for (starttls, RFC 3207), TLS from the first byte (tls, RFC 8314), or this machine."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Provider:
    """One mail server that takes our messages (a relay); user and password empty: it knows us by our address."""

    name: str
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    connect_seconds: int = 10
    answer_seconds: int = 60


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """All of [email]; providers in the order of choice.

    secrets: what our references are marked with, the first for what goes out, the second still taken while it changes.  stop_address:
    where one click stops messages.  authserv: the name under which our own mail server writes Authentication-Results; '' it writes none.
    """

    from_name: str
    from_address: str
    reply_to: str
    bounce_domain: str
    stop_address: str
    maildir: str
    providers: tuple[Provider, ...]
    templates: Mapping[str, Template]
    secrets: tuple[str, ...] = field(repr=False)
    authserv: str = ""

    @property
    def domain(self) -> str:
        """The domain that we write from: of Message-IDs, and what we greet servers with."""
        return self.from_address.partition("@")[2]

    def provider(self, name: str) -> Provider:
        """A server by its name; EmailSettingsError when there is none."""
        found = next((provider for provider in self.providers if provider.name == name), None)
        if found is None:
            raise EmailSettingsError(f"lender.toml has no [[email.provider]] called {name}.")
        return found

    def template(self, name: str) -> Template:
        """A registered text by its name; EmailSettingsError when there is none."""
        if name not in self.templates:
            raise EmailSettingsError(f"lender.toml has no [[email.template]] called {name}: only registered texts are sent.")
        return self.templates[name]


def sendable(address: str) -> bool:
    """Is it an address that every server takes: plain letters, the domain small, no quotes, no comments?

    >>> sendable("asha.rao@mail.example"), sendable("asha@localhost"), sendable("a b@mail.example"), sendable("a@mail.example\\n")
    (True, False, False, False)
    """
    return _ADDRESS.fullmatch(address) is not None


def settings_of(settings: Mapping[str, object], environment: Mapping[str, str]) -> EmailSettings:
    """[email] of a lender's settings, secrets from the environment by the names that the settings give; EmailSettingsError in words."""
    given = settings.get("email")
    if not isinstance(given, Mapping):
        raise EmailSettingsError("E-mail is not set up: lender.toml has no [email]. docs/operate/email.md says what it needs.")
    name = str(given.get("from_name", "")).strip()
    if not name or not name.isprintable() or len(name) > 80:
        raise EmailSettingsError("lender.toml: from_name of [email] must be the lender's name, as borrowers know it.")
    sender = _address(given, "from_address")
    hook = str(given.get("hook_address", "")).rstrip("/")
    if not _HOOK.fullmatch(hook):
        raise EmailSettingsError(
            f"lender.toml: hook_address of [email] is {hook!r}; write https://YOUR-HOST/hooks/email: a stop is one click over https."
        )
    maildir = str(given.get("maildir", "")).strip()
    if not maildir:
        raise EmailSettingsError(
            "lender.toml: maildir of [email] must name the folder into which your mail server delivers answers and bounces."
        )
    providers = tuple(_provider(row, environment) for row in _SECTION.rows(given, "provider"))
    templates = [_template(row) for row in _SECTION.rows(given, "template", empty=True)]
    _SECTION.once("provider", [each.name for each in providers])
    _SECTION.once("template", [t.name for t in templates])
    return EmailSettings(
        from_name=name,
        from_address=sender,
        reply_to=_address(given, "reply_to"),
        bounce_domain=_SECTION.text(given, "bounce_domain", "[email]", DOMAIN, "the domain of return paths, in small letters"),
        stop_address=f"{hook}/mail",
        maildir=maildir,
        providers=providers,
        templates={template.name: template for template in templates},
        secrets=_secrets(given, environment),
        authserv=_SECTION.text(given, "authserv_id", "[email]", re.compile(r"[A-Za-z0-9.-]{0,200}"), "the name of your own mail server"),
    )


def _provider(row: Mapping[str, object], environment: Mapping[str, str]) -> Provider:
    name = _SECTION.text(row, "name", "[[email.provider]]", _NAME, "small letters, digits, - and _")
    where = f"provider {name}"
    if name == "mail":
        raise EmailSettingsError("lender.toml: no [[email.provider]] can be called mail: that is the folder of what comes in.")
    if row.get("security") not in tuple(Security):
        raise EmailSettingsError(f"lender.toml: security of the {where} must be one of {', '.join(Security)}.")
    security, host = Security(str(row["security"])), _SECTION.text(row, "host", where, _HOST, "the server's name")
    if security is Security.NONE and host not in _LOOPBACK:
        raise EmailSettingsError(f"lender.toml: the {where} is not on this machine: write security = 'starttls' or 'tls'.")
    user, password = str(row.get("user", "")), ""
    _SECTION.hold_no_secret(row, where)
    if bool(user) != ("password_from" in row):
        raise EmailSettingsError(f"lender.toml: the {where} needs user and password_from, or neither.")
    if user:
        password = _SECTION.secret(row, "password_from", where, environment)
    return Provider(
        name=name,
        host=host,
        port=_SECTION.number(row, "port", 465 if security is Security.TLS else 587, where, 65_535),
        security=security,
        user=user,
        password=password,
        connect_seconds=_SECTION.number(row, "connect_seconds", 10, where, 120),
        answer_seconds=_SECTION.number(row, "answer_seconds", 60, where, 600),
    )


def _template(row: Mapping[str, object]) -> Template:
    """A text; its first line is the subject, so that variables stand in one order, subject first."""
    name = _SECTION.text(row, "name", "[[email.template]]", re.compile(r"[a-z0-9_]{1,64}"), "small letters, digits and _")
    where = f"template {name}"
    subject, text = str(row.get("subject", "")), str(row.get("text", "")).strip("\n")
    if not subject.strip() or not subject.isprintable() or len(subject) > LONGEST_SUBJECT:
        raise EmailSettingsError(f"lender.toml: subject of the {where} must be one line of at most {LONGEST_SUBJECT} characters.")
    whole = f"{subject}\n{text}"
    variables = tuple(_SECTION.variable(each, where) for each in _SECTION.listed(row, "variables", where, empty=True))
    if not text or whole.count(VARIABLE) != len(variables) or whole.replace(VARIABLE, "").count("{#"):
        raise EmailSettingsError(
            f"lender.toml: subject and text of the {where} have {whole.count(VARIABLE)} {VARIABLE}, and {len(variables)} variables."
        )
    if type(row.get("legal_words")) is not bool:
        raise EmailSettingsError(f"lender.toml: say legal_words = true or false of the {where}: does it speak of law, courts or notices?")
    return Template(
        name=name,
        language=_SECTION.text(row, "language", where, re.compile(r"[a-z]{2,3}"), "a code such as en, hi or ta"),
        text=whole,
        variables=variables,
        purposes=tuple(str(each) for each in _SECTION.listed(row, "purposes", where)),
        header="",
        registered_id="",
        provider_ids={},
        hosts=tuple(str(each) for each in _SECTION.listed(row, "hosts", where, empty=True)),
        legal_words=bool(row["legal_words"]),
    )


def _secrets(given: Mapping[str, object], environment: Mapping[str, str]) -> tuple[str, ...]:
    names = ("sign_secret_from", *(["former_sign_secret_from"] if "former_sign_secret_from" in given else []))
    found = tuple(_SECTION.secret(given, name, "[email]", environment) for name in names)
    if any(len(secret) < _SECRET for secret in found):
        raise EmailSettingsError(f"The secret that marks our references is shorter than {_SECRET} characters. Make a longer one.")
    return found


def _address(given: Mapping[str, object], name: str) -> str:
    value = str(given.get(name, ""))
    if not sendable(value):
        raise EmailSettingsError(f"lender.toml: {name} of [email] is {value!r}; write an e-mail address, its domain in small letters.")
    return value
