"""sulah sandbox: play a provider on this machine, as strict as its documents, with the faults that one asks for; all of it simulated."""

import argparse
import json
import os
import socketserver
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rich.console import Console

from sulah.adapters.book.layout import Lender
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.sms_served import served
from sulah.adapters.sandbox.smsc_server import SmscServer
from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults
from sulah.adapters.sandbox.whatsapp_server import WhatsAppSandbox
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks
from sulah.cli.sandbox_voice import play_email, play_voice
from sulah.cli.speak import opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel, Exit
from sulah.outreach.configured import Configured, configured
from sulah.outreach.sms.settings import settings_of
from sulah.outreach.whatsapp import settings as whatsapp


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("sandbox", help="play a provider on this machine (simulated): nothing leaves it")
    parser.add_argument("channel", choices=sorted(_PLAYED), help="the channel whose gateway is played")
    parser.add_argument("--port", type=int, default=8091, help="port on this machine's loopback (default 8091; 0: a free one)")
    parser.add_argument("--provider", default="", metavar="NAME", help="which of the channel's providers is played (default: the first)")
    parser.add_argument("--hook", default="", metavar="URL", help="where its callbacks go, as http://127.0.0.1:8000/hooks/CHANNEL/NAME")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults")
    parser.add_argument("--faults", type=int, default=0, metavar="PERCENT", help="so many of a hundred requests meet a fault")
    parser.add_argument("--report-faults", type=int, default=0, metavar="PERCENT", help="the callbacks of so many of a hundred messages do")
    parser.add_argument("--log-lag", type=int, default=0, metavar="SECONDS", help="after so long a message is in the gateway's log")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Serve until stopped, with the keys of lender.toml, its texts, and those that were submitted on the text bench by now."""
    name, server = _PLAYED[args.channel](args, opened(args))
    port = server.server_address[1]
    if args.json:
        sys.stdout.write(json.dumps({"done": True, "port": port, "simulated": True}) + "\n")
        sys.stdout.flush()
    else:
        scheme = "smpp" if isinstance(server, SmscServer) else "http"
        console.print(f"Simulated gateway {name} on {scheme}://127.0.0.1:{port}. No message leaves this machine. Stop with Ctrl+C.")
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return Exit.DONE
    finally:
        server.server_close()
    return Exit.DONE


def _registered(lender: Lender, channel: Channel) -> Configured:
    """A channel with what its providers know when the sandbox starts: lender.toml's texts, and those that were submitted."""
    from sulah.actions.contact.texts_in_force import hosts_of, registered

    return registered(configured(lender.settings, os.environ), hosts_of(lender))[channel]


def _sms(args: argparse.Namespace, lender: Lender) -> tuple[str, socketserver.TCPServer]:
    """The SMS gateway: its name, and the server."""
    settings = settings_of(lender.settings, os.environ)
    settings = replace(settings, templates=dict(_registered(lender, Channel.SMS).templates))
    provider = settings.provider(args.provider) if args.provider else settings.providers[0]
    faults = Faults(args.seed, args.faults, args.report_faults)
    return provider.name, served(settings, provider, faults, system_clock, port=args.port, hook=args.hook, log_lag=args.log_lag)


def _whatsapp(args: argparse.Namespace, lender: Lender) -> tuple[str, socketserver.TCPServer]:
    """The WhatsApp platform with one business number: its name, and the server."""
    settings = whatsapp.settings_of(lender.settings, os.environ)
    known = _registered(lender, Channel.WHATSAPP).settings
    settings = replace(settings, forms=dict(known.forms)) if isinstance(known, whatsapp.WhatsAppSettings) else settings
    provider = settings.provider(args.provider) if args.provider else settings.providers[0]
    platform = Platform(settings, provider, system_clock)
    webhooks = Webhooks(platform, WebhookFaults(args.seed, args.report_faults), args.hook, most=20)
    return provider.name, WhatsAppSandbox(platform, Faults(args.seed, args.faults), webhooks).serve(args.port)


_PLAYED: Mapping[str, Callable[[argparse.Namespace, Lender], tuple[str, socketserver.TCPServer]]] = {
    "sms": _sms,
    "whatsapp": _whatsapp,
    "voice": play_voice,
    "email": play_email,
}
"""Who plays which channel; a new channel adds its line here."""
