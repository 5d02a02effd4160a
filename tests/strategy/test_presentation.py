"""When a returned debit may be presented again: by its code, the tries of its cycle, notice, and what is owed by then."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.contracts.presentation import OUTCOMES, TABLE
from sulah.contracts.registry import TABLES
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy

STATEMENT = files("sulah.strategy").joinpath("presentation.sql").read_text("utf-8")
POLICY = load_policy().for_entity(EntityType.NBFC_MFI)
LIMITS = {str(row["system"]): row for row in POLICY.rows("presentation")}
AS_OF = date(2026, 3, 10)
DEBIT = {
    "bounce_id": "B1",
    "loan_id": "L1",
    "presented_on": date(2026, 3, 5),
    "amount_paise": 50_000,
    "reason_code": "04",
    "mandate_id": "M1",
}
MANDATE = {"mandate_id": "M1", "kind": "nach", "status": "active", "max_amount_paise": None}
LOAN = {"loan_id": "L1", "branch_id": "BR", "product": "PL", "ended_on": None, "overdue_paise": 80_000, "next_due_on": date(2026, 4, 5)}


def planned(
    debits: Sequence[Mapping[str, Any]],
    mandates: Sequence[Mapping[str, Any]] = (MANDATE,),
    loan: Mapping[str, Any] = LOAN,
    as_of: date = AS_OF,
) -> list[dict[str, Any]]:
    """What the statement makes of these debits."""
    connection = duckdb.connect()
    kinds = {column.name: column.kind.value for table in ("bounce", "mandate", "account", "position") for column in TABLES[table].columns}
    wanted = {
        "bounce_known": (debits, tuple(DEBIT)),
        "mandate_known": (mandates, tuple(MANDATE)),
        "account": ([loan], ("loan_id", "branch_id", "product", "ended_on")),
        "position": ([loan], ("loan_id", "overdue_paise", "next_due_on")),
    }
    for name, (rows, columns) in wanted.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kinds[column]}' for column in columns)})")
        for row in rows:
            connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", [row[column] for column in columns])
    for name in ("bounce_reason", "presentation"):
        connection.register(f"policy_{name}", POLICY.arrow(name))
    found: pa.Table = connection.sql(STATEMENT.replace("$as_of", f"DATE '{as_of}'")).to_arrow_table()
    assert tuple(found.column_names) == TABLE.names
    return found.to_pylist()


def one(**changed: Any) -> dict[str, Any]:
    """The plan for one debit, the ordinary one changed in these points (of debit, mandate or loan)."""
    given_ = {**DEBIT, **{name: value for name, value in changed.items() if name in DEBIT}}
    mandate = {**MANDATE, **{name: value for name, value in changed.items() if name in MANDATE}}
    loan = {**LOAN, **{name: value for name, value in changed.items() if name in LOAN}}
    (row,) = planned([given_], [mandate], loan)
    return row


def test_want_of_funds_is_presented_again_after_notice_for_no_more_than_is_owed() -> None:
    row = one()
    assert (row["outcome"], row["present_on"], row["present_paise"], row["tries"]) == ("planned", date(2026, 3, 11), 50_000, 1)
    assert (row["rule_id"], row["reason_rule_id"], row["because"]) == ("PRE-NACH", "BNC-NACH-04", "funds")
    assert one(overdue_paise=30_000)["present_paise"] == 30_000
    assert one(max_amount_paise=20_000)["present_paise"] == 20_000


def test_the_gap_since_the_last_presentation_is_kept() -> None:
    assert one(presented_on=AS_OF)["present_on"] == AS_OF + timedelta(days=int(LIMITS["nach"]["gap_days"]))


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"overdue_paise": 0}, "paid_since"),
        ({"ended_on": AS_OF}, "loan_ended"),
        ({"ended_on": AS_OF + timedelta(days=1)}, "planned"),
        ({"reason_code": "01"}, "never"),
        ({"reason_code": "03"}, "after_change"),
        ({"reason_code": "4"}, "planned"),
        ({"status": "Cancelled"}, "mandate_ended"),
        ({"status": None}, "planned"),
        ({"next_due_on": date(2026, 3, 11)}, "with_next_instalment"),
        ({"next_due_on": date(2026, 3, 12)}, "planned"),
        ({"next_due_on": None}, "planned"),
    ],
)
def test_each_reason_not_to_present_again_is_told_apart(changed: dict[str, Any], outcome: str) -> None:
    row = one(**changed)
    assert row["outcome"] == outcome
    assert (row["present_on"] is None) == (row["present_paise"] is None) == (outcome != "planned")


@pytest.mark.parametrize(("returns", "outcome"), [(2, "planned"), (3, "tries_used_up"), (4, "tries_used_up")])
def test_the_tries_of_a_cycle_are_counted_up_to_the_limit(returns: int, outcome: str) -> None:
    debits = [{**DEBIT, "bounce_id": f"B{n}", "presented_on": date(2026, 3, 9) - timedelta(days=3 * n)} for n in range(returns)]
    (row,) = planned(debits)
    assert (row["bounce_id"], row["tries"], row["outcome"]) == ("B0", returns, outcome)


@pytest.mark.parametrize(("days", "tries"), [(29, 3), (30, 2)])
def test_a_return_counts_within_the_days_of_the_cycle_and_no_longer(days: int, tries: int) -> None:
    """The cycle of 30 days ends with the latest presentation: 29 days before it is inside, 30 days is not."""
    latest = date(2026, 3, 9)
    debits = [{**DEBIT, "bounce_id": f"B{n}", "presented_on": latest - timedelta(days=back)} for n, back in enumerate((0, 3, days))]
    assert planned(debits)[0]["tries"] == tries


def test_a_return_of_the_future_is_not_known_yet_and_other_mandates_count_for_themselves() -> None:
    later = {**DEBIT, "bounce_id": "B2", "presented_on": AS_OF + timedelta(days=1)}
    other = {**DEBIT, "bounce_id": "B3", "mandate_id": "M2", "reason_code": "U30"}
    rows = {row["mandate_id"]: row for row in planned([DEBIT, later, other])}
    assert (rows["M1"]["bounce_id"], rows["M1"]["tries"]) == ("B1", 1)
    assert (rows["M2"]["kind"], rows["M2"]["rule_id"], rows["M2"]["tries_allowed"]) == ("upi_autopay", "PRE-UPI", 4)
    assert rows["M2"]["slots"] == "00:00-10:00 13:00-17:00 21:30-24:00"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-40, 3),
            st.integers(1, 90_000),
            st.sampled_from(["04", "4", "01", "03", "U30", "", None]),
            st.sampled_from(["M1", ""]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([0, 1, 40_000, 90_000]),
)
def test_nothing_is_ever_asked_for_twice_too_early_or_above_what_is_owed(
    debits: list[tuple[int, int, str | None, str]], overdue: int
) -> None:
    rows = [
        {
            **DEBIT,
            "bounce_id": f"B{n}",
            "presented_on": AS_OF + timedelta(days=back),
            "amount_paise": paise,
            "reason_code": code,
            "mandate_id": mandate,
        }
        for n, (back, paise, code, mandate) in enumerate(debits)
    ]
    found = planned(rows, loan={**LOAN, "overdue_paise": overdue})
    known = {row["mandate_id"] for row in rows if row["presented_on"] <= AS_OF}
    assert sorted(row["mandate_id"] for row in found) == sorted(known)
    for row in found:
        assert row["outcome"] in OUTCOMES
        if row["outcome"] == "planned":
            assert row["tries"] < row["tries_allowed"]
            assert 0 < row["present_paise"] <= min(overdue, row["amount_paise"])
            assert row["present_on"] > AS_OF
            assert row["present_on"] < LOAN["next_due_on"]
