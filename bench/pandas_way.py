"""The same tables in vectorised pandas, shard by shard: a next day, from the same files into the same files."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.pandas_class import borrower_day_of, classification_of, memory_of
from bench.pandas_state import Frame, position_of, read, state_of
from bench.parts import columns_read
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Kind
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy

_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.PAISE: pa.int64(), Kind.INTEGER: pa.int32(), Kind.TRUTH: pa.bool_()}


def rules_on(day: date) -> dict[str, list[dict[str, Any]]]:
    """The policy rows in force on the day, by table."""
    policy = load_policy().for_entity(EntityType.NBFC_ML)
    tables = {name: policy.arrow(name).to_pylist() for name in ("waterfall", "day_count", "bucket", "asset_limit", "asset_age")}
    return {name: [row for row in rows if row["effective_from"] <= day <= row["effective_to"]] for name, rows in tables.items()}


def run_shard(book: Path, ready: Path, memory: Path, out: Path, shard: str, day: date) -> None:
    """One shard: read, work out, write; watch and pause_window are taken from the ready day."""
    as_of, rules, wanted = (day - date(1970, 1, 1)).days, rules_on(day), columns_read()
    account, due, receipt = (read(book / name / shard, wanted[name]) for name in ("account", "due", "receipt"))
    state = state_of(account, due, receipt, rules["waterfall"][0], as_of)
    windows, watch = (read(ready / name / shard, TABLES[name].names) for name in ("pause_window", "watch"))
    position = position_of(account, state, windows, rules["day_count"][0], as_of)
    person_day = borrower_day_of(position, watch, as_of)
    yesterday = pd.concat([read(path, TABLES["asset_memory"].names) for path in sorted(memory.glob("*.parquet"))])
    beyond = max(row["dpd_to"] for row in rules["asset_limit"] if row["class"] == "sma_2")
    remembered = memory_of(person_day, account, yesterday, beyond, as_of)
    classes = classification_of(position, account, person_day, remembered, rules, as_of)
    made = {"state": state.reset_index(names="loan_key"), "position": position, "borrower_day": person_day}
    for name, frame in (made | {"asset_memory": remembered, "classification": classes}).items():
        write(name, frame, out / name / shard)


def write(name: str, frame: Frame, path: Path) -> None:
    """A frame as a file of the book, in the types of its contract."""
    arrays = {}
    for column in TABLES[name].columns:
        kind, values = _ARROW[column.kind], frame[column.name]
        if kind in (pa.date32(), pa.int32()) and values.dtype == np.float64:
            array = pa.array(values.fillna(0).to_numpy().astype(np.int32), mask=values.isna().to_numpy())
        else:
            array = pa.array(values, from_pandas=True)
        array = array.cast(pa.int32()) if kind == pa.date32() else array
        arrays[column.name] = array.cast(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays), path, compression="zstd", compression_level=1, row_group_size=122_880)


def main(words: list[str]) -> None:
    """`python -m bench.pandas_way BOOK AS_OF MEMORY READY OUT`."""
    book, day, memory, ready, out = words
    for path in sorted((Path(book) / "account").glob("*.parquet")):
        run_shard(Path(book), Path(ready), Path(memory), Path(out), path.name, date.fromisoformat(day))


if __name__ == "__main__":
    main(sys.argv[1:])
