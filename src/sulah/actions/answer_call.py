"""Say into a call what its script says next: the script of the message that the call is about, with its values; nothing is written here.

What was pressed lies in the inbox by then, like everything that providers send; this only goes on talking.
"""

from sulah.actions.contact_borrower import sealed_message
from sulah.adapters.book.vault import Vault
from sulah.kernel.terms import Channel
from sulah.outreach.configured import Channels, hook_of
from sulah.outreach.http import Call
from sulah.outreach.voice.answers import Said
from sulah.outreach.voice.hook import About, ExotelHook, TwilioHook
from sulah.outreach.voice.ivr import Script
from sulah.outreach.voice.settings import VoiceSettings
from sulah.records.contact.outbox import Outbox


def speaks(channels: Channels, section: str, provider: str) -> bool:
    """Is it a provider of calls, to whom something may be said?"""
    return isinstance(hook_of(channels, section, provider), ExotelHook | TwilioHook)


def answer_call(channels: Channels, vault: Vault, section: str, provider: str, call: Call) -> Said | None:
    """What to say to a provider of calls that was let in; None where its request only tells something, and for every other channel."""
    hook = hook_of(channels, section, provider)
    if not isinstance(hook, ExotelHook | TwilioHook):
        return None
    about = hook.about(call)
    if about is None:
        return hook.answer(call, None) if call.query.get("do") == "missed" else None
    return hook.answer(call, _script(hook.settings, vault, about))


def _script(settings: VoiceSettings, vault: Vault, about: About) -> Script | None:
    """The script as this person hears it; None where the message is not known, or is of another script."""
    row = Outbox.objects.filter(reference=about.reference, channel=Channel.BOT_CALL).first()
    script = settings.scripts.get(row.template) if row is not None and row.template == about.script else None
    return script.spoken(sealed_message(vault, row).values) if script is not None and row is not None else None
