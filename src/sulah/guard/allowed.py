"""What is allowed with a person now, by each channel and for each purpose, and until or from when; by deciding, never by another path."""

from datetime import datetime
from typing import NamedTuple

from sulah.guard.decide import decide
from sulah.guard.facts import Facts, Whose
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel.terms import Channel, ContactClass, Place, Purpose


class Allowance(NamedTuple):
    """What may be done by a channel for a purpose: the decision on a contact whose words and caller id are in order."""

    channel: Channel
    purpose: Purpose
    decision: Permit | Refusal

    @property
    def turns_at(self) -> datetime | None:
        """Until when it is allowed, or from when on it will be; None when waiting does not help."""
        return self.decision.until if isinstance(self.decision, Permit) else self.decision.next_lawful_at


def allowed_now(facts: Facts, rules: ContactRules, at: datetime, caller_series: str | None = None) -> tuple[Allowance, ...]:
    """Every channel and purpose at an instant, in the order of the terms.

    Asked is a contact by the lender's own people about the person's open loans, by the first of their own numbers that is not known as
    invalid or wrong, at the agreed place if there is one, else at home, without an amount, an offer or words of law.  Whether a template
    is registered is as the facts say.
    """
    return tuple(
        Allowance(channel, purpose, decide(_plainest(facts, channel, purpose, at, caller_series), facts, rules))
        for channel in Channel
        for purpose in Purpose
    )


def _plainest(facts: Facts, channel: Channel, purpose: Purpose, at: datetime, caller_series: str | None) -> Intent:
    """The contact that has the best chance, of those that are honest."""
    kind = channel.contact_class
    numbers = sorted(key for key, number in facts.numbers.items() if number.whose is Whose.OWN)
    usable = [key for key in numbers if facts.numbers[key].standing not in ("invalid", "wrong")]
    visited = Place.AGREED if facts.person.agreed_place else Place.RESIDENCE
    return Intent(
        intent_id="",
        person_id=facts.person.person_id,
        at=at,
        channel=channel,
        purpose=purpose,
        loan_ids=tuple(loan.loan_id for loan in facts.loans if loan.open),
        number_key=next(iter(usable or numbers), None) if kind in (ContactClass.MESSAGE, ContactClass.CALL) else None,
        place=visited if kind is ContactClass.VISIT else None,
        offers=False,
        legal_words=False,
        caller_series=caller_series,
    )
