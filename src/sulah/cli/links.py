"""sulah links: take in a file of payment links from whoever makes them, so that messages can name them."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened, tell_refused
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("links", help="take in a file of payment links, which messages then name")
    parser.add_argument(
        "file", type=Path, help="CSV in UTF-8: loan_id, reference, address, until, and state (open or ended) where links end"
    )


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take it in and say how its rows tie out; the same file twice changes nothing."""
    opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.take_links import take_links

    taken = take_links(args.file, by=machine(args.by), clock=system_clock)
    counts = {name: getattr(taken, name) for name in ("rows", "kept", "known", "ended", "refused")}
    answer(args, {"done": True, **counts, "findings": taken.findings})
    if not args.json:
        console.print(
            f"{taken.rows:,} rows = {taken.kept:,} kept + {taken.known:,} known already + {taken.ended:,} ended"
            f" + {taken.refused:,} refused.",
            markup=False,
        )
        tell_refused(console, taken.findings, taken.refused)
    return Exit.DONE
