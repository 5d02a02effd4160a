"""Registered texts that their platform has stopped: written down from its news, and kept out of the queue until it lets them go again.

Source: Meta for Developers, WhatsApp Business Platform, "Template quality rating", "Template pausing": only an approved template is sent;
a paused one is refused with 132015, and a template whose quality is low is paused for 3 hours, then for 6, then disabled.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import OFFICE, Actor, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel
from sulah.outreach.configured import Channels, Configured
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.outreach.whatsapp.settings import WhatsAppSettings
from sulah.policy.talk.steps import learned_by
from sulah.records.audit import write_audit
from sulah.records.contact.platform_text import PlatformText
from sulah.records.turn import turn

QUALITIES = ("RED", "YELLOW", "GREEN")
"""The platform's words on how people take a text, the worst first; any other word (UNKNOWN) says nothing."""


@dataclass(frozen=True, slots=True)
class StoppedText:
    """One text of ours that is not queued: its channel and name in lender.toml, since when, and what the platform said."""

    channel: Channel
    template: str
    provider: str
    since: datetime
    words: str


def note_text(channel: Channel, provider: str, news: PlatformNews, *, by: Actor, clock: Clock) -> bool:
    """Write down what a platform says of a registered text; False where it says nothing new.

    Only forward: a word that is older than the one known changes nothing, and of two of one moment the one that stops stands.  That the
    text is let go again takes back an earlier word on its quality too: a platform that reinstates it has looked.
    """
    hold_role(by, OFFICE, "write down what a platform says of a text")
    if not news.template or not (news.quality or news.kind in (NewsKind.TEMPLATE_STOPPED, NewsKind.TEMPLATE_READY)):
        return False
    now = clock()
    at = datetime.fromisoformat(news.at) if news.at else now
    with turn(), transaction.atomic():
        key = {"channel": channel.value, "provider": provider, "name": news.template, "language": news.language}
        row = PlatformText.objects.select_for_update().filter(**key).first() or PlatformText(**key, changed_at=now)
        before = _told(row)
        if not _moved(row, news, at):
            return False
        row.changed_at = now
        row.save()
        after = _told(row)
        if before != after:
            subject = f"template:{channel}/{news.template}/{news.language}"[:200]
            write_audit(at=now, actor=by.name, act="template.standing", subject=subject, before=before, after=after)
    return before != after


def _moved(row: PlatformText, news: PlatformNews, at: datetime) -> bool:
    if news.quality:
        if row.quality_at is not None and at <= row.quality_at:
            return False
        row.quality, row.quality_at = news.quality, at
        row.words = news.words[:300] if low(row) else row.words
        return True
    stops = news.kind is NewsKind.TEMPLATE_STOPPED
    if row.status_at is not None and (at < row.status_at or (at == row.status_at and not stops)):
        return False
    row.stopped, row.status_at, row.words = stops, at, news.words[:300]
    if not stops and (row.quality_at is None or row.quality_at <= at):
        row.quality, row.quality_at = "", at
    return True


def low(row: PlatformText) -> bool:
    """Do people take the text so badly that it is not queued?  The row of the policy says from which word on."""
    return row.quality in QUALITIES and QUALITIES.index(row.quality) < learned_by("template_quality_least")


def stopped_texts(channels: Channels) -> list[StoppedText]:
    """The texts of lender.toml that a platform has stopped, or whose quality fell too low, by any of their channel's providers."""
    rows = [row for row in PlatformText.objects.all() if row.stopped or low(row)]
    return [one for channel, configured in channels.items() if rows for one in _of(channel, configured, rows)]


def _of(channel: Channel, configured: Configured, rows: Iterable[PlatformText]) -> list[StoppedText]:
    settings = configured.settings
    if not isinstance(settings, WhatsAppSettings):
        return []
    names = {(form.registered, form.code): name for name, form in settings.forms.items()}
    mine = [row for row in rows if row.channel == channel and any(row.provider == one.name for one in settings.providers)]
    return [
        StoppedText(channel, names[row.name, row.language], row.provider, _since(row), row.words)
        for row in mine
        if (row.name, row.language) in names
    ]


def _since(row: PlatformText) -> datetime:
    return (row.status_at if row.stopped else row.quality_at) or row.changed_at


def without_stopped(channels: Channels, stopped: Collection[StoppedText] | None = None) -> Channels:
    """The channels with those texts only that may be queued now; stopped: where they were read already."""
    out = {(one.channel, one.template) for one in (stopped_texts(channels) if stopped is None else stopped)}
    if not out:
        return channels
    return {
        channel: replace(one, templates={name: text for name, text in one.templates.items() if (channel, name) not in out})
        for channel, one in channels.items()
    }


def _told(row: PlatformText) -> dict[str, object]:
    return {"stopped": row.stopped, "quality": row.quality, "words": row.words} if row.pk else {}
