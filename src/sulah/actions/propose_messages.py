"""The message that a day proposes to each of some people: their own number, a registered template in their language, its values.

Texts are registered templates only.  What planning can fill in is in FILLS; a template that asks for anything else, or that speaks of
law, is not one for planning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.queue_message import Wanted
from sulah.adapters.book.message_lists import Addressee
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.guard.facts import Number, Standing, Whose
from sulah.guard.intent import Intent
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels, channel_of
from sulah.outreach.template import Template, TemplateError, Value, VariableKind

FILLS: Mapping[Purpose, Mapping[str, VariableKind]] = {
    Purpose.RECOVERY: {"amount": VariableKind.AMOUNT, "loan": VariableKind.REFERENCE, "as_of": VariableKind.DATE},
    Purpose.PRE_DUE: {"loan": VariableKind.REFERENCE, "due_on": VariableKind.DATE},
}
"""Purpose -> the variables that planning fills: amount (what the ledger demands on the loan), loan (its id), as_of (the day of the book),
due_on (the next due date)."""

ENGLISH = "en"
_NUMBERS = ("phone", "phone_2")


class Lack(StrEnum):
    """Why a person gets no message: no number of their own that takes an SMS, no template, values that the template cannot take."""

    NUMBER = "no_number"
    TEMPLATE = "no_template"
    VALUES = "values_do_not_fit"


@dataclass(frozen=True, slots=True)
class Proposer:
    """What the messages of one day are made with.

    as_of: the day of the book.  at, until: from when and before when they make sense.
    """

    channels: Channels
    vault: Vault
    as_of: date
    at: datetime
    until: datetime

    def templates(self, purpose: Purpose) -> dict[str, Template]:
        """The template of each language that planning can use for a purpose: the first in lender.toml."""
        found: dict[str, Template] = {}
        for template in channel_of(self.channels, Channel.SMS).templates.values():
            filled = all(FILLS[purpose].get(variable.name) is variable.kind for variable in template.variables)
            if filled and purpose in template.purposes and not template.legal_words:
                found.setdefault(template.language, template)
        return found

    def propose(self, purpose: Purpose, people: Sequence[Addressee]) -> tuple[list[Wanted], list[Lack]]:
        """A message to each of some hundreds of people, and of those who get none what is lacking; two queries."""
        standings = standings_of([one.person for one in people])
        numbers = numbers_of(standings)
        templates = self.templates(purpose)
        wanted: list[Wanted] = []
        lacking: list[Lack] = []
        for one in people:
            standing = standings[one.person]
            template = templates.get(standing.language.lower(), templates.get(ENGLISH))
            number = self._number(one, numbers[one.person]) if template is not None else None
            if template is None or number is None:
                lacking.append(Lack.TEMPLATE if template is None else Lack.NUMBER)
                continue
            try:
                wanted.append(self._wanted(purpose, one, number, template, _demand(standing.loans, one.loan_id)))
            except TemplateError:
                lacking.append(Lack.VALUES)
        return wanted, lacking

    def _number(self, one: Addressee, known: Mapping[str, Number]) -> tuple[str, str] | None:
        """Key and digits of a mobile number on file that is the person's own: one known as good first, then as the lender lists them."""
        given = self.vault.open(one.person, one.sealed) if one.sealed else {}
        usable = []
        for place, column in enumerate(_NUMBERS):
            digits = one_way(given.get(column) or "")
            key = self.vault.number_key(digits)
            number = known.get(key)
            if number is not None and _usable(number) and channel_of(self.channels, Channel.SMS).sendable(digits):
                usable.append((number.standing is not Standing.GOOD, place, key, digits))
        return min(usable)[2:] if usable else None

    def _wanted(self, purpose: Purpose, one: Addressee, number: tuple[str, str], template: Template, demand: int | None) -> Wanted:
        """TemplateError where the template cannot take a value: an id with other signs, an amount that nobody knows."""
        can_fill: dict[str, Any] = {"amount": demand, "loan": one.loan_id, "as_of": self.as_of, "due_on": one.due_on}
        values: dict[str, Value] = {variable.name: can_fill[variable.name] for variable in template.variables}
        template.values(values)
        intent = Intent(
            intent_id=self.reference(purpose, one),
            person_id=one.person,
            at=self.at,
            channel=Channel.SMS,
            purpose=purpose,
            loan_ids=(one.loan_id,),
            number_key=number[0],
            offers=False,
            legal_words=template.legal_words,
            amount_paise=demand if "amount" in values else None,
        )
        return Wanted(intent, number[1], template.name, values, self.at, self.until)

    def reference(self, purpose: Purpose, one: Addressee) -> str:
        """The id of a message: the day of the book, or for a reminder the due date, the purpose, and the person by a blind index.

        The same day proposes the same ids however often it is planned, and a due date is reminded of once.  Gateways are given the id,
        so it does not name the person.
        """
        return f"{one.due_on or self.as_of:%Y%m%d}-{purpose}-{self.vault.number_key(f'message|{purpose}|{one.person}')}"


def _usable(number: Number) -> bool:
    return number.whose is Whose.OWN and number.standing not in (Standing.INVALID, Standing.WRONG)


def _demand(loans: Iterable[Mapping[str, Any]], loan_id: str) -> int | None:
    """What may be demanded on the loan, as the guard will look it up; None where the book does not say."""
    return next((loan["demand_paise"] for loan in loans if loan["loan_id"] == loan_id), None)
