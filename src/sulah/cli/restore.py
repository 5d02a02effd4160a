"""sulah restore: a lender back from a backup, into a new folder, after every digest and every check."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.adapters.book.backup_store import staging_of
from sulah.cli.speak import answer, counting
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit
from sulah.records.connect import connect_records


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("restore", help="bring a lender back from a backup into a new folder; checks all of it first")
    parser.add_argument("source", type=Path, metavar="DIR", help="the folder of backups")
    parser.add_argument("--to", type=Path, required=True, metavar="NEWDIR", help="the lender's new folder; it must not exist yet")
    parser.add_argument("--backup", default="", metavar="ID", help="which backup (default: the last one)")
    parser.add_argument("--keys", type=Path, metavar="DIR", help="the lender's keys, from where you keep them; they are copied along")
    parser.add_argument("--database", default="", metavar="URL", help="for a lender on PostgreSQL: the address of an empty database")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Verify, lay out, check, name; nothing is named before everything held."""
    target = args.to.resolve()
    connect_records(staging_of(target), args.database)
    from sulah.actions.restore_book import finish, lay_out, verified_backup

    with counting(Console(stderr=True)) as tell:
        source = verified_backup(args.source, args.backup, tell=tell)
        lender = lay_out(source, target, database=args.database, keys=args.keys, tell=tell)
    from sulah.daycycle.audit import wrong_with

    wrong = wrong_with(lender)
    if any(wrong.values()):
        words = f"What came back does not pass sulah check, so it was not given its name; look at it in {staging_of(target)}."
        answer(args, {"done": False, "words": words, "wrong": wrong})
        if not args.json:
            console.print(f"[bold red]Not done.[/] {words}")
            for found in wrong.values():
                for one in found:
                    console.print(f"  {one}", markup=False)
        return Exit.REFUSED
    restored = finish(source, lender, target, actor=args.by, clock=system_clock)
    held = restored.manifest
    fields = {
        "done": True,
        "backup": restored.name,
        "lender": str(target),
        "taken_at": held.taken_at,
        "loads": held.loads,
        "days": held.days,
        "last_load": held.last_load,
        "last_day": held.last_day,
        "contacts_blocked": True,
        "notes": restored.notes,
    }
    answer(args, fields)
    if not args.json:
        console.print(
            f"Restored {held.lender} into [bold]{target}[/] from the backup {restored.name}: {held.loads:,} loads, {held.days:,} days."
        )
        console.print("Every file fitted its digest, and sulah check found nothing wrong.")
        for note in restored.notes:
            console.print(f"[yellow]Note:[/] {note}")
    return Exit.DONE
