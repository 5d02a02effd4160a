"""sulah load: load a lender's extract and say in plain words what came, what was refused and why."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sulah.adapters.book.layout import Lender
from sulah.cli.speak import answer, day_of, opened, who_acts
from sulah.intake.load_report import LoadReport
from sulah.kernel.dates import day_text, system_clock
from sulah.kernel.money import indian
from sulah.kernel.terms import Exit, LoadState
from sulah.kernel.version import code_version

if TYPE_CHECKING:
    from sulah.actions.load_record import LoadOutcome


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("load", help="load the lender's files of a business date")
    parser.add_argument("path", type=Path, nargs="?", metavar="PATH", help="the folder (or one file) as the lender sends it")
    parser.add_argument("--from-api", action="store_true", help="instead of files: everything that the API received and that waits")
    parser.add_argument(
        "--without", action="append", default=[], metavar="BATCH", help="of the API: turn this batch down, for good; may be repeated"
    )
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the business date, as 2026-03-31")
    parser.add_argument("--mapping", metavar="NAME", help="a saved mapping (default: the only one that fits the files)")
    parser.add_argument("--repair", metavar="LOAD", help="the files are corrected rows of this load")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Load and report: DONE when accepted or held, REFUSED when the extract or the date was refused."""
    if (
        args.from_api == (args.path is not None)
        or (args.from_api and (args.mapping or args.repair))
        or (args.without and not args.from_api)
    ):
        words = "Name the folder to load, or give --from-api (and --without) alone: one of the two."
        answer(args, {"done": False, "words": words})
        if not args.json:
            console.print(words, markup=False)
        return Exit.USAGE
    lender = opened(args)
    from sulah.actions.load_extract import LoadError
    from sulah.adapters.book.vault import VaultError
    from sulah.intake.mapping import MappingError

    try:
        outcome, between = _loaded(args, lender)
    except (LoadError, MappingError, VaultError) as error:
        answer(args, {"done": False, "words": str(error), "code": getattr(error, "code", "")})
        if not args.json:
            console.print(f"[bold red]Not loaded.[/] {error}")
        return Exit.REFUSED
    report, loaded = outcome.report, outcome.load is not None
    answer(args, {"done": loaded, "repeated": outcome.repeated, **report.to_json()})
    if not args.json:
        _say(console, lender.name, report, repeated=outcome.repeated, between=between)
    if args.from_api and not loaded and not args.json:
        _say_waiting(console, args)
    return Exit.DONE if loaded else Exit.REFUSED


def _loaded(args: argparse.Namespace, lender: Lender) -> "tuple[LoadOutcome, bool]":
    """Do the load; with whether the files came between two extracts."""
    from sulah.actions.load_extract import load_extract
    from sulah.actions.load_received import load_received, turn_down
    from sulah.actions.load_supplement import is_supplement, load_supplement
    from sulah.adapters.lms.mapping_file import mapping_for, saved_mapping
    from sulah.intake.mapping import PLAIN
    from sulah.records.load import Load

    actor, code = who_acts(args, lender), code_version()
    with Console(stderr=True).status("reading") as status:
        if args.from_api:
            for name in args.without:
                turn_down(name, args.as_of, actor=actor, clock=system_clock)
            tell = status.update
            return load_received(lender, args.as_of, actor=actor, clock=system_clock, code_version=code, progress=tell), False
        repaired = Load.objects.filter(id=args.repair).first() if args.repair else None
        if repaired is not None and not args.mapping:
            mapping = saved_mapping(lender, repaired.mapping) if repaired.mapping else PLAIN
        else:
            mapping = mapping_for(lender, args.path, args.mapping) if args.path.exists() else PLAIN
        between = not args.repair and args.path.exists() and is_supplement(args.path, mapping, args.as_of)
        act = load_supplement if between else partial(load_extract, repair=args.repair)
        return (
            act(
                lender,
                args.path,
                args.as_of,
                mapping=mapping,
                actor=actor,
                clock=system_clock,
                code_version=code,
                progress=status.update,
            ),
            between,
        )


