"""sulah approve: decide about a held load, or take back the latest accepted one."""

import argparse
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened, who_acts
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit, LoadState


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("approve", help="approve or reject a held load, or undo the latest accepted one")
    parser.add_argument("load", nargs="?", metavar="LOAD", help="the load, as 2026-03-31.1; may be left out when one load is held")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--reject", action="store_true", help="reject it: the load before stays current")
    way.add_argument("--undo", action="store_true", help="take back the latest accepted load")
    parser.add_argument("--note", default="", metavar="TEXT", help="why, for the audit trail")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Decide and say what is current now; REFUSED when the decision cannot be taken."""
    lender = opened(args)
    from sulah.actions.decide_load import DecisionRefusedError, approve_load, reject_load, the_held_load, undo_load
    from sulah.actions.load_book import latest_accepted

    if args.undo and not args.load:
        answer(args, {"done": False, "words": "Say which load to undo."})
        console.print("Say which load to undo: sulah approve LOAD --undo")
        return Exit.USAGE
    act = undo_load if args.undo else reject_load if args.reject else approve_load
    try:
        load = act(args.load or the_held_load().id, actor=who_acts(args, lender), note=args.note, clock=system_clock)
    except DecisionRefusedError as error:
        answer(args, {"done": False, "words": str(error)})
        if not args.json:
            console.print(f"[bold red]Not done.[/] {error}")
        return Exit.REFUSED
    current = latest_accepted()
    answer(args, {"done": True, "load": load.id, "state": load.state, "current": current.id if current else None})
    if not args.json:
        console.print(f"{load.id} is {load.state}. Current: {current.id if current else 'no load yet'}.")
        if load.state == LoadState.ACCEPTED:
            console.print(f"Next: sulah day --as-of {load.as_of}")
    return Exit.DONE
