"""How commands speak: one JSON object for machines, words for people, a bar for anything longer than two seconds."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sulah.adapters.book.layout import Lender, open_lender
from sulah.daycycle.engine import Tell
from sulah.daycycle.steps import STEPS
from sulah.records.connect import bring_up_to_date, connect_records


def opened(args: argparse.Namespace) -> Lender:
    """The lender of the command line, with its records connected and up to date."""
    lender = open_lender(args.lender)
    connect_records(lender.root, lender.database)
    bring_up_to_date()
    return lender


def answer(args: argparse.Namespace, fields: Mapping[str, Any]) -> None:
    """Print the JSON answer when asked for."""
    if args.json:
        sys.stdout.write(json.dumps(dict(fields), default=str, ensure_ascii=False) + "\n")


def day_of(text: str) -> date:
    """A date of the command line; argparse shows the words when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """A bar over the steps of a day."""
    places = {step.table: place for place, step in enumerate(STEPS)}
    columns = (TextColumn("{task.description:>18}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=float(len(STEPS)))

        def tell(table: str, done: int, total: int) -> None:
            """Move the bar to a step."""
            if table:
                bar.update(task, description=table, completed=places[table] * (done + 1) / max(1, total))

        yield tell
