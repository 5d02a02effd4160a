"""The registered text for a step: by the names that its row gives, in a language that the person reads; else any that can be filled.

A lender that has registered texts under names of its own keeps them: where none has a name of the step, the first text of the purpose is
taken that is not the library's text for something else.  A text of the library that is no plain reminder goes only in a language that a
native reader has signed off.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from sulah.kernel.terms import Purpose
from sulah.outreach.configured import Configured
from sulah.outreach.library import loan_end
from sulah.outreach.template import Template, Value, VariableKind
from sulah.policy.talk.steps import StepRow, step_rows
from sulah.policy.text_rows import text_kinds

_ALWAYS = {"amount": VariableKind.AMOUNT, "loan": VariableKind.REFERENCE, "loan_end": VariableKind.REFERENCE}
FILLS: Mapping[Purpose, Mapping[str, VariableKind]] = {
    Purpose.RECOVERY: _ALWAYS | {"as_of": VariableKind.DATE},
    Purpose.PRE_DUE: _ALWAYS | {"due_on": VariableKind.DATE},
    Purpose.PROMISE_NOTE: _ALWAYS | {"due_on": VariableKind.DATE, "promised_on": VariableKind.DATE},
}
"""Purpose -> the variables that planning fills: amount (what the ledger demands on the loan; of a reminder the instalment, of a promise
what was promised), loan (its id), loan_end (its last four characters), as_of (the day of the book), due_on (the next due date, or the day
promised), promised_on (the day promised; after a broken promise too)."""

ENGLISH = "en"
_REGISTERED = re.compile(r"(?P<name>[a-z_]+)_(?:sms|whatsapp|email|bot_call)_(?P<language>[a-z]{2})_(?P<version>[0-9]{1,4})")
"""As outreach/library.py names a text: name, its sentences, channel, language, version."""


def fills_of(row: StepRow) -> Mapping[str, VariableKind]:
    """The variables that can be filled for a step."""
    return {**FILLS.get(row.purpose, {}), **({"promised_on": VariableKind.DATE} if row.after == "broken" else {})}


def templates_for(
    channel: Configured, row: StepRow, reviewed: Collection[str], more: Mapping[str, VariableKind] | None = None
) -> dict[str, Template]:
    """The template of each language for a step: one of its texts, first choice first; else the first of the purpose in lender.toml.

    reviewed: languages that a native reader has signed off.  more: what can be filled besides what planning fills.
    """
    fills = {**fills_of(row), **(more or {})}
    of_purpose = [template for template in channel.templates.values() if row.purpose in template.purposes]
    fit = [template for template in of_purpose if _filled(template, fills) and may_go(template, reviewed)]
    found: dict[str, Template] = {}
    for text in row.texts:
        for template in sorted(fit, key=version_of, reverse=True):
            if base_name(template) == text:
                found.setdefault(template.language, template)
    for template in fit if not more else ():
        if base_name(template) not in library_names():
            found.setdefault(template.language, template)
    return found


def base_name(template: Template) -> str:
    """The name of the text: without its channel, language and version as the library registers it, or without its language.

    >>> names = ("pre_due_hi", "due", "overdue_early_penal_sms_hi_2", "link_whatsapp_hi_1")
    >>> [base_name(Template(name, "hi", "", (), (), "", "", {})) for name in names]
    ['pre_due', 'due', 'overdue_early', 'link']
    """
    registered = _REGISTERED.fullmatch(template.name)
    if registered is None or registered["language"] != template.language:
        return template.name.removesuffix(f"_{template.language}")
    return max((text for text in text_kinds() if f"{registered['name']}_".startswith(f"{text}_")), key=len, default=registered["name"])


def version_of(template: Template) -> int:
    """The version of a text that is registered as the library names it; 0 for others."""
    registered = _REGISTERED.fullmatch(template.name)
    return int(registered["version"]) if registered is not None else 0


def may_go(template: Template, reviewed: Collection[str]) -> bool:
    """May the text go in its language?  Rich texts of the library want a native reader's sign-off; a lender's own texts are its own."""
    kind = text_kinds().get(base_name(template))
    return kind is None or kind.plain_reminder or template.language in reviewed


def library_names() -> frozenset[str]:
    """The names of the library's texts, and of those of steps."""
    return frozenset(text_kinds()) | {text for rows in step_rows().values() for row in rows for text in row.texts}


def in_language(templates: Mapping[str, Template], languages: Iterator[str]) -> Template | None:
    """The template in the first language that there is one in; English last."""
    return next((templates[language] for language in (*languages, ENGLISH) if language in templates), None)


def values_for(template: Template, loan_id: str, known: Mapping[str, Value | None]) -> dict[str, Value]:
    """The values of a template; TemplateError where one is not known or does not fit."""
    given = {**known, "loan": loan_id, "loan_end": loan_end(loan_id)}
    values: dict[str, Value] = {variable.name: given[variable.name] for variable in template.variables}  # type: ignore[misc]
    template.values(values)
    return values


def _filled(template: Template, fills: Mapping[str, VariableKind]) -> bool:
    return not template.legal_words and all(fills.get(variable.name) is variable.kind for variable in template.variables)
