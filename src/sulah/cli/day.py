"""sulah day: run the day cycle of a business date."""

import argparse
import time
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.adapters.book.layout import Lender
from sulah.cli.engine import add_engine, engine_of
from sulah.cli.speak import answer, day_of, opened, progress
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.money import indian
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("day", help="run the day cycle: where each loan stands, and the worklist")
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the business date, as 2026-03-31")
    add_engine(parser)


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Run the day on the latest accepted load and say where the book stands."""
    lender = opened(args)
    code, make = engine_of(args, lender)
    from sulah.actions.load_book import current_load
    from sulah.adapters.book.reader import Day
    from sulah.adapters.book.sums import SUMMED_UP, summary_of
    from sulah.daycycle.run import DayRefusedError, run_day

    load = current_load(args.as_of)
    if load is None:
        raise DayRefusedError("There is no accepted load yet. Load the lender's files first: sulah load FOLDER --as-of DATE")
    with progress(Console(stderr=True)) as tell:
        outcome = run_day(lender, args.as_of, actor=args.by, clock=system_clock, code=code, load=load, tell=tell, make=make)
    notes = [*outcome.notes, *closed_log(lender, args.as_of)]
    if outcome.repeated:  # written some time ago: are its files still those?
        for table in SUMMED_UP:
            Day(outcome.run, lender).files(table)
    book = summary_of(lender.book / outcome.run.path)
    answer(
        args,
        {
            "done": True,
            "as_of": args.as_of,
            "load": load.pk,
            "repeated": outcome.repeated,
            "path": outcome.run.path,
            "counts": outcome.run.counts,
            "published": outcome.run.published,
            "book": book,
            "notes": notes,
        },
    )
    if not args.json:
        _say(console, lender.name, outcome, book, notes)
    return Exit.DONE


def closed_log(lender: Lender, as_of: date) -> list[str]:
    """Let the log's day end with this one; a note where it cannot: the day stands without it."""
    from sulah.actions.log.sequence_log import close_log

    try:
        words = close_log(lender, as_of, clock=system_clock, wait=lambda: time.sleep(0.5)).words
    except Refusal as refusal:
        words = str(refusal)
    return [f"The log: {words}"] if words else []


def _say(console: Console, name: str, outcome: Any, book: dict[str, Any], notes: list[str]) -> None:
    run = outcome.run
    console.print(f"[bold]{name}[/] on {day_text(run.as_of)}, from load {run.load_id}")
    table = Table("Bucket", "Loans", "Outstanding principal", "Overdue")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in book["buckets"]:
        table.add_row(row["bucket"], f"{row['loans']:,}", indian(row["outstanding_principal_paise"]), indian(row["overdue_paise"]))
    console.print(table)
    npa = f"{book['npa_loans']:,} loan{'' if book['npa_loans'] == 1 else 's'}"
    console.print(f"NPA: {npa}, {indian(book['npa_paise'])} outstanding. Provision: {indian(book['provision_paise'])}.")
    console.print(
        f"Receipts {indian(book['paid_paise'], decimals=True)} = settled {indian(book['allocated_paise'], decimals=True)}"
        f" + unallocated {indian(book['unallocated_paise'], decimals=True)}."
    )
    if outcome.repeated:
        console.print("This day had already run on the same load, policy and code: every byte came out the same.")
    else:
        done = outcome.published
        console.print(
            f"Worklist: {done.opened:,} opened, {done.changed:,} changed, {done.closed:,} closed, {done.unchanged:,} as they were."
        )
    console.print(f"Differences to the lender's own figures: {run.counts.get('difference', 0):,}.")
    for note in notes:
        console.print(f"[yellow]Note:[/] {note}")
