"""A template as it is registered with Meta: header, body, footer and buttons, and which of its values goes where.

Limits: Meta for Developers, WhatsApp Business Platform, "Template components" and "Utility templates" (body 1,024 characters, header and
footer 60, button label 25, address 2,000, at most ten buttons, one parameter in a header and one at the end of an address); verify with
your account, because the platform may refuse more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sulah.kernel.refusal import Refusal
from sulah.outreach.template import VARIABLE, Template, Variable, VariableKind

MOST_BUTTONS, LONGEST_BODY, LONGEST_LINE, LONGEST_LABEL, LONGEST_ADDRESS, LONGEST_PAYLOAD = 10, 1024, 60, 25, 2000, 64
"""The platform takes payloads of 128 characters; 64 is what our record of an answer holds."""

_MARK = re.compile(r"\{\{([^{}]*)\}\}")
_HEADS = ("image", "document")


class FormError(Refusal):
    """A [[whatsapp.template]] of lender.toml cannot be used as it stands; the words say what to mend."""


class ButtonKind(StrEnum):
    """quick_reply: sends its payload back to us.  url: opens an address."""

    QUICK_REPLY = "quick_reply"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Button:
    """One button under a template, in its place; payload of a quick reply; address of a url, {{1}} at its end where a value follows."""

    kind: ButtonKind
    label: str
    payload: str = ""
    address: str = ""

    @property
    def open(self) -> bool:
        """Does a value of the message end its address?"""
        return self.address.endswith("{{1}}")


@dataclass(frozen=True, slots=True)
class Form:
    """One registered template.

    template: its name, purposes, variables and whole text for our side, in the order header, body, footer, buttons.  registered: its name
    with Meta.  code: Meta's code of its language.  head: the text of the header, {{1}} where a value stands.  head_media: image or
    document where the header is one; then the first value is its link, or its id where the variable is a reference.  file_name: of a
    document.  body: with {{1}}, {{2}} ... in order.
    """

    template: Template
    registered: str
    code: str
    body: str
    head: str = ""
    head_media: str = ""
    file_name: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()

    def components(self, values: Sequence[str]) -> list[dict[str, object]]:
        """The components of a message by this template, as the platform wants them; FormError when the values are not as many."""
        if len(values) != len(self.template.variables):
            raise FormError(f"The template {self.template.name} has {len(self.template.variables)} variables; {len(values)} were given.")
        left = list(values)
        found: list[dict[str, object]] = []
        if self.head_media:
            found.append({"type": "header", "parameters": [self._media(left.pop(0))]})
        elif "{{1}}" in self.head:
            found.append({"type": "header", "parameters": [_text(left.pop(0))]})
        if count := len(_MARK.findall(self.body)):
            found.append({"type": "body", "parameters": [_text(left.pop(0)) for _ in range(count)]})
        return found + [_button(place, button, left) for place, button in enumerate(self.buttons) if button.payload or button.open]

    def _media(self, value: str) -> dict[str, object]:
        by_link = self.template.variables[0].kind is VariableKind.URL
        named = {"filename": self.file_name} if self.head_media == "document" and self.file_name else {}
        return {"type": self.head_media, self.head_media: {("link" if by_link else "id"): value, **named}}


def form_of(row: Mapping[str, object], template: Template, code: str, where: str) -> Form:
    """The form of a row; template: all of it but the text; code: Meta's of the language.  FormError in words."""
    body = str(row.get("text", ""))
    head, media, footer = (str(row.get(name, "")) for name in ("header", "header_media", "footer"))
    buttons = tuple(_read_button(each, where) for each in _list(row.get("buttons", []), where))
    _check_body(body, where)
    _check_edges(head, media, footer, where)
    if len(buttons) > MOST_BUTTONS:
        raise FormError(f"lender.toml: the {where} has {len(buttons)} buttons; {MOST_BUTTONS} are the most.")
    kinds = [button.kind for button in buttons]
    if kinds != sorted(kinds, key=lambda kind: kind is not kinds[0]):
        raise FormError(f"lender.toml: buttons of the {where}: put the quick replies together, before or after the others.")
    whole = _whole(head, media, body, footer, buttons)
    if whole.count(VARIABLE) != len(template.variables):
        raise FormError(f"lender.toml: the {where} has {whole.count(VARIABLE)} places for values, and {len(template.variables)} variables.")
    _check_kinds(template, media, buttons, where)
    made = replace(template, text=whole)
    return Form(made, template.registered_id, code, body, head, media, str(row.get("file_name", "")), footer, buttons)


def _whole(head: str, media: str, body: str, footer: str, buttons: Sequence[Button]) -> str:
    """Everything that the person reads, a line for each part, with a place for each value in the order of the variables."""
    first = f"[{media}: {VARIABLE}]" if media else head
    labels = [f"[{button.label}]" + (f" {button.address}" if button.address else "") for button in buttons]
    return "\n".join(_MARK.sub(VARIABLE, part) for part in (first, body, footer, *labels) if part)


