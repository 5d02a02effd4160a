"""The channels that lender.toml sets up, each read whole: a section that is there and half filled in refuses to start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Hook
from sulah.outreach.email import hook as email_hook
from sulah.outreach.email import settings as email
from sulah.outreach.sms import hooks as hooks_of
from sulah.outreach.sms import settings, wire
from sulah.outreach.template import Template
from sulah.outreach.voice import hook as voice_hook
from sulah.outreach.voice import settings as voice
from sulah.outreach.voice.calls import AGENT_CALL
from sulah.outreach.voice.form import callable_number
from sulah.outreach.whatsapp import cloud
from sulah.outreach.whatsapp import settings as whatsapp
from sulah.outreach.whatsapp.hook import LARGEST_BATCH, CloudHook

LARGEST = 64_000
"""Bytes that a callback may have where its channel says nothing else."""


class NotConfiguredError(Refusal):
    """The channel, its provider or its template is not in lender.toml; the words say what to add."""


@dataclass(frozen=True, slots=True)
class Configured:
    """One channel, ready: its section of lender.toml, its own settings, its templates, whom it can reach, and its providers' hooks.

    largest: bytes that one callback may have.
    """

    section: str
    settings: object
    templates: Mapping[str, Template]
    sendable: Callable[[str], bool]
    hooks: Mapping[str, Hook]
    largest: int = LARGEST

    def template(self, name: str) -> Template:
        """A registered template by its name; NotConfiguredError when there is none."""
        if name not in self.templates:
            raise NotConfiguredError(f"lender.toml has no [[{self.section}.template]] called {name}: only registered texts are sent.")
        return self.templates[name]


Channels = Mapping[Channel, Configured]


def configured(given: Mapping[str, object], environment: Mapping[str, str]) -> Channels:
    """Every channel of a lender's settings; NotConfiguredError where there is none, the channel's own refusal where one is half set up."""
    found = {channel: made for section, read in _SECTIONS.items() if section in given for channel, made in read(given, environment).items()}
    if not found:
        words = (
            f"No channel is set up: lender.toml has none of {', '.join(f'[{section}]' for section in _SECTIONS)}. See docs/operate/sms.md."
        )
        raise NotConfiguredError(words)
    _named_once(found)
    return found


def _named_once(found: Channels) -> None:
    """A provider's name stands for one provider everywhere: in contacts, in the inbox and in the address of its callbacks."""
    by_section = {one.section: one for one in found.values()}
    names = [name for one in by_section.values() for name in one.hooks]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NotConfiguredError(f"lender.toml: two providers are called {twice[0]}. Give each a name of its own, also across channels.")


def channel_of(channels: Channels, channel: Channel) -> Configured:
    """One channel; NotConfiguredError when it is not set up."""
    if channel not in channels:
        raise NotConfiguredError(f"The channel {channel} is not set up in lender.toml; {', '.join(channels) or 'none'} is.")
    return channels[channel]


def hook_of(channels: Channels, section: str, provider: str) -> Hook | None:
    """The hook of a provider, by section and name as they stand in the address; None where there is no such provider."""
    return next((one.hooks[provider] for one in channels.values() if one.section == section and provider in one.hooks), None)


def largest_of(channels: Channels, section: str) -> int:
    """Bytes that a callback of a channel may have, by section as it stands in the address."""
    return next((one.largest for one in channels.values() if one.section == section), LARGEST)


def _sms(given: Mapping[str, object], environment: Mapping[str, str]) -> dict[Channel, Configured]:
    read = settings.settings_of(given, environment)
    hooks = {provider.name: hooks_of.hook_for(provider) for provider in read.providers}
    return {Channel.SMS: Configured("sms", read, read.templates, wire.sendable, hooks)}


def _whatsapp(given: Mapping[str, object], environment: Mapping[str, str]) -> dict[Channel, Configured]:
    read = whatsapp.settings_of(given, environment)
    hooks = {provider.name: CloudHook(provider) for provider in read.providers}
    return {Channel.WHATSAPP: Configured("whatsapp", read, read.templates, cloud.sendable, hooks, LARGEST_BATCH)}


def _voice(given: Mapping[str, object], environment: Mapping[str, str]) -> dict[Channel, Configured]:
    """Two channels of one section: a person's calls, and automated ones where scripts are registered."""
    read = voice.settings_of(given, environment)
    hooks = {provider.name: voice_hook.hook_of(read, provider) for provider in read.providers}
    scripts = {name: script.template for name, script in read.scripts.items()}
    found = {Channel.CALL: Configured("voice", read, {AGENT_CALL.name: AGENT_CALL}, callable_number, hooks)}
    return found | ({Channel.BOT_CALL: Configured("voice", read, scripts, callable_number, hooks)} if scripts else {})


def _email(given: Mapping[str, object], environment: Mapping[str, str]) -> dict[Channel, Configured]:
    """The folder of what comes in has the name `mail`; a bounce is filed under the server that its message went by."""
    read = email.settings_of(given, environment)
    hooks = {name: email_hook.MailHook(read) for name in (*(provider.name for provider in read.providers), email_hook.FOLDER)}
    return {Channel.EMAIL: Configured("email", read, read.templates, email.sendable, hooks)}


_SECTIONS: Mapping[str, Callable[[Mapping[str, object], Mapping[str, str]], dict[Channel, Configured]]] = {
    "sms": _sms,
    "whatsapp": _whatsapp,
    "voice": _voice,
    "email": _email,
}
"""Section of lender.toml -> how it is read; a new channel adds its line here."""
