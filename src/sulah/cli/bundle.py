"""sulah bundle: a day's contact decisions in one file, for an outsider to make them again."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, day_of, opened
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("bundle", help="write a day's contact decisions with facts, rules and contacts, for sulah replay")
    parser.add_argument("day", type=day_of, metavar="DAY", help="the day in India, such as 2026-11-23")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it, such as 2026-11-23.zip")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write it and say its digest, which whoever replays it should have from somebody else."""
    lender = opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.evidence.bundle_day import bundle_day

    made = bundle_day(lender, args.day, args.out, by=machine(args.by), clock=system_clock)
    answer(args, {"done": True, "day": args.day, "file": str(args.out), **asdict(made)})
    if not args.json:
        console.print(
            f"{made.decisions:,} decisions of {day_text(args.day)} with {made.contacts:,} contacts and {made.books} book"
            f"{'' if made.books == 1 else 's'} of rules written to {args.out}.",
            markup=False,
        )
        if made.erased:
            console.print(f"{made.erased:,} of the people were erased: what was decided about them before carries no facts.")
        if made.erased > made.proven:
            words = "No receipt of the log proves {:,} of these erasures. If there is a log, sulah log sequence, then bundle again."
            console.print(words.format(made.erased - made.proven))
        if made.receipts:
            later = "" if made.receipts == made.decisions else " The others have no place in it yet: sulah log sequence, then bundle again."
            console.print(f"Of {made.receipts:,} the log's receipt is in it.{later}")
        console.print(f"Digest {made.digest}\nReplay it with: sulah replay {args.out} --digest {made.digest}", markup=False, soft_wrap=True)
    return Exit.DONE
