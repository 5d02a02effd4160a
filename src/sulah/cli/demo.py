"""sulah demo: a small simulated lender, the day cycles of a month, and the pages."""

import argparse
import secrets
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from sulah.adapters.book.layout import Lender, open_lender
from sulah.cli.speak import day_of
from sulah.kernel.dates import IST, day_text, system_clock
from sulah.kernel.terms import Exit, Role
from sulah.kernel.version import code_version
from sulah.records.connect import bring_up_to_date, connect_records

if TYPE_CHECKING:
    from sulah.actions.contact.officer_code import Code

DAYS = 32
"""A whole month-end, with the month that it opens, lies in as many days, so that rolls have figures."""
LOANS = 5_000
SEED = 7
PEOPLE = (
    ("supervisor", Role.SUPERVISOR),
    ("agent", Role.AGENT),
    ("compliance", Role.COMPLIANCE),
    ("validator", Role.VALIDATOR),
    ("inspector", Role.INSPECTOR),
    ("administrator", Role.ADMINISTRATOR),
)
TEXTS = """
[texts]
# Simulated, all of it: nobody answers at these numbers
lender = "Sahara Demo Microfinance"
grievance = "18001230000"
reply = "9215512345"
caller = "16001234567"
check = "https://demo.example.invalid/officer"
hosts = ["m.example.invalid"]
short = "https://m.example.invalid"
charges = "penal"
"""


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("demo", help="make a small simulated lender, run the day cycles of a month, serve the pages")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("demo-lender"), metavar="DIR", help="where to make it")
    parser.add_argument("--loans", type=_loans, default=LOANS, metavar="N", help=f"about so many loans, 100 or more (default {LOANS:,})")
    parser.add_argument("--days", type=_days, default=DAYS, metavar="N", help=f"so many days, 1 to 120 (default {DAYS})")
    parser.add_argument("--until", type=day_of, metavar="DATE", help="the last day (default: yesterday); the same date, the same books")
    parser.add_argument("--port", type=int, default=8000, help="port of the pages")
    parser.add_argument("--sandbox", action="store_true", help="serve its API as the sandbox beside a production server")
    parser.add_argument("--no-serve", action="store_true", help="stop after the day cycles")
    parser.add_argument("--again", action="store_true", help="throw the folder away and start anew")


def _loans(text: str) -> int:
    from sulah.simulation.world import LEAST_LOANS

    return _number(text, f"{LEAST_LOANS} loans or more", lambda loans: loans >= LEAST_LOANS)


def _days(text: str) -> int:
    from sulah.simulation.world import DAILY_DAYS

    return _number(text, f"1 to {DAILY_DAYS} days", lambda days: 1 <= days <= DAILY_DAYS)


def _number(text: str, wanted: str, holds: Callable[[int], bool]) -> int:
    """A whole number that holds; the words of a refusal say what is wanted."""
    if not (text.isascii() and text.isdigit() and holds(int(text))):
        raise argparse.ArgumentTypeError(f"choose {wanted}, not {text}")
    return int(text)


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Make the lender, run its days, make log-ins, serve."""
    if args.again and (args.folder / "SIMULATED.txt").is_file():
        shutil.rmtree(args.folder)
    if not (args.folder / "lender.toml").is_file():
        until = args.until or system_clock().astimezone(IST).date() - timedelta(days=1)
        lender = _make(args.folder, args.loans, args.days, until, console, sandbox=args.sandbox)
    else:
        lender = _opened(args.folder)
        console.print(f"{args.folder} is there already; its days stand. Start anew with: sulah demo --again")
    words = _log_ins(lender)
    console.print("[bold]Log-ins of this demo[/] (all data is simulated):")
    for name, word in words.items():
        console.print(f"  {name:<14} {word}")
    _say_code(lender, args.port, console)
    if args.no_serve:
        return Exit.DONE
    from sulah.cli import serve

    args.lender, args.host = args.folder, "127.0.0.1"
    return serve.run(args, console)


def _say_code(lender: Lender, port: int, console: Console) -> None:
    """The code that the demo's agent would show at a door now, and where anybody may check it."""
    from sulah.cli.demo_officer import officer_code

    code = officer_code(lender)
    if code is not None:
        console.print(f"An officer's code, good until {code.until.astimezone(IST):%H:%M}: [bold]{code.spoken}[/]")
        console.print(f"  anybody checks it at http://127.0.0.1:{port}/officer; log-in agent shows it at {_page_of(code, port)}")


