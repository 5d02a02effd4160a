"""sulah hostile: run the hostile lender pack against this very program, or write it for another system."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sulah.cli.hostile_run import Bench, Difference
from sulah.cli.speak import answer
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("hostile", help="send this program broken and malicious files, and see that every reaction is exact")
    parser.add_argument("--only", metavar="CLASS", action="append", help="a class such as L8, or one case such as L8-03; may be repeated")
    parser.add_argument("--emit", type=Path, metavar="DIR", help="write the pack (inputs and case.toml) there instead of running it")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="run a pack that was written there, instead of the program's own")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="cases run side by side (default: 2)")
    parser.add_argument("--share", metavar="I/N", help=argparse.SUPPRESS)


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Write or run the pack; REFUSED when any reaction differs, USAGE when no case is meant."""
    if args.share:
        return _share(args)
    from sulah.simulation.hostile.pack import CLASSES, PACK  # making it takes seconds, which no other command should pay
    from sulah.simulation.hostile.protocol import write_pack

    with tempfile.TemporaryDirectory(prefix="sulah-hostile-") as made:
        root = args.emit or args.pack or Path(made)
        if not args.pack:
            write_pack(root, [case for case in PACK if _meant(case.name, args.only)])
        names = [path.parent.name for path in sorted(root.glob("*/case.toml")) if _meant(path.parent.name, args.only)]
        if not names:
            words = f"No case is called {', '.join(args.only or ())}. Classes: {', '.join(CLASSES)}."
            answer(args, {"done": False, "words": words})
            console.print(words, markup=False)
            return Exit.USAGE
        if args.emit:
            answer(args, {"done": True, "cases": len(names), "folder": str(root)})
            console.print(f"{len(names)} cases written to {root}; how to run them elsewhere: docs/operate/hostile.md", markup=False)
            return Exit.DONE
        found = _run_shares(root, names, max(1, args.jobs))
    _say(console, args, names, found)
    return Exit.REFUSED if found else Exit.DONE


def _meant(name: str, only: list[str] | None) -> bool:
    return not only or any(name == one or name.partition("-")[0] == one for one in only)


def _run_shares(root: Path, names: list[str], jobs: int) -> list[Difference]:
    """Every job is a process of its own, with a lender of its own."""
    jobs = min(jobs, len(names))
    only = [word for name in names for word in ("--only", name)]
    command = [sys.executable, "-m", "sulah.cli.main", "hostile", "--pack", str(root), *only, "--json", "--share"]
    running = [
        subprocess.Popen([*command, f"{job}/{jobs}"], stdout=subprocess.PIPE, text=True)  # noqa: S603
        for job in range(jobs)
    ]
    found: list[Difference] = []
    for process in running:
        said, _ = process.communicate()
        if process.returncode:
            found.append(Difference("all", 0, "the run itself", "ends", f"ended with {process.returncode}"))
            continue
        found += [Difference(**one) for one in json.loads(said.splitlines()[-1])]
    return sorted(found, key=lambda one: (one.case, one.step, one.what))


def _share(args: argparse.Namespace) -> Exit:
    """The part of a job: every n-th case of those meant; its differences as JSON."""
    job, _, jobs = args.share.partition("/")
    with tempfile.TemporaryDirectory(prefix="sulah-hostile-") as made:
        bench = Bench(Path(made), args.pack.resolve())
        found = []
        for name in args.only[int(job) :: int(jobs)]:
            wrong = [asdict(one) for one in bench.run(name)]
            found += wrong
            sys.stderr.write(f"{name} {'differs' if wrong else 'exact'}\n")
    sys.stdout.write(json.dumps(found) + "\n")
    return Exit.DONE


def _say(console: Console, args: argparse.Namespace, names: list[str], found: list[Difference]) -> None:
    from sulah.simulation.hostile.pack import CLASSES

    wrong = {one.case for one in found}
    cases = Counter(name.partition("-")[0] for name in names)
    exact = Counter(name.partition("-")[0] for name in names if name not in wrong and "all" not in wrong)
    ordered = sorted(cases, key=lambda name: (len(name), name))
    answer(
        args,
        {
            "done": not found,
            "cases": len(names),
            "exact": sum(exact.values()),
            "classes": {name: {"cases": cases[name], "exact": exact[name], "title": CLASSES.get(name, "")} for name in ordered},
            "differences": [asdict(one) for one in found],
        },
    )
    table = Table("Class", "What is sent", "Cases", "Exact", "Not")
    for name in ordered:
        table.add_row(name, CLASSES.get(name, ""), str(cases[name]), str(exact[name]), str(cases[name] - exact[name]))
    table.add_row("", "all", str(len(names)), str(sum(exact.values())), str(len(names) - sum(exact.values())))
    if not args.json:
        console.print(table)
        for one in found:
            console.print(f"{one.case}, step {one.step}: {one.what} should be {one.expected}, and is {one.seen}", markup=False)
