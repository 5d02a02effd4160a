"""The texts that may be sent just now: approved versions of the library, and those of lender.toml that were approved as they read.

Whoever sends, plans or shows messages takes the lender's channels from here, so that no text goes that nobody approved.  They are read
anew after each act on a text: what is approved or retired counts at once, also for a worker that runs since yesterday.
"""

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import asdict, replace
from hashlib import sha256
from json import dumps
from typing import Generic, TypeVar

from django.db.models import Max

from sulah.actions.contact.read_texts import form_of_version, template_of_version
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Channel
from sulah.outreach.configured import Channels, Configured, configured
from sulah.outreach.email.settings import EmailSettings
from sulah.outreach.house import HouseError, text_settings
from sulah.outreach.sms.settings import Kind, SmsSettings
from sulah.outreach.template import Template
from sulah.outreach.voice.ivr import Script
from sulah.outreach.voice.settings import VoiceSettings
from sulah.outreach.whatsapp.form import Form
from sulah.outreach.whatsapp.settings import WhatsAppSettings
from sulah.records.contact.text import APPROVED, DRAFT, OWN, TextApproval, TextVersion

One = TypeVar("One")
OWN_CHANNELS = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.BOT_CALL)
"""Channels for which lender.toml can hold texts of the lender's own."""


class InForce(Mapping[str, One], Generic[One]):
    """Texts by name, read again whenever an act on a text was written down since."""

    def __init__(self, read: Callable[[], Mapping[str, One]]) -> None:
        """read: all of them, from the records."""
        self._read, self._last, self._held = read, -1, dict[str, One]()

    def _now(self) -> Mapping[str, One]:
        last = TextApproval.objects.aggregate(last=Max("id"))["last"] or 0
        if last != self._last:
            self._held, self._last = dict(self._read()), last
        return self._held

    def __getitem__(self, name: str) -> One:
        """The text of that name; KeyError where none may be sent."""
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(self._now())

    def values(self) -> ValuesView[One]:
        """All of them, read once."""
        return self._now().values()

    def items(self) -> ItemsView[str, One]:
        """All of them with their names, read once."""
        return self._now().items()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._now())


def channels_of(lender: Lender, environment: Mapping[str, str]) -> Channels:
    """The lender's channels with the texts that may be sent; refused in words where lender.toml sets up none, or half of one."""
    return in_force(configured(lender.settings, environment), hosts_of(lender))


def hosts_of(lender: Lender) -> tuple[str, ...]:
    """Where links in texts of the library may lead; nowhere without [texts]."""
    try:
        return text_settings(lender.settings, lender.name).hosts
    except HouseError:
        return ()


def in_force(channels: Channels, hosts: tuple[str, ...] = ()) -> Channels:
    """Channels as lender.toml sets them up, with the approved texts in the place of all that stand there."""
    return {channel: _with(channel, one, hosts, (APPROVED,)) for channel, one in channels.items()}


def registered(channels: Channels, hosts: tuple[str, ...] = ()) -> Channels:
    """Channels with every text that providers may know: those of lender.toml, and whatever was submitted with a registration."""
    states = tuple(state for state in TextVersion.objects.values_list("state", flat=True).distinct() if state != DRAFT)
    return {channel: _with(channel, one, hosts, states, own_too=True) for channel, one in channels.items()}


def own_digest(one: Configured, name: str) -> str:
    """SHA-256 over a text of lender.toml with all that belongs to it: registration, purposes, hosts, buttons, keys."""
    told: dict[str, object] = {"template": asdict(one.templates[name])}
    if isinstance(one.settings, WhatsAppSettings):
        told |= {"form": asdict(one.settings.forms[name])}
    if isinstance(one.settings, VoiceSettings) and name in one.settings.scripts:
        told |= {"script": asdict(one.settings.scripts[name])}
    return sha256(dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def _with(channel: Channel, one: Configured, hosts: tuple[str, ...], states: tuple[str, ...], *, own_too: bool = False) -> Configured:
    """A channel with the texts of some states; own_too: with all of lender.toml, approved or not."""

    def own() -> set[str]:
        return set(one.templates) if own_too else _approved_own(channel, one)

    def held() -> list[TextVersion]:
        return [row for row in _versions(channel, states) if not unnumbered(one, row)]

    settings = one.settings
    if isinstance(settings, WhatsAppSettings):
        was = settings.forms
        forms: InForce[Form] = InForce(lambda: _named(was, own()) | {form.template.name: form for form in map(_form_with(hosts), held())})
        templates: InForce[Template] = InForce(lambda: {name: form.template for name, form in forms.items()})
        return replace(one, settings=replace(settings, forms=forms), templates=templates)
    if isinstance(settings, VoiceSettings):
        scripts: InForce[Script] = InForce(lambda: _named(settings.scripts, own() if channel is Channel.BOT_CALL else set()))
        spoken = InForce(lambda: _named(one.templates, own())) if channel is Channel.BOT_CALL else one.templates
        return replace(one, settings=replace(settings, scripts=scripts), templates=spoken)
    if isinstance(settings, (SmsSettings, EmailSettings)):
        mine = one.templates
        texts = InForce(lambda: _named(mine, own()) | {text.name: text for text in (template_of_version(row, hosts) for row in held())})
        return replace(one, settings=replace(settings, templates=texts), templates=texts)
    return one


def _form_with(hosts: tuple[str, ...]) -> Callable[[TextVersion], Form]:
    return lambda version: form_of_version(version, hosts)


def _named(found: Mapping[str, One], names: set[str]) -> dict[str, One]:
    return {name: one for name, one in found.items() if name in names}


def _versions(channel: Channel, states: tuple[str, ...]) -> list[TextVersion]:
    """Versions of the library's texts on a channel, in some states, the latest last."""
    rows = TextVersion.objects.filter(channel=channel, state__in=states).exclude(name__startswith=OWN)
    return list(rows.order_by("name", "sentences", "language", "version"))


def unnumbered(one: Configured, version: TextVersion) -> list[str]:
    """The gateways that want a number of their own for the text and were given none."""
    if not isinstance(one.settings, SmsSettings):
        return []
    return [gateway.name for gateway in one.settings.providers if gateway.kind is Kind.MSG91 and not version.provider_ids.get(gateway.name)]


def _approved_own(channel: Channel, one: Configured) -> set[str]:
    """The texts of lender.toml that stand there just as they were approved."""
    rows = TextVersion.objects.filter(channel=channel, state=APPROVED, name__startswith=OWN)
    approved = {(row.name.removeprefix(OWN), row.language): row.form.get("own", "") for row in rows}
    return {name for name, text in one.templates.items() if approved.get((name, text.language)) == own_digest(one, name)}
