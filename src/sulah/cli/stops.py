"""sulah stops: each stop in force or lately lifted, what it withdrew, and how long after it the last message went."""

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.cli.speak import answer, opened
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("stops", help="stops in force: what each withdrew, and the last message after it")
    parser.add_argument("--all", action="store_true", help="those that were lifted or have ended too")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """List them, the latest first."""
    lender = opened(args)
    from sulah.actions.contact.rulebook import rulebook_of
    from sulah.actions.read_stops import read_stops

    found = read_stops(rulebook_of(lender).rules, system_clock(), ended=args.all)
    rows = [
        {
            "stop": times.stop.pk,
            "event": times.stop.event,
            "scope": times.stop.scope,
            "taken_at": times.stop.taken_at.astimezone(IST).isoformat(timespec="milliseconds"),
            "withdrawn": times.withdrawn,
            "sent_after": times.sent_after,
            "last_send_at": times.last_send_at.astimezone(IST).isoformat(timespec="milliseconds") if times.last_send_at else None,
            "seconds_to_last_send": round(times.seconds, 3),
            "accepted_before": times.accepted_before,
        }
        for times in found
    ]
    answer(args, {"done": True, "stops": rows})
    if not args.json:
        console.print(_table([[str(row[name]) for name in _SHOWN] for row in rows]) if rows else "No stop is in force.")
        if rows:
            console.print(
                "Times are of India. What a provider had accepted in the day before a stop cannot be called back: it is counted apart."
            )
    return Exit.DONE


_SHOWN = ("stop", "event", "scope", "taken_at", "withdrawn", "sent_after", "seconds_to_last_send", "accepted_before")


def _table(rows: list[list[str]]) -> Table:
    table = Table()
    for name in _SHOWN:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*row)
    return table
