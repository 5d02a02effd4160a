"""sulah retain: what is past its period; with --do it goes, with an entry in the audit trail."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sulah.cli.speak import answer, day_of, opened
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit

if TYPE_CHECKING:
    from sulah.actions.evidence.access_log import AccessLog
    from sulah.adapters.book.layout import Lender

MOST = 10
"""Loads from elsewhere that are named on the screen; --json names them all."""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("retain", help="list files of the book that are past their period; --do removes them")
    parser.add_argument("--do", action="store_true", help="remove what is listed, with an entry in the audit trail")
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the business date that periods are counted to")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """List, or remove; REFUSED under a legal hold."""
    lender = opened(args)
    from sulah.actions.evidence.access_log import access_log
    from sulah.actions.forget_batches import batches_past, forget_batches
    from sulah.actions.retain_book import hold_of_all, let_go, what_would_go
    from sulah.actions.retain_keys import destroy_keys, keys_past, people_held
    from sulah.adapters.book.retention import retention_of

    as_of = args.as_of
    retention, hold = retention_of(lender, as_of), hold_of_all(lender, as_of)
    found = let_go(lender, as_of, actor=args.by, clock=system_clock) if args.do else what_would_go(lender, as_of)
    batches = forget_batches(lender, as_of, actor=args.by, clock=system_clock) if args.do else batches_past(lender, as_of).count()
    files = _of_files(args, lender)
    keys = destroy_keys(lender, as_of, actor=args.by, clock=system_clock) if args.do else [key.name for key in keys_past(lender, as_of)]
    leaving = [{"path": one.path, "kind": str(one.kind), "dated": one.dated, "bytes": one.size} for one in found.leaving]
    periods = {
        str(row.kind): {"days": row.keep_days, "citation": row.citation, "verify": row.verify, "own": row.own}
        for row in retention.periods.values()
    }
    fields = {"done": True, "as_of": as_of, "removed": found.removed, "leaving": leaving, "kept_for": found.kept_for, "notes": found.notes}
    log = access_log()
    fields |= {"api_batches": batches, "keys": keys, "access_log": asdict(log), **files}
    answer(args, {**fields, "periods": periods, "legal_hold": hold, "holds_on_people": people_held()})
    if args.json:
        return Exit.DONE
    table = Table("Kind", "Kept for", "Set by", "Why")
    for row in retention.periods.values():
        why = f"{row.citation} (verify)" if row.verify else row.citation
        table.add_row(row.kind, f"{row.keep_days:,} days", "lender.toml" if row.own else "Sulah", why)
    console.print(table)
    total = sum(one.size for one in found.leaving)
    console.print(f"{len(leaving)} past their period on {as_of}, {total / 1e6:,.1f} MB{': removed' if found.removed and leaving else ''}.")
    if batches:
        console.print(f"{batches:,} batches of the API past their time{': removed' if found.removed else ''}.")
    if keys:
        console.print(f"Keys of months that are past their period{': destroyed' if found.removed else ''}: {', '.join(keys)}.")
    _say_files(console, files, done=found.removed)
    console.print(_of_log(log))
    for one in found.leaving:
        console.print(f"  {one.path} ({one.kind}, of {one.dated})", markup=False)
    for words in (*found.kept_for, *found.notes):
        console.print(f"[yellow]Note:[/] {words}")
    for words in _holds(hold, people_held()):
        console.print(words, markup=False)
    if not hold and (leaving or batches or keys or files["files_sealed"]) and not found.removed:
        console.print(f"Nothing was removed. To remove it: sulah retain --as-of {as_of} --do")
    return Exit.DONE


def _holds(of_all: str, of_people: int) -> Iterator[str]:
    """The legal holds that stand, and what stays for them."""
    if of_all:
        yield f"A legal hold stands, so nothing is removed: {of_all}"
    if of_people:
        yield f"Legal holds on {of_people:,} people stand, so no key of a month is destroyed: what they wrote can lie under any."


def _of_files(args: argparse.Namespace, lender: "Lender") -> dict[str, Any]:
    """Seal what is loaded and lies in clear, or count it; what stays so, and whether a reader kept what an erasure took out."""
    from sulah.actions.erase_person import finish_wiping, unfinished
    from sulah.actions.loaded_files import loaded_in_inbox, loads_from_elsewhere
    from sulah.actions.seal_filed import filed_open, seal_filed
    from sulah.actions.wipe_person import STILL_HELD

    stay = {"in_clear": list(loaded_in_inbox(lender).left), "from_elsewhere": loads_from_elsewhere(lender)}
    if not args.do:
        return {**stay, "files_sealed": len(list(filed_open(lender))), "unfinished": STILL_HELD if unfinished() else ""}
    who: dict[str, Any] = {"actor": args.by, "clock": system_clock}
    return {**stay, "files_sealed": seal_filed(lender, **who), "unfinished": finish_wiping(**who)}


def _say_files(console: Console, files: dict[str, Any], *, done: bool) -> None:
    """What was sealed, and what stays in clear: in the inbox with the reason, elsewhere by the names of the loads."""
    if files["files_sealed"]:
        console.print(f"{files['files_sealed']:,} files of extracts that are loaded and lie in clear{': sealed' if done else ''}.")
    for words in files["in_clear"]:
        console.print(f"Left in clear: {words}.", markup=False)
    if elsewhere := files["from_elsewhere"]:
        more = f" and {len(elsewhere) - MOST:,} more before them" if len(elsewhere) > MOST else ""
        names = ", ".join(elsewhere[-MOST:])
        console.print(f"Loaded from outside the inbox: {names}{more}. Their files are not ours to touch: remove them yourself.")
    if files["unfinished"]:
        console.print(files["unfinished"], markup=False)


def _of_log(log: "AccessLog") -> str:
    """How far the access log reaches, in words."""
    if log.first is None:
        return "The access log is empty: nobody has opened personal data yet."
    return f"The access log holds {log.entries:,} entries from {log.first} to {log.last}; none of them is ever removed."
