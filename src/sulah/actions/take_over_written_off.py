"""The act of taking written-off loans over: their balance on a committed day becomes the opening of Sulah's own account, once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from sulah.actions.written_off_account import PostingRefusedError, policy_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.reader import Day, Row
from sulah.adapters.book.written_off import amounts_of
from sulah.kernel.dates import Clock, day_text
from sulah.payments.posting import Balance, EntryKind
from sulah.payments.rules import Rules
from sulah.payments.settle import opening_of
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.written_off import WrittenOffEntry, WrittenOffLoan

ACT = "written_off.take_over"
# Interest and charges settled ahead of their due date are no claim that goes on: what was paid for them is the borrower's.
_STANDING = """
SELECT a.loan_id, a.borrower_id, a.product, coalesce(p.branch_id, '') AS branch_id, a.status, a.written_off_on,
  p.outstanding_principal_paise AS principal, p.overdue_interest_paise AS interest, p.overdue_charge_paise AS charge,
  p.unallocated_paise + greatest(0, (s.settled_paise - s.settled_principal_paise) - (s.due_paise - s.due_principal_paise)) AS excess
FROM account AS a
INNER JOIN position AS p ON p.loan_id = a.loan_id
INNER JOIN state AS s ON s.loan_key = a.loan_key
WHERE {which}
ORDER BY a.loan_id
"""
_WRITTEN_OFF = "a.written_off_on <= $as_of"


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a take-over did: loans taken over and their opening, loans that were Sulah's before, loans left with the lender by product."""

    loans: int
    opening: Balance
    before: int
    left: Mapping[str, int]


def take_over_written_off(lender: Lender, as_of: date, *, actor: str, clock: Clock, loan_id: str = "") -> TakenOver:
    """Take over every loan that is written off on a committed day and whose product Sulah keeps from that day on; each loan once.

    loan_id: this loan only, and say why when it cannot be.  PostingRefusedError for a day that has not run, a loan that the lender's
    system still reports as its own (not as written off, or its product is not switched over), and one that is taken over already.
    """
    run = DayRun.objects.filter(as_of=as_of).select_related("load").first()
    if run is None:
        raise PostingRefusedError(f"{day_text(as_of)} has not run. Run it first: sulah day --as-of {as_of}")
    at = clock()
    with sole_runner(lender), Day(run, lender) as day:
        rows = _standing(day, as_of, loan_id)
        try:
            with transaction.atomic():
                return _take(lender, run, rows, named=bool(loan_id), actor=actor, at=at)
        except IntegrityError as error:
            raise PostingRefusedError("Another take-over ran at the same time. Nothing was taken over twice; run it again.") from error


def _standing(day: Day, as_of: date, loan_id: str) -> list[Row]:
    """The rows of written-off loans; of the loan that was named, whatever its status."""
    if not loan_id:
        return day.query(_STANDING.format(which=_WRITTEN_OFF), {"as_of": as_of}, "account", "position", "state")
    rows = day.query(_STANDING.format(which="a.loan_id = $loan_id"), {"loan_id": loan_id}, "account", "position", "state")
    if not rows:
        raise PostingRefusedError(f"{day_text(as_of)} knows no loan {loan_id}. Numbers are written exactly as the lender's system does.")
    if rows[0]["written_off_on"] is None or rows[0]["written_off_on"] > as_of:
        raise PostingRefusedError(
            f"The lender's system reports loan {loan_id} as {rows[0]['status']} on {day_text(as_of)}, not as written off: it keeps the "
            "account. Load the extract that says written_off, run its day, then take it over."
        )
    return rows


def _take(lender: Lender, run: DayRun, rows: list[Row], *, named: bool, actor: str, at: datetime) -> TakenOver:
    """Write the accounts, their openings and one audit entry; inside the caller's transaction."""
    policy = policy_of(lender)
    known = set(WrittenOffLoan.objects.values_list("loan_id", flat=True))
    keepers = {product: Rules(policy, product).keeper(run.as_of) for product in {str(row["product"]) for row in rows}}
    new = [row for row in rows if row["loan_id"] not in known]
    taken = [row for row in new if keepers[str(row["product"])].values["keeper"] == "sulah"]
    left = Counter(str(row["product"]) for row in new if keepers[str(row["product"])].values["keeper"] != "sulah")
    if named and not taken:
        raise PostingRefusedError(_why_not(rows[0], keepers[str(rows[0]["product"])].rule_id, run.as_of, known))
    balances = [Balance(row["principal"], row["interest"], row["charge"], row["excess"]) for row in taken]
    loans = [_account(row, run.load, run.as_of, keepers[str(row["product"])].rule_id, actor, at) for row in taken]
    WrittenOffLoan.objects.bulk_create(loans, batch_size=500)
    openings = [_opening(loan, balance, actor, at) for loan, balance in zip(loans, balances, strict=True)]
    WrittenOffEntry.objects.bulk_create(openings, batch_size=500)
    whole = Balance(
        *(sum(getattr(balance, head) for balance in balances) for head in ("principal", "interest", "charge", "excess")),
    )
    if taken:
        heads = {"principal": whole.principal, "interest": whole.interest, "charge": whole.charge, "excess": whole.excess}
        after = {"loans": len(taken), "paise": heads, "load": run.load_id, "named": [loans[0].loan_id] if named else []}
        write_audit(at=at, actor=actor, act=ACT, subject=f"written_off:{run.as_of}", after=after)
    return TakenOver(len(taken), whole, len(rows) - len(new), dict(left))


def _why_not(row: Row, rule_id: str, as_of: date, known: set[str]) -> str:
    if row["loan_id"] in known:
        return f"Loan {row['loan_id']} was taken over before: sulah writeoff statement --loan {row['loan_id']}"
    return (
        f"On {day_text(as_of)} the lender's own system keeps product {row['product']} after write-off (rule {rule_id}). To switch it over, "
        'give policy/written_off_keeper.toml a row with keeper = "sulah" and the day from which it holds.'
    )


def _account(row: Row, load: Load, as_of: date, rule_id: str, actor: str, at: datetime) -> WrittenOffLoan:
    return WrittenOffLoan(
        loan_id=row["loan_id"],
        borrower_id=row["borrower_id"],
        product=row["product"],
        branch_id=row["branch_id"],
        written_off_on=row["written_off_on"],
        taken_over_on=as_of,
        load=load,
        rule_id=rule_id,
        taken_at=at,
        taken_by=actor,
    )


def _opening(loan: WrittenOffLoan, balance: Balance, actor: str, at: datetime) -> WrittenOffEntry:
    return WrittenOffEntry(
        loan=loan,
        kind=EntryKind.OPENING.value,
        effective_on=loan.taken_over_on,
        recorded_at=at,
        recorded_by=actor,
        key=f"opening:{loan.loan_id}",
        rule_id=loan.rule_id,
        act=ACT,
        reason=f"Balance of the book on {loan.taken_over_on}, load {loan.load_id}",
        **amounts_of(opening_of(balance)),
    )
