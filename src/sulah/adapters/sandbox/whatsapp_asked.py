"""What the simulated WhatsApp platform checks in a request to send, written from its documents and not from our own sender.

Source: Meta for Developers, WhatsApp Business Platform, "Send messages", "Utility templates", "Interactive reply buttons messages", "Error
codes".  Where a page leaves open which code is given, the nearest one is; each stands here once.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sulah.outreach.whatsapp.form import ButtonKind, Form

_KEYS = {"messaging_product", "recipient_type", "to", "type", "biz_opaque_callback_data", "context"}
_KINDS = ("template", "text", "interactive", "image", "document")
_TO = re.compile(r"\+?[0-9]{8,15}")
_LINK = re.compile(r"https?://\S+")
_ODD_SPACE = re.compile(r"[\n\t]| {5,}")

TITLES = {
    0: "AuthException",
    2: "API Service",
    100: "Invalid parameter",
    190: "Access token has expired",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131051: "Unsupported message type",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Template Param Count Mismatch",
    132001: "Template does not exist",
    132005: "Template Hydrated Text Too Long",
    132012: "Template Parameter Format Mismatch",
    132015: "Template is Paused",
    132016: "Template is Disabled",
    132018: "Template Parameter Issue",
}
_STATUS = {0: 401, 190: 401, 2: 503, 130429: 429, 131000: 500, 132001: 404}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: status and JSON."""

    status: int
    body: Mapping[str, object]


def error(code: int, details: str, subcode: int = 0) -> Said:
    """An error as the platform writes it; every HTTP status that is not another one is 400."""
    told: dict[str, object] = {
        "message": f"(#{code}) {TITLES[code]}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "Simulated",
    }
    return Said(_STATUS.get(code, 400), {"error": told | ({"error_subcode": subcode} if subcode else {})})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is well formed: to whom, our reference, the template or none, what the person would read, payloads under it."""

    to: str
    reference: str
    kind: str
    form: Form | None
    text: str
    choices: Mapping[str, str]
    media: str = ""


class RefusedError(Exception):
    """The platform refuses it, with this answer."""

    def __init__(self, code: int, details: str) -> None:
        """code and details of the error."""
        super().__init__(details)
        self.said = error(code, details)


def asked_of(body: bytes, forms: Mapping[tuple[str, str], Form]) -> Asked:
    """The request, read strictly; RefusedError with the platform's error.  forms: by registered name and language."""
    told, kind = _opened(body)
    to, reference = _addressed(told)
    part = told.get(kind)
    if not isinstance(part, dict):
        raise RefusedError(131008, f"The parameter {kind} is required.")
    if kind == "template":
        form, text, choices = _template(part, forms)
        return Asked(to, reference, kind, form, text, choices)
    if kind == "text":
        return Asked(to, reference, kind, None, _words(part, "body", 4096), {})
    if kind == "interactive":
        return Asked(to, reference, kind, None, *_interactive(part))
    return Asked(to, reference, kind, None, _caption(part), {}, _media(part))


