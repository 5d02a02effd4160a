"""The texts that may be sent: approved versions as templates, and which of them a person gets."""

from collections.abc import Collection, Iterable
from datetime import date

from sulah.actions.contact.review_language import reviewed_languages
from sulah.outreach.house import TextSettings
from sulah.outreach.library import LibraryError, pick
from sulah.outreach.template import Template, Variable, VariableKind
from sulah.policy.text_rows import TextRow, row_of, text_kinds
from sulah.records.contact.text import APPROVED, TextVersion


def approved_texts(channel: str) -> list[TextVersion]:
    """The approved versions of a channel."""
    return list(TextVersion.objects.filter(channel=channel, state=APPROVED))


def template_name(version: TextVersion) -> str:
    """The name of its template: text, sentences, channel, language and version, joined by _."""
    parts = [version.name, *version.sentences.split(), version.channel, version.language, str(version.version)]
    return "_".join(parts)


def template_of_version(version: TextVersion, hosts: Collection[str] = ()) -> Template:
    """An approved version as its channel sends it."""
    kind = text_kinds()[version.name]
    named = [str(each).partition(":") for each in version.variables]
    return Template(
        name=template_name(version),
        language=version.language,
        text=version.text,
        variables=tuple(Variable(name, VariableKind(of)) for name, _, of in named),
        purposes=kind.purposes,
        header=version.sms_header,
        registered_id=version.dlt_template_id,
        provider_ids=dict(version.provider_ids),
        hosts=tuple(hosts),
        legal_words=kind.legal_words,
    )


def template_for(
    name: str, channel: str, language: str, *, on: date, settings: TextSettings, sentences: Iterable[str] = ()
) -> tuple[Template, str]:
    """The approved template for a person and in words why it is in its language; LibraryError where none may go.

    sentences: those that apply to the person; only a version with exactly these is taken.
    """
    asked = set(sentences)
    held = [version for version in approved_texts(channel) if version.name == name and set(version.sentences.split()) == asked]
    kind = text_kinds().get(name)
    if kind is None:
        raise LibraryError(f"The library has no text {name}.")
    rows = [_row(version) for version in held]
    found = pick(rows, kind, channel, language, on=on, reviewed=reviewed_languages(), second=settings.second_language)
    chosen = next(version for version in held if version.language == found.row.language)
    return template_of_version(chosen, settings.hosts), found.why


def _row(version: TextVersion) -> TextRow:
    """The row that a version was written from."""
    written = {name: value for name, value in version.source.items() if name != "language"}
    return row_of(version.language, {**written, "effective_from": date.fromisoformat(str(written["effective_from"]))})
