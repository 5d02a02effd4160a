"""sulah sandbox voice and sulah sandbox email: a provider of calls with its telephones, or a mail server, played on this machine."""

import argparse
import os
import socketserver
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.adapters.sandbox.email import MailServer
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.mailboxes import Mailboxes
from sulah.adapters.sandbox.voice_server import VoiceSandbox
from sulah.kernel.dates import system_clock
from sulah.outreach.email import settings as email
from sulah.outreach.voice import settings as voice


def play_voice(args: argparse.Namespace, lender: Lender) -> tuple[str, socketserver.TCPServer]:
    """The provider's name, and the server; its telephones are planned over /_sandbox/plan?number=...&does=...&keys=1,2."""
    settings = voice.settings_of(lender.settings, os.environ)
    provider = settings.provider(args.provider) if args.provider else settings.providers[0]
    faults = Faults(args.seed, args.faults, args.report_faults)
    return provider.name, VoiceSandbox(provider, faults, system_clock).serve(args.port)


def play_email(args: argparse.Namespace, lender: Lender) -> tuple[str, socketserver.TCPServer]:
    """The server's name, and the server; what comes back is laid into the lender's own folder."""
    settings = email.settings_of(lender.settings, os.environ)
    provider = settings.provider(args.provider) if args.provider else settings.providers[0]
    boxes = Mailboxes(lender.root / Path(settings.maildir))
    server = MailServer(provider.user, provider.password, boxes=boxes)
    return provider.name, server.serve(args.port)
