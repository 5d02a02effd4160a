"""The truth about one simulated loan: who owes it, what fell due, what was paid, and what the lender came to know when."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sulah.kernel.terms import LoanStatus, RepaymentStatus


class Due(NamedTuple):
    """One instalment; heads in paise."""

    number: int
    due_on: date
    principal: int
    interest: int
    charge: int = 0

    @property
    def total(self) -> int:
        """All heads together, paise.

        >>> Due(1, date(2026, 1, 5), 400_00, 90_00, 10_00).total
        50000
        """
        return self.principal + self.interest + self.charge


@dataclass(frozen=True, slots=True)
class Version:
    """One schedule: the first has no valid_from; a later one replaces what is in force from its lowest number on."""

    known_on: date
    dues: tuple[Due, ...]
    valid_from: date | None = None


@dataclass(slots=True)
class Receipt:
    """One entry of the lender's ledger: a receipt, or (with reverses_id) an entry that undoes one.

    undone_at: when the lender overwrote the status of the same row instead of booking an entry of its own.
    garbled: what the amount looks like in the extract, until the given day, when somebody mends the row.
    """

    repayment_id: str
    loan_id: str
    paid_on: date
    paise: int
    mode: str
    booked_at: datetime
    officer_id: str = ""
    status: RepaymentStatus = RepaymentStatus.POSTED
    reverses_id: str = ""
    undone_at: datetime | None = None
    undone_status: RepaymentStatus = RepaymentStatus.BOUNCED
    garbled: tuple[str, date] | None = None

    @property
    def effective_on(self) -> date:
        """The day-end from which the entry counts: the later of its own date and the day it was booked."""
        return max(self.paid_on, self.booked_at.date())

    @property
    def signed(self) -> int:
        """What the entry adds to the receipts, paise; an entry that undoes one takes away."""
        return -self.paise if self.reverses_id else self.paise


@dataclass(frozen=True, slots=True)
class Opening:
    """What was paid before the branch came over from another system; paise."""

    on: date
    principal: int
    interest: int
    npa_on: date | None


@dataclass(frozen=True, slots=True)
class Bounce:
    """A debit that failed."""

    bounce_id: str
    loan_id: str
    presented_on: date
    paise: int
    reason_code: str
    mandate_id: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A standing instruction to debit; cancelled_on = the day the bank withdrew it."""

    mandate_id: str
    loan_id: str
    kind: str
    max_paise: int
    bank: str
    from_on: date
    cancelled_on: date | None = None


@dataclass(slots=True)
class Account:
    """One loan with its whole life; principal in paise, rate in basis points a year.

    quirk names the way in which the lender's own system is wrong about this loan; empty when it is right.
    """

    loan_id: str
    borrower_id: str
    product: str
    branch_id: str
    disbursed_on: date
    principal: int
    rate_bps: int
    count: int
    frequency: str
    officer_id: str
    versions: list[Version]
    secured: bool = False
    channel: str = "branch"
    receipts: list[Receipt] = field(default_factory=list)
    bounces: list[Bounce] = field(default_factory=list)
    mandate: Mandate | None = None
    guarantors: tuple[str, ...] = ()
    ended: tuple[LoanStatus, date] | None = None
    restructured_on: date | None = None
    moratorium: tuple[date, date] | None = None
    opening: Opening | None = None
    co_lender: str = ""
    totals_only: bool = False
    temper: str = ""
    quirk: str = ""
    entries: int = 0

    def next_entry_id(self) -> str:
        """A new id for an entry of this loan's ledger, never given before."""
        self.entries += 1
        return f"R-{self.loan_id}-{self.entries:03d}"

    def dues_on(self, day: date) -> tuple[Due, ...]:
        """The instalments in force on a day-end, in order: each later version known by then replaces from its lowest number on."""
        dues = self.versions[0].dues
        for version in self.versions[1:]:
            if max(version.known_on, version.valid_from or version.known_on) <= day:
                dues = tuple(due for due in dues if due.number < version.dues[0].number) + version.dues
        return dues

    def status_on(self, day: date) -> LoanStatus:
        """What the lender says of the loan on a day."""
        return self.ended[0] if self.ended and self.ended[1] <= day else LoanStatus.ACTIVE


@dataclass(slots=True)
class Person:
    """One borrower or guarantor; incomes in paise, coordinates in units of 0.0001 degree."""

    borrower_id: str
    name: str
    phone: str
    language: str
    gender: str
    born_on: date
    occupation: str
    monthly_income: int
    address: str
    pincode: str
    state: str
    latitude: int
    longitude: int
    known_on: date
    phone_2: str = ""
    centre_id: str = ""
    group_id: str = ""
    household_id: str = ""
    deceased: tuple[date, date] | None = None
    consents: str = "sms;whatsapp;call"


@dataclass(frozen=True, slots=True)
class Centre:
    """A place where groups meet; weekday 0 = Monday; moved = the day from which another weekday counts."""

    centre_id: str
    branch_id: str
    name: str
    weekday: int
    time: str
    pincode: str
    latitude: int
    longitude: int
    officer_id: str
    moved: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class Relief:
    """A window of relief for a person or a PIN code, and the day the lender entered it."""

    kind: str
    from_on: date
    to_on: date | None
    counts: bool
    known_on: date
    borrower_id: str = ""
    pincode: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with a person."""

    contact_id: str
    borrower_id: str
    at: datetime
    channel: str
    direction: str
    loan_id: str
    outcome: str
    number_used: str = ""
    seconds: int | None = None
    agent_id: str = ""
    party: str = "borrower"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay, paise."""

    promise_id: str
    loan_id: str
    made_at: datetime
    due_on: date
    paise: int
    taken_by: str
    channel: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A payment as another source knows it, paise."""

    source: str
    reference: str
    loan_id: str
    paid_on: date
    paise: int
    mode: str
