"""The loans of the small book, worked out in plain Python: no portfolio code is used, so the pages are held against something else."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sulah.kernel.dates import add_months

LAST = date(2026, 3, 31)
BRANCHES = ("BR-NASHIK", "BR-SALEM", "BR-GAYA")
PRODUCTS = ("JLG-WEEKLY", "PERSONAL", "TWO-WHEELER", "MSME")
NAMES = ("Asha Pawar", "Meena Kumari", "Lakshmi Devi", "Salma Bano", "Kavitha Raj", "Sunita Devi", "Rekha Jadhav", "Fatima Sheikh")
HOSTILE = '<script>alert("x")</script> =HYPERLINK("http://example.org")'
ROW = dict[str, Any]


@dataclass
class Story:
    """One loan: twelve monthly instalments of principal and interest from `first_due`, and what was paid, by date."""

    key: int
    loan_id: str
    borrower: int
    branch: str
    product: str
    first_due: date
    principal: int
    interest: int
    paid: list[tuple[date, int]] = field(default_factory=list)
    lms_dpd: int | None = None
    written_off_on: date | None = None

    @property
    def borrower_id(self) -> str:
        """The person's id."""
        return f"B-{self.borrower:04d}"

    def dues(self) -> list[tuple[int, date, int, int]]:
        """Number, due date, principal, interest."""
        return [(n + 1, add_months(self.first_due, n), self.principal, self.interest) for n in range(12)]


def stories(count: int = 160) -> list[Story]:
    """The same loans every time: most in order, some late by one to thirteen months, each branch with all products."""
    late = (0, 0, 1, 0, 0, 2, 0, 3, 0, 0, 4, 0, 0, 7, 0, 0)
    told: list[Story] = []
    for n in range(count):
        first_due = date(2025, 5, 1) + timedelta(days=(n * 3) % 27)
        principal, interest = 100_000 * (1 + n % 7), 12_000 + 1_000 * (n % 5)
        story = Story(n, f"LN/{10001 + n}", n if n % 10 else n // 2, BRANCHES[n % 3], PRODUCTS[n % 4], first_due, principal, interest)
        due = [line for line in story.dues() if line[1] <= LAST]
        whole = max(0, len(due) - late[n % 16])
        story.paid = [(on + timedelta(days=n % 3), p + i) for _, on, p, i in due[:whole] if on + timedelta(days=n % 3) <= LAST]
        if late[n % 16] and n % 2:
            story.paid.append((LAST - timedelta(days=5), 45_050))
        if late[n % 16]:
            story.lms_dpd = 30 * late[n % 16] - n % 3
        if n == 141:
            story.written_off_on = date(2026, 1, 31)
        told.append(story)
    return told


def settled(story: Story, as_of: date) -> tuple[list[ROW], list[list[int]]]:
    """Settlement rows, and settled [interest, principal] for each instalment: oldest first, interest before principal."""
    rows: list[ROW] = []
    done = [[0, 0] for _ in story.dues()]
    for place, (on, paise) in enumerate(story.paid):
        left = paise if on <= as_of else 0
        for (number, due_on, principal, interest), got in zip(story.dues(), done, strict=True):
            for head, (name, owed) in enumerate((("interest", interest), ("principal", principal))):
                take = min(left, owed - got[head])
                if take > 0:
                    got[head] += take
                    left -= take
                    known = {"loan_key": story.key, "repayment_id": f"R{story.key}-{place}", "effective_on": on, "paid_on": on}
                    rows.append({**known, "entry": "receipt", "number": number, "due_on": due_on, "head": name, "amount_paise": take})
    return rows, done


def state_and_position(story: Story, as_of: date) -> tuple[ROW, ROW]:
    """The state and position rows of one loan on a day."""
    _, done = settled(story, as_of)
    lines = list(zip(story.dues(), done, strict=True))
    due = [(line, got) for line, got in lines if line[1] <= as_of]
    unpaid = [line for line, got in lines if sum(got) < line[2] + line[3]]
    oldest = unpaid[0][1] if unpaid else None
    in_arrears = oldest is not None and oldest <= as_of
    paid = sum(paise for on, paise in story.paid if on <= as_of)
    interest, principal = (sum(got[head] for _, got in lines) for head in (0, 1))
    due_principal, due_interest = (sum(line[place] for line, _ in due) for place in (2, 3))
    late_principal = sum(line[2] - got[1] for line, got in due)
    late_interest = sum(line[3] - got[0] for line, got in due)
    ahead = [line[1] for line, _ in lines if line[1] > as_of]
    last_paid = max((on for on, _ in story.paid if on <= as_of), default=None)
    state = {
        "loan_key": story.key,
        "borrower_key": story.borrower,
        "paid_paise": paid,
        "last_paid_on": last_paid,
        "due_paise": due_principal + due_interest,
        "due_principal_paise": due_principal,
        "due_interest_paise": due_interest,
        "scheduled_paise": 12 * (story.principal + story.interest),
        "settled_paise": interest + principal,
        "settled_principal_paise": principal,
        "settled_interest_paise": interest,
        "unpaid_due_on": oldest,
        "instalments_due": len(due),
        "instalments_settled": len(lines) - len(unpaid),
        "next_due_on": min(ahead, default=None),
        "demanded": True,
    }
    position = {
        "loan_id": story.loan_id,
        "borrower_id": story.borrower_id,
        "product": story.product,
        "branch_id": story.branch,
        "as_of": as_of,
        "outstanding_principal_paise": 12 * story.principal - principal,
        "overdue_paise": late_principal + late_interest,
        "overdue_principal_paise": late_principal,
        "overdue_interest_paise": late_interest,
        "overdue_charge_paise": 0,
        "instalments_overdue": sum(1 for line in unpaid if line[1] <= as_of),
        "oldest_unpaid_due_on": oldest if in_arrears else None,
        "dpd": (as_of - oldest).days + 1 if oldest and in_arrears else 0,
        "dpd_elapsed": (as_of - oldest).days if oldest and in_arrears else 0,
        "paid_paise": paid,
        "allocated_paise": interest + principal,
        "unallocated_paise": paid - interest - principal,
        "advance_paise": max(0, paid - due_principal - due_interest),
        "last_paid_on": last_paid,
        "next_due_on": min(ahead, default=None),
    }
    return state, position


def bucket_of(dpd: int) -> str:
    """The bucket of a dpd."""
    limits = (("current", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("91-180", 180), ("181-365", 365))
    return next((name for name, to in limits if dpd <= to), "366+")


def class_of(story: Story, position: ROW, worst: ROW) -> ROW:
    """The classification row of a loan whose borrower's worst position is given."""
    dpd = worst["dpd"]
    npa = dpd > 90
    sma = "none" if npa or dpd == 0 else ("sma_0" if dpd <= 30 else "sma_1" if dpd <= 60 else "sma_2")
    rule = "LIM-NPA" if npa else {"none": "LIM-STANDARD", "sma_0": "LIM-SMA-0", "sma_1": "LIM-SMA-1", "sma_2": "LIM-SMA-2"}[sma]
    return {
        "loan_id": story.loan_id,
        "borrower_id": story.borrower_id,
        "as_of": position["as_of"],
        "bucket": bucket_of(position["dpd"]),
        "sma": sma,
        "asset_class": "loss" if story.written_off_on else ("sub_standard" if npa else "standard"),
        "upgraded_on": None,
        "npa_on": worst["oldest_unpaid_due_on"] + timedelta(days=90) if npa else None,
        "borrower_dpd": dpd,
        "months_npa": 0,
        "rule_id": rule,
    }
