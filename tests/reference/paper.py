"""Extracts small enough to be worked on paper: one line per loan, instalment and receipt."""

from collections.abc import Iterable, Sequence

Table = list[dict[str, str]]


def loan(
    loan_id: str, borrower_id: str = "B1", *, disbursed_on: str = "2025-12-01", principal: str = "1000", **more: str
) -> dict[str, str]:
    """A loan row; more columns by name."""
    return {
        "loan_id": loan_id,
        "borrower_id": borrower_id,
        "product": "JLG",
        "branch_id": "BR1",
        "disbursed_on": disbursed_on,
        "principal": principal,
        **more,
    }


def instalments(loan_id: str, dues: Iterable[Sequence[object]], *, first: int = 1, valid_from: str = "") -> Table:
    """Instalment rows from (due date, principal, interest[, charge]) in rupees, numbered from `first`."""
    heads = ("principal_due", "interest_due", "charge_due")
    return [
        {"loan_id": loan_id, "number": str(number), "due_on": str(due[0]), "valid_from": valid_from}
        | {head: f"{float(str(amount)):.2f}" for head, amount in zip(heads, due[1:], strict=False)}
        for number, due in enumerate(dues, first)
    ]


def repayment(repayment_id: str, loan_id: str, paid_on: str, amount: object, **more: str) -> dict[str, str]:
    """A repayment row; amount in rupees."""
    return {"repayment_id": repayment_id, "loan_id": loan_id, "paid_on": paid_on, "amount": f"{float(str(amount)):.2f}", **more}


def relief(from_on: str, to_on: str, counts: str, *, kind: str = "pause") -> dict[str, str]:
    """A window of relief for borrower B1."""
    return {"borrower_id": "B1", "pincode": "", "kind": kind, "from_on": from_on, "to_on": to_on, "counts": counts}


def book(loans: Table, schedule: Table, repayments: Table | None = None, windows: Table | None = None) -> dict[str, Table]:
    """An extract; its borrowers all live in PIN code 700001."""
    people = sorted({row["borrower_id"] for row in loans})
    return {
        "borrower": [{"borrower_id": person, "pincode": "700001"} for person in people],
        "loan": loans,
        "instalment": schedule,
        "repayment": repayments or [],
        "relief": windows or [],
    }
