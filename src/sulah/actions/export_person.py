"""The act of telling a person what is held about them: everything, from the book, the vault, the records and the trail of readings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from sulah.actions.contact.actor import Actor, hold_reach, hold_role
from sulah.actions.contact.review_language import reviewed_languages
from sulah.actions.evidence.access_log import readings_of
from sulah.actions.evidence.erased import SUBJECT
from sulah.actions.export_table import ExportRefusedError
from sulah.actions.keep_words import said_within
from sulah.actions.load_book import latest_accepted
from sulah.actions.put_heard import words_of
from sulah.actions.retain_keys import months_of
from sulah.actions.talk.read_thread import text_of
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import RowSource, equals, one_of
from sulah.adapters.book.vault import KeyDestroyedError, Vault
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Role
from sulah.outreach.configured import Channels
from sulah.policy.held import held_words
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.contact.agent import AgentNotice, Assignment
from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.officer_code import OfficerCode
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint, LanguageWish, Task
from sulah.records.contact.wish import Consent, Preference
from sulah.records.erasure import Erasure, LegalHold

Row = dict[str, Any]
Held = dict[str, list[Row]]

_LEFT_OUT = ("seal", "sealed", "certificate", "facts", "verdicts", "intent", "fence", "claimed_by", "lease_until", "code_key", "token_key")
"""Columns that are ours alone: seals, claims of workers, and the whole of a decision's facts, which name others too."""

_OF_RECORDS: dict[str, tuple[type[Model], ...]] = {
    "contacts": (Contact, Inbound, Miss),
    "decisions": (Decision, Override),
    "promises": (Promise,),
    "complaints": (Complaint,),
    "consents": (Consent,),
    "wishes": (Preference, AgreedPlace, LanguageWish),
    "stops": (StopEvent,),
    "officers": (Assignment, AgentNotice, OfficerCode),
    "tasks": (Task,),
    "marks": (NumberStanding,),
    "erasure": (Erasure, LegalHold),
}


def export_person(
    lender: Lender, person: str, folder: Path, *, language: str, channels: Channels, by: Actor, clock: Clock
) -> tuple[Path, Path]:
    """Write what is held about a person as a page of HTML and as JSON, in a new folder that its owner alone reads; both paths.

    Headings are in the language where the lender signed it off, else in English with a note.  The entry stands before a name is
    opened.  ExportRefusedError where the folder is there.
    """
    hold_role(by, {Role.COMPLIANCE}, "tell a person what is held about them")
    hold_reach(by, person)
    if folder.exists():
        raise ExportRefusedError(f"{folder} is already there. Name a folder that is not: nothing is ever written over.")
    write_audit(at=clock(), actor=by.name, act="person.export", subject=f"borrower:{person}", after={"language": language})
    held = held_about(lender, person, channels)
    words, code = headings(language)
    folder.mkdir(parents=True, mode=0o700)
    written = (folder / "held.html", folder / "held.json")
    for path, text in zip(written, (_page(lender, held, words, code), _json(lender, person, held)), strict=True):
        with durable(path) as part:
            part.touch(mode=0o600)
            part.write_text(text, encoding="utf-8")
    return written


def headings(language: str) -> tuple[Mapping[str, str], str]:
    """The headings and the language that they are in: the one asked for where it is signed off, else English with a note."""
    english = dict(held_words("en") or {})
    given = held_words(language)
    if language == "en" or (given is not None and language in reviewed_languages()):
        return given or english, language
    note = (
        f"Asked for in the language {language}. No native reader of the lender has gone over these headings in it, so they are in English."
    )
    return {**english, "note": note}, "en"


