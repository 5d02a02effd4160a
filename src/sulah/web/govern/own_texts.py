"""Texts that a lender brings in lender.toml, on the text bench: how each stands, and what may be done with it."""

from typing import Any

from sulah.actions.contact.approve_text import APPROVERS, DRAFTERS
from sulah.actions.contact.texts_in_force import OWN_CHANNELS, own_digest
from sulah.outreach.configured import Configured
from sulah.records.contact.text import APPROVED, DRAFT, OWN, RETIRED, SUBMITTED, TextVersion
from sulah.web import talk_ways
from sulah.web.forms import Field, Form
from sulah.web.reach import Reach

_SHIPPED = "shipped"
_REASON = Field("reason", "Why (kept with the act)")
_READ_FIRST = "The linter reads it first; another person approves it."
_WORDS = {
    _SHIPPED: "Nobody has submitted it: it is not sent.",
    SUBMITTED: "It waits for a second person: it is not sent yet.",
    DRAFT: "It was given back, or the linter blocks it: mend it in lender.toml.",
    RETIRED: "It is not sent.",
}


def own_lines(reach: Reach) -> list[dict[str, Any]]:
    """Every text of lender.toml by channel, with the last version of it as it stands there now."""
    held: dict[tuple[str, str, str], list[TextVersion]] = {}
    for version in TextVersion.objects.filter(name__startswith=OWN).order_by("version"):
        held.setdefault((version.name, version.language, version.channel), []).append(version)
    channels = talk_ways.channels_as_set_up()
    known = [(channel, channels[channel]) for channel in OWN_CHANNELS if channel in channels]
    return [_line(reach, channel, name, one, held) for channel, one in known for name in sorted(one.templates)]


def _line(reach: Reach, channel: str, name: str, one: Configured, held: dict[tuple[str, str, str], list[TextVersion]]) -> dict[str, Any]:
    template, digest = one.templates[name], own_digest(one, name)
    versions = [row for row in held.get((OWN + name, template.language, channel), []) if row.form.get("own") == digest]
    last = versions[-1] if versions else None
    state = last.state if last is not None else _SHIPPED
    changed = last is None and any(row.state == APPROVED for row in held.get((OWN + name, template.language, channel), []))
    return {
        "name": name,
        "channel": channel,
        "template": template,
        "state": state,
        "words": "lender.toml holds it otherwise than it was approved: submit it anew." if changed else _WORDS.get(state, ""),
        "findings": last.lint.get("findings", []) if last is not None else [],
        "forms": _forms(reach, channel, name, last),
    }


def _forms(reach: Reach, channel: str, name: str, last: TextVersion | None) -> list[Form]:
    if not reach.whole_lender:
        return []
    if last is None or last.state == RETIRED:
        hidden = {"own": name, "channel": channel}
        ask = Form(
            "submit_own", "Submit it as it stands there", (), "Submit it", "The linter reads it first; another person approves it.", hidden
        )
        return [ask] if reach.role in DRAFTERS else []
    carried = {"text_id": str(last.pk), "sha256": last.sha256}
    forms: list[Form] = []
    if last.state == SUBMITTED and reach.role in APPROVERS:
        if reach.person.get_username() not in (last.author, last.drafted_by, last.submitted_by):
            forms.append(
                Form("approve", "Approve it as it reads", (), "I approve this text as it reads", "From then on it is sent.", carried)
            )
        forms.append(Form("give_back", "Give it back", (_REASON,), "Give it back", hidden=carried, danger=True))
    if last.state == APPROVED and reach.role in APPROVERS:
        forms.append(Form("retire", "Retire it", (_REASON,), "Retire it", "Nothing more is sent with it.", carried, danger=True))
    return forms
