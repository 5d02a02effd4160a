"""`python -m bench.load`: what `sulah load` costs against DuckDB merely copying the same files to sorted Parquet, interleaved."""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.load_files import DAYS, KINDS
from bench.runs import Figures, ProgramFailedError, Run, run, spread
from sulah.adapters.book.derive import LOANS_A_SHARD

BOUND, DELTA_BOUND = 3, 0.25
FLOOR, FIRST, NEXT, DELTA = "floor", "sulah load, first day", "sulah load, next day", "sulah load, delta"
SCOPE = {
    FLOOR: "typed copy of each file of the first day, sorted by its key; no check, no digest, no second table",
    FIRST: "every check, tie-out, personal columns sealed, accepted rows and derived tables written, synced and digested",
    NEXT: "the same, standing on the first: one loan in 25 paid, one in 500 re-scheduled",
    DELTA: "only what changed was sent: those loans, and one new in 1,000; everything else taken from the first",
}


def main(words: Sequence[str]) -> int:
    """Make the extract, run the floor and both loads in turn for each kind of file, print the table; 1 when the bound is broken."""
    asked = _arguments(words)
    console = Console(width=max(Console().width, 150))
    root = Path(asked.folder)
    root.mkdir(parents=True, exist_ok=True)
    extract = Path(json.loads(run(["bench.load_files", str(root), str(asked.loans), str(asked.seed)]).said)["folder"])
    figures = {(kind, name): Figures() for kind in KINDS for name in SCOPE}
    try:
        for number in range(asked.rounds):
            for kind in KINDS:
                console.print(f"round {number + 1} of {asked.rounds}: {kind}", style="dim")
                _round(extract, kind, root, figures, asked.loans_a_shard)
    except ProgramFailedError as error:
        console.print(f"The bench stops: {error}", style="red")
        return 1
    console.print(_table(figures, asked.loans))
    return _verdict(figures, console)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description="What a load costs against a sorted copy of the same files.")
    parser.add_argument("--loans", type=int, default=1_000_000, help="loans of the simulated extract (default 1,000,000)")
    parser.add_argument("--loans-a-shard", type=int, default=LOANS_A_SHARD, help="of lender.toml; half of the loans is what a million has")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--folder", default=str(Path(tempfile.gettempdir()) / "sulah-bench"), help="where the extract is kept for the next time"
    )
    return parser.parse_args(words)


def _round(extract: Path, kind: str, root: Path, figures: dict[tuple[str, str], Figures], loans_a_shard: int) -> None:
    """Floor, first load and next load of one kind of file; a fresh lender each time."""
    scratch = Path(tempfile.mkdtemp(prefix="load-", dir=root))
    lender = scratch / "lender"
    try:
        floor = run(["bench.load_floor", str(extract / "first" / kind), str(scratch)])
        run(["bench.sulah_load", "init", str(lender), "--entity", "nbfc_mfi", "--name", "Bench (simulated)"])
        settings = lender / "lender.toml"
        settings.write_text(settings.read_text("utf-8").replace("# loans_a_shard = 500000", f"loans_a_shard = {loans_a_shard}"), "utf-8")
        first = _load(lender, extract, kind, "first")
        other = shutil.copytree(lender, scratch / "other")
        following, delta = _load(lender, extract, kind, "next"), _load(other, extract, kind, "delta")
        for name, made in ((FLOOR, floor), (FIRST, first), (NEXT, following), (DELTA, delta)):
            figures[kind, name].runs.append(made)
            figures[kind, name].ratios.append(made.cpu / floor.cpu)
    finally:
        shutil.rmtree(scratch)


def _load(lender: Path, extract: Path, kind: str, day: str) -> Run:
    """One load as a process; ProgramFailedError when it is not accepted, for the next would not stand on it."""
    made = run(
        [
            "bench.sulah_load",
            "load",
            str(extract / day / kind),
            "--as-of",
            str(DAYS.get(day, DAYS["next"])),
            "--lender",
            str(lender),
            "--json",
        ]
    )
    said = json.loads(made.said)
    if said["state"] != "accepted" or not said["ties"]:
        raise ProgramFailedError(f"the load of the {day} day was {said['state']}: {said['reasons']}")
    return made


def _table(figures: dict[tuple[str, str], Figures], loans: int) -> Table:
    table = Table(
        title=f"{loans:,} simulated loans. CPU is user + system of the process, median (least-most); ratio to the floor of the same round"
    )
    for heading in ("files", "program", "rounds", "CPU s", "x floor", "wall s", "peak MB", "what it does"):
        table.add_column(
            heading, justify="left" if heading in ("files", "program", "what it does") else "right", no_wrap=heading != "what it does"
        )
    for (kind, name), made in figures.items():
        cpu, wall, peak = (spread([getattr(one, part) for one in made.runs]) for part in ("cpu", "wall", "peak_mb"))
        table.add_row(kind, name, str(len(made.runs)), cpu, spread(made.ratios), wall, peak.split(" ")[0], SCOPE[name])
    return table


def _verdict(figures: dict[tuple[str, str], Figures], console: Console) -> int:
    worst = max(statistics.median(made.ratios) for (_, name), made in figures.items() if name not in (FLOOR, DELTA))
    shares = [
        statistics.median(one.cpu / whole.cpu for one, whole in zip(figures[kind, DELTA].runs, figures[kind, NEXT].runs, strict=True))
        for kind in KINDS
    ]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(f"Load of the machine at the end: {load} on {os.cpu_count()} cores.")
    console.print(f"The dearest load takes {worst:.1f}x the floor; the bound is {BOUND}x: {'held' if worst <= BOUND else 'BROKEN'}.")
    held = "held" if max(shares) <= DELTA_BOUND else "BROKEN"
    console.print(f"The dearest delta of 4% of the loans takes {max(shares):.2f} of the full load; the bound is {DELTA_BOUND}: {held}.")
    return 0 if worst <= BOUND and max(shares) <= DELTA_BOUND else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
