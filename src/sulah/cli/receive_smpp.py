"""sulah receive smpp: hold the connections over which gateways bring receipts and messages; each is on the disk before it is answered."""

import argparse
import os
import signal
from threading import Event
from types import FrameType

from rich.console import Console

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit
from sulah.outreach.configured import configured


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Receive until stopped; `sulah work` reads what was kept."""
    if args.once:
        words = "A connection is held until it is stopped: --once is for mail."
        answer(args, {"done": False, "words": words})
        console.print(words, style="red")
        return Exit.USAGE
    lender = opened(args)
    from sulah.actions.receive_messages import Keeper, receive_smpp
    from sulah.actions.take_callback import InboxWriter
    from sulah.adapters.book.vault import Vault

    channels, over = configured(lender.settings, os.environ), _ended_by_signals()
    keeper = Keeper(Vault(lender), InboxWriter(), system_clock)

    def tell(words: str) -> None:
        """Say what the connection does."""
        answer(args, {"done": False, "words": words})
        if not args.json:
            console.print(words, markup=False)

    receive_smpp(channels, keeper, only=args.provider, wait=over.wait, tell=tell)
    answer(args, {"done": True, "words": "stopped"})
    return Exit.DONE


def _ended_by_signals() -> Event:
    """Set when somebody asks us to end: what has come is kept and answered first."""
    over = Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    return over