def _page_of(code: "Code", port: int) -> str:
    return f"http://127.0.0.1:{port}/contact/code/{code.row.person}"


def _opened(folder: Path) -> Lender:
    lender = open_lender(folder)
    connect_records(lender.root, lender.database)
    bring_up_to_date()
    return lender


def _make(folder: Path, loans: int, days: int, until: date, console: Console, *, sandbox: bool = False) -> Lender:
    """Write the lender and its extracts, then load and run each day, approving what is held as a supervisor would."""
    from sulah.cli.demo_extracts import written_ahead
    from sulah.cli.init import make_lender
    from sulah.kernel.terms import EntityType

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("making a simulated lender", total=float(days + 1))
        make_lender(folder, name="Sahara Demo Microfinance (simulated)", entity=EntityType.NBFC_MFI, simulated=True)
        settings = folder / "lender.toml"
        settings.write_text(settings.read_text("utf-8") + TEXTS, "utf-8")
        if sandbox:
            settings.write_text(settings.read_text("utf-8").replace("# sandbox = false", "sandbox = true"), "utf-8")
        (folder / "SIMULATED.txt").write_text("Everything in this folder is simulated. No person in it exists.\n", "utf-8")
        lender = _opened(folder)
        for as_of, path in written_ahead(lender.inbox, SEED, days, until, loans):
            bar.advance(task)
            bar.update(task, description=f"day cycle of {day_text(as_of)}")
            _one_day(lender, as_of, path, console)
        bar.advance(task)
        bar.update(task, description="contacts of the last days")
        _contact(lender, until)
    return lender


def _contact(lender: Lender, until: date) -> None:
    from sulah.cli.day import closed_log
    from sulah.cli.demo_contact import fill_contact

    fill_contact(lender, until)
    closed_log(lender, until)


def _one_day(lender: Lender, as_of: date, path: Path, console: Console) -> None:
    from sulah.actions.decide_load import approve_load
    from sulah.actions.load_book import current_load
    from sulah.actions.load_extract import load_extract
    from sulah.cli.day import closed_log
    from sulah.daycycle.run import run_day
    from sulah.kernel.terms import LoadState

    outcome = load_extract(lender, path, as_of, actor="demo", clock=system_clock, code_version=code_version())
    if outcome.load is not None and outcome.load.state == LoadState.HELD:
        console.print(
            f"{day_text(as_of)}: the load was held ({'; '.join(outcome.report.reasons)}) and is approved by the demo's supervisor."
        )
        approve_load(outcome.load.pk, actor="supervisor", note="demo: seen and approved", clock=system_clock)
    load = current_load(as_of)
    if load is not None:
        run_day(lender, as_of, actor="demo", clock=system_clock, code=code_version(), load=load)
        closed_log(lender, as_of)


def _log_ins(lender: Lender) -> dict[str, str]:
    """A log-in for each role with a new word each time the demo starts; the agent sees one branch."""
    from sulah.actions.load_book import latest_accepted
    from sulah.adapters.book.branches import branches_of
    from sulah.records.person import Person

    load = latest_accepted()
    branches = branches_of(lender, load.path) if load else []
    words = {}
    for name, role in PEOPLE:
        words[name] = f"{name}-{secrets.token_hex(4)}"
        person, _ = Person.objects.get_or_create(username=name, defaults={"role": role})
        person.role, person.branches = role, branches[:1] if role is Role.AGENT else []
        person.set_password(words[name])
        person.save()
    return words
