"""What every posting act on a written-off loan shares: who may, the loan held, its rules, and the one place that adds an entry."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Day, equals
from sulah.adapters.book.written_off import amounts_of
from sulah.kernel.dates import IST, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.payments.posting import Account, EntryKind, Posting
from sulah.payments.rules import Rules
from sulah.policy.check import check_policy, refusals
from sulah.policy.load import load_policy
from sulah.policy.rows import EntityPolicy
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.person import Person
from sulah.records.written_off import WrittenOffEntry, WrittenOffLoan

POSTERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
"""Who may post to, confirm for, or reverse on a written-off loan within their branches."""


class PostingRefusedError(Refusal):
    """Nothing was posted; the words say why and what to do."""


class AlreadyPostedError(PostingRefusedError):
    """It was posted before: posting it again would count it twice."""


class PostingNotPermittedError(PostingRefusedError):
    """The person's role or branches do not reach this loan."""


def permit(person: Person | None, loan: WrittenOffLoan, lender: Lender) -> None:
    """On the command line the machine's own permissions decide; on the web role and branch do.  PostingNotPermittedError."""
    if person is None:
        return
    if person.role not in POSTERS:
        raise PostingNotPermittedError(f"Your role ({person.role}) may not post to written-off loans. Ask a supervisor.")
    if person.branches and branch_now(loan, lender) not in person.branches:
        raise PostingNotPermittedError(f"Loan {loan.loan_id} is not in your branches.")


def branch_now(loan: WrittenOffLoan, lender: Lender) -> str:
    """The branch that the last committed day has the loan in; that of the take-over where that day does not know the loan."""
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    if run is None:
        return loan.branch_id
    with Day(run, lender) as day:
        row = day.one("position", where=(equals("loan_id", loan.loan_id),))
    return str(row["branch_id"] or "") if row else loan.branch_id


def held_loan(loan_id: str) -> WrittenOffLoan:
    """The loan, held until the transaction ends, so that what its heads stand at does not move; PostingRefusedError when not kept here."""
    loan = WrittenOffLoan.objects.select_for_update().filter(loan_id=loan_id).first()
    if loan is None:
        words = f"Sulah does not keep the account of loan {loan_id}. What it keeps: sulah writeoff balance;"
        raise PostingRefusedError(f"{words} to take loans over: sulah writeoff take-over --as-of DATE")
    return loan


def policy_of(lender: Lender) -> EntityPolicy:
    """The policy rows of the lender as they stand; PostingRefusedError when they leave a gap, overlap or cite nothing."""
    policy = load_policy(lender.policy if lender.policy.is_dir() else None)
    if found := refusals(check_policy(policy)):
        raise PostingRefusedError(
            f"The policy cannot be used, so nothing was posted. {found[0].file}: {found[0].words}; sulah check says all."
        )
    return policy.for_entity(lender.entity_type)


def kept_rules(lender: Lender, loan: WrittenOffLoan, on: date, at: datetime) -> Rules:
    """The rules of the loan's product; PostingRefusedError for a day before the take-over, after today, or not kept by Sulah."""
    if on < loan.taken_over_on:
        raise PostingRefusedError(
            f"{day_text(on)} is before {day_text(loan.taken_over_on)}, the day on which loan {loan.loan_id} was taken over: "
            "what happened until then stands in the opening."
        )
    if on > (today := at.astimezone(IST).date()):
        raise PostingRefusedError(f"{day_text(on)} is still to come (today is {day_text(today)}). Give the day on which it happened.")
    rules = Rules(policy_of(lender), loan.product)
    if not rules.sulah_keeps(on):
        raise PostingRefusedError(
            f"On {day_text(on)} the lender's own system keeps product {loan.product} after write-off (rule {rules.keeper(on).rule_id}). "
            "Post it there, or change policy/written_off_keeper.toml."
        )
    return rules


def append(
    loan: WrittenOffLoan,
    kind: EntryKind,
    postings: Sequence[Posting],
    *,
    effective_on: date,
    key: str,
    act: str,
    actor: str,
    at: datetime,
    order: Sequence[Account] = (),
    **more: Any,
) -> WrittenOffEntry:
    """Add one entry inside the caller's transaction; AlreadyPostedError for a key that is there.

    more: rule_id, reference, reason, reverses.
    """
    row = WrittenOffEntry(
        loan=loan,
        kind=kind.value,
        effective_on=effective_on,
        key=key,
        act=act,
        recorded_by=actor,
        recorded_at=at,
        settle_order=",".join(order),
        **amounts_of(postings),
        **more,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if not WrittenOffEntry.objects.filter(key=key).exists():
            raise
        raise AlreadyPostedError(f"This was posted to loan {loan.loan_id} before ({key}); nothing was posted again.") from error
    return row


def audit_entry(row: WrittenOffEntry, **more: Any) -> None:
    """The audit entry of one posting; inside its transaction."""
    after = {"entry": row.pk, "kind": row.kind, "effective_on": row.effective_on.isoformat(), "paise": row.counter_paise}
    after |= {"reference": row.reference, "rule": row.rule_id, "reason": row.reason, **more}
    write_audit(at=row.recorded_at, actor=row.recorded_by, act=row.act, subject=f"written_off:{row.loan.loan_id}", after=after)
