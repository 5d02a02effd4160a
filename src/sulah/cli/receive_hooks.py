"""sulah receive hooks: the door for callbacks as a process of its own, where hundreds of them a second share a commit."""

import argparse
import os

from granian import Granian
from granian.constants import Interfaces
from rich.console import Console

from sulah.cli.serve import environment
from sulah.cli.speak import answer, opened
from sulah.kernel.terms import Exit

APPLICATION = "sulah.web.receiver:application"


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Receive until stopped; what waits for the disk by then is written first."""
    if args.once:
        words = "The door stands open until it is stopped: --once is for mail."
        answer(args, {"done": False, "words": words})
        console.print(words, style="red")
        return Exit.USAGE
    lender = opened(args)
    os.environ.update(environment(args))
    words = f"{lender.name}: callbacks at http://{args.host}:{args.port}/hooks/CHANNEL/PROVIDER   stop with Ctrl+C"
    answer(args, {"done": False, "words": words})
    if not args.json:
        console.print(words, markup=False, highlight=False, soft_wrap=True)
    Granian(
        APPLICATION, address=args.host, port=args.port, interface=Interfaces.ASGI, workers=1, websockets=False, log_enabled=True
    ).serve()
    return Exit.DONE
