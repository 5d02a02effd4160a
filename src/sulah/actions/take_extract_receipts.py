"""The act of taking the receipts that the lender's extract still brings into the written-off loans that Sulah keeps: each once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from sulah.actions.accrue_interest import accrue_before
from sulah.actions.written_off_account import PostingRefusedError, append, policy_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.reader import Day, Row
from sulah.adapters.book.written_off import entries_of, value_of
from sulah.kernel.dates import Clock, day_text
from sulah.payments.posting import Account, EntryKind, Posting, open_from
from sulah.payments.rules import Rules
from sulah.payments.settle import TooMuchError, receipt_of, undone
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.written_off import WrittenOffEntry, WrittenOffLoan

ACT = "written_off.receipt"
_RECEIPTS = """
SELECT a.loan_id, a.status, r.repayment_id, r.effective_on, r.void_on, r.paid_on, r.amount_paise, r.entry, r.reverses_id
FROM receipt AS r
INNER JOIN account AS a ON a.loan_key = r.loan_key
WHERE a.loan_id IN (SELECT unnest($loans)) AND r.effective_on <= $as_of
ORDER BY a.loan_id, r.effective_on, r.entry, r.repayment_id, r.void_on
"""


@dataclass(slots=True)
class Received:
    """What was taken from the extract: entries posted and reversed, their paise, and in words what a person must look at."""

    posted: int = 0
    reversed: int = 0
    paise: int = 0
    told: list[str] = field(default_factory=list)


def take_extract_receipts(lender: Lender, as_of: date, *, actor: str, clock: Clock) -> Received:
    """Post the receipts that count on a committed day and were not known at the take-over; undo those that the lender took back.

    A repeated run posts nothing more.  What cannot be posted is told: receipts of days on which the bank is the source, of loans that the
    lender's system reports as its own again, and changes to receipts that stand in the opening.  PostingRefusedError before a day has run.
    """
    run = DayRun.objects.filter(as_of=as_of).select_related("load").first()
    if run is None:
        raise PostingRefusedError(f"{day_text(as_of)} has not run. Run it first: sulah day --as-of {as_of}")
    at, received = clock(), Received()
    policy = policy_of(lender)
    with sole_runner(lender), Day(run, lender) as day:
        kept = {loan.loan_id: loan for loan in WrittenOffLoan.objects.filter(taken_over_on__lt=as_of)}
        rows = day.query(_RECEIPTS, {"loans": sorted(kept), "as_of": as_of}, "receipt", "account") if kept else []
        by_loan: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_loan[row["loan_id"]].append(row)
        with transaction.atomic():
            for loan_id in sorted(by_loan):
                loan = WrittenOffLoan.objects.select_for_update().get(pk=kept[loan_id].pk)
                _OneLoan(loan, Rules(policy, loan.product), as_of, actor, at, received).take(by_loan[loan_id])
            if received.posted or received.reversed:
                after = {"posted": received.posted, "reversed": received.reversed, "paise": received.paise, "load": run.load_id}
                write_audit(at=at, actor=actor, act=ACT, subject=f"written_off:{as_of}", after={**after, "told": received.told[:50]})
    return received


@dataclass(slots=True)
class _OneLoan:
    """The receipts of one loan, which is held, against the entries posted from earlier extracts."""

    loan: WrittenOffLoan
    rules: Rules
    as_of: date
    actor: str
    at: datetime
    received: Received

    def take(self, rows: Sequence[Row]) -> None:
        """Undo what the lender took back, then post what is new: receipts before the reversals that name them."""
        if rows[0]["status"] != "written_off":
            self._tell(f"the lender's system reports it as {rows[0]['status']}, not as written off; none of its receipts were taken")
            return
        standing = self._standing()
        later = [row for row in rows if row["effective_on"] > self.loan.taken_over_on]
        counting = {_identity(row): row for row in later if row["void_on"] > self.as_of}
        for identity, entry in standing.items():
            if identity not in counting or abs(entry.counter_paise) != abs(counting[identity]["amount_paise"]):
                self._undo(entry)
        for row in rows:
            if row["effective_on"] <= self.loan.taken_over_on < row["void_on"] <= self.as_of:
                self._tell(f"receipt {row['repayment_id']}, which stands in the opening, was taken back by the lender; see to it by hand")
        standing = self._standing()
        for identity, row in counting.items():
            if identity not in standing:
                self._post(row)

    def _standing(self) -> Mapping[tuple[str, str], WrittenOffEntry]:
        """The entries posted from extracts that no change of the lender undid, by what they are in the extract."""
        rows = self.loan.entries.filter(key__startswith=f"extract:{self.loan.loan_id}:").order_by("id")
        gone = set(self.loan.entries.filter(key__startswith="void:").values_list("reverses_id", flat=True))
        return {(row.reference, row.key.rsplit(":", 2)[1]): row for row in rows if row.pk not in gone}

    def _post(self, row: Row) -> None:
        """One receipt or reversal of the extract."""
        source = self.rules.keeper(row["paid_on"])
        if source.values["receipts_from"] != "extract":
            self._tell(
                f"receipt {row['repayment_id']} of {day_text(row['paid_on'])} was left out: by rule {source.rule_id} receipts of that day "
                "come by bank reference"
            )
            return
        on = max(row["paid_on"], self.loan.taken_over_on)
        if row["entry"] == "reversal":
            self._reverse(row, on)
            return
        accrue_before(self.loan, self.rules.policy, on, actor=self.actor, at=self.at)
        order = self.rules.order(on)
        postings = receipt_of(row["amount_paise"], open_from(entries_of(self.loan), on), order.heads)
        self._append(row, EntryKind.RECEIPT, postings, on, order=order.heads, rule_id=order.rule_id)
        self.received.posted += 1
        self.received.paise += row["amount_paise"]

    def _reverse(self, row: Row, on: date) -> None:
        """A reversal entry of the extract takes its amount back from the receipt that it names."""
        named = next((entry for (reference, _), entry in self._standing().items() if reference == row["reverses_id"]), None)
        if named is None:
            self._tell(f"{row['repayment_id']} reverses {row['reverses_id']}, which stands in the opening; see to it by hand")
            return
        earlier = [value_of(one) for one in named.reversals.all()]
        try:
            postings = undone(value_of(named), _order(named), earlier, -row["amount_paise"])
        except TooMuchError as error:
            self._tell(f"{row['repayment_id']} reverses more of {row['reverses_id']} than stands: {error}")
            return
        self._append(row, EntryKind.REVERSAL, postings, max(on, named.effective_on), reverses=named, rule_id=named.rule_id)
        self.received.reversed += 1
        self.received.paise += row["amount_paise"]

    def _undo(self, entry: WrittenOffEntry) -> None:
        """The lender took a receipt back or changed it: what is left of it is undone from its own day; when that was known stays told."""
        if entry.reverses is not None:
            if sum(one.counter_paise for one in entry.reverses.reversals.all()) != -entry.reverses.counter_paise:  # the receipt stands yet
                self._tell(f"{entry.reference}, a reversal, was taken back by the lender; see to it by hand")
            return
        earlier = [value_of(one) for one in entry.reversals.all()]
        try:
            postings = undone(value_of(entry), _order(entry), earlier)
        except TooMuchError:
            return  # nothing of it is left
        append(
            self.loan,
            EntryKind.REVERSAL,
            postings,
            effective_on=entry.effective_on,
            key=f"void:{entry.key}",
            act=ACT,
            actor=self.actor,
            at=self.at,
            reverses=entry,
            rule_id=entry.rule_id,
            reference=entry.reference,
            reason="The lender's system took this receipt back or changed it",
        )
        self.received.reversed += 1
        self.received.paise -= sum(posting.paise for posting in postings if posting.account is not Account.RECEIVED)

    def _append(self, row: Row, kind: EntryKind, postings: Sequence[Posting], on: date, **more: Any) -> None:
        """Add the entry of a row; its key holds what it is in the extract, and how often that was posted before."""
        stem = f"extract:{self.loan.loan_id}:{row['repayment_id']}:{row['effective_on']}"
        before = WrittenOffEntry.objects.filter(key__startswith=f"{stem}:").count()
        append(
            self.loan,
            kind,
            postings,
            effective_on=on,
            key=f"{stem}:{before + 1}",
            act=ACT,
            actor=self.actor,
            at=self.at,
            reference=str(row["repayment_id"]),
            reason=f"From the lender's extract, paid on {row['paid_on']}",
            **more,
        )

    def _tell(self, words: str) -> None:
        self.received.told.append(f"Loan {self.loan.loan_id}: {words}.")


def _identity(row: Row) -> tuple[str, str]:
    return str(row["repayment_id"]), row["effective_on"].isoformat()


def _order(entry: WrittenOffEntry) -> list[Account]:
    return [Account(name) for name in entry.settle_order.split(",")]
