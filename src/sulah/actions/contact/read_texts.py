"""Approved versions of texts as the templates that channels send."""

import re
from collections.abc import Collection
from dataclasses import replace

from sulah.kernel.terms import Channel
from sulah.outreach.template import VARIABLE, Template, Variable, VariableKind
from sulah.outreach.whatsapp.form import Form, form_of
from sulah.policy.languages import load_languages
from sulah.policy.text_rows import text_kinds
from sulah.records.contact.text import DRAFT, META, OWN, TextVersion

_NAMED = re.compile(r"\{([a-z_]+)\}")


def template_name(version: TextVersion) -> str:
    """The name of its template: text, sentences, channel, language and version, joined by _."""
    parts = [version.name, *version.sentences.split(), version.channel, version.language, str(version.version)]
    return "_".join(parts)


def template_of_version(version: TextVersion, hosts: Collection[str] = ()) -> Template:
    """An approved version as its channel sends it: an e-mail with its subject on the first line, WhatsApp with its name with Meta."""
    if version.channel == Channel.WHATSAPP:
        return form_of_version(version, hosts).template
    subject, in_subject = (f"{version.form['subject']}\n", _of_subject(version)) if version.channel == Channel.EMAIL else ("", ())
    return replace(_plain(version, hosts), text=subject + version.text, variables=(*in_subject, *_variables(version)))


def template_on_file(channel: str, name: str) -> Template | None:
    """The text of a template's name, whatever became of it since; None where the records have none."""
    rows = TextVersion.objects.filter(channel=channel).exclude(state=DRAFT)
    own = rows.filter(name=OWN + name).order_by("-version").first()
    if own is not None:
        return Template(name, own.language, own.text, _variables(own), (), "", "", {}, tuple(own.source.get("hosts", [])))
    known = (row for row in rows.exclude(name__startswith=OWN) if template_name(row) == name)
    return next((template_of_version(row) for row in known), None)


def form_of_version(version: TextVersion, hosts: Collection[str] = ()) -> Form:
    """A version for WhatsApp as it is registered there; FormError for what the platform would not take."""
    pieces = version.text.split(VARIABLE)
    body = "".join(piece + (f"{{{{{place}}}}}" if place < len(pieces) else "") for place, piece in enumerate(pieces, 1))
    buttons = [{"kind": "quick_reply", "payload": payload, "label": label} for payload, label in version.form.get("buttons", [])]
    row = {"text": body, "header": version.form.get("header", ""), "footer": version.form.get("footer", ""), "buttons": buttons}
    template = replace(
        _plain(version, hosts), variables=_variables(version), registered_id=version.provider_ids.get(META) or template_name(version)
    )
    return form_of(row, template, load_languages()[version.language].meta_code, f"text {template_name(version)}")


def _variables(version: TextVersion) -> tuple[Variable, ...]:
    named = [str(each).partition(":") for each in version.variables]
    return tuple(Variable(name, VariableKind(of)) for name, _, of in named)


def _of_subject(version: TextVersion) -> tuple[Variable, ...]:
    """The variables of an e-mail's subject, by the row that the version was written from and the register's kinds."""
    kind = text_kinds()[version.name]
    known = dict(each.split(":") for each in (*kind.variables, *(brings for brings in kind.optional.values() if brings)))
    return tuple(Variable(name, VariableKind(known[name])) for name in _NAMED.findall(str(version.source.get("subject", ""))))


def _plain(version: TextVersion, hosts: Collection[str]) -> Template:
    kind = text_kinds()[version.name]
    return Template(
        name=template_name(version),
        language=version.language,
        text=version.text,
        variables=(),
        purposes=kind.purposes,
        header=version.sms_header,
        registered_id=version.dlt_template_id,
        provider_ids=dict(version.provider_ids),
        hosts=tuple(hosts),
        legal_words=kind.legal_words,
    )
