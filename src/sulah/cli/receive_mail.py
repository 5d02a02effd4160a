"""sulah receive mail: take what the lender's mail server delivered into the inbox, until stopped or once."""

import argparse
import os
import time
from pathlib import Path

from rich.console import Console

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit
from sulah.outreach.email.settings import settings_of

EVERY = 2
"""Seconds between looks into the folder."""


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take mail in; it is acted on by `sulah work`."""
    lender = opened(args)
    from sulah.actions.receive_mail import Postbox, receive_mail
    from sulah.adapters.book.vault import Vault

    settings = settings_of(lender.settings, os.environ)
    box = Postbox(settings, lender.root / Path(settings.maildir), Vault(lender), system_clock)
    count = 0
    try:
        while True:
            took = receive_mail(box)
            count += took
            if not took and args.once:
                break
            if not took:
                time.sleep(EVERY)
    except KeyboardInterrupt:
        pass  # what was taken in is committed and counted
    answer(args, {"done": True, "mails": count})
    if not args.json:
        console.print(f"{count} {'mail was' if count == 1 else 'mails were'} taken in. `sulah work` acts on them.")
    return Exit.DONE
