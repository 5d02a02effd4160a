"""Small extracts on paper: one line a loan, dues and payments as pairs; for tests that tell one story each."""

from collections.abc import Iterable, Sequence
from typing import Any

Extract = dict[str, list[dict[str, Any]]]


def book(*loans: Extract) -> Extract:
    """Several loans as one extract; a borrower named twice is one row."""
    whole: Extract = {}
    for one in loans:
        for table, rows in one.items():
            whole.setdefault(table, []).extend(rows)
    whole["borrower"] = list({row["borrower_id"]: row for row in whole["borrower"]}.values())
    return whole


def loan(
    loan_id: str,
    dues: Iterable[Sequence[object]],
    paid: Iterable[tuple[str, object]] = (),
    *,
    borrower: str = "",
    person: dict[str, Any] | None = None,
    relief: Iterable[dict[str, Any]] = (),
    collections: Iterable[dict[str, Any]] = (),
    **terms: Any,
) -> Extract:
    """A loan: dues as (due_on, principal[, interest[, charge]]) in rupees, payments as (paid_on, rupees), other terms by name."""
    who = borrower or f"B-{loan_id}"
    rows = [tuple(due) for due in dues]
    heads = ("principal_due", "interest_due", "charge_due")
    principal = sum(float(str(due[1])) for due in rows)
    plain = {"loan_id": loan_id, "borrower_id": who, "product": "PL", "disbursed_on": "2025-01-01", "principal": f"{principal:.2f}"}
    return {
        "borrower": [{"borrower_id": who, **(person or {})}],
        "loan": [{**plain, **terms}],
        "instalment": [
            {"loan_id": loan_id, "number": n, "due_on": due[0], **{head: str(value) for head, value in zip(heads, due[1:], strict=False)}}
            for n, due in enumerate(rows, start=1)
        ],
        "repayment": [
            {"repayment_id": f"{loan_id}-R{n}", "loan_id": loan_id, "paid_on": day, "amount": str(amount)}
            for n, (day, amount) in enumerate(paid, start=1)
        ],
        "relief": [{"borrower_id": who, **window} for window in relief],
        "collection": [{"loan_id": loan_id, **row} for row in collections],
    }
