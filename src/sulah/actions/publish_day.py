"""The act that makes a run the day: published differences, the ledger row and the audit entry, in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from sulah.adapters.book.published import CONTENT, Changes
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load
from sulah.records.publication import close_items, open_items, put_items

register("publish.begun", "publish.items_written", "publish.before_commit", "publish.after_commit")


class LoadGoneError(Refusal):
    """The load that the day stands on is no longer accepted."""


class OtherWorklistError(Refusal):
    """The open items in the database are not those that the last run published."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing changed: items opened, changed, closed and left as they were."""

    opened: int
    changed: int
    closed: int
    unchanged: int


def publish_day(
    run: DayRun, steps: Sequence[RunStep], worklist: Sequence[Path], before: Sequence[Path], *, actor: str, at: datetime
) -> tuple[DayRun, Published]:
    """Publish the worklist's differences and commit the run as the day; all or nothing.

    worklist: the files of this run's worklist; before: those of the run whose worklist is the published one, none at first.
    A run that replaces an earlier one of the same date (a load approved later) keeps the earlier row in the audit entry.
    LoadGoneError when the load was undone meanwhile, OtherWorklistError when the open items are not those published before.
    """
    reach("publish.begun")
    changes = Changes(worklist, before)
    try:
        with transaction.atomic():
            _refuse_undone(run)
            published = _publish(changes, run)
            reach("publish.items_written")
            replaced = _replaced(run)
            run.counts = {**run.counts, "published": asdict(published)}
            run.save()
            run.steps.all().delete()
            for step in steps:
                step.run = run
            RunStep.objects.bulk_create(steps)
            after = {"path": run.path, "load": run.load_id, "published": run.published, "counts": run.counts}
            subject, rules = f"day:{run.as_of}", run.policy_sha256
            write_audit(at=at, actor=actor, act="day.commit", subject=subject, before=replaced, after=after, policy=rules)
            reach("publish.before_commit")
    finally:
        changes.close()
    reach("publish.after_commit")
    return run, published


def _refuse_undone(run: DayRun) -> None:
    """The load may have been undone while the day ran: then the day is not."""
    if not Load.objects.select_for_update().filter(pk=run.load_id, state=LoadState.ACCEPTED).exists():
        raise LoadGoneError(f"Load {run.load_id} was undone while the day ran, so nothing was committed. Run the day again.")


def _replaced(run: DayRun) -> dict[str, Any]:
    old = DayRun.objects.filter(as_of=run.as_of).first()
    if old is None:
        return {}
    run.pk = old.pk
    run._state.adding = False  # the row of the same date is replaced, not added  # noqa: SLF001
    return {"path": old.path, "load": old.load_id, "published": old.published, "policy_sha256": old.policy_sha256, "code": old.code_version}


def _publish(changes: Changes, run: DayRun) -> Published:
    if (there := open_items()) != changes.before:
        raise OtherWorklistError(
            f"The database has {there:,} open items, the last published worklist {changes.before:,}; nothing was published. "
            "Restore both from one backup, then run the day again; sulah check says more."
        )
    put_items(("borrower_id", *CONTENT), changes.rows(), run.as_of)
    close_items(changes.gone(), run.as_of)
    return Published(opened=changes.opened, changed=changes.changed, closed=changes.closed, unchanged=changes.unchanged)