def held_about(lender: Lender, person: str, channels: Channels) -> Held:
    """Every section with its rows; a section that has none is there too."""
    vault = Vault(lender)
    held: Held = {**_of_book(lender, person, vault)}
    held["messages"] = [
        {**_plain(row), "text": _words(lambda row=row: text_of(row, channels, vault))}
        for row in Outbox.objects.filter(person=person).order_by("queued_at")
    ]
    held["heard"] = [
        {**_plain(row), "text": _words(lambda row=row: words_of(vault, row)[1])}
        for row in Heard.objects.filter(person=person).order_by("id")
    ]
    for section, models in _OF_RECORDS.items():
        held[section] = [
            _plain(row)
            for model in models
            for row in model._default_manager.filter(person=person).order_by("pk")  # noqa: SLF001
        ]
    held["readers"] = list(_readers(person))
    mine = AuditEntry.objects.filter(subject__in=[f"borrower:{person}", f"{SUBJECT}{person}"]).order_by("id")
    held["acts"] = [{"at": one.at, "by": one.actor, "act": one.act, "after": one.after} for one in mine]
    held["kept"] = [{"month": month.name, "last_day": month.last} for month in months_of(vault)]
    return {name: [_opened(vault, person, row) for row in rows] for name, rows in held.items()}


def _opened(vault: Vault, person: str, row: Row) -> Row:
    """A row with what staff wrote about the person in its place."""
    return {column: said_within(vault, person, value) for column, value in row.items()}


def _of_book(lender: Lender, person: str, vault: Vault) -> Held:
    """Who they are, loans and payments, of the latest accepted load."""
    load = latest_accepted()
    if load is None:
        return {"person": [], "numbers": [], "loans": [], "payments": []}
    with RowSource(lender, load) as source:
        sealed = source.rows("borrower_private", where=(equals("borrower_id", person),))
        given = {name: value for row in sealed for name, value in vault.open(person, row["sealed"]).items()}
        loans = source.rows("account", where=(equals("borrower_id", person),), order=("loan_id",))
        ids = [row["loan_id"] for row in loans]
        if load.report.get("accepted", {}).get("guarantor"):
            loans += source.rows("guarantor", where=(equals("borrower_id", person),))
        paid = source.rows("repayment", where=(one_of("loan_id", ids),), order=("paid_on",)) if ids else []
    numbers = [{"kind": name, "value": given.pop(name)} for name in ("phone", "phone_2", "email", "address") if given.get(name)]
    return {"person": [{"id": person, **given}], "numbers": numbers, "loans": loans, "payments": paid}


def _readers(person: str) -> Iterator[Row]:
    """Who opened or took out what is held about the person, whole exports of the lender among it."""
    for one in readings_of(person):
        yield {"at": one["at"], "by": one["actor"], "page": one["page"] or f"{one['act']} {one['what']}"}


def _plain(row: Model) -> Row:
    """The columns of a record that say something to the person; empty ones are left out."""
    fields = [field.attname for field in row._meta.concrete_fields if field.attname not in _LEFT_OUT]  # noqa: SLF001
    return {name: value for name in fields if (value := getattr(row, name)) not in (None, "", [], {})}


def _words(read: Any) -> str:
    try:
        return read() or ""
    except KeyDestroyedError:
        return (held_words("en") or {})["erased"]


def _json(lender: Lender, person: str, held: Held) -> str:
    whole = {"lender": lender.name, "simulated": lender.simulated, "person": person, "held": held}
    return json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1) + "\n"


def _page(lender: Lender, held: Held, words: Mapping[str, str], language: str) -> str:
    """One page without script or picture: a heading a section, a list a row."""
    body = "".join(f"<h2>{escape(words[name])}</h2>{_rows(rows, words)}" for name, rows in held.items())
    note = f"<p>{escape(words['note'])}</p>" if words["note"] else ""
    simulated = "<p>Simulated.</p>" if lender.simulated else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(words["title"])}</title></head>'
        f"<body><h1>{escape(words['title'])}</h1><p>{escape(lender.name)}</p>{simulated}{note}{body}</body></html>\n"
    )


def _rows(rows: Sequence[Row], words: Mapping[str, str]) -> str:
    if not rows:
        return f"<p>{escape(words['nothing'])}</p>"
    shown = ("".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in row.items()) for row in rows)
    return "".join(f"<dl>{one}</dl>" for one in shown)
