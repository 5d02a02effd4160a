"""What one entry does to the heads: a receipt by the waterfall, a claim that is taken back, a receipt that is undone."""

from collections.abc import Iterable, Sequence

from sulah.payments.posting import COUNTER, OWN, Account, Balance, Entry, EntryKind, Posting

Postings = tuple[Posting, ...]


class TooMuchError(ValueError):
    """More would be reversed than is left of the entry; the words say how much is left, in paise."""


def opening_of(balance: Balance) -> Postings:
    """The postings that take a balance over from the lender's own system."""
    claims = ((account, balance.head(account)) for account in OWN[:-1])
    own = [*claims, (Account.EXCESS, -balance.excess)]
    return _whole(own, Account.TAKEN_OVER)


def claim_of(kind: EntryKind, head: Account, paise: int, standing: Balance) -> Postings:
    """The postings of interest or a fee: above zero it is owed; below zero it is taken back, what was paid already becoming excess.

    standing: what may be taken from each account (`open_from`).

    >>> [(p.account.value, p.paise) for p in claim_of(EntryKind.INTEREST, Account.INTEREST, -100, Balance(interest=60))]
    [('interest', -60), ('excess', -40), ('interest_accrued', 100)]
    """
    taken = paise if paise >= 0 else -min(-paise, standing.head(head))
    return _whole([(head, taken), (Account.EXCESS, paise - taken)], COUNTER[kind])


def receipt_of(paise: int, standing: Balance, order: Sequence[Account]) -> Postings:
    """The postings of money received: the heads in the order of the waterfall, each no deeper than it stands; the rest is excess.

    >>> order = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
    >>> [(p.account.value, p.paise) for p in receipt_of(700, Balance(500, 100, 50), order)]
    [('interest', -100), ('principal', -500), ('charge', -50), ('excess', -50), ('received', 700)]
    """
    left = paise
    own = []
    for head in order:
        taken = min(left, standing.head(head))
        own.append((head, -taken))
        left -= taken
    return _whole([*own, (Account.EXCESS, -left)], Account.RECEIVED)


def undone(entry: Entry, order: Sequence[Account], earlier: Iterable[Entry] = (), paise: int | None = None) -> Postings:
    """The postings that undo a receipt, wholly or for a part: last settled, first restored, as if so much less had been paid.

    order: the heads in the order in which the receipt settled them; earlier: reversals of it that stand.  TooMuchError beyond what is left.

    >>> from datetime import date
    >>> order, day = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE), date(2026, 4, 1)
    >>> paid = Entry(EntryKind.RECEIPT, day, day, receipt_of(600, Balance(500, 100, 50), order))
    >>> [(p.account.value, p.paise) for p in undone(paid, order, (), 550)]
    [('principal', 500), ('interest', 50), ('received', -550)]
    """
    settled = [(account, -entry.of(account)) for account in (*order, Account.EXCESS)]
    before = -sum(one.counter.paise for one in earlier)
    rest = entry.counter.paise - before
    part = rest if paise is None else paise
    if not 0 < part <= rest:
        raise TooMuchError(f"{rest} paise of it are left")
    skip, left, own = before, part, []
    for account, amount in reversed(settled):
        passed = min(skip, amount)
        taken = min(left, amount - passed)
        skip, left = skip - passed, left - taken
        own.append((account, taken))
    return _whole(own, entry.counter.account)


def taken_back(entry: Entry, standing: Balance) -> Postings:
    """The postings that undo a fee as a whole; what was paid of it meanwhile becomes excess."""
    return claim_of(EntryKind.FEE, Account.CHARGE, -entry.of(Account.CHARGE), standing)


def _whole(own: Sequence[tuple[Account, int]], counter: Account) -> Postings:
    """Postings without zeros, balanced by the counter-account."""
    lines = [Posting(account, paise) for account, paise in own if paise]
    return (*lines, Posting(counter, -sum(line.paise for line in lines)))
