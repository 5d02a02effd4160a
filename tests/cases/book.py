"""The shared cases as loans of one book: each case is a borrower with a loan of the case's id."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared" / "cases"
NOT_MET: dict[str, str] = {}
"""Case id -> why we do not meet it; filled from the files' own why_not and why_set_aside."""

Case = dict[str, Any]


@cache
def cases(name: str) -> list[Case]:
    """The cases of one shared file; an empty list where the folder is not there (a test then says so)."""
    path = SHARED / f"{name}.json"
    return list(json.loads(path.read_text("utf-8"))["cases"]) if path.is_file() else []


def assertable(name: str) -> list[Case]:
    """The cases without why_not; the others are named in NOT_MET."""
    NOT_MET.update(
        {case["id"]: case.get("why_not") or case["why_set_aside"] for case in cases(name) if "why_not" in case or "why_set_aside" in case}
    )
    return [case for case in cases(name) if "why_not" not in case and "why_set_aside" not in case]


def rupees(value: float) -> str:
    """A number of the file as rupee text."""
    return f"{value:.2f}"


def paise(value: float) -> int:
    """A number of the file as paise."""
    return round(value * 100)


def empty() -> dict[str, list[dict[str, Any]]]:
    """An extract with no rows."""
    return {"borrower": [], "loan": [], "instalment": [], "repayment": [], "relief": []}


def add_loan(
    extract: dict[str, list[dict[str, Any]]],
    loan_id: str,
    dues: list[dict[str, Any]],
    payments: list[tuple[str, float]],
    borrower: str = "",
) -> None:
    """One loan with its dues and payments; disbursed on the first due date or payment, whichever is earlier."""
    who = borrower or f"b-{loan_id}"
    first = min([str(due["due_on"]) for due in dues] + [paid_on for paid_on, _ in payments])
    principal = sum(float(due.get("principal_due", due.get("total_due", 0))) for due in dues)
    if not any(row["borrower_id"] == who for row in extract["borrower"]):
        extract["borrower"].append({"borrower_id": who})
    extract["loan"].append(
        {"loan_id": loan_id, "borrower_id": who, "product": "CASE", "disbursed_on": first, "principal": rupees(principal)}
    )
    for number, due in enumerate(dues, start=1):
        money = {name: rupees(float(value)) for name, value in due.items() if name != "due_on"}
        extract["instalment"].append({"loan_id": loan_id, "number": number, "due_on": due["due_on"], **money})
    for number, (paid_on, amount) in enumerate(payments, start=1):
        extract["repayment"].append(
            {"repayment_id": f"{loan_id}-{number:03d}", "loan_id": loan_id, "paid_on": paid_on, "amount": rupees(amount)}
        )


def day(text: str) -> date:
    """A date of the file."""
    return date.fromisoformat(text)


def next_day(text: str) -> str:
    """The day after a date of the file."""
    return (day(text) + timedelta(days=1)).isoformat()
