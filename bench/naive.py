"""The naive way: one loan after another in Python dicts, settled from its whole history.  Position and borrower's dpd only."""

import json
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]
READS = {
    "account": ["loan_key", "borrower_key", "loan_id", "disbursed_on", "ended_on"],
    "due": ["loan_key", "due_on", "in_force_from", "in_force_to", "principal_paise", "interest_paise", "charge_paise"],
    "receipt": ["loan_key", "effective_on", "void_on", "amount_paise"],
    "relief_window": ["loan_key", "from_on", "to_on", "counts", "known_on"],
}


def rows_of(book: Path, table: str, last_key: int) -> list[Row]:
    """The rows of the first loans of a book, as dicts."""
    path = sorted((book / table).glob("*.parquet"))[0]
    rows: list[Row] = pq.read_table(path, columns=READS[table], filters=[("loan_key", "<=", last_key)]).to_pylist()
    return rows


def settle(dues: list[Row], receipts: list[Row], as_of: date) -> tuple[int, date | None]:
    """Overdue paise and the oldest unpaid due date of one loan: its receipts poured into its instalments, oldest first."""
    left = max(0, sum(row["amount_paise"] for row in receipts if row["effective_on"] <= as_of < row["void_on"]))
    overdue, oldest = 0, None
    for row in sorted((row for row in dues if row["in_force_from"] <= as_of < row["in_force_to"]), key=lambda row: row["due_on"]):
        asked = row["principal_paise"] + row["interest_paise"] + row["charge_paise"]
        taken = min(left, asked)
        left -= taken
        if taken < asked and row["due_on"] <= as_of:
            overdue += asked - taken
            oldest = oldest or row["due_on"]
    return overdue, oldest


def paused_days(windows: list[Row], since: date, as_of: date) -> int:
    """Day-ends from `since` to the day that lie inside windows that do not count, one by one."""
    known = [row for row in windows if not row["counts"] and row["known_on"] <= as_of]
    days = range(since.toordinal(), as_of.toordinal() + 1)
    return sum(any(row["from_on"].toordinal() <= day <= row["to_on"].toordinal() for row in known) for day in days) if known else 0


def stand(book: Path, as_of: date, loans: int) -> list[Row]:
    """The rows of the first so many loans."""
    by_loan: dict[str, dict[int, list[Row]]] = {name: defaultdict(list) for name in READS}
    for name, groups in by_loan.items():
        for row in rows_of(book, name, loans):
            groups[row["loan_key"]].append(row)
    made: list[Row] = []
    worst: dict[int, int] = defaultdict(int)
    for key, (account,) in by_loan["account"].items():
        if account["disbursed_on"] > as_of:
            continue
        overdue, oldest = settle(by_loan["due"][key], by_loan["receipt"][key], as_of)
        ended = account["ended_on"] is not None and account["ended_on"] <= as_of
        dpd = 0
        if oldest is not None and not ended:
            dpd = max(0, (as_of - oldest).days + 1 - paused_days(by_loan["relief_window"][key], oldest, as_of))
        worst[account["borrower_key"]] = max(worst[account["borrower_key"]], dpd)
        row = {"loan_id": account["loan_id"], "borrower_key": account["borrower_key"], "dpd": dpd, "overdue_paise": 0 if ended else overdue}
        made.append(row)
    return [row | {"borrower_dpd": worst[row["borrower_key"]]} for row in made]


def main(words: list[str]) -> None:
    """`python -m bench.naive BOOK AS_OF LOANS OUT`: writes JSON lines, says the CPU seconds of reading and of the loop."""
    book, day, loans, out = words
    before = time.process_time()
    rows = stand(Path(book), date.fromisoformat(day), int(loans))
    spent = time.process_time() - before
    Path(out).write_text("".join(json.dumps(row) + "\n" for row in rows))
    sys.stdout.write(json.dumps({"cpu": spent, "loans": len(rows)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
