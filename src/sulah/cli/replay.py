"""sulah replay: rebuild a past day on what it ran on and compare every byte, or make the decisions of a bundle again."""

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from sulah.adapters.archive.zipped import Archive, ArchiveError
from sulah.cli.engine import add_engine, engine_of
from sulah.cli.speak import answer, day_of, opened, progress
from sulah.guard.bundle import BundleError
from sulah.guard.replay import replayed
from sulah.guard.replay_says import replay_words
from sulah.kernel.dates import day_text
from sulah.kernel.terms import Exit

_COUNTED = ("decisions", "same", "erased", "proven", "unproven", "contacts", "recounted", "caps", "receipts")


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser(
        "replay", help="rebuild a past day from its load, policy and code, or decide a bundle of decisions again, and compare"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("bundle", type=Path, nargs="?", metavar="BUNDLE", help="a file of sulah bundle; no lender and no database is needed")
    which.add_argument("--as-of", type=day_of, metavar="DATE", help="the committed day to rebuild")
    parser.add_argument("--digest", default="", metavar="HEX", help="the bundle's digest, as known from elsewhere")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the rebuilt tables here (default: compare and discard)")
    add_engine(parser)


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Rebuild the day, or replay the bundle; done when everything comes out the same."""
    if args.bundle is not None:
        return _bundle(args, console)
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


def _bundle(args: argparse.Namespace, console: Console) -> Exit:
    """Decide again what a bundle holds, with the open guard and nothing else."""
    archive = Archive(args.bundle)
    try:
        found = replayed(archive, args.digest)
    except BundleError as error:
        raise ArchiveError(f"{args.bundle}: {error}.") from error
    finally:
        archive.close()
    counted = {name: getattr(found, name) for name in _COUNTED}
    told = [asdict(one) for one in found.differences]
    fields = {"done": found.holds, "day": found.manifest.day, "lender": found.manifest.lender, "digest": found.manifest.digest}
    answer(args, {**fields, "digest_known": bool(args.digest), **counted, "differences": told})
    if not args.json:
        console.print("\n".join(replay_words(found, digest_known=bool(args.digest))), markup=False, soft_wrap=True)
    return Exit.DONE if found.holds else Exit.REFUSED
