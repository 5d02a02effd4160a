"""sulah export: a table of a day as CSV or Parquet, for anyone's tools."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, day_of, opened
from sulah.contracts.registry import TABLES
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("export", help="write a table of a day as CSV or Parquet; quarantine to mend and re-submit")
    parser.add_argument(
        "table", metavar="TABLE", choices=sorted(TABLES), help="a table of docs/glossary.md, such as position or quarantine"
    )
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the committed day (for quarantine: the load's date)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write; .csv or .parquet")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write the table and note the export in the audit trail."""
    if args.out.suffix not in (".csv", ".parquet"):
        words = f"{args.out}: the file must end in .csv or .parquet"
        answer(args, {"done": False, "words": words})
        console.print(words, markup=False)
        return Exit.USAGE
    lender = opened(args)
    from sulah.actions.export_table import export_table

    rows = export_table(lender, args.table, args.as_of, args.out, actor=args.by, clock=system_clock)
    answer(args, {"done": True, "table": args.table, "as_of": args.as_of, "rows": rows, "file": str(args.out)})
    if not args.json:
        console.print(f"{rows:,} rows of {args.table} on {args.as_of} written to {args.out}. The export is noted in the audit trail.")
    return Exit.DONE
