"""One text of the bench: as its reader sees it in each language and channel, what it costs, its versions, and the acts on them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.approve_text import APPROVERS, DRAFTERS
from sulah.actions.contact.review_language import reviewed_languages
from sulah.kernel.dates import IST, system_clock
from sulah.outreach.samples import VALUES
from sulah.policy.languages import load_languages
from sulah.policy.text_rows import TextKind, cost_of
from sulah.records.contact.text import APPROVED, DRAFT, SUBMITTED, TextVersion
from sulah.web.forms import Field, Form
from sulah.web.govern.text_shown import Bench, Shown, difference, everywhere, kind_of, row_for, shown, the_bench
from sulah.web.govern.texts import language_asked
from sulah.web.reach import Reach, page

_SMS = (Field("dlt_template_id", "DLT template id (19 digits)", most=19), Field("sms_header", "DLT header (six letters)", most=6))
_META = Field("registered_name", "Name of the template with Meta, where it is not the one proposed", required=False, most=512)
_PROVIDER = Field("provider_ids", "Numbers of the providers, as name=number name=number", required=False)
_REASON = Field("reason", "Why (kept with the act)")


def kind_asked(name: str) -> TextKind:
    """The text of the address; 404 where the register has none of that name."""
    kind = kind_of(name)
    if kind is None:
        raise Http404("There is no such text.")
    return kind


def channel_asked(request: HttpRequest, kind: TextKind) -> str:
    """The channel of ?channel=, else the first of the text; 404 for one that it is not written for."""
    asked = request.GET.get("channel", "") or kind.channels[0]
    if asked not in kind.channels:
        raise Http404("The text is not written for that channel.")
    return asked


def versions_of(kind: TextKind, language: str, channel: str) -> list[TextVersion]:
    """The versions of a text in a language on a channel, latest first."""
    found = TextVersion.objects.filter(name=kind.name, language=language, channel=channel).prefetch_related("acts")
    return list(found.order_by("-id"))


def line_of(version: TextVersion, former: TextVersion | None, reach: Reach) -> dict[str, Any]:
    """One version: what changed since the one before of the same sentences, and the forms of what may be done with it."""
    name = reach.person.get_username()
    own = name in (version.author, version.drafted_by, version.submitted_by)
    return {
        "version": version,
        "sentences": version.sentences.split(),
        "differs": difference(former.text, version.text) if former else [],
        "former": former,
        "acts": list(version.acts.all()),
        "findings": version.lint.get("findings", []),
        "own": own,
        "forms": forms_of(version, reach, own=own),
    }


def forms_of(version: TextVersion, reach: Reach, *, own: bool) -> list[Form]:
    """The acts that a person may do on a version, by its state."""
    carried = {"text_id": str(version.pk), "sha256": version.sha256}
    forms: list[Form] = []
    if not reach.whole_lender:
        return forms
    if version.state == DRAFT and reach.role in DRAFTERS:
        asked = (*(_SMS if version.channel == "sms" else (_META,) if version.channel == "whatsapp" else ()), _PROVIDER)
        hint = "The linter reads it first; another person approves it."
        forms.append(Form("submit", "Submit with its registration", asked, "Submit it", hint, carried))
    if version.state == SUBMITTED and reach.role in APPROVERS:
        if not own:
            hint = "From then on it is sent; the version before it is retired."
            forms.append(Form("approve", "Approve it as it reads", (), "I approve this text as it reads", hint, carried))
        forms.append(Form("give_back", "Give it back", (_REASON,), "Give it back", hidden=carried, danger=True))
    if version.state == APPROVED and reach.role in APPROVERS:
        forms.append(Form("retire", "Retire it", (_REASON,), "Retire it", "Nothing more is sent with it.", carried, danger=True))
    return forms


def lines_of(versions: Sequence[TextVersion], reach: Reach) -> list[dict[str, Any]]:
    """The versions with the one before each, latest first."""
    lines = []
    for version in versions:
        before = [one for one in versions if one.sentences == version.sentences and one.version < version.version]
        lines.append(line_of(version, max(before, key=lambda one: one.version, default=None), reach))
    return lines


def edited(view: Shown, versions: Sequence[TextVersion], reach: Reach, bench: Bench) -> dict[str, str] | None:
    """What the form of a new version begins with: the last version, else the shipped row; None for those who draft none."""
    unwritable = view.row.channel == "whatsapp" and not view.language.meta_code
    if bench.words or unwritable or reach.role not in DRAFTERS or not reach.whole_lender:
        return None
    last = versions[0].source if versions else {}
    begun = {name: str(last.get(name, getattr(view.row, name))) for name in ("text", "subject", "footer", "closing")}
    return {name: words for name, words in begun.items() if words}


@page("text")
def text(request: HttpRequest, reach: Reach, name: str) -> HttpResponse:
    """The page of one text in a language on a channel; the shipped row stands first, then what was drafted here."""
    kind = kind_asked(name)
    language, channel = language_asked(request), channel_asked(request, kind)
    bench, today = the_bench(), _today()
    row = row_for(name, language, channel)
    if row is None:
        raise Http404("The language has no such text.")
    with_ = [one for one in request.GET.getlist("with") if one in row.optional]
    view = shown(row, kind, bench.settings.house, with_, today)
    signed, versions = reviewed_languages(), versions_of(kind, language, channel)
    context = {
        "reach": reach,
        "kind": kind,
        "view": view,
        "others": [one for one in everywhere(kind, channel, bench.settings.house, with_, today) if one.row.language != language],
        "language": load_languages()[language],
        "languages": load_languages().values(),
        "channel": channel,
        "with_": with_,
        "sentences": [(one, words_, one in with_) for one, words_ in row.optional.items()],
        "may": kind.plain_reminder or language in signed,
        "signed": language in signed,
        "samples": [
            (str(each).partition(":")[0], str(each).partition(":")[2], VALUES[str(each).partition(":")[0]]) for each in kind.variables
        ],
        "cost": cost_of(channel, today),
        "lines": lines_of(versions, reach),
        "edited": edited(view, versions, reach, bench),
        "bench": bench,
    }
    return render(request, "text.html", context)


def _today() -> date:
    return system_clock().astimezone(IST).date()
