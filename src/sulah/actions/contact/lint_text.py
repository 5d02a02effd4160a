"""The linter as the act of submitting a text is given it: the text as a borrower reads it, with the values of a simulated person."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from sulah.actions.contact.approve_text import Lint, Linted
from sulah.outreach.house import House
from sulah.outreach.lint_about import LintAbout, TextKind
from sulah.outreach.linter import lexicon, lint
from sulah.outreach.samples import VALUES
from sulah.outreach.template import VARIABLE, Template, Value, Variable, VariableKind
from sulah.policy.languages import LANGUAGES
from sulah.policy.lint_rows import LegalStep, load_lint
from sulah.policy.text_rows import text_kinds
from sulah.records.contact.text import TextVersion

_OF_KIND: Mapping[VariableKind, Value] = {
    VariableKind.AMOUNT: VALUES["amount"],
    VariableKind.DATE: VALUES["due_on"],
    VariableKind.COUNT: 1,
    VariableKind.REFERENCE: VALUES["loan_end"],
    VariableKind.PHONE: VALUES["agent_phone"],
    VariableKind.URL: VALUES["link"],
    VariableKind.NAME: VALUES["officer"],
}
"""What a variable of a lender's own text is filled with, where the register of texts does not know its name."""


def linter_of(house: House, on: date) -> Lint:
    """The linter with the rules in force on a day.

    A text of the register that may speak of law is read as if the step were open: the guard asks for it when the text is sent.
    """
    ready = lexicon([load_lint(code) for code in LANGUAGES], on)

    def read(version: TextVersion) -> Linted:
        verdict = lint(whole(version), version.language, about(version, house), ready)
        return Linted(verdict.blocked, tuple({**asdict(finding), "kind": str(finding.kind)} for finding in verdict.findings))

    return read


def about(version: TextVersion, house: House) -> LintAbout:
    """What a text is checked against: the sample's amounts, the lender's own name and complaint line."""
    names = {variable.partition(":")[0] for variable in version.variables}
    kind = text_kinds().get(version.name)
    legal = kind.legal_words if kind is not None else bool(version.source.get("legal_words"))
    asked = "amount" in kind.needs if kind is not None else bool({"recovery", "pre_due"} & set(version.source.get("purposes", [])))
    asks = asked and "amount" in names
    return LintAbout(
        kind=TextKind.REMINDER if asks else TextKind.OTHER,
        lender_names=(house.lender,),
        amount_paise=_paise("amount") if asks else None,
        penal_paise=_paise("penal") if "penal" in names else 0,
        legal_steps_open=frozenset(LegalStep) if legal else frozenset(),
        grievance=(house.grievance,),
    )


def whole(version: TextVersion) -> str:
    """Everything of a text that the borrower reads or hears, with sample values where the variables are."""
    form = version.form
    words = [form.get("subject"), form.get("header"), form.get("opening"), _filled(version), form.get("footer"), form.get("closing")]
    words += [button[-1] for button in form.get("buttons", [])] + [choice[-1] for choice in form.get("choices", [])]
    return "\n\n".join(str(part).replace(VARIABLE, "0001") for part in words if part)


def _filled(version: TextVersion) -> str:
    parts = (variable.partition(":") for variable in version.variables)
    variables = tuple(Variable(name, VariableKind(kind)) for name, _, kind in parts)
    values = {each.name: VALUES.get(each.name, _OF_KIND[each.kind]) for each in variables}
    hosts = tuple(str(values[each.name]).split("/")[2] for each in variables if each.kind is VariableKind.URL)
    template = Template(version.name, version.language, version.text, variables, (), "", "", {}, hosts)
    return template.body(template.values(values))


def _paise(name: str) -> int:
    value = VALUES[name]
    return value if isinstance(value, int) else 0
