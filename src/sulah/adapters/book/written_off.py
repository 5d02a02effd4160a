"""The ledger of written-off loans as values: entries read from the records, statements with a running balance, sums that must tie."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Sum

from sulah.kernel.dates import IST
from sulah.payments.posting import OWN, Account, Balance, Entry, EntryKind, Posting, balance_of
from sulah.payments.trial import Trial, trial_of
from sulah.records.written_off import BankReceipt, WrittenOffEntry, WrittenOffLoan

COLUMNS = (
    *("effective_on", "known_on", "kind", "reference", "principal_paise", "interest_paise", "charge_paise", "excess_paise"),
    *("owed_principal_paise", "owed_interest_paise", "owed_charge_paise", "held_excess_paise", "net_paise"),
    *("act", "rule_id", "reason", "recorded_by", "reverses", "entry"),
)
"""The columns of a statement: what each entry did (debit above zero), and the balance after it."""
_FIELDS = {account: f"{account.value}_paise" for account in OWN}


def value_of(row: WrittenOffEntry) -> Entry:
    """An entry of the records as a value; the day on which it became known is that of India."""
    own = [Posting(account, getattr(row, name)) for account, name in _FIELDS.items() if getattr(row, name)]
    return Entry(
        kind=EntryKind(row.kind),
        effective_on=row.effective_on,
        known_on=row.recorded_at.astimezone(IST).date(),
        postings=(*own, Posting(Account(row.counter), row.counter_paise)),
        key=str(row.pk),
        reverses=str(row.reverses_id or ""),
    )


def amounts_of(postings: Iterable[Posting]) -> dict[str, Any]:
    """Postings as the fields of a row."""
    fields: dict[str, Any] = dict.fromkeys(_FIELDS.values(), 0)
    for posting in postings:
        if posting.account in _FIELDS:
            fields[_FIELDS[posting.account]] += posting.paise
        else:
            fields |= {"counter": posting.account.value, "counter_paise": posting.paise}
    return fields


def entries_of(loan: WrittenOffLoan) -> list[Entry]:
    """All entries of a loan, in the order of the days they are about."""
    return [value_of(row) for row in loan.entries.order_by("effective_on", "id")]


def by_loan(loans: Sequence[WrittenOffLoan] | None = None) -> Iterator[tuple[int, list[WrittenOffEntry]]]:
    """The entries of loans (default: all), loan by loan."""
    rows = WrittenOffEntry.objects.order_by("loan_id", "effective_on", "id")
    rows = rows if loans is None else rows.filter(loan__in=loans)
    return ((key, list(found)) for key, found in groupby(rows.iterator(chunk_size=2000), key=lambda row: row.loan_id))


def balances_of(loans: Sequence[WrittenOffLoan], on: date | None = None, known_on: date | None = None) -> dict[int, Balance]:
    """The balance of each loan at a day-end, as known at the end of another, by the loan's row."""
    return {key: balance_of(map(value_of, rows), on, known_on) for key, rows in by_loan(loans)}


def statement_of(loan: WrittenOffLoan, on: date | None = None, known_on: date | None = None) -> list[dict[str, Any]]:
    """The statement of a loan: its entries until a day-end as known at the end of another, each with the balance after it (COLUMNS)."""
    lines: list[dict[str, Any]] = []
    seen: list[Entry] = []
    for row in loan.entries.order_by("effective_on", "id"):
        entry = value_of(row)
        if (on is None or entry.effective_on <= on) and (known_on is None or entry.known_on <= known_on):
            seen.append(entry)
            lines.append(_line(row, entry, balance_of(seen)))
    return lines


def _line(row: WrittenOffEntry, entry: Entry, after: Balance) -> dict[str, Any]:
    """One line of a statement."""
    named = ("effective_on", "kind", "reference", *_FIELDS.values(), "act", "rule_id", "reason", "recorded_by")
    line = {name: getattr(row, name) for name in named}
    line |= {"known_on": entry.known_on, "entry": row.pk, "reverses": row.reverses_id, "recorded_at": row.recorded_at}
    line |= {"owed_principal_paise": after.principal, "owed_interest_paise": after.interest, "owed_charge_paise": after.charge}
    return line | {"held_excess_paise": after.excess, "net_paise": after.net}


