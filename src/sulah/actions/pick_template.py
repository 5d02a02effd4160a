"""The approved text for a step and a person: by the names that the step gives, in a language that she reads, with just her sentences.

A text of the library is there once for each combination of its sentences, because it is registered to the letter; only the one whose
sentences all apply, and to which none is missing, is taken.  A lender that has registered texts under names of its own keeps them: where
none has a name of the step, the first text of the purpose is taken that is not the library's text for something else.  A text of the
library that is no plain reminder goes only in a language that a native reader has signed off.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Configured
from sulah.outreach.library import loan_end
from sulah.outreach.template import Template, Value, VariableKind
from sulah.policy.languages import load_languages
from sulah.policy.talk.steps import StepRow, step_rows
from sulah.policy.text_rows import text_kinds

_REFERENCES = ("loan", "loan_end", "log_code")
_ALWAYS = {"amount": VariableKind.AMOUNT, **dict.fromkeys(_REFERENCES, VariableKind.REFERENCE)}
SENTENCES = {"penal": VariableKind.AMOUNT, "officer": VariableKind.NAME, "link": VariableKind.URL}
"""Sentences that only some people get, each with the variable of the same name: actions/sentences.py says when."""
FILLS: Mapping[Purpose, Mapping[str, VariableKind]] = {
    Purpose.RECOVERY: _ALWAYS | SENTENCES | {"as_of": VariableKind.DATE},
    Purpose.PRE_DUE: _ALWAYS | {"due_on": VariableKind.DATE, "link": VariableKind.URL},
    Purpose.PROMISE_NOTE: _ALWAYS | {"due_on": VariableKind.DATE, "promised_on": VariableKind.DATE},
}
"""Purpose -> the variables that planning fills: amount (what the ledger demands on the loan; of a reminder the instalment, of a promise
what was promised), loan (its id), loan_end (its last four characters), log_code (the short form of the log's newest checkpoint), as_of
(the day of the book), due_on (the next due date, or the day promised), promised_on (the day promised; after a broken promise too); and
those of sentences."""

ENGLISH = "en"
_REGISTERED = re.compile(r"(?P<name>[a-z_]+)_(?:sms|whatsapp|email|bot_call)_(?P<language>[a-z]{2})_(?P<version>[0-9]{1,4})")
"""As outreach/library.py names a text: name, its sentences, channel, language, version."""


@dataclass(frozen=True, slots=True)
class MissingText:
    """A text that would have gone and is not approved: its name, sentences, language and channel."""

    text: str
    sentences: tuple[str, ...]
    language: str
    channel: Channel


def fills_of(row: StepRow) -> Mapping[str, VariableKind]:
    """The variables that can be filled for a step."""
    return {**FILLS.get(row.purpose, {}), **({"promised_on": VariableKind.DATE} if row.after == "broken" else {})}


def texts_for(channel: Configured, row: StepRow, reviewed: Collection[str], *, own: bool = True) -> tuple[Template, ...]:
    """The templates that may go for a step, first choice first: its texts, the latest version first; then the lender's own of the purpose.

    reviewed: languages that a native reader has signed off.  own: may the lender's own texts take the place?
    """
    fills = fills_of(row)
    fit = [one for one in channel.templates.values() if row.purpose in one.purposes and _filled(one, fills) and may_go(one, reviewed)]
    latest = sorted(fit, key=version_of, reverse=True)
    named = [one for text in row.texts for one in latest if base_name(one) == text]
    return (*named, *(one for one in fit if own and base_name(one) not in library_names()))


def chosen(texts: Iterable[Template], languages: Sequence[str], applies: Collection[str]) -> Template | None:
    """The text in the first language that there is one in, with just the sentences that apply; English last."""
    fit = [one for one in texts if _says(one, applies)]
    return next((one for language in (*languages, ENGLISH) for one in fit if one.language == language), None)


def missing_text(
    channel: Channel, row: StepRow, languages: Sequence[str], applies: Collection[str], reviewed: Collection[str]
) -> MissingText | None:
    """The text of the library that would have gone by the channel; None where the library has none for it."""
    for language in (*languages, ENGLISH):
        known = load_languages().get(language)
        if known is None or (channel is Channel.WHATSAPP and not known.meta_code):
            continue
        for text in row.texts:
            kind = text_kinds().get(text)
            if kind is not None and channel in kind.channels and (kind.plain_reminder or language in reviewed):
                return MissingText(text, tuple(name for name in kind.optional if name in applies), language, channel)
    return None


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


def sentences_in(template: Template) -> frozenset[str]:
    """The sentences of a text that only some people get; of a text with a name of the lender's own, by its variables.

    >>> one = Template("overdue_early_penal_link_sms_hi_2", "hi", "", (), (), "", "", {})
    >>> sorted(sentences_in(one))
    ['link', 'penal']
    """
    registered, base = _REGISTERED.fullmatch(template.name), base_name(template)
    if registered is not None and base in text_kinds():
        return frozenset(registered["name"].removeprefix(base).split("_")) - {""}
    kind = text_kinds().get(base)
    own = {variable.partition(":")[0] for variable in kind.variables} if kind is not None else set()
    return frozenset(variable.name for variable in template.variables if variable.name in SENTENCES and variable.name not in own)


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


def values_for(template: Template, loan_id: str, known: Mapping[str, Value | None]) -> dict[str, Value]:
    """The values of a template; TemplateError where one is not known or does not fit."""
    given = {**known, "loan": loan_id, "loan_end": loan_end(loan_id)}
    values: dict[str, Value] = {variable.name: given.get(variable.name) for variable in template.variables}  # type: ignore[misc]
    template.values(values)
    return values


def _says(template: Template, applies: Collection[str]) -> bool:
    """Has it just the sentences that apply?  One of the lender's own may leave out a courtesy, never the penal charge (PEN-MSG)."""
    has, of_library = sentences_in(template), text_kinds().get(base_name(template))
    if of_library is not None and _REGISTERED.fullmatch(template.name):
        return has == {name for name in of_library.optional if name in applies}
    return has <= set(applies) and ("penal" in applies) == ("penal" in has)


def _filled(template: Template, fills: Mapping[str, VariableKind]) -> bool:
    return not template.legal_words and all(fills.get(variable.name) is variable.kind for variable in template.variables)
