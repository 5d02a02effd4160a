"""sulah export-person: everything that is held about one person, as a page and as JSON, for that person."""

import argparse
import os
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened, who_acts
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("export-person", help="write everything that is held about one person, for that person")
    parser.add_argument("borrower", metavar="BORROWER", help="the lender's id of the person")
    parser.add_argument("--language", default="en", metavar="CODE", help="of the headings, where the lender signed it off (default: en)")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new folder for held.html and held.json")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write both files and say where they lie."""
    lender = opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.texts_in_force import channels_of
    from sulah.actions.export_person import export_person
    from sulah.outreach.configured import NotConfiguredError

    by = machine(who_acts(args, lender))
    try:
        channels = channels_of(lender, os.environ)
    except NotConfiguredError:  # a lender that sends nothing holds data all the same
        channels = {}
    paths = export_person(lender, args.borrower, args.to, language=args.language, channels=channels, by=by, clock=system_clock)
    answer(args, {"done": True, "files": [str(path) for path in paths]})
    if not args.json:
        console.print(f"Written: {paths[0]} and {paths[1].name}, in clear. Give them to the person alone, then remove them.", markup=False)
    return Exit.DONE
