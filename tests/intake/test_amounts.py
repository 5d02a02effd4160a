"""The engine reads amounts exactly as kernel.money does, in every unit."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.adapters.engines.duck import connect
from sulah.contracts.registry import EXTRACT
from sulah.intake.mapping import TableMapping
from sulah.intake.shape import shape_of
from sulah.kernel.money import paise_of, rupees_of

CONNECTION = connect()
TEXTS = st.one_of(
    st.text(alphabet="0123456789.-,eE+ ()", min_size=1, max_size=12),
    st.integers(-(10**17) + 1, 10**17 - 1).map(rupees_of),
    st.decimals(-1000, 1000, places=3).map(str),
)


def paise(texts: list[str], mapping: TableMapping) -> list[int | None]:
    """What the shape makes of amounts."""
    CONNECTION.register("given", pa.table({"__row": range(len(texts)), "amount": pa.array(texts, pa.string())}))
    shape = shape_of(EXTRACT["repayment"], mapping, ("amount",), "given", "2026-03-31")
    return [row[0] for row in CONNECTION.execute(f"SELECT amount_paise FROM {shape.typed} ORDER BY n").fetchall()]


def expected(text: str) -> int | None:
    """The kernel's reading; none where it refuses."""
    try:
        return paise_of(text.strip(" "))
    except ValueError:
        return None


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=30))
def test_amounts_are_read_as_the_kernel_reads_them(texts: list[str]) -> None:
    assert paise(texts, TableMapping("repayment")) == [expected(text) for text in texts]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10**14), min_size=1, max_size=20))
def test_units_lose_nothing(amounts: list[int]) -> None:
    for unit, places in (("paise", 0), ("thousand", 5), ("lakh", 7)):
        texts = [str(amount) if not places else f"{amount // 10**places}.{amount % 10**places:0{places}d}" for amount in amounts]
        assert paise(texts, TableMapping("repayment", units={"amount": unit})) == amounts


def test_indian_grouping_is_read_only_when_declared() -> None:
    texts = ["1,23,456.50", "12,34,56,789", "1,000", "123,456", "1,2,3", "99"]
    assert paise(texts, TableMapping("repayment", grouping="indian")) == [12_345_650, 1_234_567_8900, 100_000, None, None, 9900]
    assert paise(texts, TableMapping("repayment")) == [None, None, None, None, None, 9900]


def test_declared_rounding_is_half_up_to_the_paisa() -> None:
    assert paise(["41630.443684235", "0.005", "0.0049"], TableMapping("repayment", rounding=("amount",))) == [4_163_044, 1, 0]
