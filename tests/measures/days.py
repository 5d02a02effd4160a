"""A random lender stood on many days: the committed days of a shelf, and the same days as the oracle reads them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sulah.kernel.terms import EntityType
from tests.measures.oracle import Evening, Memory, evening, month_end_before
from tests.reference.random_book import PINCODES, RandomBook
from tests.shelf import Shelf

Row = Mapping[str, Any]
DIRECTORY = {code: {"district": f"District {int(code) % 5}", "state": "Karnataka"} for code in PINCODES[:-2]}
"""Two PIN codes are in no directory."""


@dataclass
class Stood:
    """One committed day: its folder's rows, the day in the oracle's eyes, its opening and the committed day before."""

    on: date
    shelf: Shelf
    folder: Path
    today: Evening
    opening: Evening | None
    before: Evening | None
    memory: Memory

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table of the day."""
        return self.shelf.rows(self.folder, table)


def random_days(root: Path, seed: int, entity: str, loans: int, days: int, first: date, *, skip: Sequence[date] = ()) -> Iterator[Stood]:
    """Commit month-ends (but those to skip) and so many random days of seven months over the loads of a random book."""
    random = Random(seed)
    book = RandomBook(seed, loans, first, 5)
    shelf = Shelf(root, EntityType(entity), loans_a_shard=loans // 2)
    extracts = [(as_of, _with_places(extract, random)) for as_of, extract in book.extracts]
    last = first + timedelta(210)
    ends = {month_end_before(first + timedelta(n)) for n in range(32, 242)} - set(skip)
    chosen = random.sample([first + timedelta(n) for n in range((last - first).days) if first + timedelta(n) not in ends | set(skip)], days)
    evenings: dict[date, Evening] = {}
    memory, before = Memory(), None
    for on in sorted({*ends, *chosen}):
        if on < first:
            continue
        while extracts and extracts[0][0] <= on:
            shelf.accept(*extracts.pop(0))
        folder = shelf.stand(on, commit=True)
        load = shelf.loads[-1]
        tables = {name: shelf.rows(folder, name) for name in ("position", "classification", "provisioning")}
        tables |= {name: shelf.rows(load, name) for name in ("account", "due", "receipt")}
        evenings[on] = evening(on, tables)
        memory.see(evenings[on])
        yield Stood(on, shelf, folder, evenings[on], evenings.get(month_end_before(on)), before, memory)
        before = evenings[on]


def _with_places(extract: Mapping[str, Sequence[Row]], random: Random) -> dict[str, list[Row]]:
    """The extract with states of some people, and with a directory of PIN codes."""
    whole: dict[str, list[Row]] = {name: list(rows) for name, rows in extract.items()}
    whole["borrower"] = [{**row, "state": random.choice(("", "", "Goa"))} for row in extract["borrower"]]
    whole["pin_directory"] = [{"pincode": code, **place} for code, place in DIRECTORY.items()]
    return whole