def _check_kinds(template: Template, media: str, buttons: Sequence[Button], where: str) -> None:
    """A picture or document is a link or an id; what ends an address is a reference, and the address leads to a registered host."""
    if media and template.variables[0].kind not in (VariableKind.URL, VariableKind.REFERENCE):
        raise FormError(f"lender.toml: the first variable of the {where} is its {media}: make it a url, or a reference (its id).")
    ends = template.variables[len(template.variables) - sum(button.open for button in buttons) :]
    if any(variable.kind is not VariableKind.REFERENCE for variable in ends):
        raise FormError(f"lender.toml: the last variable of the {where} ends the address of a button: make it a reference.")
    for button in buttons:
        if button.address and button.address.removeprefix("https://").partition("/")[0] not in template.hosts:
            raise FormError(f"lender.toml: the button {button.label} of the {where} leads to a host that is not in its hosts.")


def _check_body(body: str, where: str) -> None:
    marks = _MARK.findall(body)
    if not 1 <= len(body) <= LONGEST_BODY:
        raise FormError(f"lender.toml: the text of the {where} has {len(body)} characters; 1 to {LONGEST_BODY} are possible.")
    if marks != [str(place) for place in range(1, len(marks) + 1)] or "{#" in body or _MARK.sub("", body).count("{{"):
        raise FormError(f"lender.toml: the text of the {where} must have {{{{1}}}}, {{{{2}}}} ... in this order, each once.")
    if marks and (body.startswith("{{") or body.endswith("}}") or "}}{{" in body):
        raise FormError(f"lender.toml: the text of the {where} may not begin or end with a value, nor have two side by side.")


def _check_edges(head: str, media: str, footer: str, where: str) -> None:
    if media and (media not in _HEADS or head):
        raise FormError(f"lender.toml: header_media of the {where} is {media!r}; write {' or '.join(_HEADS)}, and then no header.")
    if len(head) > LONGEST_LINE or len(footer) > LONGEST_LINE:
        raise FormError(f"lender.toml: header and footer of the {where} have {LONGEST_LINE} characters at most.")
    if _MARK.findall(head) not in ([], ["1"]) or "{" in _MARK.sub("", head):
        raise FormError(f"lender.toml: the header of the {where} may have one value, {{{{1}}}}.")
    if "{{" in footer:
        raise FormError(f"lender.toml: the footer of the {where} can have no value.")


def _read_button(given: object, where: str) -> Button:
    if not isinstance(given, Mapping) or given.get("kind") not in list(ButtonKind):
        raise FormError(f'lender.toml: each of the buttons of the {where} needs kind = "quick_reply" or "url".')
    kind, label = ButtonKind(str(given["kind"])), str(given.get("label", ""))
    payload, address = str(given.get("payload", "")), str(given.get("address", ""))
    if not 1 <= len(label) <= LONGEST_LABEL or "{" in label:
        raise FormError(f"lender.toml: a button of the {where} needs a label of 1 to {LONGEST_LABEL} characters, without values.")
    if kind is ButtonKind.QUICK_REPLY:
        if address or not re.fullmatch(rf"[a-z0-9_.:-]{{1,{LONGEST_PAYLOAD}}}", payload):
            raise FormError(f"lender.toml: the button {label} of the {where} needs a payload (small letters, digits, _ . : -), no address.")
        return Button(kind, label, payload=payload)
    fixed = address.removesuffix("{{1}}")
    if (
        payload
        or len(address) > LONGEST_ADDRESS
        or not re.fullmatch(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/?=&-]*)?", fixed)
        or (fixed != address and "/" not in fixed.removeprefix("https://"))
    ):
        raise FormError(f"lender.toml: the button {label} of the {where} needs an address with https://, {{{{1}}}} only at its end.")
    return Button(kind, label, address=address)


def _list(given: object, where: str) -> list[object]:
    if not isinstance(given, list):
        raise FormError(f"lender.toml: buttons of the {where} must be a list.")
    return given


def _button(place: int, button: Button, left: list[str]) -> dict[str, object]:
    said = {"type": "payload", "payload": button.payload} if button.payload else _text(left.pop(0))
    return {"type": "button", "sub_type": button.kind.value, "index": str(place), "parameters": [said]}


def _text(value: str) -> dict[str, object]:
    return {"type": "text", "text": value}


def variable_of(given: object, where: str) -> Variable:
    """A variable written as name:kind; FormError for anything else."""
    name, _, kind = str(given).partition(":")
    try:
        return Variable(name.strip(), VariableKind(kind.strip()))
    except ValueError as error:
        kinds = ", ".join(VariableKind)
        raise FormError(f"lender.toml: variable {given!r} of the {where}: write it as name:kind, with a kind of {kinds}.") from error
