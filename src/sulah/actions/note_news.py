"""Act on what a platform says of our account: a new limit on persons, and a registered text that it stopped or lets go again, are written
down before its event counts as processed.

Each in a transaction of its own that holds nothing else: who sends locks a person and then the tier, so nobody may hold the tier and wait.
"""

from collections.abc import Iterator
from datetime import datetime

from sulah.actions.contact.actor import machine
from sulah.actions.contact.note_inbound import set_tier
from sulah.actions.stopped_texts import note_text
from sulah.actions.take_callback import kept_call, subject_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import UnreadableReportError
from sulah.outreach.configured import Channels, hook_of
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.tier import ChannelTier
from sulah.records.turn import turn

MOST = 200
_SECTION = "whatsapp"
"""The one section of lender.toml whose platform has tiers."""


def note_news(channels: Channels, vault: Vault, clock: Clock) -> int:
    """Write down new limits and standings of texts that wait in the inbox; how many changed something.  Again, it changes nothing."""
    return sum(_noted(provider, news, clock) for provider, news in _waiting(channels, vault))


def _noted(provider: str, news: PlatformNews, clock: Clock) -> bool:
    if news.kind is NewsKind.TIER and news.limit is not None:
        return _limited(news, clock)
    return note_text(Channel.WHATSAPP, provider, news, by=machine(Channel.WHATSAPP.value), clock=clock)


def _waiting(channels: Channels, vault: Vault) -> Iterator[tuple[str, PlatformNews]]:
    """Provider and news in events that are not processed; an event of one status names a message of ours, and is passed over unread."""
    for event in Inbox.objects.filter(processed_at=None, channel=_SECTION, reference="").order_by("id")[:MOST]:
        hook = hook_of(channels, event.channel, event.provider)
        if hook is None:
            continue
        call = kept_call(vault.unseal(subject_of(event.provider, event.event_id), event.sealed), event.headers)
        try:
            yield from ((event.provider, said) for said in hook.read(call) if isinstance(said, PlatformNews))
        except UnreadableReportError:
            continue  # who processes the event says so


def _limited(news: PlatformNews, clock: Clock) -> bool:
    """Set the tier; news that is older than what is known may only lower it, for it may be an old word that came late."""
    limit = news.limit or 0
    with turn():
        known = ChannelTier.objects.filter(pk=Channel.WHATSAPP.value).first()
        stale = known is not None and (not news.at or datetime.fromisoformat(news.at) <= known.changed_at)
        if known is not None and (limit == known.most or (stale and limit > known.most)):
            return False
        set_tier(Channel.WHATSAPP, limit, by=machine("whatsapp"), clock=clock)
    return True
