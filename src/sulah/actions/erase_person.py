"""The act of erasing a person: asked for with a reason, held against law and open matters, approved by a second person, certified.

The records are wiped in one transaction, then the person's key is destroyed, then the certificate is written.  Killed in between, the
row says `approved`, and `end_erasures` does the rest; nothing of it can go back.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.erasure_certificate import certificate_of, older_files
from sulah.actions.erasure_facts import facts_about
from sulah.actions.evidence.erased import ACT, SUBJECT
from sulah.actions.log.log_turns import turn_of
from sulah.actions.wipe_person import freed, wipe_person
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.canonical import canonical
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.policy.erasure import erasure_rows
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.erasure import Erasure, ErasureState, LegalHold
from sulah.transparency.erasing import Kept, reasons_to_keep

register("erase.wiped", "erase.key_gone", "erase.before_commit", "erase.done")

ERASERS = frozenset({Role.COMPLIANCE})
_FINISHED = "erasure.finished"


class ErasureRefusedError(Refusal):
    """The person is not erased: the words say why, and until when."""


def ask_erasures(lender: Lender, people: Sequence[str], *, reason: str, by: Actor, clock: Clock) -> list[Erasure]:
    """Write down that people are to be erased; one row a person, refused where something stands against it.

    ErasureRefusedError without a reason, or where one of them is erased or asked for already.
    """
    _hold(by)
    if not reason.strip():
        raise ErasureRefusedError("Give the reason, without a name: it stays on the record.")
    now = clock()
    on = now.astimezone(IST).date()
    found = facts_about(lender, people, on)
    with transaction.atomic():
        standing = Erasure.objects.filter(person__in=people, state__in=(ErasureState.ASKED, ErasureState.APPROVED, ErasureState.DONE))
        if known := standing.first():
            raise ErasureRefusedError(f"{known.person} is {known.state} already ({known.asked_at.astimezone(IST):%d %B %Y}).")
        rows = []
        for person in people:
            kept = reasons_to_keep(found[person], erasure_rows(), on)
            state = ErasureState.REFUSED if kept else ErasureState.ASKED
            told = [one.told() for one in kept]
            row = Erasure.objects.create(
                person=person, reason=reason.strip()[:300], state=state, kept_for=told, asked_at=now, asked_by=by.name
            )
            write_audit(
                at=now, actor=by.name, act=f"erasure.{state}", subject=f"borrower:{person}", after={"erasure": row.pk, "kept": told}
            )
            rows.append(row)
    return rows


def decide_erasures(lender: Lender, numbers: Sequence[int], *, approve: bool, by: Actor, clock: Clock, note: str = "") -> list[Erasure]:
    """Approve (and do) or decline what another person asked for; the rows as they are then.

    The reasons are looked at again: what stands against one by now refuses it.  ErasureRefusedError for one's own request.
    """
    _hold(by)
    now = clock()
    on = now.astimezone(IST).date()
    with transaction.atomic():
        rows = list(Erasure.objects.select_for_update().filter(pk__in=numbers, state=ErasureState.ASKED))
        if len(rows) < len(set(numbers)):
            raise ErasureRefusedError("One of them does not wait for a decision.")
        if own := [row.pk for row in rows if row.asked_by == by.name]:
            raise ErasureRefusedError(f"Request {own[0]} is your own. Another person must approve it: what is erased cannot come back.")
        found = facts_about(lender, [row.person for row in rows], on) if approve else {}
        for row in rows:
            kept = reasons_to_keep(found[row.person], erasure_rows(), on) if approve else ()
            row.state = _decided(kept, approve=approve)
            row.kept_for, row.decided_at, row.decided_by, row.note = [one.told() for one in kept], now, by.name, note[:300]
            row.save()
            after = {"erasure": row.pk, "kept": row.kept_for}
            write_audit(at=now, actor=by.name, act=f"erasure.{row.state}", subject=f"borrower:{row.person}", after=after)
    end_erasures(lender, by=by, clock=clock)
    return list(Erasure.objects.filter(pk__in=numbers).order_by("pk"))


def end_erasures(lender: Lender, *, by: Actor, clock: Clock) -> int:
    """Do what was approved and is not done yet, also what a killed run left; how many people were erased."""
    rows = list(Erasure.objects.filter(state=ErasureState.APPROVED))
    if not rows:
        return 0
    vault, people = Vault(lender), [row.person for row in rows]
    counts = {}
    alive = vault.store.keys_of(Kind.BORROWER, people, make=True)
    for row in rows:
        with transaction.atomic():
            if alive[row.person] is not None:
                counts[row.pk] = dict(wipe_person(row.person, vault, clock()))
    reach("erase.wiped")
    keys = vault.store.numbers(Kind.BORROWER, people)
    vault.store.destroy(Kind.BORROWER, people, clock())
    reach("erase.key_gone")
    held, left = freed(), older_files(lender, people)
    with transaction.atomic():
        now = clock()
        for row in rows:
            row.certificate = certificate_of(lender, row, vault, keys[row.person], counts.get(row.pk, {}), left.get(row.person, []), now)
            row.certificate |= {"unfinished": held} if held else {}
            row.certificate_sha256 = sha256(canonical(row.certificate)).hexdigest()
            row.state = ErasureState.DONE
            row.save()
            after: dict[str, Any] = {"erasure": row.pk, "certificate": row.certificate_sha256}
            write_audit(at=now, actor=by.name, act=ACT, subject=f"{SUBJECT}{row.person}", after=after)
        reach("erase.before_commit")
    reach("erase.done")
    turn_of(lender, clock)  # the certificate is under a checkpoint when it is handed out; without a log there is none to wait for
    return len(rows)


def unfinished() -> list[int]:
    """The erasures of which a reader kept what the rows held before in the database's files, and that nobody has finished since."""
    told = set(Erasure.objects.filter(certificate__has_key="unfinished").values_list("pk", flat=True))
    done = (entry.after["erasures"] for entry in AuditEntry.objects.filter(act=_FINISHED))
    return sorted(told.difference(*done))


