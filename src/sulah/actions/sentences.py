"""What the sentences that only some people get are filled with: the penal charge, the officer whom she has met, a payment link.

A sentence stands in a message exactly when what it says is known and true of the person at that moment; else the text without it goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.terms import ContactClass, ContactState, Purpose
from sulah.outreach.house import TextSettings, text_settings
from sulah.outreach.template import Value
from sulah.records.contact.agent import Agent, Assignment
from sulah.records.contact.contact import Contact
from sulah.records.contact.link import PaymentLink

TOKEN = 16
"""Letters of a short address: 64 bits, which nobody guesses within the life of a link."""


class ChargeNotNamedError(Exception):
    """Something overdue is a charge, and the lender has not said whether charges are penal charges: no reminder can say it truly."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is known of some people: officers by person, payment links by loan; settings: [texts] of lender.toml or None."""

    settings: TextSettings | None
    vault: Vault
    officers: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, PaymentLink] = field(default_factory=dict)

    def of(self, purpose: Purpose, person: str, loan: Mapping[str, Any] | None, reference: str) -> dict[str, Value]:
        """Sentence -> what it says, for the message of that reference; ChargeNotNamedError where it cannot be said what a charge is."""
        left = self.settings.leave_out if self.settings is not None else ()
        said: dict[str, Value] = {}
        if purpose is Purpose.RECOVERY and (penal := penal_paise(loan, self.settings)):
            said["penal"] = penal
        if purpose is Purpose.RECOVERY and "officer" not in left and person in self.officers:
            said["officer"] = self.officers[person]
        link = self.links.get(str(loan["loan_id"])) if loan is not None else None
        if purpose in (Purpose.RECOVERY, Purpose.PRE_DUE) and "link" not in left and link is not None and self._short:
            said["link"] = f"{self._short}/p/{token_of(self.vault, link, reference)}"
        return said

    def short(self, loan_id: str, said: Mapping[str, Value], reference: str) -> tuple[int, str] | None:
        """The payment link that a message leads to by a short address of its own; None where it names none."""
        link = self.links.get(loan_id)
        return (link.pk, token_of(self.vault, link, reference)) if link is not None and "link" in said else None

    @property
    def _short(self) -> str:
        return self.settings.short if self.settings is not None else ""


def settings_of(lender: Lender) -> TextSettings | None:
    """[texts] of a lender; None where lender.toml has none, and a lender with texts of its own needs none.

    HouseError for one that is half set up.
    """
    return text_settings(lender.settings, lender.name) if "texts" in lender.settings else None


def penal_paise(loan: Mapping[str, Any] | None, settings: TextSettings | None) -> int:
    """The penal charge in what is demanded on the loan; 0 where there is none, or where the lender's charges are no penal charges.

    ChargeNotNamedError where there is a charge and lender.toml does not say what charges are.
    """
    charge = int((loan or {}).get("charge_paise") or 0)
    if charge <= 0 or (settings is not None and settings.charges == "other"):
        return 0
    if settings is None or not settings.charges:
        raise ChargeNotNamedError
    return charge


def token_of(vault: Vault, link: PaymentLink, reference: str) -> str:
    """The sign by which a message's short address is known: the same whenever it is planned again."""
    return vault.number_key(f"short|{link.pk}|{reference}")[:TOKEN]


def officers_of(people: Sequence[str]) -> dict[str, str]:
    """The officer whom each person has met last, by name; nobody who was let go, who is of an agency, or in whose place another stands."""
    met = Contact.objects.filter(person__in=people, contact_class=ContactClass.VISIT.value, state=ContactState.CONNECTED.value).exclude(
        agent=""
    )
    last = dict(met.order_by("at", "id").values_list("person", "agent"))
    names = dict(Agent.objects.filter(pk__in=set(last.values()), agency=None, ended_on=None).values_list("pk", "name"))
    given = Assignment.objects.filter(person__in=list(last), until=None).values_list("person", "agent_id")
    others = {person for person, agent in given if agent != last[person]}
    return {person: names[agent] for person, agent in last.items() if agent in names and person not in others}


def links_of(loans: Iterable[str], until: datetime) -> dict[str, PaymentLink]:
    """The payment link of each loan that can be paid by until then, the latest where there are several."""
    rows = PaymentLink.objects.filter(loan_id__in=list(loans), ended_at=None, until__gte=until).order_by("id")
    return {row.loan_id: row for row in rows}
