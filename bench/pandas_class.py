"""Borrower's day, memory of the class and classification of a shard in pandas, one day after yesterday."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from bench.pandas_state import Frame

EPOCH = date(1970, 1, 1)


def borrower_day_of(position: Frame, watch: Frame, as_of: int) -> Frame:
    """Worst dpd and what keeps a borrower from being clear, in the order of borrower_id; `watch` is taken ready-made."""
    by_person = position.assign(arrears=position["oldest_unpaid_due_on"].notna()).groupby("borrower_id")
    day = by_person.agg(borrower_dpd=("dpd", "max"), arrears=("arrears", "any"), borrower_key=("borrower_key", "first"))
    day["watched"] = day.index.isin(watch.loc[watch["watch_to"] >= as_of, "borrower_id"])
    day["restructured"] = day.index.isin(watch.loc[watch["watch_from"] == as_of, "borrower_id"])
    return day.reset_index()


def memory_of(day: Frame, account: Frame, yesterday: Frame, npa_beyond: int, as_of: int) -> Frame:
    """asset_memory one day on: entry past the limit or by restructuring, upgrade when nothing is unsettled."""
    begins = (account["history_from"] == as_of) | ((account["first_seen_on"] == as_of) & (account["history_from"] <= as_of))
    seeds = account[account["opening_on"].notna() & (account["lms_npa_on"] <= account["opening_on"]) & begins]
    joined = day.merge(yesterday, on="borrower_id", how="left")
    joined["seed_on"] = joined["borrower_id"].map(seeds.groupby("borrower_id")["lms_npa_on"].min())
    past, was, seeded = joined["borrower_dpd"] > npa_beyond, joined["npa_on"].notna(), joined["seed_on"].notna()
    joined = joined[was | joined["upgraded_on"].notna() | seeded | past | joined["restructured"]]
    past, was, seeded = (mask[joined.index] for mask in (past, was, seeded))
    blocked = joined["arrears"] | joined["watched"] | seeded
    enters = seeded | past | joined["restructured"]
    npa_on = np.select([was & blocked, was, seeded, enters], [joined["npa_on"], np.nan, joined["seed_on"], as_of], np.nan)
    upgraded_on = np.select([was & ~blocked, was | enters], [as_of, np.nan], joined["upgraded_on"])
    entered = np.select([seeded, joined["restructured"], past], ["lender", "restructured", "dpd"], "")
    cause = joined["cause"].where(was | ~enters, pd.Series(entered, index=joined.index))
    return pd.DataFrame({"borrower_id": joined["borrower_id"], "npa_on": npa_on, "upgraded_on": upgraded_on, "cause": cause})


def classification_of(
    position: Frame, account: Frame, day: Frame, memory: Frame, rules: dict[str, list[dict[str, Any]]], as_of: int
) -> Frame:
    """Bucket by the loan, SMA and asset class by the borrower, in the order of position."""
    loans = account.set_index("loan_key").loc[position.index]
    remembered = memory.set_index("borrower_id")
    person = position["borrower_id"]
    demanded = loans["ended_on"].isna() | (loans["ended_on"] > as_of)
    written_off = loans["written_off_on"] <= as_of
    npa_on = person.map(remembered["npa_on"]).astype("float64").where(demanded)
    npa_on = npa_on.where(npa_on.isna(), np.maximum(npa_on, loans["disbursed_on"]))
    upgraded_on = person.map(remembered["upgraded_on"]).astype("float64")
    upgraded_on = upgraded_on.where(demanded & (loans["disbursed_on"] < upgraded_on))
    months, is_npa = _months(npa_on, as_of), npa_on.notna()
    worst = person.map(day.set_index("borrower_id")["borrower_dpd"]).astype("int64")
    bucket = _looked_up(position["dpd"], rules["bucket"], "dpd_from", "bucket")
    limit = _looked_up(worst, rules["asset_limit"], "dpd_from", "class")
    aged = months.fillna(0).astype("int64")
    unwatched = ~demanded | is_npa | written_off | limit.isin(["npa", "standard"])
    age_rule, limit_rule = (
        _looked_up(aged, rules["asset_age"], "months_from", "rule_id"),
        _looked_up(worst, rules["asset_limit"], "dpd_from", "rule_id"),
    )
    age = _looked_up(aged, rules["asset_age"], "months_from", "asset_class")
    made = position[["loan_id", "borrower_id", "as_of"]].copy()
    made["bucket"], made["sma"] = bucket, limit.where(~unwatched, "none")
    made["asset_class"] = np.select([written_off, is_npa], ["loss", age], "standard")
    made["npa_on"], made["upgraded_on"], made["borrower_dpd"], made["months_npa"] = npa_on, upgraded_on, worst, months
    made["loan_key"] = position["loan_key"]
    made["rule_id"] = age_rule.where(is_npa, limit_rule)
    return made


def _looked_up(values: Frame, rows: list[dict[str, Any]], first: str, wanted: str) -> Frame:
    rows = sorted(rows, key=lambda row: row[first])
    place = np.searchsorted([row[first] for row in rows], values.to_numpy(), side="right") - 1
    return pd.Series(np.array([row[wanted] for row in rows], dtype=object)[place], index=values.index)


def _months(since: Frame, as_of: int) -> Frame:
    """Whole months; on the last day of a month it is whole whatever day it is counted from."""
    today = EPOCH + timedelta(as_of)
    last_day = (today + timedelta(1)).day == 1
    begun = pd.to_datetime(since.dropna(), unit="D")
    months = (today.year - begun.dt.year) * 12 + today.month - begun.dt.month - ((begun.dt.day > today.day) & (not last_day))
    return months.astype("float64").reindex(since.index)
