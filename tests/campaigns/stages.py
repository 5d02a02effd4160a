"""Four commands in a row over the village, run once without faults: where each begins, where it must end, and what it passes."""

import resource
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sulah.adapters.book.keyfile import PERSONAL_KEY
from sulah.adapters.book.keystore import STORE
from tests.campaigns.process import Machine, tree_of
from tests.village.cast import village_folder

DAYS = (date(2026, 11, 20), date(2026, 11, 21))
LOANS_A_SHARD = 9
"""Seventeen loans in two shards."""

COMMANDS = ("first load", "first day", "next load", "next day")


@dataclass(frozen=True, slots=True)
class Stage:
    """A command between two states of a lender.

    before: the lender's folder that the command begins from.  seen_before, seen_after: what the reader sees on either side.
    tree: all files of the book in the end.  reached: how often each fault point was passed.  cpu: seconds.
    """

    command: str
    arguments: tuple[str, ...]
    before: Path
    seen_before: Mapping[str, Any]
    seen_after: Mapping[str, Any]
    tree: Mapping[str, str]
    reached: Mapping[str, int]
    cpu: float


def new_lender(machine: Machine, lender: Path, loans_a_shard: int = LOANS_A_SHARD) -> Path:
    """A lender's folder made by `sulah init`, with small shards."""
    lender.parent.mkdir(parents=True, exist_ok=True)
    made = machine.start(lender, ("init", str(lender), "--simulated", "--name", "Village"))
    assert made.wait(60) == 0
    made.communicate()
    settings = lender / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace("# loans_a_shard = 500000", f"loans_a_shard = {loans_a_shard}"), "utf-8")
    return lender


def arguments_of(extracts: Path) -> dict[str, tuple[str, ...]]:
    """The words of each command; the village's extracts are written into a folder."""
    first, following = (village_folder(extracts / day.isoformat(), day, DAYS[-1]) for day in DAYS)
    return {
        "first load": ("load", str(first), "--as-of", DAYS[0].isoformat()),
        "first day": ("day", "--as-of", DAYS[0].isoformat()),
        "next load": ("load", str(following), "--as-of", DAYS[1].isoformat()),
        "next day": ("day", "--as-of", DAYS[1].isoformat()),
    }


def _give_keys(machine: Machine, keyed: Path, lender: Path, given: Mapping[str, tuple[str, ...]]) -> None:
    """Give a new lender the keys for personal data of one that went through all commands already; its log keeps its own."""
    new_lender(machine, keyed)
    for arguments in given.values():
        outcome = machine.run(keyed, arguments)
        assert outcome.code == 0, outcome.words
    for name in (PERSONAL_KEY, STORE):
        shutil.copy(keyed / "keys" / name, lender / "keys" / name)


def run_all(machine: Machine, root: Path) -> dict[str, Stage]:
    """Run the four commands without a fault, keeping the lender before each.

    The key store, which loads take as an input, has everybody's keys from the beginning: bytes can be compared only so.
    """
    lender = new_lender(machine, root / "clean" / "lender")
    given = arguments_of(root / "extracts")
    _give_keys(machine, root / "keyed" / "lender", lender, given)
    seen, stages = machine.seen(lender), {}
    for command, arguments in given.items():
        before = root / "before" / command.replace(" ", "-")
        shutil.copytree(lender, before)
        tally = root / f"{command}.points"
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        outcome = machine.run(lender, arguments, SULAH_STRIKE_COUNT=str(tally))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert outcome.code == 0, outcome.words
        cpu = after.ru_utime + after.ru_stime - began.ru_utime - began.ru_stime
        seen_before, seen = seen, machine.seen(lender)
        reached = Counter(tally.read_text().split())
        stages[command] = Stage(command, arguments, before, seen_before, seen, tree_of(lender), reached, cpu)
    return stages
