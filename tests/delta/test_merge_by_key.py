"""Files applied one after the other leave what a dictionary would: rows by key, and every row sent is accounted for."""

from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.modes import apply
from sulah.adapters.lms.sift import prepare, shape_rows
from sulah.adapters.lms.source import ROW_SPAN, Mode, Source
from sulah.intake.mapping import PLAIN

HEADER = ("centre_id", "branch_id", "deleted")
Rows = list[tuple[str, str, bool]]
KEYS, SAID = st.sampled_from(["C1", "C2", "C3", "C4"]), st.sampled_from(["B1", "B2"])
FILE = st.tuples(
    st.sampled_from([Mode.APPEND, Mode.CHANGES]),
    st.lists(st.tuples(KEYS, SAID, st.booleans()), max_size=4, unique_by=lambda row: row[0]),
)


def by_dictionary(before: dict[str, str], files: list[tuple[Mode, Rows]]) -> tuple[dict[str, str], Counter[str]]:
    """What is left, and what became of the rows that were sent."""
    left, came, fates = dict(before), set[str](), Counter[str]()
    for mode, rows in files:
        for key, said, gone in rows:
            if mode is Mode.APPEND and key in left:
                fates["duplicate" if left[key] == said else "refused"] += 1
            elif mode is Mode.CHANGES and gone and key not in left:
                fates["refused"] += 1
            else:
                fates["removed"] += (key in came) + (mode is Mode.CHANGES and gone)
                left.pop(key, None)
                came.discard(key)
                if mode is Mode.APPEND or not gone:
                    left[key] = said
                    came.add(key)
    return left, +fates


@settings(max_examples=25, deadline=None)
@given(before=st.dictionaries(KEYS, SAID), files=st.lists(FILE, max_size=4))
def test_rows_by_key_are_those_of_a_dictionary(before: dict[str, str], files: list[tuple[Mode, Rows]]) -> None:
    connection = connect()
    prepare(connection)
    sources = []
    for number, (mode, rows) in enumerate([*files, (Mode.FULL, [(key, said, False) for key, said in before.items()])], start=1):
        columns = [pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)]
        marks = pa.array(["yes" if row[2] and mode is Mode.CHANGES else "" for row in rows], pa.string())
        places = pa.array(range(1, len(rows) + 1), pa.int64())
        connection.register(f"file_{number}", pa.table([places, *columns, marks], names=["__row", *HEADER]))
        sources.append(Source("centre", Path("none"), f"{number}.csv", number, HEADER, f"file_{number}", "", mode=mode))
    shape_rows(connection, sources, PLAIN, date(2026, 4, 1), lambda _: None)
    apply(connection, sources[:-1], len(sources) * ROW_SPAN)
    left, fates = by_dictionary(before, files)
    assert dict(connection.execute("SELECT centre_id, branch_id FROM shaped_centre").fetchall()) == left
    assert dict(connection.execute("SELECT fate, count(*) FROM set_aside GROUP BY fate").fetchall()) == fates
    connection.close()
