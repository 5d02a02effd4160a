"""The folder of loads: reports written, folders of killed loads swept."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sulah.adapters.book.derive import LOANS_A_SHARD
from sulah.adapters.book.durable import durable, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.intake.load_report import LoadReport
from sulah.kernel.refusal import Refusal
from sulah.records.load import Load

COMPACT_SHARE_BPS = 2000
"""One loan in five: then reading two places costs more than writing one."""


class LoadError(Refusal):
    """A load that cannot be done as asked; the words say why and what to do, code which stable code stands for it, if any."""

    def __init__(self, words: str, code: str = "") -> None:
        """Keep the code beside the words."""
        super().__init__(words)
        self.code = code


def origin_of(lender: Lender, path: Path) -> str:
    """Where an extract was loaded from: its path within the lender's folder, else the word `elsewhere`."""
    place, root = path.resolve(), lender.root.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else "elsewhere"


def write_report(folder: Path, report: LoadReport) -> None:
    """Write a load report as report.json, durably and with its keys in order."""
    with durable(folder / "report.json") as part:
        part.write_text(json.dumps(report.to_json(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def sweep(lender: Lender) -> list[str]:
    """Remove the folders of loads that were killed before their row was committed; their names."""
    if not lender.loads.is_dir():
        lender.loads.mkdir(parents=True)
        sync_folder(lender.book)
    known = set(Load.objects.values_list("id", flat=True))
    orphans = sorted(child for child in lender.loads.iterdir() if child.is_dir() and child.name not in known)
    for orphan in orphans:
        shutil.rmtree(orphan)
    if orphans:
        sync_folder(lender.loads)
    return [orphan.name for orphan in orphans]


@contextmanager
def scratch(lender: Lender) -> Iterator[Path]:
    """Sweep what killed loads left, then give a folder to spill into.

    It lies among the loads: a spill holds names in clear, and the one of a killed load is swept like its folder.
    """
    sweep(lender)
    with tempfile.TemporaryDirectory(prefix=".spill-", dir=lender.loads) as folder:
        yield Path(folder)


def compact_share_bps(lender: Lender) -> int:
    """How many of ten thousand loans may lie beside a base before a load is written whole: [load] compact_share_bps, else 2000.

    0: every load is written whole.  LoadError when it is no such number.
    """
    own = lender.settings.get("load", {})
    given = own.get("compact_share_bps", COMPACT_SHARE_BPS) if isinstance(own, dict) else COMPACT_SHARE_BPS
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 10_000:
        raise LoadError(f"lender.toml: compact_share_bps under [load] is {given!r}; write a whole number from 0 to 10000.")
    return given


def loans_a_shard(lender: Lender) -> int:
    """How many loans lie in one shard of the book: [book] loans_a_shard of lender.toml; LoadError when it is no such number."""
    own = lender.settings.get("book", {})
    given = own.get("loans_a_shard", LOANS_A_SHARD) if isinstance(own, dict) else LOANS_A_SHARD
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise LoadError(f"lender.toml: loans_a_shard under [book] is {given!r}; write a whole number, 1 or more, or leave the line out.")
    return given
