"""The operators' scrubbing of commercial messages (DLT), as the sandboxes do it: ids, header and text against the registration.

Codes: DLT platform error codes as support.exotel.com ("DLT Platform Error Codes in India") and help pages of delivery partners list them
(600-605 entity, 610-618 telemarketers and their chain, 620-623 header, 630-637 template).  An operator may ignore spaces and stops (MSG91
help, "SMS not Matched with DLT Template"); the sandbox is as strict as the registration: every character counts.
"""

import re

from sulah.outreach.sms.settings import SmsSettings
from sulah.outreach.template import LONGEST_VALUE, VARIABLE, Template, VariableKind

ENTITY_NOT_FOUND, NO_ENTITY = "600", "604"
NO_CHAIN, CHAIN_NOT_REGISTERED = "614", "615"
HEADER_NOT_FOUND, HEADER_NOT_OF_TEMPLATE = "620", "634"
TEMPLATE_NOT_FOUND, TEMPLATE_NOT_MATCHED, VARIABLE_TOO_LONG, BAD_TEMPLATE_ID = "630", "633", "635", "637"
WORDS = {
    ENTITY_NOT_FOUND: "ENTITY_NOT_FOUND",
    NO_ENTITY: "INVALID_ENTITY_ID",
    NO_CHAIN: "PE_TM_HASH_NOT_RECEIVED",
    CHAIN_NOT_REGISTERED: "PE_TM_HASH_NOT_REGISTERED",
    HEADER_NOT_FOUND: "HEADER_NOT_FOUND",
    TEMPLATE_NOT_FOUND: "TEMPLATE_NOT_FOUND",
    TEMPLATE_NOT_MATCHED: "TEMPLATE_NOT_MATCHED",
    HEADER_NOT_OF_TEMPLATE: "HEADER_NOT_REGISTERED_FOR_TEMPLATE",
    VARIABLE_TOO_LONG: "TEMPLATE_VARIABLE_EXCEEDED_MAX_LENGTH",
    BAD_TEMPLATE_ID: "INVALID_TEMPLATE_ID",
}
_ID = re.compile(r"[0-9]{19}")


def scrubbed(settings: SmsSettings, *, entity: str, template_id: str, header: str, text: str) -> str:
    """The code with which the operator rejects a message; '' where it lets it pass."""
    if not _ID.fullmatch(entity):
        return NO_ENTITY
    if entity != settings.entity_id:
        return ENTITY_NOT_FOUND
    registered = settings.templates.values()
    if header not in {each.header for each in registered}:
        return HEADER_NOT_FOUND
    if not _ID.fullmatch(template_id):
        return BAD_TEMPLATE_ID
    template = next((each for each in registered if each.registered_id == template_id), None)
    if template is None:
        return TEMPLATE_NOT_FOUND
    return HEADER_NOT_OF_TEMPLATE if header != template.header else _matched(template, text)


def _matched(template: Template, text: str) -> str:
    form = "(.+?)".join(re.escape(part) for part in template.text.split(VARIABLE))
    found = re.fullmatch(form, text, re.DOTALL)
    if found is None:
        return TEMPLATE_NOT_MATCHED
    long = [v for v, k in zip(found.groups(), template.variables, strict=True) if len(v) > LONGEST_VALUE and k.kind is not VariableKind.URL]
    return VARIABLE_TOO_LONG if long else ""
