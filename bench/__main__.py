"""`python -m bench`: position and classification of a simulated book against the floor, pandas and the naive loop, interleaved."""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.book import AS_OF
from bench.lender import YESTERDAY
from bench.runs import Figures, Program, ProgramFailedError, Run, measure, run, spread

FULL, INCREMENT = "ours, full", "ours, increment"
LOOP_LOANS = 20_000
POSTGRES_ROUNDS = 3
SERVER = "SULAH_TEST_POSTGRES"
"""Address of a PostgreSQL server that may be written to; tools/postgres.py sets it."""

BOUND = 5
SHARE = 3
"""The increment of a day may take one part in so many of the full run."""


def main(words: Sequence[str]) -> int:
    """Make the book, run every program in turn, hold their results against each other, print the table."""
    asked = _arguments(words)
    console = Console(width=max(Console().width, 150))
    root = Path(asked.folder)
    root.mkdir(parents=True, exist_ok=True)
    made = run(["bench.book", str(root), str(asked.loans), str(asked.seed)])
    book = Path(json.loads(made.said)["folder"])
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=root))
    try:
        programs, sums = _prepared(book, scratch, asked)
        rows = json.loads((book / "simulated.json").read_text())["rows"]
        console.print(
            "Simulated book: " + ", ".join(f"{count:,} rows of {name}" for name, count in rows.items()) + f".\nOn {AS_OF}: {sums}"
        )
        figures = _measured(programs, asked.rounds, scratch, console)
        console.print(_table(programs, figures))
        if SERVER in os.environ and not asked.only_ours:
            console.print(_beside_postgres(book, scratch))
        return _verdict(figures, console)
    except ProgramFailedError as error:
        console.print(f"The bench stops: {error}", style="red")
        return 1
    finally:
        shutil.rmtree(scratch)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a day costs against the least that any program must do.")
    parser.add_argument("--loans", type=int, default=1_000_000, help="loans of the simulated book (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each with every program in turn (default 5)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--folder", default=str(Path(tempfile.gettempdir()) / "sulah-bench"), help="where the book is kept for the next time"
    )
    parser.add_argument("--only-ours", action="store_true", help="leave out pandas, the naive loop and the first day")
    return parser.parse_args(words)


