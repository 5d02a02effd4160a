"""State and position of a shard in pandas: filters, grouped extremes and aligned columns; no loop over loans."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Frame = Any
"""A pandas DataFrame: pandas ships no types of its own."""

CUMS = ["cum_due_paise", "cum_principal_paise", "cum_interest_paise"]
FAR = 2_932_896
"""31 December 9999 as days since 1970-01-01: an entry that nothing ends."""
SHORT = ["due_paise", "due_principal_paise", "due_interest_paise"]


def read(path: Path, columns: tuple[str, ...]) -> Frame:
    """Columns of a Parquet file; dates as days since 1970-01-01 (empty: NaN), texts as Arrow strings."""
    table = pq.read_table(path, columns=list(columns))
    for place, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.int32()))
    return table.to_pandas(types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_string(kind) else None)


def state_of(account: Frame, due: Frame, receipt: Frame, waterfall: dict[str, Any], as_of: int) -> Frame:
    """The columns of state, one row a loan in the order of loan_key, indexed by it."""
    coming = receipt[receipt["effective_on"] > as_of].groupby("loan_key")["effective_on"].min()
    leaving = receipt[(receipt["void_on"] > as_of) & (receipt["void_on"] < FAR)].groupby("loan_key")["void_on"].min()
    receipt = receipt[(receipt["effective_on"] <= as_of) & (receipt["void_on"] > as_of)]
    paid = receipt.groupby("loan_key")["amount_paise"].sum().clip(lower=0)
    last_paid_on = receipt[receipt["amount_paise"] > 0].groupby("loan_key")["paid_on"].max()
    due = due[(due["in_force_from"] <= as_of) & (due["in_force_to"] > as_of)]
    settled = due["cum_due_paise"] <= due["loan_key"].map(paid).fillna(0)
    fallen = due["due_on"] <= as_of
    loans = account[account["disbursed_on"] <= as_of].set_index("loan_key")
    keys = loans.index
    state = pd.DataFrame(
        {"borrower_key": loans["borrower_key"], "paid_paise": _whole(paid, keys), "last_paid_on": last_paid_on.reindex(keys)}
    )
    of_day = due[fallen].groupby("loan_key")
    state[SHORT] = _whole(of_day[CUMS].max(), keys).to_numpy()
    by_loan = due.groupby("loan_key")
    state["scheduled_paise"] = _whole(by_loan["cum_due_paise"].max(), keys)
    state["scheduled_principal_paise"] = _whole(by_loan["cum_principal_paise"].max(), keys)
    done, open_ = due[settled].groupby("loan_key"), due[~settled].groupby("loan_key")
    whole = _whole(done[CUMS].max(), keys).to_numpy()
    opened = open_[[*CUMS, "due_on"]].min().reindex(keys)
    part = np.where(opened["cum_due_paise"].isna(), 0, state["paid_paise"] - whole[:, 0])
    heads = opened[CUMS].fillna(0).to_numpy().astype(np.int64) - whole
    principal, interest = _parted(heads, part, waterfall)
    state["settled_paise"] = whole[:, 0] + part
    state["settled_principal_paise"] = whole[:, 1] + principal
    state["settled_interest_paise"] = whole[:, 2] + interest
    state["unpaid_due_on"] = opened["due_on"]
    state["instalments_due"] = _whole(of_day.size(), keys)
    state["instalments_settled"] = _whole(done.size(), keys)
    state["next_due_on"] = due[~fallen].groupby("loan_key")["due_on"].min().reindex(keys)
    state["demanded"] = loans["ended_on"].isna() | (loans["ended_on"] > as_of)
    until = by_loan["in_force_to"].min().reindex(keys, fill_value=as_of + 1)
    ends = [until.where(until < FAR), coming.reindex(keys), leaving.reindex(keys), loans["ended_on"].where(loans["ended_on"] > as_of)]
    state["next_change_on"] = pd.concat([state["next_due_on"], *ends], axis=1).min(axis=1)
    return state


def _whole(values: Frame, keys: Frame) -> Frame:
    return values.reindex(keys, fill_value=0)


def _parted(heads: Any, part: Any, waterfall: dict[str, Any]) -> tuple[Any, Any]:
    """How much of the partly settled instalment's money goes to principal and to interest, in waterfall order."""
    amounts = {"principal": heads[:, 1], "interest": heads[:, 2], "charge": heads[:, 0] - heads[:, 1] - heads[:, 2]}
    shares, left = {}, part
    for head in sorted(amounts, key=lambda name: int(waterfall[f"{name}_place"])):
        shares[head] = np.clip(left, 0, np.maximum(amounts[head], 0))
        left = left - shares[head]
    return shares["principal"], shares["interest"]


def position_of(account: Frame, state: Frame, windows: Frame, day_count: dict[str, Any], as_of: int) -> Frame:
    """The columns of position, in the order of loan_key; `windows` is pause_window, taken ready-made."""
    loans = account.set_index("loan_key").loc[state.index]
    behind = (state["demanded"] & (state["unpaid_due_on"] <= as_of)).to_numpy()
    since = state["unpaid_due_on"].fillna(as_of).astype(np.int64)
    paused, paused_elapsed = (_paused(since + more, windows, day_count["pause_rule"] == "whole_window", state.index) for more in (0, 1))
    position = loans[["loan_id", "borrower_id", "product", "branch_id"]].copy()
    position["as_of"] = as_of
    lent = np.maximum(loans["principal_paise"].to_numpy(), state["scheduled_principal_paise"].to_numpy())
    position["outstanding_principal_paise"] = np.where(state["demanded"], lent - state["settled_principal_paise"], 0)
    over = {name: state[f"due{name}_paise"] - state[f"settled{name}_paise"] for name in ("", "_principal", "_interest")}
    for name, amount in (*over.items(), ("_charge", over[""] - over["_principal"] - over["_interest"])):
        position[f"overdue{name}_paise"] = np.where(behind, amount, 0)
    position["instalments_overdue"] = np.where(behind, state["instalments_due"] - state["instalments_settled"], 0)
    position["oldest_unpaid_due_on"] = state["unpaid_due_on"].where(behind)
    position["dpd"] = np.where(behind, np.maximum(0, as_of - since + 1 - paused), 0)
    position["dpd_elapsed"] = np.where(behind, np.maximum(0, as_of - since - paused_elapsed), 0)
    position["paid_paise"], position["allocated_paise"] = state["paid_paise"], state["settled_paise"]
    position["unallocated_paise"] = state["paid_paise"] - state["settled_paise"]
    position["advance_paise"] = (state["paid_paise"] - state["due_paise"]).clip(lower=0)
    position["last_paid_on"] = state["last_paid_on"]
    position["next_due_on"] = state["next_due_on"].where(state["demanded"])
    position["loan_key"], position["borrower_key"] = position.index, loans["borrower_key"]
    return position


def _paused(since: Frame, windows: Frame, whole_window: bool, keys: Frame) -> Any:
    joined = windows.assign(since=windows["loan_key"].map(since))
    joined = joined[joined["to_on"] >= joined["since"]]
    begun = joined["from_on"] if whole_window else np.maximum(joined["from_on"], joined["since"])
    days = (joined["to_on"] - begun + 1).groupby(joined["loan_key"]).sum()
    return _whole(days, keys).to_numpy()
