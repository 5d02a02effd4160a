"""The act that makes a run the day: published differences, the ledger row and the audit entry, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load
from sulah.records.workitem import WorkItem

register("publish.begun", "publish.items_written", "publish.before_commit", "publish.after_commit")

CONTENT = (
    *("rank", "branch_id", "officer_id", "product", "lead_loan_id", "loans_overdue", "dpd", "overdue_paise"),
    *("stage", "treatment", "channel", "worked_by", "hold_reason", "rule_id"),
)
"""What a published item says; dates of opening and change are no part of it."""

_BATCH = 1000


class LoadGoneError(Refusal):
    """The load that the day stands on is no longer accepted."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing changed: items opened, changed, closed and left as they were."""

    opened: int
    changed: int
    closed: int
    unchanged: int


def publish_day(
    run: DayRun, steps: Sequence[RunStep], worklist: Sequence[Mapping[str, Any]], *, actor: str, at: datetime
) -> tuple[DayRun, Published]:
    """Publish the worklist's differences and commit the run as the day; all or nothing.

    A run that replaces an earlier one of the same date (a load approved later) keeps the earlier row in the audit entry.
    """
    reach("publish.begun")
    with transaction.atomic():
        _refuse_undone(run)
        published = _publish(worklist, run.as_of)
        reach("publish.items_written")
        before = _replaced(run)
        run.counts = {**run.counts, "published": vars_of(published)}
        run.save()
        run.steps.all().delete()
        for step in steps:
            step.run = run
        RunStep.objects.bulk_create(steps)
        after = {"path": run.path, "load": run.load_id, "published": run.published, "counts": run.counts}
        write_audit(at=at, actor=actor, act="day.commit", subject=f"day:{run.as_of}", before=before, after=after)
        reach("publish.before_commit")
    reach("publish.after_commit")
    return run, published


def _refuse_undone(run: DayRun) -> None:
    """The load may have been undone while the day ran: then the day is not."""
    if not Load.objects.select_for_update().filter(pk=run.load_id, state=LoadState.ACCEPTED).exists():
        raise LoadGoneError(f"Load {run.load_id} was undone while the day ran, so nothing was committed. Run the day again.")


def vars_of(published: Published) -> dict[str, int]:
    """The counts as plain values."""
    return {
        "opened": published.opened,
        "changed": published.changed,
        "closed": published.closed,
        "unchanged": published.unchanged,
    }


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """An item's content from a row of the worklist, empty texts for what is missing."""
    return {name: "" if row[name] is None else row[name] for name in CONTENT}


def digest(worklist: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the published rows in key order, without times.

    >>> digest([])
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    total = sha256()
    for row in sorted(worklist, key=lambda row: str(row["borrower_id"])):
        content = content_of(row)
        total.update(("\x1f".join([str(row["borrower_id"]), *(str(content[name]) for name in CONTENT)]) + "\n").encode())
    return total.hexdigest()


def _replaced(run: DayRun) -> dict[str, Any]:
    old = DayRun.objects.filter(as_of=run.as_of).first()
    if old is None:
        return {}
    run.pk = old.pk
    run._state.adding = False  # the row of the same date is replaced, not added  # noqa: SLF001
    return {"path": old.path, "load": old.load_id, "published": old.published, "policy_sha256": old.policy_sha256, "code": old.code_version}


def _publish(worklist: Sequence[Mapping[str, Any]], as_of: date) -> Published:
    fields = ("id", "borrower_id", "opened_on", "closed_on", *CONTENT)
    standing = {row["borrower_id"]: row for row in WorkItem.objects.values(*fields)}
    opened, changed, unchanged = [], [], 0
    for row in worklist:
        content, old = content_of(row), standing.pop(row["borrower_id"], None)
        item = WorkItem(borrower_id=row["borrower_id"], opened_on=as_of, changed_on=as_of, closed_on=None, **content)
        if old is None or old["closed_on"] is not None:
            opened.append(item)
        elif any(old[name] != content[name] for name in CONTENT):
            item.opened_on = old["opened_on"]
            changed.append(item)
        else:
            unchanged += 1
    gone = [row["id"] for row in standing.values() if row["closed_on"] is None]
    _write([*opened, *changed], gone, as_of)
    return Published(opened=len(opened), changed=len(changed), closed=len(gone), unchanged=unchanged)


def _write(items: list[WorkItem], gone: list[int], as_of: date) -> None:
    WorkItem.objects.bulk_create(
        items,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["borrower_id"],
        update_fields=["opened_on", "changed_on", "closed_on", *CONTENT],
    )
    for some in _batches(gone):
        WorkItem.objects.filter(id__in=some).update(closed_on=as_of, changed_on=as_of)


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
