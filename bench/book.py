"""A simulated book of any size, written directly as the tables of a load: account, due, receipt, relief_window, touched, in shards.

Simulated: no lender's loans.  The same size and seed give the same bytes.
"""

import json
import multiprocessing
import os
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.loans import FREQUENCIES, Days, Schedule, Terms, draw_terms, first_schedule, with_reschedules
from bench.receipts import ENTRIES, OPENING, Receipts, draw_receipts
from sulah.adapters.engines.duck import connect, write_parquet
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Kind, Table

AS_OF = date(2026, 3, 31)
LOANS_A_SHARD = 500_000
RECEIPTS_A_SHARD = 20_000_000
"""Numbers set aside for the receipts of a shard, which has about 6,000,000: shards that are made side by side number their own."""

BUCKETS = 4096
_EPOCH = date(1970, 1, 1)
_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.PAISE: pa.int64(), Kind.INTEGER: pa.int32(), Kind.TRUTH: pa.bool_()}


@dataclass(frozen=True, slots=True)
class People:
    """One value a loan, in the order of the book: its person's id, number and bucket, and its own id."""

    borrower_id: pa.Array
    borrower_key: Days
    bucket_key: Days
    loan_id: pa.Array


def make_book(folder: Path, loans: int, seed: int) -> Path:
    """The folder of a load of so many simulated loans; one made before with the same size and seed is used again."""
    made = folder / f"book-{loans}-{seed}"
    if (made / "simulated.json").is_file():
        return made
    rows = Counter[str]()
    for _, written in write_shards(made, loans, seed):
        rows.update(written)
    (made / "simulated.json").write_text(json.dumps({"simulated": True, "loans": loans, "seed": seed, "as_of": str(AS_OF), "rows": rows}))
    return made


