"""`python -m bench.day`: the command `sulah day` of a next day on the heaviest due day, SQLite and PostgreSQL beside each other.

Each run is the command itself as a process on a lender whose yesterday is committed; CPU and memory are those of that process
(the PostgreSQL server works beside it).  Between runs the database and the book are put back to yesterday.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.book import AS_OF
from bench.lender import YESTERDAY
from bench.runs import Run, run, spread

SERVER = "SULAH_TEST_POSTGRES"
"""Address of a PostgreSQL server that may be written to; tools/postgres.py sets it."""

_BYTES_A_LOAN = {"whole": 1_400, "layers": 750}
"""Disk of the book, two loads, two days and two databases for each loan, measured at a million; what a run asks for before it starts."""


@dataclass(slots=True)
class Measured:
    """The runs of one lender: yesterday from nothing, then today again and again."""

    first: Run
    today: list[Run] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=dict)


def main(words: Sequence[str]) -> int:
    """Make the lenders, run their days in turn, print the figures; 1 when the disk does not hold it."""
    asked = _arguments(words)
    console = Console(width=max(Console().width, 120))
    root = Path(asked.folder) / f"day-{asked.loans}"
    root.mkdir(parents=True, exist_ok=True)
    need, free = asked.loans * _BYTES_A_LOAN["layers" if asked.layers else "whole"] / 1e9, shutil.disk_usage(root).free / 1e9
    console.print(f"{asked.loans:,} simulated loans need about {need:,.1f} GB of disk under {root}; {free:,.1f} GB are free.")
    if need > free:
        console.print("That is too little: name another disk with --folder, or fewer loans.", style="red")
        return 1
    figures: dict[str, Measured] = {}
    for name, database in _databases(asked).items():
        figures[name] = _measured(root, asked, database, console)
    console.print(_table(figures, asked.loans))
    for name, seconds in next(iter(figures.values())).steps.items():
        console.print(f"  {name:<16} {seconds:>8.2f} s", highlight=False)
    console.print(f"Load of the machine at the end: {', '.join(f'{value:.1f}' for value in os.getloadavg())} on {os.cpu_count()} cores.")
    if asked.delete:
        shutil.rmtree(root)
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000, help="loans of the simulated book (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of today for each database (default 3)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("sqlite", "postgres"), help="one database only")
    parser.add_argument("--folder", default=str(Path(tempfile.gettempdir()) / "sulah-bench"), help="where everything is written")
    parser.add_argument("--layers", action="store_true", help="today's load in layers on yesterday's, as after a delta; half the disk")
    parser.add_argument("--delete", action="store_true", help="delete it all at the end")
    return parser.parse_args(words)


def _databases(asked: argparse.Namespace) -> dict[str, str]:
    """The databases to run on; PostgreSQL where a server was named."""
    server = os.environ.get(SERVER, "")
    known = {"sqlite": "", **({"postgres": server.rsplit("/", 1)[0] + "/sulah_bench"} if server else {})}
    return {name: address for name, address in known.items() if asked.only in (None, name)}


def _measured(root: Path, asked: argparse.Namespace, database: str, console: Console) -> Measured:
    if database:
        _on_server("DROP DATABASE IF EXISTS {}", "sulah_bench")
        _on_server("CREATE DATABASE {}", "sulah_bench")
    words = [str(root), str(asked.loans), str(asked.seed), *(["--layers"] if asked.layers else []), *([database] if database else [])]
    lender = Path(json.loads(run(["bench.lender", *words]).said)["folder"])
    console.print(f"{'PostgreSQL' if database else 'SQLite'}: yesterday, from nothing", style="dim")
    made = Measured(_day(lender, str(YESTERDAY)))
    back = _kept(lender, database)
    for number in range(asked.rounds):
        console.print(f"today, run {number + 1} of {asked.rounds}", style="dim")
        made.today.append(_day(lender, str(AS_OF)))
        if number == asked.rounds - 1:
            made.steps = _steps(lender, database)
        back()
    return made


def _day(lender: Path, as_of: str) -> Run:
    return run(["sulah.cli.main", "day", "--lender", str(lender), "--as-of", as_of, "--json"])


def _kept(lender: Path, database: str) -> Callable[[], None]:
    """Keep the state of yesterday; the call that is given back puts it there again."""
    kept = lender / "kept.sqlite3"
    if database:
        _on_server("DROP DATABASE IF EXISTS {}", "sulah_bench_kept")
        _on_server("CREATE DATABASE {} TEMPLATE {}", "sulah_bench_kept", "sulah_bench")
    else:
        shutil.copyfile(lender / "sulah.sqlite3", kept)

    def put_back() -> None:
        if database:
            _on_server("DROP DATABASE {}", "sulah_bench")
            _on_server("CREATE DATABASE {} TEMPLATE {}", "sulah_bench", "sulah_bench_kept")
        else:
            for rest in ("-wal", "-shm"):
                (lender / f"sulah.sqlite3{rest}").unlink(missing_ok=True)
            shutil.copyfile(kept, lender / "sulah.sqlite3")
        for folder in (lender / "book" / "days").glob(f"{AS_OF}.*"):
            shutil.rmtree(folder)

    return put_back


def _on_server(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ[SERVER], autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _steps(lender: Path, database: str) -> dict[str, float]:
    """Seconds of each step of today's run, all shards together."""
    said = run(["bench.day_steps", str(lender), database]).said
    found: dict[str, float] = json.loads(said)
    return found


def _table(figures: dict[str, Measured], loans: int) -> Table:
    table = Table(title=f"sulah day, {loans:,} simulated loans; median (least-most)")
    for heading in ("records in", "day", "runs", "wall s", "CPU s", "peak MB"):
        table.add_column(heading, justify="left" if heading in ("records in", "day") else "right")
    for name, made in figures.items():
        for day, runs in (("yesterday, from nothing", [made.first]), ("today, the day after", made.today)):
            values = [spread([getattr(one, part) for one in runs]) for part in ("wall", "cpu", "peak_mb")]
            table.add_row(name, day, str(len(runs)), *values)
    if len(figures) > 1:
        walls = [statistics.median([one.wall for one in made.today]) for made in figures.values()]
        table.caption = f"PostgreSQL over SQLite, wall: {walls[1] / walls[0]:.2f}"
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
