"""Take in an agency's dialler log: its contacts count like our own, what cannot be true is set aside, and every row is accounted for.

The same log twice changes nothing; a call that is there already, told again by a later log, is counted as repeated.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, Actor, NotPermittedError, hold_role
from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import RAW, Vault, quarantine_subject
from sulah.adapters.lms.dialler import TABLE, Log, LoggedContact, RefusedRow, open_log
from sulah.adapters.lms.mapping_file import saved_mapping
from sulah.adapters.lms.phones import one_way
from sulah.intake.mapping import PLAIN, Mapping
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Party, Role
from sulah.records.audit import write_audit
from sulah.records.contact.agent import Agency
from sulah.records.contact.contact import Contact, ContactEvent, Inbound
from sulah.records.contact.dialler import DiallerLog
from sulah.records.contact.standing import Standing
from sulah.records.turn import turn

register("log.before_commit", "log.after_commit")

TAKERS = CONDUCT | {Role.ADMINISTRATOR, Role.AGENCY}
"""Who may bring a log; a person of an agency brings their own agency's."""

_PARTIES = frozenset(party.value for party in Party)


class LogRefusedError(Refusal):
    """The log cannot be taken in; the words say why."""


def take_log(lender: Lender, path: Path, agency_id: str, *, by: Actor, clock: Clock, mapping: Mapping | None = None) -> DiallerLog:
    """Take in one file of contacts of an agency, all of it or nothing; its entry says rows = taken + repeated + refused.

    mapping: left out, the one that the agency's record names, else none.  RefusedExtractError for a file that cannot be read whole.
    """
    hold_role(by, TAKERS, "bring a dialler log")
    if by.role is Role.AGENCY and by.agency != agency_id:
        raise NotPermittedError("A log is brought by the agency that made it.")
    agency = Agency.objects.filter(pk=agency_id).first()
    if agency is None:
        raise LogRefusedError(f"There is no agency {agency_id}. Engage it first.")
    if path.is_symlink() or not path.is_file():
        raise LogRefusedError(f"{path.name} is no file. Name the log itself.")
    used = mapping if mapping is not None else _mapping_of(lender, agency)
    digest = sha256_of(path)
    again = DiallerLog.objects.filter(agency=agency_id, content_sha256=digest, mapping={"name": used.name, "text": used.text}).first()
    if again is not None:
        return again
    with open_log(path, used, clock().astimezone(IST).date(), _known) as log:
        taken = _take(log, agency_id, path.name, digest, used, Vault(lender), by, clock)
    reach("log.after_commit")
    return taken


def _mapping_of(lender: Lender, agency: Agency) -> Mapping:
    name = str(agency.mapping.get("name", ""))
    return saved_mapping(lender, name) if name else PLAIN


def _known(people: Sequence[str]) -> list[str]:
    return list(Standing.objects.filter(person__in=people).exclude(digest="").values_list("person", flat=True))


def _take(log: Log, agency: str, name: str, digest: str, used: Mapping, vault: Vault, by: Actor, clock: Clock) -> DiallerLog:
    with turn(), transaction.atomic():
        now = clock()
        fresh, repeated, conflicting = _tell_apart(log, agency)
        refused = (*log.refused, *conflicting)
        counts = {
            "rows": log.tie.rows,
            "taken": len(fresh),
            "repeated": repeated + log.tie.duplicates,
            "refused": len({row.row for row in refused}),
        }
        if counts["rows"] != counts["taken"] + counts["repeated"] + counts["refused"]:
            raise ArithmeticError(f"{name} does not tie out: {counts}")
        entry = DiallerLog.objects.create(
            agency=agency,
            name=name[:300],
            content_sha256=digest,
            mapping={"name": used.name, "text": used.text},
            findings=[[row.row, row.field, row.code, row.words] for row in refused],
            sealed=_sealed(vault, now, digest, refused),
            taken_at=now,
            taken_by=by.name,
            **counts,
        )
        for batch in log.batches():
            _write([call for call in batch if call.call_id in fresh], entry, vault, by, now)
        write_audit(at=now, actor=by.name, act="log.take", subject=f"agency:{agency}", after={"log": entry.pk, "name": name, **counts})
        reach("log.before_commit")
    return entry


def _sealed(vault: Vault, now: datetime, digest: str, refused: Sequence[RefusedRow]) -> dict[str, str]:
    """The refused rows by their number, as given, under the key of this month's raw bodies."""
    texts = [(quarantine_subject(TABLE, digest, row.row), row.given) for row in refused]
    sealed = vault.seal_rows_until(RAW, now.astimezone(IST).date(), texts)
    return {str(row.row): text for row, text in zip(refused, sealed, strict=True)}


def _tell_apart(log: Log, agency: str) -> tuple[set[str], int, list[RefusedRow]]:
    """The ids of the calls that are not there yet, how many are, and those that are and say something else: nobody knows which is true."""
    fresh: set[str] = set()
    repeated, conflicting = 0, []
    for batch in log.batches():
        keys = [_key(agency, call) for call in batch]
        told = ("intent", "person", "at", "channel")
        there = {key: rest for key, *rest in Contact.objects.filter(intent__in=keys).values_list(*told)}
        told = ("reference", "person", "at", "channel")
        there |= {key: rest for key, *rest in Inbound.objects.filter(reference__in=keys).values_list(*told)}
        for call, key in zip(batch, keys, strict=True):
            if key not in there:
                fresh.add(call.call_id)
            elif there[key] == [call.person, call.at, call.channel.value]:
                repeated += 1
            else:
                given = json.dumps({"contact_id": call.call_id, "borrower_id": call.person, "at": call.at.isoformat()})
                conflicting.append(RefusedRow(log.tie.name, call.row, "contact_id", "duplicate_conflicting", given))
    return fresh, repeated, conflicting


def _write(calls: Sequence[LoggedContact], entry: DiallerLog, vault: Vault, by: Actor, now: datetime) -> None:
    contacts = [_contact(call, entry, vault, now) for call in calls if not call.inbound]
    Contact.objects.bulk_create(contacts)
    ContactEvent.objects.bulk_create(
        ContactEvent(contact=contact, at=now, state=contact.state, evidence="log", actor=by.name) for contact in contacts
    )
    Inbound.objects.bulk_create(
        Inbound(person=call.person, channel=call.channel.value, at=call.at, reference=_key(entry.agency, call), recorded_at=now)
        for call in calls
        if call.inbound
    )


def _contact(call: LoggedContact, entry: DiallerLog, vault: Vault, now: datetime) -> Contact:
    return Contact(
        intent=_key(entry.agency, call),
        person=call.person,
        loans=[call.loan_id] if call.loan_id else [],
        channel=call.channel.value,
        contact_class=call.channel.contact_class.value,
        purpose="",
        party=call.party if call.party in _PARTIES else "",
        number_key=vault.number_key(one_way(call.number)) if call.number else "",
        outside_session=call.channel is Channel.WHATSAPP,
        at=call.at,
        source="agency_file",
        agent=call.agent_id[:64],
        agency=entry.agency,
        log=entry,
        state=call.state.value,
        state_at=now,
    )


def _key(agency: str, call: LoggedContact) -> str:
    """The id under which a logged call stands in the ledger; one too long for it is known by its digest."""
    key = f"log:{agency}:{call.call_id}"
    return key if len(key) <= 160 else f"log:{agency}:sha256:{hashlib.sha256(call.call_id.encode()).hexdigest()}"
