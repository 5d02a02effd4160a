"""sulah backup: book and records of one moment into a folder of backups, while loads and days go on."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.speak import answer, counting, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit
from sulah.kernel.version import code_version


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("backup", help="copy book and records of one moment into a folder of backups; keys are not in it")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="the folder of backups, on another disk; only what is new is copied"
    )
    parser.add_argument("--reread", action="store_true", help="look again at every file that lies there already, and mend what rotted")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Take the backup and say what it holds; refused when a file or a row of the lender is not what was written."""
    lender = opened(args)
    from sulah.actions.backup_book import backup_book

    with counting(Console(stderr=True)) as tell:
        taken = backup_book(lender, args.to, actor=args.by, clock=system_clock, code=code_version(), reread=args.reread, tell=tell)
    held = taken.manifest
    fields = {
        "done": True,
        "backup": taken.name,
        "folder": str(taken.folder),
        "manifest_sha256": taken.sha256,
        "files": len(held.files),
        "bytes": held.bytes,
        "new_files": taken.new_files,
        "new_bytes": taken.new_bytes,
        "loads": held.loads,
        "days": held.days,
        "last_load": held.last_load,
        "last_day": held.last_day,
        "notes": taken.notes,
    }
    answer(args, fields)
    if not args.json:
        console.print(f"Backup [bold]{taken.name}[/] of {held.lender}: {held.loads:,} loads, {held.days:,} days and all records.")
        console.print(f"{len(held.files):,} files, {held.bytes / 1e6:,.1f} MB; new: {taken.new_files:,}, {taken.new_bytes / 1e6:,.1f} MB.")
        console.print(f"Last load: {held.last_load or 'none'}. Last day: {held.last_day or 'none'}.")
        console.print(f"Its manifest's SHA-256, to be noted elsewhere: {taken.sha256}", soft_wrap=True)
        console.print("The keys are not in it: sulah keys backup copies the key store; keep personal.key in yet another place.")
        for note in taken.notes:
            console.print(f"[yellow]Note:[/] {note}")
    return Exit.DONE
