"""What is known of one person when a contact is decided; pseudonyms and keys only, never names or numbers in clear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sulah.guard.plain import built, digest, plain
from sulah.kernel.terms import Channel, ContactClass, ContactState, LoanType, Party, Place, Purpose, StopEvent, StopScope

DAY_SECONDS = 86_400


class Whose(StrEnum):
    """Whose a number or address is."""

    OWN = "own"
    FAMILY = "family"
    OTHER = "other"
    STAFF = "staff"
    AGENT = "agent"


class Standing(StrEnum):
    """Whether a number reaches the person it is on file for."""

    GOOD = "good"
    INVALID = "invalid"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """The person to be contacted.

    person_id: pseudonym.  pincode, state: of the person's address; state as policy rows write it.
    agreed_place: was a place of meeting agreed with the person?
    """

    person_id: str
    household_id: str | None = None
    pincode: str | None = None
    state: str | None = None
    language: str | None = None
    agreed_place: bool | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan that the person has to do with, as the book of the day has it.

    loan_type: None where income is unknown, so that nobody can say whether it is a microfinance loan.
    overdue_paise: what is overdue.  demand_paise: what may be demanded on the day, by the ledger.
    open: is anything of it still to be paid?  parties: what each person is to the loan.
    limitation_on: the last day on which a suit may be filed.
    """

    loan_id: str
    loan_type: LoanType | None
    product: str
    overdue_paise: int | None
    demand_paise: int | None
    next_due_on: date | None
    open: bool
    parties: Mapping[str, Party] = field(default_factory=dict)
    limitation_on: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact with the person, made or reserved, by whomever; the one that the intent itself reserved is never among them.

    Its class is that of its channel.
    purpose: None where the source does not say (an agency's log); it then counts against every cap.
    source: where it is known from (`ours`, `agency_file`, `import`).
    """

    at: datetime
    channel: Channel
    purpose: Purpose | None
    state: ContactState
    source: str = "ours"


@dataclass(frozen=True, slots=True)
class Number:
    """What is known of a phone number or an address: whose it is (None = unknown) and whether it reaches."""

    whose: Whose | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Consent:
    """An entry in the register of consents: opt-in for a channel given or withdrawn at an instant."""

    channel: Channel
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Preference:
    """A wish not to be contacted at certain times or places; ValueError when the window is empty or runs over midnight.

    weekdays: 0 = Monday, empty = every day.  from_second <= second of the IST day < to_second.
    classes: empty = every class.  places: empty = wherever; otherwise only a contact at one of these places is barred.
    """

    weekdays: tuple[int, ...] = ()
    from_second: int = 0
    to_second: int = DAY_SECONDS
    classes: tuple[ContactClass, ...] = ()
    places: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        """A window over midnight is written as two."""
        if not 0 <= self.from_second < self.to_second <= DAY_SECONDS:
            raise ValueError("a window needs 0 <= from_second < to_second <= 86400")


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occasion of the person, household, PIN code, state or calendar that reaches this person; both days are inside."""

    kind: str
    scope: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that was raised: in force from `since` until just before `until` (None: until it is lifted).

    key: what it is about, by scope: a number_key, the name of a channel (`channel`, `channel_all`), a loan_id, person_id, household_id,
    PIN code, agent_id or agency_id; for `lender` the key says nothing.  A stop of scope `channel` is one of this person.
    """

    event: StopEvent
    scope: StopScope
    key: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of something that has both; both are inside."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Notice:
    """The person was told at an instant of an agent, or of an agency; `told_of` is the id of that agent or agency."""

    told_of: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """The person is an agent's, or an agency's, to contact: from an instant until just before another (None: until now)."""

    agent_id: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent or agency that the intent names, with its papers; None = not on file.

    agent_id: None where only an agency is named.  certificate: the span that the recovery agent's certificate covers.
    antecedents_on: day of the check of antecedents.  notices, assignments: those of the person to this agent or its agency.
    """

    agent_id: str | None
    agency_id: str | None
    certificate: Span | None = None
    antecedents_on: date | None = None
    notices: tuple[Notice, ...] = ()
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a decision about one person rests on; None = unknown.

    book_as_of: the day of the book that `loans` come from.  numbers: by number_key.
    misses_in_succession: misses at the agreed place since the last meeting or payment, a day in India counted once.
    not_found: how often the person was looked for and not found, by place; a place that is not there counts 0.
    agent: papers of the agent or agency that the intent names; None where it names none, or none is on file.
    last_inbound: when the person last wrote to us, by channel.
    template: does the text come from a template that is registered for the channel?
    tier_limit: distinct persons that the lender's portfolio may message on WhatsApp outside of sessions in 24 hours; tier_used: those
    messaged in the last 24 hours; in_tier_already: is this person one of them?
    """

    person: Person
    loans: tuple[Loan, ...] = ()
    book_as_of: date | None = None
    contacts: tuple[Contact, ...] = ()
    numbers: Mapping[str, Number] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    preferences: tuple[Preference, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    stops: tuple[Stop, ...] = ()
    misses_in_succession: int | None = None
    not_found: Mapping[Place, int] = field(default_factory=dict)
    agent: Agent | None = None
    last_inbound: Mapping[Channel, datetime] = field(default_factory=dict)
    template: bool | None = None
    tier_limit: int | None = None
    tier_used: int = 0
    in_tier_already: bool = False

    def digest(self) -> str:
        """The sha256 of the canonical text of the facts, as 64 hex digits."""
        return digest(self)

    def to_plain(self) -> dict[str, object]:
        """The facts as plain JSON values, complete: what a decision record keeps."""
        return plain(self)

    @classmethod
    def from_plain(cls, written: Mapping[str, object]) -> "Facts":
        """The facts that a decision record kept: the inverse of `to_plain`; ValueError when the record is damaged."""
        return built(cls, written)
