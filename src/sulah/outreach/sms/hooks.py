"""The hook of each kind of SMS gateway."""

from sulah.outreach.channel import Hook
from sulah.outreach.sms.gupshup import GupshupHook
from sulah.outreach.sms.hook import ReportHook
from sulah.outreach.sms.settings import Kind, Provider
from sulah.outreach.sms.smpp import SmppHook


def hook_for(provider: Provider) -> Hook:
    """Reads what this gateway sends."""
    if provider.smpp is not None:
        return SmppHook(provider.smpp)
    return GupshupHook(provider) if provider.kind is Kind.GUPSHUP else ReportHook(provider)
