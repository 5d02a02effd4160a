"""A lender's own registered text, brought in lender.toml: read by the linter, submitted, then approved by a second person like any other.

It goes only while lender.toml holds it as it was approved, to the letter, with its registration; another letter is another version.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.approve_text import DRAFTERS, Lint, Registration, TextRefusedError, hold_person, note, sha256_of, submit_text
from sulah.actions.contact.texts_in_force import OWN_CHANNELS, own_digest
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel
from sulah.outreach.configured import Channels, Configured, channel_of
from sulah.outreach.voice.settings import VoiceSettings
from sulah.records.contact.text import OWN, RETIRED, TextVersion

LONGEST_NAME = 64


def submit_own_text(channels: Channels, channel: Channel, name: str, *, lint: Lint, by: Actor, clock: Clock) -> TextVersion:
    """Submit a text of lender.toml as it stands there; TextRefusedError where the linter blocks it, or it waits or is approved already.

    channels: as lender.toml sets them up.
    """
    hold_person(by, DRAFTERS, "submit a text")
    one = channel_of(channels, channel)
    if channel not in OWN_CHANNELS:
        raise TextRefusedError(f"lender.toml holds no texts for {channel.spoken}.")
    template, digest = one.template(name), own_digest(one, name)
    if len(name) > LONGEST_NAME:
        raise TextRefusedError(f"The name {name} has more than {LONGEST_NAME} characters. Give it a shorter one in lender.toml.")
    with transaction.atomic():
        same = TextVersion.objects.filter(name=OWN + name, language=template.language, channel=channel)
        if any(row.form.get("own") == digest for row in same.exclude(state=RETIRED)):
            raise TextRefusedError(f"{name} was submitted as it stands in lender.toml already. Nothing was written down.")
        last = same.aggregate(last=Max("version"))["last"] or 0
        version = _version(one, channel, name, digest, last + 1, by, clock())
        version.save()
        note(version, "draft", "as it stands in lender.toml", by, clock)
        registration = Registration(template.registered_id if channel is Channel.SMS else "", template.header, template.provider_ids)
        return submit_text(version.pk, registration, lint=lint, by=by, clock=clock)


def _version(one: Configured, channel: Channel, name: str, digest: str, number: int, by: Actor, now: datetime) -> TextVersion:
    template, said = one.templates[name], dict[str, object]()
    if isinstance(one.settings, VoiceSettings):
        script = one.settings.scripts[name]
        said = {"opening": script.opening, "closing": " ".join((script.again, script.person, script.goodbye))}
    version = TextVersion(
        name=OWN + name,
        language=template.language,
        channel=channel,
        version=number,
        text=template.text,
        variables=[f"{variable.name}:{variable.kind}" for variable in template.variables],
        form={"own": digest, **said},
        source={"purposes": list(template.purposes), "legal_words": template.legal_words, "hosts": list(template.hosts)},
        category="own",
        author=by.name,
        drafted_by=by.name,
        drafted_at=now,
    )
    version.sha256 = sha256_of(version)
    return version
