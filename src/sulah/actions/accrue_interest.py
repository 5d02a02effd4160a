"""The act of accruing interest on the written-off loans that Sulah keeps: month by month to a day, and nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sulah.actions.written_off_account import PostingRefusedError, append, audit_entry, policy_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.written_off import entries_of, value_of
from sulah.kernel.dates import IST, Clock, day_text
from sulah.payments.accrual import Accrued, Rate, accruals
from sulah.payments.posting import Account, Entry, EntryKind, open_from
from sulah.payments.rules import Rules
from sulah.payments.settle import claim_of
from sulah.policy.rows import EntityPolicy
from sulah.records.audit import write_audit
from sulah.records.written_off import WrittenOffEntry, WrittenOffLoan

ACT = "written_off.interest"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class InterestPosted:
    """What an accrual did: loans looked at, entries posted, and paise (below zero where more was taken back than added)."""

    loans: int
    entries: int
    paise: int


def accrue_interest(lender: Lender, until: date, *, actor: str, clock: Clock) -> InterestPosted:
    """Post the interest of every kept loan up to a day, by the rates in force on each day; a repeated run posts nothing more.

    Simple, on principal alone.  Each month-end stands right by what is known now; a receipt that came late is mended by the next run.
    PostingRefusedError for a day that is still to come.
    """
    at = clock()
    if until > (today := at.astimezone(IST).date()):
        raise PostingRefusedError(f"{day_text(until)} is still to come (today is {day_text(today)}). Accrue up to today or earlier.")
    policy, loans, entries, paise = policy_of(lender), 0, 0, 0
    with sole_runner(lender), transaction.atomic():
        keys = list(WrittenOffLoan.objects.filter(taken_over_on__lt=until).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            for loan in WrittenOffLoan.objects.select_for_update().filter(pk__in=some).order_by("pk"):
                posted = accrue_loan(loan, policy, until, actor=actor, at=at)
                loans, entries, paise = loans + 1, entries + len(posted), paise - sum(row.counter_paise for row in posted)
        if entries:
            after = {"loans": loans, "entries": entries, "paise": paise}
            write_audit(at=at, actor=actor, act=ACT, subject=f"written_off:{until}", after=after)
    return InterestPosted(loans, entries, paise)


def accrue_before(loan: WrittenOffLoan, policy: EntityPolicy, paid_on: date, *, actor: str, at: datetime) -> list[WrittenOffEntry]:
    """Post and audit the interest up to the day of a receipt, so that it settles what is owed then; not where later interest stands."""
    later = loan.entries.filter(kind=EntryKind.INTEREST.value, effective_on__gt=paid_on).exists()
    posted = [] if later else accrue_loan(loan, policy, paid_on, actor=actor, at=at)
    for row in posted:
        audit_entry(row)
    return posted


def accrue_loan(loan: WrittenOffLoan, policy: EntityPolicy, until: date, *, actor: str, at: datetime) -> list[WrittenOffEntry]:
    """Post what one loan lacks, inside the transaction that holds it; nothing for days on which the lender's own system keeps it."""
    rules, entries = Rules(policy, loan.product), entries_of(loan)

    def rate_on(day: date) -> Rate:
        rate = rules.rate(day)
        return rate if rules.sulah_keeps(day) else Rate(0, rate.basis, rules.keeper(day).rule_id)

    posted: list[WrittenOffEntry] = []
    for one in accruals(entries, rate_on, rules.rate_changes(), until):
        posted.append(_post(loan, one, entries, actor, at))
        entries.append(value_of(posted[-1]))
    return posted


def _post(loan: WrittenOffLoan, accrued: Accrued, entries: Sequence[Entry], actor: str, at: datetime) -> WrittenOffEntry:
    """One entry of interest; the key counts how often that day was mended, so that two runs at once cannot both post it."""
    before = sum(entry.kind is EntryKind.INTEREST and entry.effective_on == accrued.on for entry in entries)
    mended = "" if accrued.paise > 0 and not before else "Mended: what is known of this time has changed. "
    return append(
        loan,
        EntryKind.INTEREST,
        claim_of(EntryKind.INTEREST, Account.INTEREST, accrued.paise, open_from(entries, accrued.on)),
        effective_on=accrued.on,
        key=f"interest:{loan.loan_id}:{accrued.on}:{before + 1}",
        act=ACT,
        actor=actor,
        at=at,
        rule_id=accrued.rules[-1],
        reason=f"{mended}Simple interest on principal up to {day_text(accrued.on)}, by {', then '.join(accrued.rules)}"[:500],
    )
