"""How commands speak: one JSON object for machines, words for people, a bar for anything longer than two seconds."""

import argparse
import json
import os
import pwd
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sulah.adapters.book.layout import Lender, open_lender
from sulah.daycycle.engine import Tell
from sulah.daycycle.steps import STEPS
from sulah.kernel.refusal import Refusal
from sulah.records.connect import bring_up_to_date, connect_records

_TOLD = 20
"""Refused rows that are told one by one; --json tells all."""


def opened(args: argparse.Namespace) -> Lender:
    """The lender of the command line, with its records connected and up to date."""
    lender = open_lender(args.lender)
    connect_records(lender.root, lender.database)
    bring_up_to_date()
    return lender


class BorrowedNameError(Refusal):
    """Somebody acts under a name that is not the machine's login, where two people are asked for."""


def who_acts(args: argparse.Namespace, lender: Lender) -> str:
    """Whom the audit trail names: --by, or under two_people the login of the process, which no option or environment changes.

    BorrowedNameError when two_people is asked for and --by (or the environment's LOGNAME) says another name.
    """
    if not lender.two_people:
        return str(args.by)
    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError as error:
        words = f"This machine knows no login for user number {os.getuid()}, and lender.toml asks for two people (two_people)."
        raise BorrowedNameError(f"{words} Sign in to the machine as somebody it knows, or decide on the page of loads.") from error
    if args.by != login:
        raise BorrowedNameError(
            f"lender.toml asks for two people (two_people), so a name counts only as the machine knows it: you are {login}, "
            f"and --by or LOGNAME says {args.by}. Leave --by out, or let {args.by} do it under an own login or on the page of loads."
        )
    return login


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


@contextmanager
def counting(console: Console) -> Iterator[Tell]:
    """A bar over files: what is being done, how many are done, how many there are."""
    counted = TextColumn("{task.completed:,.0f} of {task.total:,.0f}")
    columns = (TextColumn("{task.description:>20}"), BarColumn(), counted, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(what: str, done: int, total: int) -> None:
            """Move the bar."""
            bar.update(task, description=what, completed=float(done), total=float(max(1, total)))

        yield tell


def tell_refused(console: Console, findings: Sequence[Sequence[Any]], refused: int) -> None:
    """The first rows that a file's findings (row, field, code, words) refuse, and how many more there are."""
    for row, field, code, words in findings[:_TOLD]:
        console.print(f"  row {row}, {field or 'the row'}: {words} ({code})", markup=False)
    if refused > _TOLD:
        console.print(f"  and {refused - _TOLD:,} more; --json tells all.")