def waiting_receipts() -> list[BankReceipt]:
    """The receipts by bank reference that no second person has decided about, oldest first."""
    return list(BankReceipt.objects.filter(decision=None).select_related("loan").order_by("pk"))


def sums_by_kind(on: date, loans: Sequence[int] | None = None) -> dict[str, Balance]:
    """What the entries until a day-end did to the accounts, by kind of entry, every kind named; loans: rows, default all."""
    rows = WrittenOffEntry.objects.filter(effective_on__lte=on)
    rows = rows if loans is None else rows.filter(loan__in=loans)
    told = rows.order_by().values_list("kind").annotate(*(Sum(name) for name in _FIELDS.values()))
    found = {kind: Balance(principal, interest, charge, -excess) for kind, principal, interest, charge, excess in told}
    return {kind.value: found.get(kind.value, Balance()) for kind in EntryKind}


def moved_by_loan(loans: Sequence[int], on: date) -> dict[int, dict[str, int]]:
    """Of each loan (by its row): what each kind of entry until a day-end added to what is owed net, in paise."""
    rows = WrittenOffEntry.objects.filter(loan__in=loans, effective_on__lte=on).order_by()
    found: dict[int, dict[str, int]] = {loan: dict.fromkeys((kind.value for kind in EntryKind), 0) for loan in loans}
    for row in rows.values("loan_id", "kind").annotate(paise=Sum("counter_paise")):
        found[row["loan_id"]][row["kind"]] = -row["paise"]
    return found


def trial() -> Trial:
    """The trial balance of all loans that Sulah keeps."""
    return trial_of([value_of(row) for row in rows] for _, rows in by_loan())


def wrong_ledger() -> list[str]:
    """What does not hold in the ledger, in words: entries that do not balance, heads below zero, sums of the database beside the loans'."""
    wrong: list[str] = []
    balances: list[Balance] = []
    names = dict(WrittenOffLoan.objects.values_list("pk", "loan_id"))
    for key, rows in by_loan():
        entries = [value_of(row) for row in rows]  # UnbalancedError cannot come: the database refuses such a row
        balances.append(balance_of(entries))
        wrong += _wrong_loan(names[key], entries)
    told = WrittenOffEntry.objects.aggregate(loans=Count("loan", distinct=True), **{name: Sum(name) for name in _FIELDS.values()})
    for account, name in _FIELDS.items():
        sign = -1 if account is Account.EXCESS else 1
        if (told[name] or 0) * sign != (ours := sum(one.head(account) for one in balances)):
            wrong.append(f"Ledger of written-off loans: entries on {account} add up to {told[name]} paise, the loans to {ours}.")
    if (there := WrittenOffLoan.objects.count()) != told["loans"]:
        wrong.append(f"Ledger of written-off loans: {there} loans are kept, {told['loans']} have entries.")
    return wrong


def _wrong_loan(name: str, entries: Sequence[Entry]) -> Iterator[str]:
    """What does not hold for one loan."""
    if sum(entry.kind is EntryKind.OPENING for entry in entries) != 1:
        yield f"Loan {name} in the ledger of written-off loans has not exactly one opening."
    for day in sorted({entry.effective_on for entry in entries}):
        standing = balance_of(entries, day)
        if min(standing.principal, standing.interest, standing.charge, standing.excess) < 0:
            yield f"Loan {name} in the ledger of written-off loans has an account below zero on {day}."
            break
    by_key = {entry.key: entry for entry in entries}
    for key in sorted({entry.reverses for entry in entries if entry.reverses}):
        undone = sum(entry.counter.paise for entry in entries if entry.reverses == key)
        if key not in by_key or abs(undone) > abs(by_key[key].counter.paise):
            yield f"Loan {name} in the ledger of written-off loans: more of entry {key} was reversed than was posted."
