"""Records that were received, laid out as the files of one delta: in order, and each key at most once in a file.

Wave 1 has the first record of every key, wave 2 the second of those that have one, and so on.  So a later record takes the place of
an earlier one exactly as a later file of a delta does, and every record is counted in the tie-out of the load.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sulah.adapters.lms.files import MANIFEST
from sulah.adapters.lms.judge import columns_of
from sulah.adapters.lms.source import Mode
from sulah.contracts.registry import EXTRACT

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """The accepted records of one batch, as index, key and cells."""

    batch: str
    table: str
    mode: Mode
    records: Sequence[tuple[int, str, Cells]]


@dataclass(slots=True)
class Place:
    """Where the records of a batch lie in a delta: runs of [file, first row, indices], and index -> the batch that overtook it."""

    runs: list[tuple[str, int, list[int]]] = field(default_factory=list)
    overtaken: dict[str, str] = field(default_factory=dict)


def lay_out(folder: Path, as_of: date, name: str, batches: Iterable[Received]) -> dict[str, Place]:
    """Write the delta of batches in the order given; name makes its file names unlike those of any other.  Where each batch lies."""
    files: dict[tuple[int, str, Mode], list[Cells]] = defaultdict(list)
    waves: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], tuple[str, int]] = {}
    places: dict[str, Place] = {}
    for batch in batches:
        place = places[batch.batch] = Place()
        for index, key, cells in batch.records:
            known = (batch.table, key)
            waves[known] += 1
            rows = files[waves[known], batch.table, batch.mode]
            rows.append(cells)
            _put(place, _name(name, waves[known], batch.table, batch.mode), len(rows), index)
            if known in last:
                before, place_before = last[known]
                places[before].overtaken[str(place_before)] = batch.batch
            last[known] = (batch.batch, index)
    said = [f"as_of = {as_of}\n"]
    for (wave, table, mode), rows in sorted(files.items(), key=lambda one: (one[0][0], tuple(EXTRACT).index(one[0][1]), one[0][2])):
        file = _name(name, wave, table, mode)
        _write(folder / file, table, mode, rows)
        said.append(f'[[file]]\nname = "{file}"\ntable = "{table}"\nmode = "{mode}"\nrows = {len(rows)}\n')
    (folder / MANIFEST).write_text("\n".join(said), "utf-8")
    return places


def _name(name: str, wave: int, table: str, mode: Mode) -> str:
    return f"api.{name}.{table}.{mode}.{wave}.parquet"


def _put(place: Place, file: str, row: int, index: int) -> None:
    """Add a record to the run that it continues, or begin one."""
    if place.runs and place.runs[-1][0] == file and place.runs[-1][1] + len(place.runs[-1][2]) == row:
        place.runs[-1][2].append(index)
    else:
        place.runs.append((file, row, [index]))


def _write(path: Path, table: str, mode: Mode, rows: Sequence[Cells]) -> None:
    columns = {name: pa.array([cells.get(name) for cells in rows], pa.string()) for name in columns_of(EXTRACT[table], mode)}
    pq.write_table(pa.table(columns), path, compression="zstd")
