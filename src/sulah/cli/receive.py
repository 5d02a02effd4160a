"""sulah receive: take in what comes by ways of its own and not over our door: mail from its folder, receipts and answers over SMPP."""

import argparse
from typing import Any

from rich.console import Console

from sulah.cli import receive_mail, receive_smpp
from sulah.kernel.terms import Exit

_WAYS = {"mail": receive_mail.run, "smpp": receive_smpp.run}


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("receive", help="take in bounces and answers by mail, receipts and answers over SMPP, until stopped")
    parser.add_argument("what", choices=sorted(_WAYS), help="what comes in")
    parser.add_argument("--provider", default="", metavar="NAME", help="smpp: only this [[sms.provider]] (default: every one of kind smpp)")
    parser.add_argument("--once", action="store_true", help="take in what is there and end: for cron or a systemd timer")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take it in."""
    return _WAYS[args.what](args, console)
