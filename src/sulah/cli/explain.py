"""sulah explain: where a column comes from, back to the lender's extract."""

import argparse
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.tree import Tree

from sulah.cli.speak import answer
from sulah.contracts.registry import TABLES
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("explain", help="where a column comes from: explain position.dpd")
    parser.add_argument("column", metavar="TABLE[.COLUMN]", help="a column, or a table for all of its columns")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Print the lineage of one column, or of every column of a table."""
    from sulah.daycycle.lineage import Origin, origin

    table, _, column = args.column.partition(".")
    if table not in TABLES or (column and column not in TABLES[table].names):
        known = ", ".join(TABLES[table].names) if table in TABLES else ", ".join(TABLES)
        words = f"There is no {args.column}. Known: {known}"
        answer(args, {"done": False, "words": words})
        console.print(words, markup=False)
        return Exit.USAGE

    def grow(tree: Tree, node: Origin) -> None:
        """Add a column and what it is made from."""
        branch = tree.add(f"[bold]{node.name}[/]  {node.meaning}")
        for source in node.sources:
            grow(branch, source)

    origins = [origin(table, name) for name in ((column,) if column else TABLES[table].names)]
    answer(args, {"done": True, "columns": [asdict(node) for node in origins]})
    if not args.json:
        tree = Tree(f"{table}: {TABLES[table].meaning}")
        for node in origins:
            grow(tree, node)
        console.print(tree)
    return Exit.DONE
