"""sulah receive: take in what comes: mail from its folder, receipts and answers over SMPP, callbacks by a door of their own."""

import argparse
from typing import Any

from rich.console import Console

from sulah.cli import receive_hooks, receive_mail, receive_smpp
from sulah.kernel.terms import Exit

_WAYS = {"hooks": receive_hooks.run, "mail": receive_mail.run, "smpp": receive_smpp.run}


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("receive", help="take in bounces and answers by mail, over SMPP, and callbacks, until stopped")
    parser.add_argument("what", choices=sorted(_WAYS), help="what comes in")
    parser.add_argument("--provider", default="", metavar="NAME", help="smpp: only this [[sms.provider]] (default: every one of kind smpp)")
    parser.add_argument("--host", default="127.0.0.1", help="hooks: address to listen on (default: only this machine)")
    parser.add_argument("--port", type=int, default=8001, help="hooks: port to listen on (default 8001)")
    parser.add_argument("--name", action="append", default=[], metavar="HOST", help="hooks: host name that providers call; may be repeated")
    parser.add_argument("--behind-https", action="store_true", help="hooks: a proxy in front speaks HTTPS")
    parser.add_argument("--once", action="store_true", help="take in what is there and end: for cron or a systemd timer")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take it in."""
    return _WAYS[args.what](args, console)