def finish_wiping(*, actor: str, clock: Clock) -> str:
    """Let the database give up what a reader kept there during an erasure; empty when it is done, else what holds it still."""
    left, held = unfinished(), freed() if Erasure.objects.exists() else ""
    if left and not held:
        write_audit(at=clock(), actor=actor, act=_FINISHED, subject="erasures", after={"erasures": left})
    return held if left else ""


def begin_anew(lender: Lender, person: str, *, reason: str, by: Actor, clock: Clock) -> Erasure:
    """A new relationship under the id of somebody erased: a new key, for what comes from now on; what was erased stays so."""
    _hold(by)
    if not reason.strip():
        raise ErasureRefusedError("Give the reason: what began anew, and when.")
    with transaction.atomic():
        row = Erasure.objects.select_for_update().filter(person=person, state=ErasureState.DONE).first()
        if row is None:
            raise ErasureRefusedError(f"{person} is not erased.")
        row.state = ErasureState.READMITTED
        row.save()
        write_audit(at=clock(), actor=by.name, act="erasure.readmitted", subject=f"borrower:{person}", after={"reason": reason[:300]})
        Vault(lender).store.make_anew(person)
    return row


def place_hold(person: str, *, reason: str, by: Actor, clock: Clock) -> LegalHold:
    """Keep the records of a person (empty: of all) for a case; ErasureRefusedError without the case."""
    hold_role(by, ERASERS | {Role.LEGAL}, "place a legal hold")
    if not reason.strip():
        raise ErasureRefusedError("Name the case that asks for the hold.")
    with transaction.atomic():
        row = LegalHold.objects.create(person=person, reason=reason.strip()[:300], placed_at=clock(), placed_by=by.name)
        after = {"hold": row.pk, "reason": row.reason}
        write_audit(at=row.placed_at, actor=by.name, act="hold.place", subject=f"borrower:{person or 'all'}", after=after)
    return row


def lift_hold(number: int, *, reason: str, by: Actor, clock: Clock) -> LegalHold:
    """Lift a hold, with the reason; ErasureRefusedError when there is no such hold in force."""
    hold_role(by, ERASERS | {Role.LEGAL}, "lift a legal hold")
    with transaction.atomic():
        row = LegalHold.objects.select_for_update().filter(pk=number, lifted_at=None).first()
        if row is None or not reason.strip():
            raise ErasureRefusedError("There is no such hold in force, or no reason was given.")
        row.lifted_at, row.lifted_by, row.lift_reason = clock(), by.name, reason.strip()[:300]
        row.save()
        after = {"hold": row.pk, "reason": row.lift_reason}
        write_audit(at=row.lifted_at, actor=by.name, act="hold.lift", subject=f"borrower:{row.person or 'all'}", after=after)
    return row


def _decided(kept: Sequence[Kept], *, approve: bool) -> ErasureState:
    if not approve:
        return ErasureState.DECLINED
    return ErasureState.REFUSED if kept else ErasureState.APPROVED


def _hold(by: Actor) -> None:
    hold_role(by, ERASERS, "erase a person")
    hold_whole_lender(by, "erase a person")
