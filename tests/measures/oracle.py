"""Every measure worked out anew in plain Python from design 4 and docs/operate/measures.md, loan by loan, over exported tables.

It reads position, classification, provisioning, account, due and receipt as each day had them, and nothing that the measures made.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+")
ORDER = (*BUCKETS, "written_off")
LATE = ("arrived", "closed")
CUTS = {"vintage", "channel", "ticket_band"}
BANDS = (
    (25_000_00, "up to 25k"),
    (50_000_00, "25k to 50k"),
    (75_000_00, "50k to 75k"),
    (1_00_000_00, "75k to 1 lakh"),
    (2_00_000_00, "1 to 2 lakh"),
)


@dataclass
class Loan:
    """A loan as one day-end had it."""

    account: Row
    position: Row
    asset_class: str
    bucket: str
    provision: int
    aged: int
    paid: int
    dues: list[tuple[date, int]]

    def place(self, on: date) -> str:
        """Closed, written off, or its bucket."""
        if ended(self.account, on):
            return "closed"
        return "written_off" if lost(self.account, on) else self.bucket


@dataclass
class Evening:
    """All loans as one committed day had them."""

    on: date
    loans: dict[str, Loan]


@dataclass
class Since:
    """What a loan did since the opening of the month; opening None = not known, amounts in paise."""

    opening: str | None
    opened: Loan | None
    known: bool
    month_due: int = 0
    arrears: int = 0
    advance: int = 0
    to_arrears: int = 0
    to_dues: int = 0
    from_advance: int = 0
    ahead: int = 0


def ended(account: Row, on: date) -> bool:
    """Is nothing demanded any more?"""
    return account["ended_on"] is not None and account["ended_on"] <= on


def lost(account: Row, on: date) -> bool:
    """Is it written off?"""
    return account["written_off_on"] is not None and account["written_off_on"] <= on


def evening(on: date, tables: Mapping[str, Iterable[Row]]) -> Evening:
    """A day from the tables of its folder and of its load."""
    accounts = {row["loan_id"]: row for row in tables["account"]}
    classes = {row["loan_id"]: row for row in tables["classification"]}
    legs: Counter[tuple[str, bool]] = Counter()
    for row in tables["provisioning"]:
        legs[row["loan_id"], row["leg"].startswith("instalments")] += row["provision_paise"]
    paid: Counter[int] = Counter()
    for row in tables["receipt"]:
        if row["effective_on"] <= on < row["void_on"]:
            paid[row["loan_key"]] += row["amount_paise"]
    dues: dict[int, list[tuple[date, int]]] = {}
    for row in tables["due"]:
        if row["in_force_from"] <= on < row["in_force_to"]:
            whole = row["principal_paise"] + row["interest_paise"] + row["charge_paise"]
            dues.setdefault(row["loan_key"], []).append((row["due_on"], whole))
    loans = {}
    for row in tables["position"]:
        name = row["loan_id"]
        key = accounts[name]["loan_key"]
        klass = classes[name]
        loans[name] = Loan(
            accounts[name],
            row,
            klass["asset_class"],
            klass["bucket"],
            legs[name, False],
            legs[name, True],
            max(0, paid[key]),
            dues.get(key, []),
        )
    return Evening(on, loans)


def month_end_before(on: date) -> date:
    """The last day of the month before."""
    return on.replace(day=1) - timedelta(days=1)


def since(name: str, today: Evening, opening: Evening | None) -> Since:
    """The month of one loan, receipt by receipt: first the arrears of the opening, then each due of the month, then ahead."""
    loan = today.loans[name]
    if opening is None:
        return Since(None, None, known=False)
    opened = opening.loans.get(name)
    if opened is not None and ended(opened.account, opening.on):
        return Since("arrived", None, known=False)
    if opened is None and loan.account["disbursed_on"] <= opening.on:
        return Since("arrived", None, known=False)
    result = Since("new" if opened is None else opened.place(opening.on), opened, known=True)
    paid_then = 0
    if opened is not None:
        paid_then = opened.paid
        result.arrears = opened.position["overdue_paise"]
        result.advance = max(0, paid_then - sum(amount for due_on, amount in opened.dues if due_on <= opening.on))
    last = min(today.on, loan.account["ended_on"] - timedelta(days=1)) if loan.account["ended_on"] else today.on
    money = loan.paid - paid_then + result.advance
    result.to_arrears = min(money, result.arrears)
    money = max(0, money - result.arrears)
    ahead = result.advance
    for due_on, amount in sorted(loan.dues):
        if opening.on < due_on <= last:
            settled = min(money, amount)
            money -= settled
            result.month_due += amount
            result.to_dues += settled
            result.from_advance += min(ahead, amount)
            ahead -= min(ahead, amount)
    result.ahead = money
    return result


def in_the_book(today: Evening) -> list[str]:
    """Loans that had not ended when the month opened."""
    opened_on = month_end_before(today.on)
    return [name for name, loan in today.loans.items() if not ended(loan.account, opened_on)]


def members(account: Row, directory: Mapping[str, Row]) -> dict[str, str]:
    """The member of each dimension that a loan belongs to."""
    place = directory.get(account["pincode"] or "", {})
    band = next((name for most, name in BANDS if account["principal_paise"] <= most), "above 2 lakh")
    return {
        "branch": account["branch_id"] or "",
        "product": account["product"] or "",
        "officer": account["officer_id"] or "",
        "pincode": account["pincode"] or "",
        "state": account["state"] or place.get("state") or "",
        "district": place.get("district") or "",
        "vintage": account["disbursed_on"].isoformat()[:7],
        "channel": account["acquisition_channel"] or "",
        "ticket_band": band,
    }


def measures(today: Evening, opening: Evening | None, directory: Mapping[str, Row]) -> dict[tuple[str, str, str], Counter[str]]:
    """(dimension, member, branch) -> every measure."""
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for name in in_the_book(today):
        one = of_loan(today.loans[name], today.on, since(name, today, opening), opening)
        account = today.loans[name].account
        for dimension, member in members(account, directory).items():
            key = (dimension, member, "" if dimension in CUTS else account["branch_id"] or "")
            found.setdefault(key, Counter()).update(one)
    return found


def of_loan(loan: Loan, on: date, month: Since, opening: Evening | None) -> dict[str, int]:
    """What one loan adds to each measure."""
    place, row = loan.place(on), loan.position
    principal = row["outstanding_principal_paise"]
    one: dict[str, int] = {"provision_paise": loan.provision, "provision_aged_paise": loan.aged}
    if place in BUCKETS:
        one |= {"loans": 1, "principal_paise": principal, "overdue_paise": row["overdue_paise"]}
        for days in (1, 30, 60, 90, 180):
            if row["dpd"] > days:
                one |= {f"par_{days}_loans": 1, f"par_{days}_paise": principal}
        if loan.asset_class != "standard":
            one |= {"npa_loans": 1, "npa_paise": principal}
    if place == "written_off":
        one |= {"written_off_loans": 1, "written_off_paise": principal}
    return one | (_rolled(place, principal, month, opening) if month.opening else {})


def _rolled(place: str, principal: int, month: Since, opening: Evening | None) -> dict[str, int]:
    one: dict[str, int] = {}
    if month.opened is not None:
        one |= {"open_provision_paise": month.opened.provision, "open_provision_aged_paise": month.opened.aged}
    if month.opening == "written_off":
        one["recovered_paise"] = month.to_arrears + month.to_dues + month.ahead - month.advance
        return one
    if month.known:
        one |= {"month_due_paise": month.month_due, "applied_due_paise": month.to_dues, "from_advance_paise": month.from_advance}
        one |= {"open_arrears_paise": month.arrears, "applied_arrears_paise": month.to_arrears}
        one |= {"open_advance_paise": month.advance, "ahead_paise": month.ahead}
    if month.opened is None:
        if month.opening in LATE:
            one["unanchored_loans"] = 1
        return one | {"new_loans": 1, "new_paise": principal}
    was = month.opened.position["outstanding_principal_paise"]
    way = direction(str(month.opening), place)
    return one | {"open_loans": 1, "open_principal_paise": was, f"{way}_loans": 1, f"{way}_paise": was}


def direction(then: str, now: str) -> str:
    """Same, closed, forward or back."""
    if now in (then, "closed"):
        return "same" if now == then else "closed"
    return "forward" if ORDER.index(now) > ORDER.index(then) else "back"


def matrix(today: Evening, opening: Evening) -> Counter[tuple[str, str, str]]:
    """(opening place, place, what) -> loans, opening principal and what the provision moved by."""
    cells: Counter[tuple[str, str, str]] = Counter()
    for name in in_the_book(today):
        loan, month = today.loans[name], since(name, today, opening)
        key = ("new" if month.opened is None else str(month.opening), loan.place(today.on))
        was = month.opened.position["outstanding_principal_paise"] if month.opened else 0
        then = month.opened.provision + month.opened.aged if month.opened else 0
        cells[(*key, "loans")] += 1
        cells[(*key, "paise")] += was
        cells[(*key, "provision")] += loan.provision + loan.aged - then
    return cells


def moves(today: Evening, before: Evening) -> Counter[tuple[str, str, str]]:
    """The same by day, for loans that changed place since the last committed day."""
    cells: Counter[tuple[str, str, str]] = Counter()
    listed = set(in_the_book(before))
    for name in in_the_book(today):
        loan, then = today.loans[name], before.loans.get(name) if name in listed else None
        key = (then.place(before.on) if then else "new", loan.place(today.on))
        if key[0] != key[1]:
            cells[(*key, "loans")] += 1
            cells[(*key, "paise")] += then.position["outstanding_principal_paise"] if then else 0
    return cells


@dataclass
class Memory:
    """Who was ever over 30 or 90 days, or NPA, on a committed day: (loan, mark) -> first day, late, principal, overdue, paid."""

    entries: dict[tuple[str, str], tuple[date, bool, int, int, int]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def see(self, today: Evening) -> None:
        """Look at a committed day, in order."""
        names = in_the_book(today)
        for name in names:
            loan = today.loans[name]
            row = loan.position
            npa = loan.asset_class != "standard" and not lost(loan.account, today.on)
            for mark, holds in (("par_30", row["dpd"] > 30), ("par_90", row["dpd"] > 90), ("npa", npa)):
                if holds and (name, mark) not in self.entries:
                    amounts = (row["outstanding_principal_paise"], row["overdue_paise"], loan.paid)
                    self.entries[name, mark] = (today.on, name not in self.listed, *amounts)
        self.listed = set(names)
