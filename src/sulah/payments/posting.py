"""Double entry in whole paise: accounts, entries whose postings add up to zero, and the balance as a fold of them.

A posting above zero is a debit.  Principal, interest and charge are what the borrower owes; excess is what the lender owes back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Account(StrEnum):
    """The accounts of a written-off loan, and the counter-accounts that say where each entry came from."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    CHARGE = "charge"
    EXCESS = "excess"
    TAKEN_OVER = "taken_over"
    ACCRUED = "interest_accrued"
    CHARGED = "fees_charged"
    RECEIVED = "received"
    WAIVED = "waived"
    SETTLED = "settled"


HEADS = (Account.PRINCIPAL, Account.INTEREST, Account.CHARGE)
"""What a borrower owes, by head; a head is never below zero on any day."""

OWN = (*HEADS, Account.EXCESS)
"""The accounts of the loan itself; every entry has one counter-account besides."""


class EntryKind(StrEnum):
    """What an entry is; waiver and settlement are reserved: no act posts them."""

    OPENING = "opening"
    INTEREST = "interest"
    FEE = "fee"
    RECEIPT = "receipt"
    REVERSAL = "reversal"
    WAIVER = "waiver"
    SETTLEMENT = "settlement"


COUNTER = {
    EntryKind.OPENING: Account.TAKEN_OVER,
    EntryKind.INTEREST: Account.ACCRUED,
    EntryKind.FEE: Account.CHARGED,
    EntryKind.RECEIPT: Account.RECEIVED,
    EntryKind.WAIVER: Account.WAIVED,
    EntryKind.SETTLEMENT: Account.SETTLED,
}
"""The counter-account of each kind; a reversal has that of the entry which it reverses."""


class UnbalancedError(ValueError):
    """The postings of an entry do not add up to zero, or are not whole paise on one counter-account: a fault of code, not of data."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: an account, and paise above zero for a debit, below for a credit."""

    account: Account
    paise: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what it is, the day it is about, the day it became known, its postings, its key and the key of what it reverses."""

    kind: EntryKind
    effective_on: date
    known_on: date
    postings: tuple[Posting, ...]
    key: str = ""
    reverses: str = ""

    def __post_init__(self) -> None:
        """UnbalancedError unless the postings are whole paise, add up to zero and meet exactly one counter-account."""
        whole = all(type(posting.paise) is int for posting in self.postings)
        if not whole or sum(posting.paise for posting in self.postings) != 0:
            raise UnbalancedError(f"{self.key or self.kind}: postings must be whole paise that add up to zero")
        counters = [posting.account for posting in self.postings if posting.account not in OWN]
        if len(counters) != 1 or COUNTER.get(self.kind, counters[0]) != counters[0]:
            raise UnbalancedError(f"{self.key or self.kind}: one counter-account is wanted, that of the kind")

    def of(self, account: Account) -> int:
        """Paise on an account, debit above zero."""
        return sum(posting.paise for posting in self.postings if posting.account is account)

    @property
    def counter(self) -> Posting:
        """The posting on the counter-account."""
        return next(posting for posting in self.postings if posting.account not in OWN)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed by head, and what was received beyond it, in paise; excess is above zero when the lender owes it back."""

    principal: int = 0
    interest: int = 0
    charge: int = 0
    excess: int = 0

    @property
    def owed(self) -> int:
        """All heads together."""
        return self.principal + self.interest + self.charge

    @property
    def net(self) -> int:
        """What is owed less what was received beyond it."""
        return self.owed - self.excess

    def head(self, account: Account) -> int:
        """The balance of one of the loan's own accounts."""
        return {
            Account.PRINCIPAL: self.principal,
            Account.INTEREST: self.interest,
            Account.CHARGE: self.charge,
            Account.EXCESS: self.excess,
        }[account]


def balance_of(entries: Iterable[Entry], on: date | None = None, known_on: date | None = None) -> Balance:
    """The balance at a day-end, as known at the end of another (default: all that is known): a sum, whatever the order of the entries.

    >>> lines = (Posting(Account.PRINCIPAL, 900), Posting(Account.INTEREST, 100), Posting(Account.TAKEN_OVER, -1000))
    >>> balance_of([Entry(EntryKind.OPENING, date(2026, 3, 31), date(2026, 4, 1), lines)]).owed
    1000
    """
    sums = dict.fromkeys(OWN, 0)
    for entry in entries:
        if (on is None or entry.effective_on <= on) and (known_on is None or entry.known_on <= known_on):
            for posting in entry.postings:
                if posting.account in sums:
                    sums[posting.account] += posting.paise
    return Balance(sums[Account.PRINCIPAL], sums[Account.INTEREST], sums[Account.CHARGE], -sums[Account.EXCESS])


def open_from(entries: Iterable[Entry], on: date) -> Balance:
    """What may be taken from each account with effect from a day: the least that stands on it on that day and on every later one."""
    known = tuple(entries)
    days = {on, *(entry.effective_on for entry in known if entry.effective_on > on)}
    standing = [balance_of(known, day) for day in days]
    return Balance(*(min(one.head(account) for one in standing) for account in OWN))
