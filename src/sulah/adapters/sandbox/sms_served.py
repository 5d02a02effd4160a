"""A sandbox of an SMS gateway, of the kind that lender.toml says, ready to serve."""

from socketserver import TCPServer

from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.gupshup import GupshupGateway
from sulah.adapters.sandbox.gupshup_server import GupshupSandbox
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway
from sulah.adapters.sandbox.smsc import Smsc
from sulah.adapters.sandbox.smsc_server import SmscSandbox
from sulah.kernel.dates import Clock
from sulah.outreach.sms.settings import Kind, Provider, SmsSettings


def served(settings: SmsSettings, provider: Provider, faults: Faults, clock: Clock, *, port: int, hook: str, log_lag: int) -> TCPServer:
    """The server of one gateway on this machine's loopback; hook and log_lag mean nothing to an SMSC, and log_lag nothing to Gupshup."""
    if provider.kind is Kind.SMPP:
        return SmscSandbox(Smsc(settings, provider, clock), faults).serve(port)
    if provider.kind is Kind.GUPSHUP:
        return GupshupSandbox(GupshupGateway(settings, provider, clock), faults, hook=hook).serve(port)
    return Sandbox(Gateway(settings, provider, clock, log_lag=log_lag), faults, hook=hook).serve(port)
