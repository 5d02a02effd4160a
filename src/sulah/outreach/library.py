"""The library of texts: a text as it is registered, sentence by sentence; which one a person gets is told by actions/pick_template.py.

A row of the library holds three kinds of places: {amount} is a variable, filled at the moment of sending; <lender> is the lender's own,
written in once, when the text is registered; {+penal} is where a sentence goes for those to whom it applies.  Each combination of
such sentences is a registered text of its own, because a registered text is matched character by character (SMS-DLT).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sulah.kernel.refusal import Refusal
from sulah.outreach.house import House
from sulah.outreach.template import VARIABLE, Template, Variable, VariableKind
from sulah.policy.text_rows import TextKind, TextRow

_NAMED = re.compile(r"\{([a-z_]+)\}")
_OWN = re.compile(r"<([a-z_]+)>")
_SENTENCE = re.compile(r"\{\+([a-z_]+)\}")
_CALLED = "borrower:name"
"""What every script of a call asks for beside its own variables: it says for whom it is before it says anything of a loan."""
LAST = 4
"""Signs of a loan's id that a message may show."""


class LibraryError(Refusal):
    """There is no text of the library for this person, or it cannot be written; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """One text as it is registered for one channel, with VARIABLE in the place of each variable.

    variables: of text, in its order.  opening_variables: those of the opening of a call, subject_variables: those of an e-mail's subject.
    with_: the sentences that it has.
    """

    row: TextRow
    with_: tuple[str, ...]
    text: str
    variables: tuple[Variable, ...]
    subject: str = ""
    subject_variables: tuple[Variable, ...] = ()
    header: str = ""
    footer: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    opening: str = ""
    opening_variables: tuple[Variable, ...] = ()
    choices: tuple[tuple[str, str, str], ...] = ()
    closing: str = ""

    @property
    def name(self) -> str:
        """The name under which it is registered: letters, digits and _ only.

            >>> from sulah.policy.text_rows import text_kinds, text_rows
            >>> row = next(row for row in text_rows("hi") if row.name == "overdue_early")
            >>> from sulah.outreach.house import House
        >>> kaveri = House("Kaveri", "18001230000", "9215512345", "16001234567", "https://kaveri.example/officer")
            >>> written(row, text_kinds()["overdue_early"], kaveri, ("penal",)).name
            'overdue_early_penal_sms_hi_1'
        """
        return "_".join((self.row.name, *self.with_, self.row.channel, self.row.language, str(self.row.version)))

    def numbered(self) -> str:
        """The text as WhatsApp registers it, with {{1}}, {{2}} ... (developers.facebook.com, "Components" of message templates)."""
        pieces = self.text.split(VARIABLE)
        return "".join(piece + (f"{{{{{place}}}}}" if place < len(pieces) else "") for place, piece in enumerate(pieces, 1))


def loan_end(loan_id: str) -> str:
    """The last signs of a loan's id, which its borrower knows and nobody else can use (PTY-LEAK, AGT-MIN); letters and digits only.

    >>> loan_end("LN/10001"), loan_end("A-7")
    ('0001', 'A7')
    """
    return "".join(sign for sign in loan_id if sign.isascii() and sign.isalnum())[-LAST:]


def written(row: TextRow, kind: TextKind, house: House, with_: Sequence[str] = ()) -> Written:
    """A row with the lender's own and the asked sentences in place; LibraryError for what is unknown or lacks what the text needs.

    >>> from sulah.policy.text_rows import text_kinds, text_rows
    >>> from sulah.outreach.house import House
    >>> kaveri = House("Kaveri", "18001230000", "9215512345", "16001234567", "https://kaveri.example/officer")
    >>> written(text_rows("en")[0], text_kinds()["pre_due"], kaveri).text[:60]
    'Your instalment of Rs {#var#} on the loan ending {#var#} is '
    """
    if unknown := sorted(set(with_) - set(row.optional)):
        raise LibraryError(f"The text {row.name} for {row.channel} has no sentence {unknown[0]}.")
    if lacking := missing(row, kind):
        raise LibraryError(f"The text {row.name} ({row.language}, {row.channel}) lacks {', '.join(lacking)}: {kind.citation}")
    asked = tuple(name for name in row.optional if name in with_)
    known = _known(kind, row.channel, asked)
    text, variables = _filled(row, _sentences(row, asked), house, known)
    subject, in_subject = _filled(row, row.subject, house, known)
    opening, in_opening = _filled(row, row.opening, house, known)
    plain = {name: _own(getattr(row, name), house, row) for name in ("header", "footer", "closing")}
    return Written(
        row,
        asked,
        text,
        variables,
        subject,
        in_subject,
        buttons=row.buttons,
        opening=opening,
        opening_variables=in_opening,
        choices=row.choices,
        **plain,
    )


def missing(row: TextRow, kind: TextKind) -> tuple[str, ...]:
    """What a text must hold by the register and does not: lender, amount, grievance line, opt-out, ombudsman, its own numbers."""
    whole = "\n".join((row.subject, row.header, row.opening, row.text, row.footer, row.closing))
    stops = "STOP" in whole or any(choice[1] == "stop" for choice in row.choices) or any(button[0] == "stop" for button in row.buttons)
    held = {"amount": "{amount}" in row.text, "stop": stops, "ombudsman": "cms.rbi.org.in" in whole}
    return tuple(need for need in kind.needs if not held.get(need, f"<{need}>" in whole))


def unfit(row: TextRow, kind: TextKind) -> tuple[str, ...]:
    """Variables that the text has and the register does not, or the register and not the text; empty when they are the same."""
    named = {name for part in (row.text, row.opening) for name in _NAMED.findall(part)}
    return tuple(sorted(named ^ set(_known(kind, row.channel, ()))))


def template_of(
    one: Written,
    kind: TextKind,
    *,
    header: str = "",
    registered_id: str = "",
    provider_ids: Mapping[str, str] | None = None,
    hosts: Sequence[str] = (),
) -> Template:
    """The text as a channel sends it; its values are checked by kind when a message is built."""
    return Template(
        name=one.name,
        language=one.row.language,
        text=one.text,
        variables=one.variables,
        purposes=kind.purposes,
        header=header,
        registered_id=registered_id,
        provider_ids=dict(provider_ids or {}),
        hosts=tuple(hosts),
        legal_words=kind.legal_words,
    )


def own_names() -> tuple[str, ...]:
    """The names between < and > that a text may hold.

    >>> own_names()
    ('lender', 'grievance', 'reply', 'caller', 'check')
    """
    return tuple(field.name for field in fields(House))


def _known(kind: TextKind, channel: str, with_: Sequence[str]) -> Mapping[str, VariableKind]:
    written_as = [*kind.variables, *(kind.optional[name] for name in with_ if kind.optional[name])]
    pairs = [each.partition(":") for each in (*written_as, *([_CALLED] if channel == "bot_call" else []))]
    return {name: VariableKind(of) for name, _, of in pairs}


def _sentences(row: TextRow, asked: Sequence[str]) -> str:
    return _SENTENCE.sub(lambda place: f" {row.optional[place[1]]}" if place[1] in asked else "", row.text)


def _filled(row: TextRow, text: str, house: House, known: Mapping[str, VariableKind]) -> tuple[str, tuple[Variable, ...]]:
    """The text with VARIABLE for each variable, and the variables in its order; LibraryError for one that the register does not know."""
    names = _NAMED.findall(text)
    if unknown := sorted(set(names) - set(known)):
        raise LibraryError(
            f"The text {row.name} ({row.language}, {row.channel}) has a variable {unknown[0]} that the register does not know."
        )
    return _NAMED.sub(VARIABLE, _own(text, house, row)), tuple(Variable(name, known[name]) for name in names)


def _own(text: str, house: House, row: TextRow) -> str:
    if unknown := sorted(set(_OWN.findall(text)) - set(own_names())):
        raise LibraryError(f"The text {row.name} ({row.language}, {row.channel}) asks for <{unknown[0]}>, which no lender has.")
    if empty := sorted(name for name in set(_OWN.findall(text)) if not getattr(house, name)):
        raise LibraryError(f"The text {row.name} needs the lender's {empty[0]}. Write {empty[0]} under [texts] in lender.toml.")
    return _OWN.sub(lambda place: str(getattr(house, place[1])), text)
