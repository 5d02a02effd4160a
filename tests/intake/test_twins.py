"""Rows of one key are all found: what the cheap look at the numbers of a loan passes over has no twin."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.sift import prepare
from sulah.contracts.registry import EXTRACT
from sulah.intake.validate import twins

ROW = st.tuples(
    st.sampled_from(["L1", "L2", None]),
    st.sampled_from([-1, 0, 1, 2, 62, 63, 64, 124, 125, 126, 127, 999_999_999, None]),
    st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)]),
    st.booleans(),
)
"""Loan, number, version, and whether a cell of the row could not be read."""


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=14))
def test_every_instalment_whose_key_stands_twice_is_found(rows: list[tuple[str | None, int | None, date | None, bool]]) -> None:
    counted = Counter(row[:3] for row in rows)
    expected = {
        place for place, (loan, number, version, _) in enumerate(rows) if loan and number is not None and counted[loan, number, version] > 1
    }
    with connect() as connection:
        prepare(connection)
        connection.executemany(
            "INSERT INTO shaped_instalment (row_id, loan_id, number, valid_from, bad) VALUES (?, ?, ?, ?, ?)",
            [[place, *row] for place, row in enumerate(rows)] or [[-1, None, None, None, False]],
        )
        found = connection.execute(f"SELECT row_id FROM ({twins(EXTRACT['instalment'])})").fetchall()
    assert {row_id for (row_id,) in found} == expected
    assert len(found) == len(expected)