def write_shards(made: Path, loans: int, seed: int) -> Iterator[tuple[str, dict[str, int]]]:
    """Write the book into a folder shard by shard; the file name of each once its tables are there, and their rows.

    Processes make the next shards meanwhile, one for each core; the bytes do not depend on how many there are.
    """
    shards = max(1, -(-loans // LOANS_A_SHARD))
    if shards == 1:
        yield _write_shard(made, _people(loans, seed), seed, 0, 1)
        return
    _PEOPLE[loans, seed] = _people(loans, seed)
    cores = os.cpu_count() or 1
    try:
        with ProcessPoolExecutor(cores, multiprocessing.get_context("fork")) as pool:
            begun: deque[Future[tuple[str, dict[str, int]]]] = deque()
            for shard in range(shards):
                begun.append(pool.submit(_forked_shard, made, loans, seed, shard, shards))
                if len(begun) > cores:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
    finally:
        del _PEOPLE[loans, seed]


_PEOPLE: dict[tuple[int, int], People] = {}
"""The people of the book that is being made: a process forked for its shards finds them here and does not make them again."""


def _forked_shard(made: Path, loans: int, seed: int, shard: int, shards: int) -> tuple[str, dict[str, int]]:
    return _write_shard(made, _PEOPLE[loans, seed], seed, shard, shards)


def _write_shard(made: Path, people: People, seed: int, shard: int, shards: int) -> tuple[str, dict[str, int]]:
    places = np.flatnonzero(people.bucket_key * shards // BUCKETS == shard)
    tables = _shard(people, places, np.random.default_rng([seed, shard]), shard * RECEIPTS_A_SHARD)
    file = f"{shard:04d}.parquet"
    return file, {name: _write(TABLES[name], table, made / name / file) for name, table in tables.items()}


def _people(loans: int, seed: int) -> People:
    random = np.random.default_rng(seed)
    held = random.choice([1, 2, 3], size=loans, p=(0.72, 0.2, 0.08))
    held = held[: int(np.searchsorted(np.cumsum(held), loans)) + 1]
    persons = (
        connect(memory_mb=8000)
        .sql(
            "SELECT x.id, CAST(('0x' || substr(sha256(x.id), 1, 3)) AS INTEGER) AS bucket "
            f"FROM (SELECT 'B' || CAST(100000000 + n.range AS VARCHAR) AS id FROM range({len(held)}) AS n) AS x ORDER BY bucket, x.id"
        )
        .to_arrow_table()
    )
    person = np.repeat(np.arange(len(held)), held)[:loans]
    loan_id = _text("LN", 1_000_000_000 + random.permutation(loans))
    return People(persons["id"].combine_chunks().take(person), person + 1, persons["bucket"].to_numpy()[person].astype(np.int64), loan_id)


def _shard(people: People, places: Days, random: np.random.Generator, first_receipt: int) -> dict[str, Mapping[str, Any]]:
    as_of = (AS_OF - _EPOCH).days
    terms = draw_terms(random, len(places), as_of)
    schedule, rescheduled_on = with_reschedules(random, first_schedule(random, terms), len(places), as_of)
    age = as_of - terms.disbursed_on
    opening_on = np.where((random.random(len(places)) < 0.02) & (age > 60), terms.disbursed_on + age // 2, -1)
    receipts = draw_receipts(random, schedule, opening_on, as_of, first_receipt)
    account = _account(people, places, terms, random, rescheduled_on, opening_on)
    account |= _ending(random, schedule, receipts, as_of)
    keys = account["loan_key"]
    return {
        "account": account,
        "due": _due(schedule, keys),
        "receipt": _receipt(receipts, keys, random),
        "relief_window": _relief(random, keys, as_of),
        "touched": {"loan_key": keys, "loan_id": account["loan_id"]},
    }


def _account(
    people: People, places: Days, terms: Terms, random: np.random.Generator, rescheduled_on: Days, opening_on: Days
) -> dict[str, Any]:
    loans, branch = len(places), people.borrower_key[places] % 2000
    restructured = np.where(random.random(loans) < 0.5, rescheduled_on, -1)
    npa = (opening_on >= 0) & (random.random(loans) < 0.1)
    known = np.where(opening_on >= 0, opening_on, terms.disbursed_on)
    return {
        "loan_key": places + 1,
        "borrower_key": people.borrower_key[places],
        "loan_id": people.loan_id.take(places),
        "borrower_id": people.borrower_id.take(places),
        "bucket_key": people.bucket_key[places],
        "product": _one_of(("JLG", "SHG", "MSME", "TWO_WHEELER", "GOLD"), random.choice(5, size=loans, p=(0.5, 0.2, 0.15, 0.1, 0.05))),
        "branch_id": _text("BR", 10_000 + branch),
        "officer_id": _text("OF", 100_000 + branch * 8 + random.integers(0, 8, size=loans)),
        "pincode": _text("", 800_000 + branch),
        "state": _one_of(("Bihar", "Odisha", "Tamil Nadu", "Assam"), branch % 4),
        "centre_id": _text("C", 1_000_000 + people.borrower_key[places] // 25),
        "disbursed_on": terms.disbursed_on,
        "principal_paise": terms.principal_paise,
        "secured": random.random(loans) < 0.15,
        "frequency": _one_of(FREQUENCIES, terms.frequency),
        "acquisition_channel": _one_of(("branch", "agent", "digital"), random.integers(0, 3, size=loans)),
        "restructured_on": _days(restructured),
        "restructured_known_on": _days(restructured),
        "opening_on": _days(opening_on),
        "lms_dpd_count": _one_of(("elapsed",), np.zeros(loans, dtype=np.int64)),
        "lms_npa_on": _days(np.where(npa, opening_on - 20, -1)),
        "split_imputed": np.zeros(loans, dtype=bool),
        "schedule_unreliable": np.zeros(loans, dtype=bool),
        "first_seen_on": known,
        "history_from": known,
    }


def _ending(random: np.random.Generator, schedule: Schedule, receipts: Receipts, as_of: int) -> dict[str, Any]:
    """Loans paid in full are mostly closed on their last receipt; a few of those long behind are written off."""
    loans = int(schedule.loan[-1]) + 1
    paid = np.bincount(receipts.loan, weights=receipts.amount_paise, minlength=loans)
    total = np.zeros(loans)
    np.maximum.at(total, schedule.loan, schedule.totals[0].astype(np.float64))
    due = np.bincount(schedule.loan, weights=schedule.due_on <= as_of - 150, minlength=loans)
    last = np.zeros(loans, dtype=np.int64)
    np.maximum.at(last, receipts.loan, receipts.paid_on)
    closed = (paid >= total) & (random.random(loans) < 0.9)
    lost = ~closed & (due > 0) & (paid < total / 4) & (random.random(loans) < 0.05)
    status = np.where(closed, 1, np.where(lost, 2, 0))
    return {
        "status": _one_of(("active", "closed", "written_off"), status),
        "ended_on": _days(np.where(closed, last, -1)),
        "written_off_on": _days(np.where(lost, as_of - 10, -1)),
    }


def _due(schedule: Schedule, keys: Days) -> dict[str, Any]:
    moments = {name: getattr(schedule, name) for name in ("number", "due_on", "in_force_from", "in_force_to")}
    heads = dict(zip(("principal_paise", "interest_paise", "charge_paise"), schedule.heads, strict=True))
    totals = dict(zip(("cum_due_paise", "cum_principal_paise", "cum_interest_paise"), schedule.totals, strict=True))
    return {"loan_key": keys[schedule.loan], **moments, **heads, **totals}


def _receipt(receipts: Receipts, keys: Days, random: np.random.Generator) -> dict[str, Any]:
    plain = {name: getattr(receipts, name) for name in ("effective_on", "void_on", "amount_paise", "paid_on", "known_on")}
    opening = receipts.entry == OPENING
    return {
        "loan_key": keys[receipts.loan],
        **plain,
        "repayment_id": _text("R", 10_000_000_000 + receipts.number),
        "entry": _one_of(ENTRIES, receipts.entry),
        "reverses_id": _text("R", 10_000_000_000 + receipts.reverses, receipts.reverses < 0),
        "mode": _one_of(("cash", "upi", "nach"), random.integers(0, 3, size=len(receipts.loan)), opening),
        "officer_id": _text("OF", 100_000 + receipts.loan % 16_000, opening),
    }


def _relief(random: np.random.Generator, keys: Days, as_of: int) -> dict[str, Any]:
    eased = np.flatnonzero(random.random(len(keys)) < 0.03)
    begun = as_of - random.integers(10, 400, size=len(eased))
    open_ended = random.random(len(eased)) < 0.1
    return {
        "loan_key": keys[eased],
        "kind": _one_of(("calamity", "pause"), random.integers(0, 2, size=len(eased))),
        "from_on": begun,
        "to_on": np.where(open_ended, 2932896, begun + random.integers(5, 60, size=len(eased))),
        "counts": random.random(len(eased)) < 0.5,
        "known_on": begun + random.integers(0, 5, size=len(eased)),
    }


def _text(prefix: str, numbers: Days, absent: Any = None) -> pa.Array:
    texts = pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")
    return texts if absent is None else pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), texts)


def _one_of(words: tuple[str, ...], places: Days, absent: Any = None) -> pa.Array:
    texts = pa.array(words).take(pa.array(places))
    return texts if absent is None else pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), texts)


def _days(days: Days) -> pa.Array:
    return pa.array(days.astype(np.int32), type=pa.int32(), mask=days < 0).cast(pa.date32())


def _write(table: Table, columns: Mapping[str, Any], path: Path) -> int:
    rows = len(columns["loan_key"])
    arrays = {column.name: _typed(columns.get(column.name), _ARROW[column.kind], rows) for column in table.columns}
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(memory_mb=8000)
    connection.register("simulated", pa.table(arrays))
    listed = ", ".join(f'"{name}"' for name in table.names)
    return write_parquet(connection, f"SELECT {listed} FROM simulated", path)


def _typed(values: Any, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    return array.cast(pa.int32()).cast(kind) if kind == pa.date32() and array.type != kind else array.cast(kind)


def main(words: list[str]) -> None:
    """`python -m bench.book FOLDER LOANS SEED`: says where the book lies."""
    folder, loans, seed = words
    sys.stdout.write(json.dumps({"folder": str(make_book(Path(folder), int(loans), int(seed)))}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
