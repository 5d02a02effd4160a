"""One rule of contact, ready for asking, and the terms that its row is written in."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from sulah.guard.plain import canonical
from sulah.kernel.terms import Channel, ContactClass, LoanType, Purpose, Role, StopEvent, StopScope

ANY = "*"


class Predicate(StrEnum):
    """What a rule asks; each has one function of its own name in `predicates`."""

    HOURS = "hours"
    CAP = "cap"
    ONE_CALL = "one_call"
    PREFERENCE = "preference"
    OCCASION = "occasion"
    PARTY = "party"
    NUMBER = "number"
    CONSENT = "consent"
    MISSES = "misses"
    PLACE_ORDER = "place_order"
    CERTIFICATE = "certificate"
    ANTECEDENTS = "antecedents"
    AGENT_NOTICE = "agent_notice"
    ASSIGNED = "assigned"
    STOP = "stop"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    SESSION = "session"
    TEMPLATE = "template"
    TIER = "tier"
    NO_OFFER = "no_offer"
    CALLER_ID = "caller_id"
    LEGAL_LANGUAGE = "legal_language"
    DEMAND = "demand"
    BOOK_AGE = "book_age"
    PERMIT_LIFE = "permit_life"


class WhenUnknown(StrEnum):
    """What a rule says when something that it needs is not known: no, the strictest reading (no), or that it is not asked."""

    BLOCK = "block"
    STRICTEST = "strictest"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """What a rule's no does: it refuses, it warns, or it is only written down."""

    BLOCK = "block"
    WARN = "warn"
    LOG = "log"


class Counted(StrEnum):
    """What a cap counts."""

    ATTEMPTS = "attempts"
    CONNECTS = "connects"


@dataclass(frozen=True)
class ContactRule:
    """One rule, ready for asking.  A set that is None stands for `*`, everything.

    first, last, most, days: numbers whose unit the predicate names.  override_by: the one role that may set it aside, None = nobody.
    series: the series of caller ids that it lets through, as numbers.
    classes: the classes of its channels.  stop: for a rule made from a row of `contact_stop`, what it asks about; None for all others.
    effective_from, effective_to: first and last IST date on which it is asked.
    """

    rule_id: str
    version: int
    predicate: Predicate
    channels: frozenset[Channel] | None
    purposes: frozenset[Purpose] | None
    loan_types: frozenset[LoanType] | None
    states: frozenset[str] | None
    products: str
    weekdays: frozenset[int] | None
    first: int
    last: int
    most: int
    days: int
    counts: Counted
    series: frozenset[int] | None
    when_unknown: WhenUnknown
    severity: Severity
    override_by: Role | None
    status: str
    citation: str
    effective_from: date
    effective_to: date
    stop: "StopRow | None" = None
    classes: frozenset[ContactClass] | None = None

    def fits(self, channel: Channel, purpose: Purpose) -> bool:
        """Is the rule about this channel and this purpose?"""
        return (self.channels is None or channel in self.channels) and (self.purposes is None or purpose in self.purposes)

    @cached_property
    def source(self) -> str:
        """Citation, id and status as members of a canonical JSON object, for the verdicts that name the rule."""
        return canonical({"citation": self.citation, "rule_id": self.rule_id, "status": self.status})[1:-1]

    @property
    def asked_of_all(self) -> bool:
        """Is it asked on every day in force of every person, whatever their state, products and types of loan?"""
        return self.weekdays is None and self.states is None and self.products == ANY and self.loan_types is None

    def in_force(self, on: date) -> bool:
        """Is it in force on the IST date?  Both ends are inside."""
        return self.effective_from <= on <= self.effective_to


@dataclass(frozen=True, slots=True)
class StopRow:
    """What a stop of an event and scope bars: contacts of these classes (None = all), unless for one of the purposes still allowed."""

    event: StopEvent
    scope: StopScope
    allowed: frozenset[Purpose]
    classes: frozenset[ContactClass] | None
    lifted_by: str


@dataclass(frozen=True, slots=True)
class OccasionRow:
    """A kind of occasion, the classes that it bars (None = all), and its dates in force."""

    kind: str
    classes: frozenset[ContactClass] | None
    effective_from: date
    effective_to: date


@dataclass(frozen=True, slots=True)
class ProductType:
    """The loan type of the products that a code, or the beginning of one followed by `*`, covers; its dates in force.

    loan_type: None = by income: microfinance up to income_most_paise of household income a year.
    """

    product: str
    loan_type: LoanType | None
    income_most_paise: int
    effective_from: date
    effective_to: date


def glob_covers(glob: str, product: str) -> bool:
    """Does a product code, or the beginning of one followed by `*`, cover the product?  Capitals and small letters are the same.

    >>> glob_covers("JLG*", "jlg-12"), glob_covers("JLG", "JLG-12"), glob_covers("*", "")
    (True, False, True)
    """
    code, product = glob.lower(), product.lower()
    return product.startswith(code[:-1]) if code.endswith(ANY) else product == code
