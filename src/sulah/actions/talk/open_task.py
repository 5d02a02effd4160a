"""Open a task for a person to do, take it, close it with words."""

from datetime import timedelta

from django.db import transaction

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.policy.talk import task_rows
from sulah.records.audit import write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.task import Task


class TaskRefusedError(Refusal):
    """The task cannot be taken or closed; the words say why."""


def open_task(kind: str, person: str, *, by: Actor, clock: Clock, heard: Heard | None = None, about: str = "") -> Task:
    """Open a task; one of the kind that is open for the same person and cause already stands, so nothing is asked of two people."""
    row = task_rows()[kind]
    with transaction.atomic():
        now = clock()
        due = now + timedelta(minutes=row.minutes)
        said = {"heard": heard, "urgent": row.urgent, "opened_at": now, "opened_by": by.name, "due_at": due}
        task, fresh = Task.objects.get_or_create(kind=kind, person=person, about=about, closed_at=None, defaults=said)
        if fresh:
            after = {"kind": kind, "about": about, "urgent": row.urgent, "heard": heard.pk if heard else None}
            write_audit(at=now, actor=by.name, act="task.open", subject=_subject(task), after=after)
    return task


def take_task(task_id: int, *, by: Actor, clock: Clock) -> Task:
    """Take a task on; one that somebody has already changes hands only by those who answer for conduct."""
    hold_role(by, DESK, "take a task")
    with transaction.atomic():
        task = _held(task_id, by)
        if task.taken_by and task.taken_by != by.name:
            hold_role(by, CONDUCT, "take over somebody's task")
        before, task.taken_by = task.taken_by, by.name
        task.save(update_fields=["taken_by"])
        after = {"taken_by": by.name}
        write_audit(at=clock(), actor=by.name, act="task.take", subject=_subject(task), before={"taken_by": before}, after=after)
    return task


def close_task(task_id: int, outcome: str, *, by: Actor, clock: Clock) -> Task:
    """Close a task with words on what was done; an urgent one only by those who answer for conduct."""
    hold_role(by, DESK, "close a task")
    if not outcome.strip():
        raise TaskRefusedError("Say what was done. It stands beside the task.")
    with transaction.atomic():
        task = _held(task_id, by)
        if task.urgent:
            hold_role(by, CONDUCT, "close an urgent task")
        task.closed_at, task.closed_by, task.outcome = clock(), by.name, outcome.strip()[:300]
        task.save(update_fields=["closed_at", "closed_by", "outcome"])
        write_audit(at=task.closed_at, actor=by.name, act="task.close", subject=_subject(task), after={"task": task.pk})
    return task


def _held(task_id: int, by: Actor) -> Task:
    task = Task.objects.select_for_update().filter(pk=task_id, closed_at=None).first()
    if task is None:
        raise TaskRefusedError("There is no such open task.")
    if task.person:
        hold_reach(by, task.person)
    elif by.branches is not None:
        raise TaskRefusedError("There is no such open task.")
    return task


def _subject(task: Task) -> str:
    return f"borrower:{task.person}" if task.person else f"task:{task.pk}"
