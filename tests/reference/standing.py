"""Where one loan stands at a day-end: every column of position and classification, worked out afresh."""

from dataclasses import dataclass
from datetime import date

from tests.reference.ageing import ONE_DAY, Instalment, day_ends, left_after, whole_months
from tests.reference.loan_file import LoanFile
from tests.reference.rates import ReferencePolicy, asset_class_of, bucket_of, sma_of


@dataclass(frozen=True, slots=True)
class Memory:
    """What a borrower's class remembers: the day NPA began (None = not NPA) and the day of the last upgrade."""

    npa_on: date | None = None
    upgraded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One loan at one day-end; money in paise."""

    loan_id: str
    borrower_id: str
    product: str
    branch_id: str
    as_of: date
    outstanding_principal_paise: int
    overdue_paise: int
    overdue_principal_paise: int
    overdue_interest_paise: int
    overdue_charge_paise: int
    instalments_overdue: int
    oldest_unpaid_due_on: date | None
    dpd: int
    dpd_elapsed: int
    paid_paise: int
    allocated_paise: int
    unallocated_paise: int
    advance_paise: int
    last_paid_on: date | None
    next_due_on: date | None
    bucket: str
    sma: str
    asset_class: str
    npa_on: date | None
    upgraded_on: date | None
    borrower_dpd: int
    months_npa: int | None


def days_past_due(loan: LoanFile, today: date, policy: ReferencePolicy) -> tuple[int, int]:
    """dpd and dpd_elapsed of a loan at a day-end; both 0 while nothing due is unsettled or nothing is demanded."""
    oldest = loan.oldest_unsettled(today) if loan.demanded(today) else None
    if oldest is None or oldest > today:
        return 0, 0
    if not loan.windows:
        return (today - oldest).days + 1, (today - oldest).days
    dpd = day_ends(oldest, today, loan.windows, pause_rule=policy.pause_rule, known_at=today)
    elapsed = day_ends(oldest + ONE_DAY, today, loan.windows, pause_rule=policy.pause_rule, known_at=today)
    return dpd, elapsed


def in_arrears(loan: LoanFile, today: date) -> bool:
    """Is an instalment that is due today or earlier not fully settled?"""
    oldest = loan.oldest_unsettled(today) if loan.demanded(today) else None
    return oldest is not None and oldest <= today


def outstanding_principal(loan: LoanFile, today: date, policy: ReferencePolicy) -> int:
    """Principal disbursed less principal settled; 0 once nothing is demanded."""
    if not loan.demanded(today):
        return 0
    schedule = loan.schedule(today)
    left = left_after(schedule, loan.paid(today), policy.waterfall)
    return loan.principal - _principal_settled(schedule, left)


def _principal_settled(schedule: list[Instalment], left: list[Instalment]) -> int:
    return sum(instalment.principal for instalment in schedule) - sum(instalment.principal for instalment in left)


def standing_of(loan: LoanFile, today: date, policy: ReferencePolicy, memory: Memory, borrower_dpd: int) -> Standing:
    """The loan's row at the day-end, with the borrower's class (ADR 2, 8-10, 13, 16)."""
    schedule, paid, demanded = loan.schedule(today), loan.paid(today), loan.demanded(today)
    left = left_after(schedule, paid, policy.waterfall)
    allocated = sum(i.total for i in schedule) - sum(i.total for i in left)
    dues = sum(i.total for i in schedule if i.due_on <= today)
    overdue = [i for i in left if i.due_on <= today and i.total > 0] if demanded else []
    dpd, elapsed = days_past_due(loan, today, policy)
    npa_on = max(memory.npa_on, loan.disbursed_on) if memory.npa_on and demanded else None
    upgraded_on = memory.upgraded_on if memory.upgraded_on and loan.disbursed_on < memory.upgraded_on and not npa_on and demanded else None
    written_off = loan.status(today) == "written_off"
    months = whole_months(npa_on, today) if npa_on else None
    asset_class = "standard" if months is None else asset_class_of(months)
    return Standing(
        loan_id=loan.loan_id,
        borrower_id=loan.row["borrower_id"],
        product=loan.row["product"],
        branch_id=loan.row.get("branch_id") or "",
        as_of=today,
        outstanding_principal_paise=loan.principal - _principal_settled(schedule, left) if demanded else 0,
        overdue_paise=sum(i.total for i in overdue),
        overdue_principal_paise=sum(i.principal for i in overdue),
        overdue_interest_paise=sum(i.interest for i in overdue),
        overdue_charge_paise=sum(i.charge for i in overdue),
        instalments_overdue=len(overdue),
        oldest_unpaid_due_on=overdue[0].due_on if overdue else None,
        dpd=dpd,
        dpd_elapsed=elapsed,
        paid_paise=paid,
        allocated_paise=allocated,
        unallocated_paise=paid - allocated,
        advance_paise=max(0, paid - dues),
        last_paid_on=loan.last_paid_on(today),
        next_due_on=next((i.due_on for i in schedule if i.due_on > today), None) if demanded else None,
        bucket=bucket_of(dpd),
        sma="none" if npa_on or written_off or not demanded else sma_of(borrower_dpd),
        asset_class="loss" if written_off else asset_class,
        npa_on=npa_on,
        upgraded_on=upgraded_on,
        borrower_dpd=borrower_dpd,
        months_npa=months,
    )
