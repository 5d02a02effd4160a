"""Approve, reject or undo a load: permission, change and audit in one transaction."""

from django.conf import settings
from django.db import transaction

from sulah.actions.load_book import before_of, current_load, latest_accepted
from sulah.actions.record_alarm import close_alarms
from sulah.adapters.book.layout import open_lender
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState, Role
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.person import Person

__all__ = ["DecisionRefusedError", "NotPermittedError", "approve_load", "current_load", "reject_load", "the_held_load", "undo_load"]

DECIDERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
"""Who may decide about a load on the web."""


class DecisionRefusedError(Refusal):
    """The decision cannot be taken; the words say why and what to do."""


class NotPermittedError(DecisionRefusedError):
    """The person's role may not decide about loads."""


def approve_load(load_id: str, *, actor: str, note: str, clock: Clock, person: Person | None = None) -> Load:
    """Accept a held load.  DecisionRefusedError when it is not held, the load that it stands on is no longer the latest, or
    lender.toml asks for two people and the approver is the one who loaded it."""
    _permit(person)
    with transaction.atomic():
        load = _held(load_id)
        _refuse_overtaken(load)
        same = actor == load.loaded_by
        if same and open_lender(settings.LENDER).two_people:
            raise DecisionRefusedError(f"{load.id} was loaded by {actor}: another person must approve it (two_people in lender.toml).")
        return _decide(load, LoadState.ACCEPTED, "approve_load", actor, note, clock, {"same_person": same})


def reject_load(load_id: str, *, actor: str, note: str, clock: Clock, person: Person | None = None) -> Load:
    """Refuse a held load for good; the load before stays current.  DecisionRefusedError when it is not held."""
    _permit(person)
    with transaction.atomic():
        return _decide(_held(load_id), LoadState.REJECTED, "reject_load", actor, note, clock, {})


def undo_load(load_id: str, *, actor: str, note: str, clock: Clock, person: Person | None = None) -> Load:
    """Take back the latest accepted load.  DecisionRefusedError when it is not the latest or a day's run stands on it."""
    _permit(person)
    with transaction.atomic():
        load = _known(load_id)
        latest = latest_accepted()
        if latest is None or latest.id != load.id:
            raise DecisionRefusedError(
                f"Only the latest accepted load can be undone: that is {latest.id if latest else 'none'}, not {load.id}."
            )
        run = DayRun.objects.filter(load=load).order_by("as_of").first()
        if run is not None:
            raise DecisionRefusedError(
                f"The day {run.as_of} was run on {load.id}, so it stays. Load a corrected extract of that date instead."
            )
        return _decide(load, LoadState.UNDONE, "undo_load", actor, note, clock, {})


def the_held_load() -> Load:
    """The one load that is held; DecisionRefusedError when there is none or more than one."""
    held = list(Load.objects.filter(state=LoadState.HELD).order_by("as_of", "version"))
    if len(held) != 1:
        listed = ", ".join(load.id for load in held)
        raise DecisionRefusedError(f"Several loads are held: {listed}. Say which one." if held else "No load is held.")
    return held[0]


def _permit(person: Person | None) -> None:
    """On the command line the machine's own permissions decide; on the web the role does."""
    if person is not None and person.role not in DECIDERS:
        raise NotPermittedError(f"Your role ({person.role}) may not decide about loads. Ask a supervisor or an administrator.")


def _known(load_id: str) -> Load:
    load = Load.objects.select_for_update().filter(id=load_id).first()
    if load is None:
        raise DecisionRefusedError(f"There is no load {load_id}.")
    return load


def _held(load_id: str) -> Load:
    load = _known(load_id)
    if load.state != LoadState.HELD:
        raise DecisionRefusedError(f"{load.id} is {load.state}, not held: there is nothing to decide.")
    return load


def _refuse_overtaken(load: Load) -> None:
    """The load must still stand on the latest accepted load before its date, with nothing accepted after it."""
    before, latest = before_of(load.as_of), latest_accepted()
    overtaken = latest is not None and (latest.as_of, latest.version) > (load.as_of, load.version)
    if overtaken or (before.id if before else None) != load.parent_id:
        raise DecisionRefusedError(
            f"Since {load.id} was loaded, {latest.id if latest else 'its parent'} changed what it stands on. Load the extract again."
        )


def _decide(load: Load, state: LoadState, act: str, actor: str, note: str, clock: Clock, more: dict[str, bool]) -> Load:
    """Change the state and write the audit entry; inside the caller's transaction."""
    before = {"state": load.state}
    load.state, load.decided_at, load.decided_by, load.decision_note = state, clock(), actor, note
    load.save(update_fields=["state", "decided_at", "decided_by", "decision_note"])
    if state == LoadState.ACCEPTED:
        close_alarms(load.as_of, load.id, actor=actor, at=load.decided_at)
    write_audit(at=clock(), actor=actor, act=act, subject=load.id, before=before, after={"state": load.state, "note": note, **more})
    return load
