"""Which loans of the simulated book get which oddity: counts and choices, all drawn from the seed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sulah.kernel.terms import LoanStatus, RepaymentStatus
from sulah.simulation import oddities
from sulah.simulation.account import Account, Centre, Person, Receipt, Relief
from sulah.simulation.luck import luck
from sulah.simulation.standing import QUIRKS, Standings

MORATORIA, PAUSES, MOVED_CENTRES, DEATHS = 10, 5, 2, 4
RESTRUCTURED, RECOVERED, PART_PAID, SETTLED, SOLD, PRECLOSED = 8, 10, 12, 8, 12, 60
RETURNED, OVERWRITTEN, POSTED_TWICE, GARBLED = 25, 12, 20, 12
OFF_BY_ONE, LATE_POSTING = 24, 60
WRITE_OFF_DAYS = 210


def bend_before(
    seed: int, accounts: list[Account], centres: list[Centre], reliefs: list[Relief], people: list[Person], last_day: date
) -> None:
    """Oddities that change what falls due, before anybody pays: moratoria, pauses, moved meeting days, deaths."""
    stream = luck(seed, "mischief", "before")
    young = [account for account in accounts if 60 < (last_day - account.disbursed_on).days < 300 and not account.secured]
    monthly = [account for account in young if account.product == "personal"]
    for account in stream.sample(monthly, min(MORATORIA, len(monthly))):
        oddities.grant_moratorium(account, max(account.disbursed_on, last_day - timedelta(days=40 + stream.randrange(60))))
    for account in stream.sample(young, min(PAUSES, len(young))):
        from_on = last_day - timedelta(days=10 + stream.randrange(60))
        until, known_on = from_on + timedelta(days=20), from_on + timedelta(days=1)
        reliefs.append(Relief("pause", from_on, until, counts=False, known_on=known_on, borrower_id=account.borrower_id))
    _move_centres(stream, accounts, centres, people, last_day)
    living = [person for person in people if person.known_on < last_day - timedelta(days=60)]
    for person in stream.sample(living, min(DEATHS, len(living))):
        died_on = last_day - timedelta(days=5 + stream.randrange(40))
        person.deceased = (died_on, died_on + timedelta(days=2))


def _move_centres(stream: Random, accounts: list[Account], centres: list[Centre], people: list[Person], last_day: date) -> None:
    """Some centres meet two days later from a day on: every running schedule of the centre gets a version of its own."""
    members = {person.borrower_id: person.centre_id for person in people}
    for place in stream.sample(range(len(centres)), min(MOVED_CENTRES, len(centres))):
        centre = centres[place]
        from_on = last_day - timedelta(days=20 + stream.randrange(80))
        from_on -= timedelta(days=from_on.weekday())
        centres[place] = replace(centre, moved=(from_on, centre.weekday + 2))
        for account in accounts:
            if account.product == "jlg" and members[account.borrower_id] == centre.centre_id and account.disbursed_on < from_on:
                oddities.shift_dues(account, from_on, days=2)


def bend_after(seed: int, accounts: list[Account], last_day: date, migrated_on: date, migrated: set[str]) -> None:
    """Oddities of what was paid and booked, after everybody has lived: bent lives first, then single entries, ends and quirks."""
    stream = luck(seed, "mischief", "after")
    plain = [account for account in accounts if len(account.versions) == 1]
    free = _bend_lives(stream, plain, last_day)
    _bend_entries(stream, free, last_day)
    for account in accounts:
        _write_off(account, last_day)
        oddities.finish(account)
    for account in accounts:
        if account.branch_id in migrated:
            oddities.move_over(account, migrated_on)
    _quirks(stream, accounts, last_day)


def _choose(stream: Random, accounts: list[Account], count: int, fits: Callable[[Account], bool]) -> list[Account]:
    """Take accounts out of the free ones, so that no loan gets two oddities."""
    fitting = [account for account in accounts if fits(account)]
    chosen = stream.sample(fitting, min(count, len(fitting)))
    taken = {account.loan_id for account in chosen}
    accounts[:] = [account for account in accounts if account.loan_id not in taken]
    return chosen


def _bend_lives(stream: Random, plain: list[Account], last_day: date) -> list[Account]:
    """Restructured, recovered and upgraded, paid in part, settled, sold, closed early; returns the accounts left free."""
    free = list(plain)
    lived = {account.loan_id: Standings(account) for account in plain}

    def dpd(account: Account, day: date) -> int:
        return lived[account.loan_id].dpd(day)

    def day() -> date:
        return last_day - timedelta(days=14 + stream.randrange(90))

    on = day()
    for account in _choose(stream, free, RESTRUCTURED, lambda a: a.product != "msme" and 20 <= dpd(a, on) <= 85 and len(a.dues_on(on)) > 4):
        oddities.restructure(stream, account, on, last_day)
    on = day()
    for account in _choose(stream, free, RECOVERED, lambda a: dpd(a, on) > 95):
        oddities.turn(stream, account, on, Standings(account).on(on).overdue, oddities.STEADY, last_day)
    on = last_day - timedelta(days=25)
    for account in _choose(stream, free, PART_PAID, lambda a: 95 < dpd(a, on) < 260 and len(a.receipts) > 1):
        overdue = Standings(account).on(on).overdue
        oddities.turn(stream, account, on, overdue * 2 // 3 // 100_00 * 100_00, None, last_day)
        account.quirk = "upgrades_on_part_payment"
    on = day()
    for account in _choose(stream, free, SETTLED, lambda a: dpd(a, on) > 120):
        oddities.settle(stream, account, on)
    on = last_day - timedelta(days=45)
    for account in _choose(stream, free, SOLD, lambda a: dpd(a, on) > 140):
        oddities.turn(stream, account, on, 0, None, last_day)
        account.ended = (LoanStatus.SOLD, on)
    for account in _choose(stream, free, PRECLOSED, lambda a: (last_day - a.disbursed_on).days > 150 and dpd(a, last_day) == 0):
        oddities.preclose(stream, account, last_day - timedelta(days=stream.randrange(100)))
    return free


def _bend_entries(stream: Random, free: list[Account], last_day: date) -> None:
    """Returned cheques, overwritten statuses, double postings, and amounts that cannot be read for some days."""
    since = last_day - timedelta(days=100)

    def recent(account: Account) -> Receipt:
        return stream.choice([receipt for receipt in account.receipts if receipt.effective_on >= since])

    def paying(account: Account) -> bool:
        return any(since <= receipt.effective_on for receipt in account.receipts)

    for account in _choose(stream, free, RETURNED, paying):
        receipt = recent(account)
        receipt.mode = "cheque"
        oddities.undo_by_entry(stream, account, receipt, 2 + stream.randrange(4), RepaymentStatus.BOUNCED, last_day)
    for account in _choose(stream, free, OVERWRITTEN, paying):
        oddities.undo_by_status(stream, account, recent(account), 2 + stream.randrange(4), last_day)
    for account in _choose(stream, free, POSTED_TWICE, paying):
        oddities.post_twice(stream, account, recent(account), last_day)
    late = last_day - timedelta(days=20)
    garbled = _choose(stream, free, GARBLED, lambda a: any(receipt.effective_on >= late for receipt in a.receipts))
    oddities.garble(stream, [next(r for r in account.receipts if r.effective_on >= late) for account in garbled], 4)


def _write_off(account: Account, last_day: date) -> None:
    """Two of three loans are written off at the first month's start after 210 days past due; the claim goes on."""
    oldest = Standings(account).oldest(last_day)
    if account.ended or oldest is None or sum(map(ord, account.loan_id)) % 3 == 0:
        return
    ripe = oldest + timedelta(days=WRITE_OFF_DAYS)
    on = (ripe.replace(day=1) + timedelta(days=32)).replace(day=1)
    if on <= last_day:
        account.ended = (LoanStatus.WRITTEN_OFF, on)


def _quirks(stream: Random, accounts: list[Account], last_day: date) -> None:
    """Where the lender's own system is wrong: some overdue loans counted one too many, some receipts seen days late."""
    right = [account for account in accounts if not account.quirk and account.ended is None]
    for account in _choose(stream, right, OFF_BY_ONE, lambda a: Standings(a).dpd(last_day) > 1):
        account.quirk = QUIRKS[0]
    for account in _choose(stream, right, LATE_POSTING, lambda a: bool(a.receipts)):
        account.quirk = QUIRKS[1]
