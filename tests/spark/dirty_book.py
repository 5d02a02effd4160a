"""A dirty random book of any size: random lenders side by side in one extract, made in several processes; simulated data."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sulah.contracts.registry import EXTRACT
from tests.reference.random_book import RandomBook
from tests.shelf import table_of

FIRST = date(2024, 2, 20)
LOADS = 2
A_LENDER = 5000
IDS = ("borrower_id", "loan_id", "repayment_id", "reverses_id")


def write_lender(folder: Path, seed: int, number: int, loans: int) -> list[date]:
    """One random lender, its ids marked with its number: <folder>/<load>/<table>/<number>.parquet; the dates of its loads."""
    book = RandomBook(seed + number, loans, FIRST, LOADS)
    for load, (_, extract) in enumerate(book.extracts):
        for name in EXTRACT:
            path = folder / str(load) / name / f"{number:04d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(_marked(table_of(name, extract.get(name, [])), f"{number:04d}."), path)
    return [as_of for as_of, _ in book.extracts]


def _marked(table: pa.Table, mark: str) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in IDS:
            table = table.set_column(place, name, pc.binary_join_element_wise(mark, table[name], ""))
    return table


def write_book(folder: Path, seed: int, loans: int, processes: int) -> list[date]:
    """So many loans in lenders of A_LENDER each; the dates of the book's loads (those of the first lender)."""
    parts = [min(A_LENDER, loans - begun) for begun in range(0, loans, A_LENDER)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        dates = list(pool.map(partial(write_lender, folder, seed), range(len(parts)), parts))
    return dates[0]


def tables_of(folder: Path, load: int) -> Iterator[tuple[str, list[Path]]]:
    """The files of each extract table of a load."""
    for name in EXTRACT:
        yield name, sorted((folder / str(load) / name).glob("*.parquet"))
