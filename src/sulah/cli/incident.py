"""sulah incident: all that is on record of one borrower in a period, in one archive."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, day_of, opened
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("incident", help="write all that is on record of one borrower in a period into one archive")
    parser.add_argument("--borrower", required=True, metavar="ID", help="the borrower's id, as the book has it")
    parser.add_argument("--from", dest="first", type=day_of, required=True, metavar="DATE", help="the first day in India")
    parser.add_argument("--to", dest="last", type=day_of, required=True, metavar="DATE", help="the last day, which is inside")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it (default: incident-ID-FROM-TO.zip here)")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write it, with pseudonyms: names and numbers stay in the vault."""
    lender = opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.evidence.incident_pack import incident_pack
    from sulah.actions.evidence.person_document import gathered

    first, last = min(args.first, args.last), max(args.first, args.last)
    out = args.out or Path(_name(args.borrower, first, last))
    by = machine(args.by)
    dossier = gathered(lender, args.borrower, first, last, face=None, by=by, clock=system_clock)
    pack = incident_pack(lender, dossier, out, by=by, clock=system_clock)
    answer(args, {"done": True, "file": str(out), "digest": pack.digest, "files": pack.files, "parts": pack.parts})
    if not args.json:
        console.print(f"Borrower {args.borrower}, {day_text(first)} to {day_text(last)}: written to {out}.", markup=False, soft_wrap=True)
        for part in dossier.parts:
            console.print(f"  {part.title}: {len(part.rows):,}", markup=False)
        console.print(f"Digest {pack.digest}; it stands in the audit trail.", markup=False, soft_wrap=True)
    return Exit.DONE


def _name(borrower: str, first: date, last: date) -> str:
    plain = "".join(sign if sign.isalnum() else "-" for sign in borrower)
    return f"incident-{plain}-{first}-{last}.zip"
