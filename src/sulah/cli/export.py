"""sulah export: a table of a day as CSV or Parquet, for anyone's tools; or the configuration document."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.cli.speak import answer, day_of, opened
from sulah.contracts.registry import TABLES
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit

CONFIGURATION = "configuration"
"""The one word that is no table: the document of settings, rules, mappings and versions."""
EVERYTHING = "everything"
"""The other: all that is held of the lender, to leave with."""
_ENDINGS = {CONFIGURATION: (".md", ".html"), EVERYTHING: ("",)}


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser(
        "export", help="write a table of a day as CSV or Parquet, the quarantine to mend, or everything to leave with"
    )
    parser.add_argument(
        "table",
        metavar="TABLE",
        choices=[*sorted(TABLES), CONFIGURATION, EVERYTHING],
        help="a table of docs/glossary.md, such as position or quarantine; configuration: what is live, as .md or .html; "
        "everything: all tables, records and names, into a new folder",
    )
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the committed day (for quarantine: the load's date)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write; .csv or .parquet, a folder for everything")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write the table and note the export in the audit trail."""
    endings = _ENDINGS.get(args.table, (".csv", ".parquet"))
    if args.out.suffix not in endings:
        words = f"{args.out}: the file must end in {' or '.join(endings)}" if any(endings) else f"{args.out}: name a new folder"
        answer(args, {"done": False, "words": words})
        console.print(words, markup=False)
        return Exit.USAGE
    lender = opened(args)
    if args.table == CONFIGURATION:
        return _configuration(args, lender, console)
    if args.table == EVERYTHING:
        return _everything(args, lender, console)
    from sulah.actions.export_table import export_table

    rows = export_table(lender, args.table, args.as_of, args.out, actor=args.by, clock=system_clock)
    answer(args, {"done": True, "table": args.table, "as_of": args.as_of, "rows": rows, "file": str(args.out)})
    if not args.json:
        console.print(f"{rows:,} rows of {args.table} on {args.as_of} written to {args.out}. The export is noted in the audit trail.")
    return Exit.DONE


def _everything(args: argparse.Namespace, lender: Lender, console: Console) -> Exit:
    """Write all that is held of the lender into a new folder."""
    from sulah.actions.export_whole import export_whole

    def tell(what: str) -> None:
        """What is being written, for whoever waits."""
        if not args.json:
            console.print(f"writing {what}", markup=False)

    written = export_whole(lender, args.as_of, args.out, actor=args.by, clock=system_clock, tell=tell)
    answer(args, {"done": True, "table": args.table, "as_of": args.as_of, "files": written, "folder": str(args.out)})
    if not args.json:
        console.print(
            f"{len(written)} files, {sum(written.values()):,} rows written to {args.out}; names lie in clear in personal/.", markup=False
        )
    return Exit.DONE


def _configuration(args: argparse.Namespace, lender: Lender, console: Console) -> Exit:
    """Write the configuration document with the rules in force on the date; it holds no personal data and no key."""
    from sulah.daycycle.configuration import configuration_of
    from sulah.insight.configuration import as_html, as_markdown

    document = configuration_of(lender, args.as_of)
    with durable(args.out) as path:
        path.write_text(as_html(document) if args.out.suffix == ".html" else as_markdown(document), encoding="utf-8")
    answer(args, {"done": True, "table": args.table, "as_of": args.as_of, "digest": document.digest, "file": str(args.out)})
    if not args.json:
        console.print(f"The configuration with the rules of {args.as_of} is written to {args.out}. Digest {document.digest}.", markup=False)
    return Exit.DONE
