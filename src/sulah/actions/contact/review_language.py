"""A native reader named by the lender signs a language off, and compliance writes it down; it can be taken back."""

import hashlib
import json
from dataclasses import asdict
from datetime import date

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.policy.languages import LANGUAGES, load_languages, rows
from sulah.policy.text_rows import text_rows
from sulah.records.audit import write_audit
from sulah.records.contact.text import LanguageReview

register("language.before_commit")

RECORDERS = frozenset({Role.COMPLIANCE})
"""Who writes the sign-off of a native reader down, and takes it back."""


class ReviewRefusedError(Refusal):
    """The language cannot be signed off, or its sign-off not be taken back, as asked; the words say why."""


def sign_off_language(language: str, digest: str, *, reader: str, read_on: date, note: str = "", by: Actor, clock: Clock) -> LanguageReview:
    """Write down that a native reader has gone over the texts of a language as they read now, of that digest."""
    _hold(language, by, "sign a language off")
    if not reader.strip():
        raise ReviewRefusedError("Name the native reader: a person answers for a language.")
    now = clock()
    if read_on > now.astimezone(IST).date():
        raise ReviewRefusedError(f"{day_text(read_on)} has not come yet. Give the day on which the texts were read.")
    if digest != digest_of(language):
        raise ReviewRefusedError(f"The texts in {load_languages()[language].name} read otherwise by now. Have them read again.")
    return _write(language, reader.strip(), read_on, note, digest, by, clock, signed_off=True)


def withdraw_language(language: str, *, note: str, by: Actor, clock: Clock) -> LanguageReview:
    """Take the sign-off of a language back: from now on only plain reminders go in it."""
    _hold(language, by, "take the sign-off of a language back")
    if not note.strip():
        raise ReviewRefusedError("Give the reason. It stands in the register beside your name.")
    last = reviews().get(language)
    if last is None or not last.signed_off:
        raise ReviewRefusedError(f"{load_languages()[language].name} is signed off by nobody.")
    return _write(language, last.reader, last.read_on, note, last.digest, by, clock, signed_off=False)


def reviewed_languages() -> frozenset[str]:
    """The languages whose texts, as they read now, a native reader has signed off: what is rich may go in them."""
    return frozenset(code for code, last in reviews().items() if last.signed_off and last.digest == digest_of(code))


def reviews() -> dict[str, LanguageReview]:
    """The last entry of each language that has one."""
    return {row.language: row for row in LanguageReview.objects.filter(language__in=LANGUAGES).order_by("id")}


def digest_of(language: str) -> str:
    """SHA-256 over the texts of a language as they are shipped, and over the words by which answers in it are read.

    >>> digest_of("en") == digest_of("en") != digest_of("hi")
    True
    """
    told: list[object] = [{**asdict(row), "effective_from": row.effective_from.isoformat()} for row in text_rows(language)]
    told += [{**row, "effective_from": str(row["effective_from"])} for row in rows(language, "intent")]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _hold(language: str, by: Actor, doing: str) -> None:
    hold_role(by, RECORDERS, doing)
    hold_whole_lender(by, doing)
    if by.role is None:
        raise ReviewRefusedError(f"A person must {doing}; the machine reads no language.")
    if language not in LANGUAGES:
        raise ReviewRefusedError(f"There is no language {language}.")


def _write(
    language: str, reader: str, read_on: date, note: str, digest: str, by: Actor, clock: Clock, *, signed_off: bool
) -> LanguageReview:
    with transaction.atomic():
        now = clock()
        before = reviews().get(language)
        row = LanguageReview.objects.create(
            language=language, signed_off=signed_off, reader=reader, read_on=read_on, note=note, digest=digest, at=now, by=by.name
        )
        write_audit(
            at=now,
            actor=by.name,
            act="language.sign_off" if signed_off else "language.withdraw",
            subject=f"language:{language}",
            before={"signed_off": bool(before and before.signed_off)},
            after={"signed_off": signed_off, "reader": reader, "read_on": read_on.isoformat(), "digest": digest, "note": note},
        )
        reach("language.before_commit")
    return row
