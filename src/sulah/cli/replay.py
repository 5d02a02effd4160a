"""sulah replay: rebuild a past day on what it ran on, and compare every byte."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.cli.engine import add_engine, engine_of
from sulah.cli.speak import answer, day_of, opened, progress
from sulah.kernel.dates import day_text
from sulah.kernel.terms import Exit


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("replay", help="rebuild a past day from its load, policy and code, and compare every byte")
    parser.add_argument("--as-of", type=day_of, required=True, metavar="DATE", help="the committed day to rebuild")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the rebuilt tables here (default: compare and discard)")
    add_engine(parser)


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Rebuild the day; done when every file and the published rows come out the same."""
    lender = opened(args)
    code, make = engine_of(args, lender)
    from sulah.daycycle.run import replay_day

    with tempfile.TemporaryDirectory(dir=lender.book) as scratch:
        folder = args.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with progress(Console(stderr=True)) as tell:
            replay = replay_day(lender, args.as_of, code=code, folder=folder, tell=tell, make=make)
    same = not replay.different and replay.published_same
    fields = {
        "done": same,
        "as_of": args.as_of,
        "same": len(replay.same),
        "different": replay.different,
        "published_same": replay.published_same,
    }
    answer(args, {**fields, "notes": replay.notes})
    if not args.json:
        words = "came out the same, to the byte" if same else f"differ: {', '.join(replay.different) or 'the published rows'}"
        console.print(f"{day_text(args.as_of)} rebuilt: {len(replay.same)} files and the published worklist {words}.")
        for note in replay.notes:
            console.print(f"[yellow]Note:[/] {note}")
    return Exit.DONE if same else Exit.REFUSED
