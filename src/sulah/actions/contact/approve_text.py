"""The way of a text: drafted by one person, submitted with its registration and the linter's verdict, approved by a second one.

Only an approved text is sent.  A version never changes: another wording, to the letter, is another version with a registration of its
own (SMS-DLT: an SMS is matched character by character against what was registered).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Max

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.read_texts import form_of_version
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Role
from sulah.outreach.house import House
from sulah.outreach.library import Written, written
from sulah.outreach.whatsapp.form import FormError
from sulah.policy.languages import load_languages
from sulah.policy.text_rows import TextRow, text_kinds
from sulah.records.audit import write_audit
from sulah.records.contact.text import APPROVED, DRAFT, META, RETIRED, SUBMITTED, TextApproval, TextVersion

register("text.before_commit")

DRAFTERS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL, Role.ADMINISTRATOR})
"""Who writes and submits: people of the office."""

APPROVERS = frozenset({Role.COMPLIANCE})
"""Who approves, gives back and retires."""

_REGISTERED = re.compile(r"[0-9]{19}")
_HEADER = re.compile(r"[A-Za-z]{6}")
_META_NAME = re.compile(r"[a-z0-9_]{1,512}")


class TextRefusedError(Refusal):
    """The text cannot be drafted, submitted, approved or retired so; the words say why."""


@dataclass(frozen=True, slots=True)
class Linted:
    """What a linter said of a text: blocked or not, and its findings (rule_id, kind, start, end, why, suggestion, citation)."""

    blocked: bool
    findings: tuple[Mapping[str, Any], ...] = ()


Lint = Callable[[TextVersion], Linted]
"""A linter as the act is given it."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a text is registered: 19 digits and a header of six letters for an SMS, a provider's own number by its name for any channel.

    registered_name: of a WhatsApp template with Meta; empty where it has the name that the bench proposes.
    """

    dlt_template_id: str = ""
    sms_header: str = ""
    provider_ids: Mapping[str, str] | None = None
    registered_name: str = ""


def draft_text(row: TextRow, sentences: Sequence[str], *, house: House, by: Actor, clock: Clock) -> TextVersion:
    """Write a new version of a text down; TextRefusedError where it reads as one that there is, LibraryError where it is not whole."""
    hold_person(by, DRAFTERS, "draft a text")
    kind = text_kinds()[row.name]
    if row.channel == Channel.WHATSAPP and not load_languages()[row.language].meta_code:
        raise TextRefusedError(f"WhatsApp registers no text in {load_languages()[row.language].name}. Write it in another language there.")
    with transaction.atomic():
        now = clock()
        one = written(row, kind, house, sentences)
        same = TextVersion.objects.filter(name=row.name, language=row.language, channel=row.channel, sentences=" ".join(one.with_))
        last = same.aggregate(last=Max("version"))["last"] or 0
        one = written(replace(row, version=last + 1), kind, house, sentences)
        version = version_of(one, kind.category)
        _hold_form(version)
        if same.exclude(state=RETIRED).filter(sha256=version.sha256).exists():
            raise TextRefusedError("This text reads, to the letter, like a version that there is already. Nothing was written down.")
        version.author, version.drafted_by, version.drafted_at = row.author, by.name, now
        version.save()
        note(version, "draft", "", by, clock)
    return version


def submit_text(text_id: int, registration: Registration, *, lint: Lint, by: Actor, clock: Clock) -> TextVersion:
    """Submit a draft with its registration; TextRefusedError where the linter blocks it, or the registration is half."""
    hold_person(by, DRAFTERS, "submit a text")
    with transaction.atomic():
        version = _found(text_id, DRAFT)
        _hold_registration(version, registration)
        verdict = lint(version)
        version.lint = {"blocked": verdict.blocked, "findings": [dict(each) for each in verdict.findings]}
        if verdict.blocked:
            first = verdict.findings[0] if verdict.findings else {}
            raise TextRefusedError(
                f"The linter blocks this text: {first.get('why', 'no reason given')} {first.get('suggestion', '')}".strip()
            )
        version.dlt_template_id, version.sms_header = registration.dlt_template_id, registration.sms_header
        named = {META: registration.registered_name} if registration.registered_name else {}
        version.provider_ids = {**dict(registration.provider_ids or {}), **named}
        version.state, version.submitted_by = SUBMITTED, by.name
        version.save()
        note(version, "submit", "", by, clock)
    return version


def approve_text(text_id: int, sha256: str, *, by: Actor, clock: Clock) -> TextVersion:
    """Approve a submitted text as it reads; never by its author, and the version approved before it is retired with it."""
    hold_person(by, APPROVERS, "approve a text")
    with transaction.atomic():
        version = _found(text_id, SUBMITTED)
        if version.sha256 != sha256 or version.sha256 != sha256_of(version):
            raise TextRefusedError("The text reads otherwise than the one that you looked at. Look at it again, then decide.")
        if by.name in (version.author, version.drafted_by, version.submitted_by):
            raise TextRefusedError(f"{by.name} drafted or submitted this text: another person must approve it.")
        for former in _siblings(version).filter(state=APPROVED):
            former.state = RETIRED
            former.save()
            note(former, "retire", f"replaced by version {version.version}", by, clock)
        version.state, version.approved_by, version.approved_at = APPROVED, by.name, clock()
        version.save()
        note(version, "approve", "", by, clock)
    return version


def give_back_text(text_id: int, *, reason: str, by: Actor, clock: Clock) -> TextVersion:
    """Give a submitted text back to those who drafted it, with the reason."""
    return _moved(text_id, SUBMITTED, DRAFT, "give_back", reason, by, clock)


def retire_text(text_id: int, *, reason: str, by: Actor, clock: Clock) -> TextVersion:
    """Retire a text: from now on nothing more is sent with it."""
    return _moved(text_id, APPROVED, RETIRED, "retire", reason, by, clock)


def sha256_of(version: TextVersion) -> str:
    """The digest over what is registered: text, variables and form."""
    told = [version.text, version.variables, version.form]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def version_of(one: Written, category: str) -> TextVersion:
    """The version of a written text, not kept yet."""
    row = one.row
    version = TextVersion(
        name=row.name,
        language=row.language,
        channel=row.channel,
        sentences=" ".join(one.with_),
        version=row.version,
        text=one.text,
        variables=[f"{variable.name}:{variable.kind}" for variable in one.variables],
        form={
            "subject": one.subject,
            "header": one.header,
            "footer": one.footer,
            "buttons": [list(button) for button in one.buttons],
            "opening": one.opening,
            "choices": [list(choice) for choice in one.choices],
            "closing": one.closing,
        },
        source={**asdict(row), "effective_from": row.effective_from.isoformat()},
        category=category,
    )
    version.sha256 = sha256_of(version)
    return version


def _hold_form(version: TextVersion) -> None:
    """TextRefusedError for what WhatsApp would not register: too long, a value at its beginning, a label too long."""
    if version.channel != Channel.WHATSAPP:
        return
    try:
        form_of_version(version, ("any.example",))
    except FormError as error:
        raise TextRefusedError(f"WhatsApp would not register this text. {str(error).removeprefix('lender.toml: ')}") from error


def _moved(text_id: int, before: str, after: str, kind: str, reason: str, by: Actor, clock: Clock) -> TextVersion:
    hold_person(by, APPROVERS, f"{kind.replace('_', ' ')} a text")
    if not reason.strip():
        raise TextRefusedError("Give the reason. It stands in the register beside your name.")
    with transaction.atomic():
        version = _found(text_id, before)
        version.state = after
        version.save()
        note(version, kind, reason, by, clock)
    return version


def _found(text_id: int, state: str) -> TextVersion:
    version = TextVersion.objects.select_for_update().filter(pk=text_id).first()
    if version is None:
        raise TextRefusedError(f"There is no text {text_id}.")
    if version.state != state:
        raise TextRefusedError(f"This text is {version.state} by now, not {state}. Look at it again, then decide.")
    return version


def _siblings(version: TextVersion) -> Any:
    return TextVersion.objects.filter(
        name=version.name, language=version.language, channel=version.channel, sentences=version.sentences
    ).exclude(pk=version.pk)


def _hold_registration(version: TextVersion, registration: Registration) -> None:
    if registration.registered_name:
        _hold_name(version, registration.registered_name)
    if version.channel != Channel.SMS:
        return
    if not _REGISTERED.fullmatch(registration.dlt_template_id):
        raise TextRefusedError("Give the 19 digits of the text's DLT registration.")
    if not _HEADER.fullmatch(registration.sms_header):
        raise TextRefusedError("Give the six letters of the DLT header.")
    other = TextVersion.objects.filter(dlt_template_id=registration.dlt_template_id).exclude(pk=version.pk).first()
    if other is not None and (other.name, other.text) != (version.name, version.text):
        raise TextRefusedError(
            f"That registration is the one of {other.name} in {other.language}, version {other.version}: each text has its own."
        )


def _hold_name(version: TextVersion, name: str) -> None:
    """A name with Meta is of WhatsApp, reads as Meta lets it, and stands for one text in one language."""
    if version.channel != Channel.WHATSAPP or not _META_NAME.fullmatch(name):
        raise TextRefusedError("The name of a WhatsApp template with Meta has small letters, digits and _ only; other channels have none.")
    others = TextVersion.objects.filter(channel=version.channel, language=version.language).exclude(state=RETIRED).exclude(pk=version.pk)
    if any(row.provider_ids.get(META) == name for row in others):
        raise TextRefusedError(f"{name} is the name of another text in this language with Meta. Each text has its own.")


def hold_person(by: Actor, roles: frozenset[Role], doing: str) -> None:
    """NotPermittedError or TextRefusedError: texts are the whole lender's, and a person answers for each act; never the machine."""
    hold_role(by, roles, doing)
    hold_whole_lender(by, doing)
    if by.role is None:
        raise TextRefusedError(f"A person must {doing}; the machine answers for no text.")


def note(version: TextVersion, kind: str, reason: str, by: Actor, clock: Clock) -> None:
    """The act and its audit entry, in the transaction of the change."""
    now = clock()
    TextApproval.objects.create(text=version, kind=kind, sha256=version.sha256, reason=reason, at=now, by=by.name)
    after = {"version": version.version, "state": version.state, "sha256": version.sha256, "reason": reason}
    if version.dlt_template_id:
        after["dlt_template_id"] = version.dlt_template_id
    subject = f"text:{version.name}:{version.channel}:{version.language}"
    write_audit(at=now, actor=by.name, act=f"text.{kind}", subject=subject, after=after)
    reach("text.before_commit")
