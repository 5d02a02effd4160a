"""What the reference reads of an extract: rows of text turned into dates and paise, nothing judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sulah.kernel.money import paise_of

Row = Mapping[str, str]
Extract = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class GivenInstalment:
    """An instalment as the lender gave it; heads is None when only the total was given."""

    number: int
    due_on: date
    heads: tuple[int, int, int] | None
    total: int


@dataclass(frozen=True, slots=True)
class GivenRepayment:
    """An entry of the repayment table; amount in paise, always positive as given."""

    repayment_id: str
    loan_id: str
    paid_on: date
    amount: int
    status: str
    reverses_id: str
    booked_at: str


@dataclass(frozen=True, slots=True)
class GivenRelief:
    """A row of relief; to_on None = until further notice."""

    borrower_id: str
    pincode: str
    kind: str
    from_on: date
    to_on: date | None
    counts: bool


@cache
def day(text: str) -> date:
    """The date of an ISO text; of a moment, its date."""
    return date.fromisoformat(text[:10])


@cache
def paise(text: str) -> int:
    """Paise of a rupee text; an empty text is nothing."""
    return paise_of(text) if text else 0


def day_or_none(text: str) -> date | None:
    """The date, or None for an empty cell."""
    return day(text) if text else None


def given_instalment(row: Row) -> tuple[date | None, GivenInstalment]:
    """valid_from (None = first schedule) and the instalment of a row."""
    heads = (row.get("principal_due") or "", row.get("interest_due") or "", row.get("charge_due") or "")
    parts = (paise(heads[0]), paise(heads[1]), paise(heads[2]))
    only_total = not any(heads)
    total = paise(row.get("total_due") or "") if only_total else sum(parts)
    instalment = GivenInstalment(int(row["number"]), day(row["due_on"]), None if only_total else parts, total)
    return day_or_none(row.get("valid_from") or ""), instalment


def given_repayment(row: Row) -> GivenRepayment:
    """The entry of a row; an empty status means posted."""
    return GivenRepayment(
        row["repayment_id"],
        row["loan_id"],
        day(row["paid_on"]),
        paise(row["amount"]),
        row.get("status") or "posted",
        row.get("reverses_id") or "",
        row.get("booked_at") or "",
    )


def given_relief(row: Row) -> GivenRelief:
    """The window of a row; empty `counts` means that dpd goes on counting."""
    return GivenRelief(
        row.get("borrower_id") or "",
        row.get("pincode") or "",
        row["kind"],
        day(row["from_on"]),
        day_or_none(row.get("to_on") or ""),
        (row.get("counts") or "true").lower() == "true",
    )
