"""Two tables row by row: the same types, the same rows in key order; the first that differs in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sulah.contracts.shape import Table


def read(files: Sequence[Path]) -> pa.Table:
    """The rows of some files, in their order. A column without an empty value in one file may be marked so there, and not in the next."""
    tables = [pq.read_table(file) for file in files]
    return pa.concat_tables(table.cast(pa.schema(list(zip(table.schema.names, table.schema.types, strict=True)))) for table in tables)


def apart(contract: Table, ours: pa.Table, theirs: pa.Table) -> str:
    """Empty when two tables of a contract are the same, order of rows within the key apart; else what differs first."""
    if ours.schema.names != theirs.schema.names or ours.schema.types != theirs.schema.types:
        return f"{contract.name}: {ours.schema.types} and {theirs.schema.types}"
    if ours.num_rows != theirs.num_rows:
        return f"{contract.name}: {ours.num_rows} and {theirs.num_rows} rows"
    # every column after the key: where a key is empty or not unique, rows still meet their like
    order = [(name, "ascending") for name in (*contract.key, *(name for name in contract.names if name not in contract.key))]
    left, right = (table.sort_by(order).combine_chunks() for table in (ours, theirs))
    for name in contract.names:
        if not left[name].equals(right[name]):
            return _first(contract, name, left, right)
    return ""


def _first(contract: Table, name: str, left: pa.Table, right: pa.Table) -> str:
    rows = enumerate(zip(left[name].to_pylist(), right[name].to_pylist(), strict=True))
    place, (ours, theirs) = next((place, pair) for place, pair in rows if pair[0] != pair[1])
    key = {column: left[column][place].as_py() for column in contract.key}
    return f"{contract.name}.{name} of {key}: {ours!r} and {theirs!r}"


def in_order(contract: Table, ours: pa.Table, theirs: pa.Table) -> bool:
    """Do both tables list the same keys in the same order?"""
    return all(ours[name].equals(theirs[name]) for name in contract.key)


def differences(contracts: Mapping[str, Table], ours: Path, theirs: Path) -> list[str]:
    """What differs between two folders of a day, table by table; a table that one of them lacks is a difference too."""
    found = []
    for name, contract in contracts.items():
        sides = [sorted((folder / name).glob("*.parquet")) for folder in (ours, theirs)]
        if not all(sides):
            found.append(f"{name}: {len(sides[0])} and {len(sides[1])} files")
            continue
        left, right = (read(files) for files in sides)
        words = apart(contract, left, right)
        if not words and not in_order(contract, left, right):
            words = f"{name}: the same rows in another order"
        found += [words] if words else []
    return found
