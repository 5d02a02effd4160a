"""Worlds and extracts that several tests of the simulation look at, made once a session."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from sulah.simulation.standing import Standings
from sulah.simulation.world import World, build_world
from tests.village.cast import LAST_DAY

SEED = 7


@cache
def whole_world(seed: int = SEED) -> World:
    """The demo lender of a seed, all 5,000 loans."""
    return build_world(seed, LAST_DAY)


@cache
def small_world(seed: int = SEED) -> World:
    """A lender of a few hundred loans, for what does not depend on size."""
    return build_world(seed, LAST_DAY, loans=400)


def read_table(folder: Path, table: str) -> Iterator[dict[str, str]]:
    """The rows of one file of an extract, gzip or not."""
    plain = folder / f"{table}.csv"
    text = plain.read_text("utf-8") if plain.exists() else gzip.decompress((folder / f"{table}.csv.gz").read_bytes()).decode()
    yield from csv.DictReader(text.splitlines())


def share_late(world: World, day: date, more_than: int) -> float:
    """Percent of the active loans that are more than so many days past due on a day."""
    active = [account for account in world.accounts if account.disbursed_on <= day and account.status_on(day) == "active"]
    return 100 * sum(Standings(account).dpd(day) > more_than for account in active) / len(active)
