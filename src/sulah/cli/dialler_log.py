"""sulah dialler-log: take in an agency's dialler log, so that its calls count against the caps like our own."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, opened, tell_refused
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("dialler-log", help="take in an agency's dialler log: its contacts count like our own")
    parser.add_argument("file", type=Path, help="the log: CSV, gzip CSV, XLSX or Parquet")
    parser.add_argument("--agency", required=True, metavar="ID", help="the agency that made it, as it was engaged")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take it in and say how its rows tie out; the same log twice changes nothing."""
    lender = opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.take_log import take_log
    from sulah.adapters.lms.refusal import RefusedExtractError

    try:
        entry = take_log(lender, args.file, args.agency, by=machine(args.by), clock=system_clock)
    except RefusedExtractError as error:
        answer(args, {"done": False, "words": str(error)})
        console.print(f"Refused: {error}", style="red", markup=False)
        return Exit.REFUSED
    counts = {name: getattr(entry, name) for name in ("rows", "taken", "repeated", "refused")}
    answer(args, {"done": True, "log": entry.pk, **counts, "findings": entry.findings})
    if not args.json:
        console.print(
            f"Log {entry.pk} of {entry.agency}: {entry.rows:,} rows = {entry.taken:,} taken + {entry.repeated:,} repeated"
            f" + {entry.refused:,} refused.",
            markup=False,
        )
        tell_refused(console, entry.findings, entry.refused)
    return Exit.DONE