def _prepared(book: Path, scratch: Path, asked: argparse.Namespace) -> tuple[list[Program], str]:
    """The results that programs start from, made and held equal once, and the programs to measure."""
    yesterday, ready = scratch / "yesterday", scratch / "ready"
    run(["bench.ours", str(_load(book, YESTERDAY)), str(YESTERDAY), "-", str(yesterday)])
    book = _load(book, AS_OF)
    run(["bench.ours", str(book), str(AS_OF), str(yesterday), str(ready)])
    columns = run(["bench.parts"]).said.split()
    out = {name: str(scratch / name) for name in ("floor", "ours", "next", "first", "pandas")}
    sums = run(["bench.agree", str(ready), str(ready)]).said
    programs = [
        Program(
            "floor", ("bench.floor", str(book), str(ready), out["floor"], *columns), "decode the columns read, write the columns written"
        ),
        Program("  scan alone", ("bench.floor", str(book), "-", "-", *columns), "the first half of the floor"),
        Program(FULL, ("bench.ours", str(book), str(AS_OF), str(yesterday), out["ours"]), "every loan; syncs and digests too"),
        Program(INCREMENT, ("bench.ours", str(book), str(AS_OF), str(yesterday), out["next"], "carried"), "only the loans that changed"),
    ]
    if asked.only_ours:
        return programs, sums
    part = min(LOOP_LOANS, asked.loans)
    loop = ("bench.naive", str(book), str(AS_OF), str(part), str(scratch / "loop.jsonl"))
    pandas = ("bench.pandas_way", str(book), str(AS_OF), str(yesterday / "asset_memory"), str(ready), out["pandas"])
    first = ("bench.ours", str(book), str(AS_OF), "-", out["first"])
    scaled = f"{part:,} loans, CPU x{asked.loans // part}; dpd, overdue, borrower's dpd; no files, no class"
    return [
        *programs,
        Program("pandas, next day", pandas, "same tables and rows; watch and pause_window taken ready-made; no syncs, no digests"),
        Program("naive loop", loop, scaled, scale=asked.loans // part),
        Program("ours, first day", first, "the whole history folded day-end by day-end", once=True),
    ], sums


def _measured(programs: Sequence[Program], rounds: int, scratch: Path, console: Console) -> dict[str, Figures]:
    figures = {program.name: Figures() for program in programs}
    for number in range(rounds):
        floor = 0.0
        for program in programs:
            if program.once and number:
                continue
            console.print(f"round {number + 1} of {rounds}: {program.name.strip()}", style="dim")
            made: Run = measure(program)
            floor = floor or made.cpu
            figures[program.name].runs.append(made)
            figures[program.name].ratios.append(made.cpu / floor)
            if number == 0:
                _check(program, scratch)
    return figures


def _check(program: Program, scratch: Path) -> None:
    """Hold what a program wrote against the ready day: every row of every table, or the rows of the loop."""
    if program.words[0] in ("bench.ours", "bench.pandas_way", "bench.naive"):
        run(["bench.agree", str(scratch / "ready"), next(word for word in reversed(program.words) if word.startswith(str(scratch)))])


def _table(programs: Sequence[Program], figures: dict[str, Figures]) -> Table:
    table = Table(title="CPU is user + system of the process, median (least-most); ratio is to the floor of the same round")
    for heading in ("program", "rounds", "CPU s", "x floor", "wall s", "peak MB", "what it does"):
        table.add_column(heading, justify="left" if heading in ("program", "what it does") else "right", no_wrap=heading != "what it does")
    for program in programs:
        made = figures[program.name]
        cpu, wall, peak = (spread([getattr(one, name) for one in made.runs]) for name in ("cpu", "wall", "peak_mb"))
        wall = f"{wall} (part)" if program.scale > 1 else wall
        table.add_row(program.name, str(len(made.runs)), cpu, spread(made.ratios), wall, peak.split(" ")[0], program.scope)
    return table


def _beside_postgres(book: Path, scratch: Path) -> str:
    """Position alone, ours and PostgreSQL's own SQL, in turn on the same load; rows compared."""
    load = _load(book, AS_OF)
    ours, theirs = [], []
    for _ in range(POSTGRES_ROUNDS):
        out = scratch / "position"
        ours.append(run(["bench.ours", str(load), str(AS_OF), "-", str(out), "position"]).cpu)
        theirs.append(json.loads(run(["bench.postgres_way", str(load), str(scratch / "ready"), str(AS_OF)]).said)["cpu"])
        shutil.rmtree(out)
    ratio = statistics.median(one / other for one, other in zip(theirs, ours, strict=True))
    return (
        f"Position alone, CPU s: ours {spread(ours)}, start-up, files, syncs and digests included; PostgreSQL {spread(theirs)}, its server "
        f"process only, one unlogged table, rows copied in and indexed before: {ratio:.1f}x. The rows are the same."
    )


def _verdict(figures: dict[str, Figures], console: Console) -> int:
    ratio = statistics.median(figures[FULL].ratios)
    pairs = zip(figures[INCREMENT].runs, figures[FULL].runs, strict=True)
    share = statistics.median([increment.cpu / full.cpu for increment, full in pairs])
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(f"Every compared program gave the same rows. Load of the machine at the end: {load} on {os.cpu_count()} cores.")
    held = ratio <= BOUND, share <= 1 / SHARE
    console.print(f"Full run: {ratio:.1f}x the floor; the bound is {BOUND}x: {_said(held[0])}.")
    console.print(f"Increment: {share:.2f} of the full run; the bound is one in {SHARE}: {_said(held[1])}.")
    return 0 if all(held) else 1


def _said(held: bool) -> str:
    return "held" if held else "BROKEN"


def _load(book: Path, day: date) -> Path:
    """The load of a day of the book, made once, by a process of its own: a child's peak memory begins at its parent's."""
    folder = book / f"load-{day}"
    if not (folder / "accepted").is_dir():
        run(["bench.lender", "load", str(book), str(folder), str(day)])
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
