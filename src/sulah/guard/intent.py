"""What somebody wants to do: one contact with one person, by one channel, for one purpose, at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sulah.guard.plain import built, plain
from sulah.kernel.terms import Channel, ContactClass, Place, Purpose, Role


@dataclass(frozen=True, slots=True)
class Override:
    """A person's written leave to set one named rule aside for one intent; ValueError without a reason.

    It lifts the rule only where the rule's row allows the role, and it is recorded with the decision whether it lifted anything or not.
    `by` is the id of the person who gave it.
    """

    rule_id: str
    role: Role
    by: str
    reason: str

    def __post_init__(self) -> None:
        """An override that gives no reason is none."""
        if not self.reason.strip():
            raise ValueError(f"the override of {self.rule_id} needs a reason")


@dataclass(frozen=True, slots=True)
class Intent:
    """One contact that somebody wants to make; None means that it is not known.

    ValueError when `at` has no time zone, a loan is named twice, or a channel other than visits and meetings has a place.

    intent_id: id of the intent, unique with the caller.  person_id: the person to be contacted, a pseudonym.
    at: the instant of the contact, aware of its zone; who decides passes the clock's time here.
    loan_ids: the loans that the contact names or is about, each once.
    number_key: key of the phone number or address used, as facts carry it; None for visits and letters.
    place: where a visit or meeting takes place; None for what has no place.
    agent_id, agency_id: the recovery agent and the agency who make the contact; None where the lender's own people or machines do.
    free_text: are the words written for this contact, not taken from a registered template?
    offers: does the text carry an offer of another product?  legal_words: does the text or script have words of law?
    legal_approved: did the legal desk approve these words?
    amount_paise: the amount that the text or script names; None when it names none.
    caller_series: the series of the caller id shown, such as `1600`.  caller_hidden: is the caller id withheld?
    by_hand: does a person dial on a telephone of their own, so that neither a machine nor click-to-call places the call?
    overrides: rules that people with the right to do so set aside for this intent.
    """

    intent_id: str
    person_id: str
    at: datetime
    channel: Channel
    purpose: Purpose
    loan_ids: tuple[str, ...] = ()
    number_key: str | None = None
    place: Place | None = None
    agent_id: str | None = None
    agency_id: str | None = None
    free_text: bool = False
    offers: bool | None = None
    legal_words: bool | None = None
    legal_approved: bool = False
    amount_paise: int | None = None
    caller_series: str | None = None
    caller_hidden: bool = False
    by_hand: bool = False
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        """An instant without a zone is no instant; what contradicts itself is decided by nobody."""
        if self.at.tzinfo is None:
            raise ValueError("an intent needs an instant with a time zone")
        if len(set(self.loan_ids)) < len(self.loan_ids):
            raise ValueError("an intent names each of its loans once")
        if self.place is not None and self.channel.contact_class is not ContactClass.VISIT:
            raise ValueError(f"only a visit or a meeting has a place; {self.channel.value} has none")

    def to_plain(self) -> dict[str, object]:
        """The intent as plain JSON values, complete."""
        return plain(self)

    @classmethod
    def from_plain(cls, written: Mapping[str, object]) -> "Intent":
        """The intent that was written down: the inverse of `to_plain`; ValueError when it is damaged."""
        return built(cls, written)
