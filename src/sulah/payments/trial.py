"""The trial balance: what every loan together stands at by head, and the entries that it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sulah.payments.posting import COUNTER, OWN, Account, Balance, Entry, EntryKind, balance_of

PARTS = tuple(EntryKind)
"""The lines of a trial balance, in order; reversals of whatever kind stand in one line."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Sums of entries by kind and own account (debit above zero), the sums on counter-accounts, and the balances of the loans added up."""

    parts: Mapping[EntryKind, Balance]
    counters: Mapping[Account, int]
    balance: Balance

    @property
    def untied(self) -> tuple[Account, ...]:
        """The accounts whose parts do not add up to the balances of the loans; none when all is well."""
        return tuple(account for account in OWN if sum(part.head(account) for part in self.parts.values()) != self.balance.head(account))

    @property
    def ties(self) -> bool:
        """Do the parts add up to the balances of the loans, by head, and all accounts to zero?"""
        whole = self.balance.net + sum(self.counters.values())
        return not self.untied and whole == 0


def trial_of(loans: Iterable[Iterable[Entry]]) -> Trial:
    """The trial balance of loans, each given by its entries: parts by kind from all entries, balances loan by loan.

    >>> trial_of([]).ties
    True
    """
    parts: dict[EntryKind, list[Entry]] = {kind: [] for kind in PARTS}
    counters = dict.fromkeys(COUNTER.values(), 0)
    balances: list[Balance] = []
    for entries in loans:
        known = tuple(entries)
        balances.append(balance_of(known))
        for entry in known:
            parts[entry.kind].append(entry)
            counters[entry.counter.account] += entry.counter.paise
    whole = Balance(*(sum(one.head(account) for one in balances) for account in OWN))
    return Trial({kind: balance_of(found) for kind, found in parts.items()}, counters, whole)
