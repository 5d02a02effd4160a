"""The quick way of reading a plainly written cell and the long way never differ, and a spoilt row always has a finding."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect
from sulah.contracts.registry import EXTRACT
from sulah.intake.mapping import TableMapping
from sulah.intake.native import NATIVE, stored_name
from sulah.intake.shape import Shape, shape_of

CONNECTION = connect()
SPACES = st.sampled_from(["", "", "", " ", "  ", "\u00a0", "\u2003", "\t"])
NUMBERS = st.one_of(
    st.decimals(-(10**16), 10**16, places=2).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.integers(-(10**16), 10**16).map(str),
    st.sampled_from(
        ["1e5", "1E5", "NaN", "inf", "-0", "-0.00", "00.50", "+5", ".5", "5.", "0005", "5.0", "7.000", "１２", "१२", "0x1F", "1_000", ""]
    ),
    st.text(alphabet="0123456789.-+eE ,_", max_size=10),
)
DAYS = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat(sep=" ")),
    st.datetimes().map(lambda at: at.isoformat(timespec="seconds")),
    st.sampled_from(
        ["2026-02-31", "0025-01-01", "2205-01-01", "2026-3-1", "2026-03-1 ", " 2026-3-01", "2026- 3- 1", "2026-03-01 25:00:00", "46000", ""]
    ),
    st.text(alphabet="0123456789-: T", min_size=8, max_size=19),
)


def padded(cells: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    """Cells with spaces of several kinds around them, and none at all."""
    return st.one_of(st.none(), st.tuples(SPACES, cells, SPACES).map("".join))


ROW = st.fixed_dictionaries(
    {
        "loan_id": padded(st.sampled_from(["L1", "00012", "आशा", "1.23E+15", ""])),
        "number": padded(NUMBERS),
        "due_on": padded(DAYS),
        "principal_due": padded(NUMBERS),
        "interest_due": padded(NUMBERS),
        "total_due": padded(NUMBERS),
        "valid_from": padded(DAYS),
    }
)
PAYMENT = st.fixed_dictionaries(
    {"repayment_id": st.just("R"), "loan_id": st.just("L"), "paid_on": padded(DAYS), "amount": padded(NUMBERS), "booked_at": padded(DAYS)}
)
Cells = dict[str, str | None]


def shaped(table: str, rows: list[Cells], mapping: TableMapping) -> tuple[Shape, list[tuple[object, ...]]]:
    """The shape over these rows, and what it makes of them: typed columns and the mark `bad`."""
    header = tuple(rows[0])
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in header}
    CONNECTION.register("given", pa.table({"__row": range(len(rows)), **columns}))
    shape = shape_of(EXTRACT[table], mapping, header, "given", "2026-03-31")
    return shape, CONNECTION.execute(f"SELECT * FROM ({shape.rows(0)}) ORDER BY row_id").fetchall()


@pytest.mark.parametrize(("table", "row"), [("instalment", ROW), ("repayment", PAYMENT)])
def test_the_quick_way_and_the_long_way_read_the_same(table: str, row: st.SearchStrategy[Cells]) -> None:
    """A code that no cell has turns the quick way off and changes nothing else."""
    long_way = TableMapping(table, codes={column.source: {"no such cell": "x"} for column in EXTRACT[table].columns})

    @settings(max_examples=50, deadline=None)
    @given(st.lists(row, min_size=1, max_size=25))
    def hold(rows: list[Cells]) -> None:
        shape, quick = shaped(table, rows, TableMapping(table))
        assert '"r_' in shape.typed
        other, slow = shaped(table, rows, long_way)
        assert '"r_' not in other.typed
        assert quick == slow

    hold()


@pytest.mark.parametrize(("table", "row"), [("instalment", ROW), ("repayment", PAYMENT)])
def test_a_row_is_spoilt_exactly_when_it_has_a_finding(table: str, row: st.SearchStrategy[Cells]) -> None:
    @settings(max_examples=50, deadline=None)
    @given(st.lists(row, min_size=1, max_size=25))
    def hold(rows: list[Cells]) -> None:
        shape, read = shaped(table, rows, TableMapping(table))
        told = CONNECTION.execute(f"SELECT DISTINCT n FROM ({shape.findings('(SELECT __row AS n FROM given)')})").fetchall()
        assert {row[0] for row in read if row[-1]} == {n for (n,) in told}

    hold()


STORED = pa.schema(
    [
        *(("number", pa.int64()), ("due_on", pa.date32()), ("valid_from", pa.date32())),
        *(
            ("principal_due", pa.decimal128(18, 2)),
            ("interest_due", pa.decimal128(9, 1)),
            ("charge_due", pa.int32()),
            ("total_due", pa.int64()),
        ),
    ]
)
STORED_ROW = st.fixed_dictionaries(
    {
        "number": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-(10**9), 10**9)),
        "due_on": st.one_of(st.none(), st.dates()),
        "valid_from": st.one_of(st.none(), st.dates()),
        "principal_due": st.one_of(st.none(), st.decimals(Decimal("-9999999999999999.99"), Decimal("9999999999999999.99"), places=2)),
        "interest_due": st.one_of(st.none(), st.decimals(-(10**7), 10**7, places=1)),
        "charge_due": st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
        "total_due": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-(10**16), 10**16)),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STORED_ROW, min_size=1, max_size=25))
def test_a_value_taken_over_as_it_is_stored_is_the_one_read_from_its_text(rows: list[dict[str, object]]) -> None:
    """Parquet columns of dates, whole numbers and decimals, extremes included: same values, same spoilt rows, same findings."""
    columns = {field.name: pa.array([row[field.name] for row in rows], field.type) for field in STORED}
    CONNECTION.register("stored", pa.table({"__row": range(len(rows)), "loan_id": ["L1"] * len(rows), **columns}))
    kinds = {str(row[0]): str(row[1]) for row in CONNECTION.execute("DESCRIBE FROM stored").fetchall() if row[0] in STORED.names}
    assert all(NATIVE.fullmatch(kind) for kind in kinds.values()), kinds
    texts = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}", "{name}" AS "{stored_name(name)}"' for name in STORED.names)
    CONNECTION.execute(f"CREATE OR REPLACE TEMP VIEW both_ways AS SELECT __row, loan_id, {texts} FROM stored")
    header = ("loan_id", *STORED.names)
    ways = [shape_of(EXTRACT["instalment"], TableMapping("instalment"), header, "both_ways", "2026-03-31", types) for types in (kinds, {})]
    assert "as stored" in ways[0].typed
    assert "as stored" not in ways[1].typed
    read = [CONNECTION.execute(f"SELECT * FROM ({way.rows(0)}) ORDER BY row_id").fetchall() for way in ways]
    assert read[0] == read[1]
    wanted = "(SELECT __row AS n FROM stored)"
    told = [CONNECTION.execute(f"SELECT n, field, code FROM ({way.findings(wanted)}) ORDER BY ALL").fetchall() for way in ways]
    assert told[0] == told[1]