def _say_waiting(console: Console, args: argparse.Namespace) -> None:
    """The batches of a refused load, so that the one at fault can be told from the others."""
    from sulah.actions.load_received import waiting

    for batch in waiting(args.as_of).select_related("client"):
        sent = f"{batch.accepted:,} of {batch.table}, sent by {batch.client.name} on {batch.received_at:%d %b %H:%M} UTC as {batch.key}"
        console.print(f"  {batch.name}: {sent}", markup=False)
    console.print(f"Turn one down with: sulah load --from-api --as-of {args.as_of} --without BATCH", markup=False)


def _say(console: Console, name: str, report: LoadReport, *, repeated: bool, between: bool = False) -> None:
    console.print(f"[bold]{name}[/]{' (simulated)' if report.simulated else ''}: extract of {day_text(_day(report))}")
    if repeated:
        console.print(f"Already loaded as {report.load} ({report.state}): nothing to do.")
        return
    if report.state == "refused":
        console.print("[bold red]Refused.[/] Nothing of it was loaded; the load before stays current.")
        for reason in report.reasons:
            console.print(f"  {reason}", markup=False)
        return
    _say_ties(console, report)
    _say_codes(console, report)
    spare: dict[str, list[str]] = {}
    for tie in report.files:  # a file may feed several tables: spare is what none of them takes
        spare[tie.name] = [name for name in tie.unmapped if name in spare.get(tie.name, tie.unmapped)]
    for file, columns in ((file, columns) for file, columns in spare.items() if columns):
        console.print(f"Not used in {file}: {', '.join(columns)}", markup=False)
    if report.unused_files:
        console.print(f"Files that no table took: {', '.join(report.unused_files)}", markup=False)
    if between:
        console.print(f"[bold green]Accepted[/] as {report.load}. It stands on {report.parent} and changes no days past due.")
        return
    console.print(f"Total overdue: {indian(report.overdue_paise)}.")
    if report.state == LoadState.HELD:
        console.print(f"[bold yellow]Held[/] as {report.load}. No work comes from it until somebody decides:")
        for reason in report.reasons:
            console.print(f"  {reason}", markup=False)
        console.print(f"Approve with: sulah approve {report.load}    Reject with: sulah approve {report.load} --reject")
    else:
        console.print(f"[bold green]Accepted[/] as {report.load}. Next: sulah day --as-of {report.as_of}")


def _day(report: LoadReport) -> Any:
    return day_of(report.as_of)


def _say_ties(console: Console, report: LoadReport) -> None:
    """Rows and rupees of each file: given = loaded + refused + identical copies, and of a delta + rows that took others out."""
    more = ("Taken out",) if report.delta else ()
    rows = Table("Table", "File", "Rows", "Loaded", "Refused", "Copies", *more)
    rupees = Table("Table", "Rupees given", "Loaded", "Refused", "In copies", *more)
    for table, first in ((rows, 2), (rupees, 1)):
        for column in table.columns[first:]:
            column.justify = "right"
    for tie in report.files:
        counts = (tie.rows, tie.loaded, tie.quarantined, tie.duplicates, tie.removed)
        rows.add_row(tie.table, tie.name, *(f"{count:,}" for count in counts[: 4 + len(more)]))
        amounts = (tie.paise, tie.paise_loaded, tie.paise_quarantined, tie.paise_duplicates, tie.paise_removed)
        if tie.paise:
            rupees.add_row(tie.table, *(indian(paise) for paise in amounts[: 4 + len(more)]))
    console.print(rows)
    if rupees.row_count:
        console.print(rupees)
    if report.delta:
        beside = f"they lie beside {report.base}" if report.base else "all files were written whole"
        console.print(f"It says only what changed since {report.parent}: {report.worked_on:,} loans were looked at again, {beside}.")
    console.print("Rows and rupees tie out." if report.ties else "[bold red]Rows or rupees do not tie out: please report this.[/]")


def _say_codes(console: Console, report: LoadReport) -> None:
    for code in report.codes:
        label = "refused" if code.severity == "row" else "noted"
        console.print(f"{code.count:,} {label} in {code.table} ({code.code}), first: {code.example or '-'}. {code.words}", markup=False)
    if report.quarantined:
        mend = f"sulah load mend.csv --as-of {report.as_of} --repair {report.load}"
        console.print(f"Mend the refused rows: sulah export quarantine --as-of {report.as_of} --out mend.csv, correct them, then {mend}")