def _opened(body: bytes) -> tuple[dict[str, object], str]:
    """The object and its type."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("messaging_product") != "whatsapp":
        raise RefusedError(100, "The parameter messaging_product is required.")
    kind = told.get("type", "text")
    if kind not in _KINDS:
        raise RefusedError(131051, f"The type {kind!r} is not supported.")
    if odd := sorted(set(told) - _KEYS - {kind}):
        raise RefusedError(100, f"Unexpected key {odd[0]!r}.")
    return told, str(kind)


def _addressed(told: Mapping[str, object]) -> tuple[str, str]:
    """To whom, as digits, and our reference."""
    if told.get("recipient_type", "individual") != "individual":
        raise RefusedError(131009, "recipient_type must be individual.")
    to, reference = told.get("to"), told.get("biz_opaque_callback_data", "")
    if not isinstance(to, str) or not _TO.fullmatch(to):
        raise RefusedError(131009 if to else 131008, "The parameter to must be a telephone number.")
    if not isinstance(reference, str) or len(reference) > 512:
        raise RefusedError(131009, "biz_opaque_callback_data must be a text of 512 characters at most.")
    return to.removeprefix("+"), reference


def _template(part: Mapping[str, object], forms: Mapping[tuple[str, str], Form]) -> tuple[Form, str, dict[str, str]]:
    language, name = part.get("language"), part.get("name")
    code = language.get("code") if isinstance(language, dict) else None
    if not isinstance(name, str) or not isinstance(code, str):
        raise RefusedError(131008, "A template needs a name and a language with a code.")
    form = forms.get((name, code))
    if form is None:
        raise RefusedError(132001, f"template name ({name}) does not exist in {code}")
    given = part.get("components", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise RefusedError(131009, "components must be a list of objects.")
    head, body, buttons = _by_place(given)
    choices, ends = _buttons(form, buttons)
    values = [*_head(form, head), *_texts(body, form.body.count("{{"), "body"), *ends]
    if sum(map(len, values)) + len(form.body) > 1024:
        raise RefusedError(132005, "The text with its parameters is longer than 1024 characters.")
    return form, form.template.body(values), choices


def _buttons(form: Form, given: Mapping[int, dict[str, object]]) -> tuple[dict[str, str], list[str]]:
    """Payload and label of each quick reply, and what ends the addresses."""
    if odd := sorted(set(given) - set(range(len(form.buttons)))):
        raise RefusedError(132000, f"The template has no button at index {odd[0]}.")
    choices: dict[str, str] = {}
    ends: list[str] = []
    for place, button in enumerate(form.buttons):
        if button.kind is ButtonKind.QUICK_REPLY:
            choices[_payload(given.get(place), button.label)] = button.label
        elif button.open:
            ends += _texts(_of_button(given.get(place), "url"), 1, f"button {place}")
        elif place in given:
            raise RefusedError(132000, f"The button at index {place} takes no parameter.")
    return choices, ends


def _by_place(given: list[dict[str, object]]) -> tuple[object, object, dict[int, dict[str, object]]]:
    """Parameters of header and body (None where there are none), and the buttons by index."""
    found: dict[str, object] = {"header": None, "body": None}
    buttons: dict[int, dict[str, object]] = {}
    for each in given:
        kind = str(each.get("type", "")).lower()
        if kind in found and found[kind] is None:
            found[kind] = each.get("parameters", [])
            continue
        index = str(each.get("index", ""))
        if kind != "button" or not (index.isascii() and index.isdigit()) or len(index) > 2 or int(index) in buttons:
            raise RefusedError(131009, f"The component {kind!r} is not valid, or stands there twice.")
        buttons[int(index)] = each
    return found["header"], found["body"], buttons


def _head(form: Form, given: object) -> list[str]:
    if not form.head_media:
        return _texts(given, form.head.count("{{"), "header")
    parameters = given if isinstance(given, list) else []
    if len(parameters) != 1 or not isinstance(parameters[0], dict):
        raise RefusedError(132000, f"The header takes one {form.head_media}.")
    one = parameters[0].get(form.head_media)
    if parameters[0].get("type") != form.head_media or not isinstance(one, dict):
        raise RefusedError(132012, f"header: Format mismatch, expected {form.head_media.upper()}.")
    return [_media(one)]


def _texts(given: object, wanted: int, where: str) -> list[str]:
    """The texts of parameters, as many as the template has there."""
    parameters = [] if given is None else given
    if not isinstance(parameters, list) or len(parameters) != wanted:
        many = len(parameters) if isinstance(parameters, list) else 0
        raise RefusedError(132000, f"{where}: number of localizable_params ({many}) does not match the expected number ({wanted})")
    found: list[str] = []
    for each in parameters:
        value = each.get("text") if isinstance(each, dict) and each.get("type") == "text" else None
        if not isinstance(value, str):
            raise RefusedError(132012, f"{where}: Parameter format does not match format in the created template")
        if not value:
            raise RefusedError(131008, f"{where}: a parameter is empty")
        if _ODD_SPACE.search(value):
            raise RefusedError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
        found.append(value)
    return found


def _of_button(given: dict[str, object] | None, kind: str) -> object:
    if given is None:
        return None
    if given.get("sub_type") != kind:
        raise RefusedError(132012, f"The button is of the sub_type {kind}.")
    return given.get("parameters")


def _payload(given: dict[str, object] | None, label: str) -> str:
    """The payload of a quick reply: what was given, else its label."""
    parameters = _of_button(given, "quick_reply")
    if parameters is None:
        return label
    one = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else None
    payload = one.get("payload") if isinstance(one, dict) and one.get("type") == "payload" else None
    if not isinstance(payload, str) or not 1 <= len(payload) <= 128:
        raise RefusedError(132012, "A quick reply takes one payload of 1 to 128 characters.")
    return payload


def _words(part: Mapping[str, object], name: str, most: int) -> str:
    found = part.get(name)
    if not isinstance(found, str) or not found.strip():
        raise RefusedError(131008, f"The parameter {name} is required.")
    if len(found) > most:
        raise RefusedError(131009, f"{name} has {len(found)} characters; {most} are the most.")
    return found


def _interactive(part: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    body, action = part.get("body"), part.get("action")
    if part.get("type") != "button" or not isinstance(body, dict) or not isinstance(action, dict):
        raise RefusedError(131009, "Only reply buttons, with a body and an action, are played here.")
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise RefusedError(131009, "One to three buttons.")
    choices: dict[str, str] = {}
    for each in buttons:
        reply = each.get("reply") if isinstance(each, dict) and each.get("type") == "reply" else None
        if not isinstance(reply, dict):
            raise RefusedError(131009, "A button is of the type reply.")
        choices[_words(reply, "id", 256)] = _words(reply, "title", 20)
    if len(choices) != len(buttons) or len(set(choices.values())) != len(buttons):
        raise RefusedError(131009, "Buttons with the same id or title.")
    return _words(body, "text", 1024), choices


def _media(part: Mapping[str, object]) -> str:
    link, number = part.get("link"), part.get("id")
    if (link is None) == (number is None):
        raise RefusedError(131008, "Media is named by its id or by a link.")
    found = str(link if number is None else number)
    if number is None and not _LINK.fullmatch(found):
        raise RefusedError(131009, "The link is no address.")
    return found


def _caption(part: Mapping[str, object]) -> str:
    return _words(part, "caption", 1024) if "caption" in part else ""
