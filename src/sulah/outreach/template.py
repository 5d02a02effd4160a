"""Registered templates: a text that was registered character by character, with variables of known kinds; no other text is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sulah.kernel.dates import day_text
from sulah.kernel.money import indian
from sulah.kernel.refusal import Refusal

VARIABLE = "{#var#}"
LONGEST_VALUE = 30
"""Characters that a variable of a registered template may hold (DLT content templates; verify with your operator's portal)."""


class TemplateError(Refusal):
    """The message cannot be built from the registered template; the words say what to mend."""


class VariableKind(StrEnum):
    """What a variable holds: amount (paise), date, count, a reference, a telephone number, an address on a registered host, a name."""

    AMOUNT = "amount"
    DATE = "date"
    COUNT = "count"
    REFERENCE = "reference"
    PHONE = "phone"
    URL = "url"
    NAME = "name"


Value = int | date | str

_TEXTS = {
    VariableKind.REFERENCE: re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]*"),
    VariableKind.PHONE: re.compile(r"\+?[0-9]{4,13}"),
    VariableKind.URL: re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?"),
    VariableKind.NAME: re.compile(r"[^\W\d_]([^\W\d_]|[\u0900-\u0d7f\u200c\u200d .'-])*"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its name for the caller, and its kind."""

    name: str
    kind: VariableKind


@dataclass(frozen=True, slots=True)
class Template:
    """One registered text.

    purposes: the purposes of contact that it may serve.  header: the sender's name.  provider_ids: a provider's own number for it.
    hosts: where its addresses may lead.  legal_words: does it speak of law, courts or notices?
    """

    name: str
    language: str
    text: str
    variables: tuple[Variable, ...]
    purposes: tuple[str, ...]
    header: str
    registered_id: str
    provider_ids: Mapping[str, str]
    hosts: tuple[str, ...] = ()
    legal_words: bool = False

    def values(self, given: Mapping[str, Value]) -> tuple[str, ...]:
        """The variables as they stand in the text, in its order; TemplateError for one that is missing, unknown or of another kind."""
        wanted = [variable.name for variable in self.variables]
        if odd := sorted(set(wanted) ^ set(given)):
            words = "are missing or unknown" if len(odd) > 1 else "is missing or unknown"
            raise TemplateError(f"The template {self.name} has the variables {', '.join(wanted) or '(none)'}; {', '.join(odd)} {words}.")
        return tuple(self._value(variable, given[variable.name]) for variable in self.variables)

    def shown(self, name: str, given: Value) -> str:
        """One variable as it stands in the text; TemplateError for one of another kind, KeyError for one that the text has not."""
        found = next((variable for variable in self.variables if variable.name == name), None)
        if found is None:
            raise KeyError(name)
        return self._value(found, given)

    def body(self, values: Sequence[str]) -> str:
        """The text that the borrower reads.

        >>> due = Template("due", "en", "Rs {#var#} is due.", (Variable("dues", VariableKind.AMOUNT),), (), "KAVERI", "1", {})
        >>> due.body(due.values({"dues": 1_234_50}))
        'Rs 1,234.50 is due.'
        """
        parts = self.text.split(VARIABLE)
        return "".join(part + value for part, value in zip(parts, (*values, ""), strict=True))

    def _value(self, variable: Variable, given: Value) -> str:
        shown = _shown(variable.kind, given)
        if shown is None:
            raise TemplateError(f"{variable.name} of the template {self.name} must be of the kind {variable.kind}; it is {given!r}.")
        if len(shown) > LONGEST_VALUE and variable.kind is not VariableKind.URL:
            raise TemplateError(f"{variable.name} of the template {self.name} may have {LONGEST_VALUE} characters; it has {len(shown)}.")
        if variable.kind is VariableKind.URL and shown.removeprefix("https://").partition("/")[0] not in self.hosts:
            raise TemplateError(f"{variable.name} of the template {self.name} leads to a host that is not registered for it.")
        return shown


def _shown(kind: VariableKind, given: Value) -> str | None:
    """A value as it is read; None where it is not of the kind."""
    whole = type(given) is int and given >= 0
    if kind is VariableKind.AMOUNT:
        return indian(int(given), decimals=bool(int(given) % 100)).removeprefix("₹") if whole else None  # type: ignore[arg-type]
    if kind is VariableKind.COUNT:
        return str(given) if whole else None
    if kind is VariableKind.DATE:
        return day_text(given) if type(given) is date else None
    return given if isinstance(given, str) and _TEXTS[kind].fullmatch(given) else None
