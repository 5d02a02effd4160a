"""Correct what was read in a message: write down what it was, and take back what followed from the mistake as far as one may.

The reading stays as it was made.  A stop is lifted by nobody but the role that its row names; what stays in force is said, with who decides
it.  Corrections, without a word of any message, are the labels by which the lexicon is made better.
"""

from dataclasses import dataclass, field

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, NotPermittedError, hold_reach, hold_role, hold_whole_lender
from sulah.actions.contact.raise_stop import lift_stop
from sulah.actions.contact.reserve_contact import lock_person
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.actions.talk.withdraw_promise import quiet_stands, withdraw_promise
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.contact.correction import HeardCorrection
from sulah.records.contact.heard import Heard
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.turn import turn
from sulah.resolution.promise import PromiseState

_OTHERS = {
    "number": "the mark on the number",
    "complaint": "the complaint",
    "occasion": "the occasion",
    "language": "the language",
    "restored": "the STOP that was taken back",
}
"""What followed and is taken back on pages of its own: kind in Heard.done -> its words."""


class CorrectionRefusedError(Refusal):
    """The reading cannot be corrected so; the words say why."""


@dataclass(slots=True)
class _Taken:
    """What a correction took back, and what stands."""

    undone: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)


def correct_reading(heard_id: int, right: str, *, book: Rulebook, by: Actor, clock: Clock) -> HeardCorrection:
    """Write down what was meant, and undo what followed from the wrong intent.

    right: an intent; that it was none of them is `other`.  What an intent that is right as well has done stays.
    """
    hold_role(by, DESK, "correct a reading")
    if right not in CONSEQUENCES:
        raise CorrectionRefusedError("Choose what the person meant from the list.")
    with turn(), transaction.atomic():
        row = Heard.objects.select_for_update().filter(pk=heard_id).exclude(done_at=None).first()
        if row is None:
            raise CorrectionRefusedError("There is no such message that was read.")
        _hold_reach(by, row)
        last = row.corrections.order_by("-id").first()
        if right == (last.right if last else row.intent):
            raise CorrectionRefusedError("That is how it was read already.")
        if row.person:
            lock_person(row.person)
        taken = _undone(row, right, book, by, clock)
        made = HeardCorrection.objects.create(
            heard=row, was=row.intent, sure=row.sure, right=right, undone=taken.undone, standing=taken.standing, at=clock(), by=by.name
        )
        after = {"heard": row.pk, "was": row.intent, "right": right, "undone": taken.undone, "standing": taken.standing}
        subject = f"borrower:{row.person}" if row.person else f"heard:{row.pk}"
        write_audit(at=made.at, actor=by.name, act="heard.correct", subject=subject, after=after)
    return made


def _hold_reach(by: Actor, row: Heard) -> None:
    if row.person:
        hold_reach(by, row.person)
    else:
        hold_whole_lender(by, "correct what was heard from nobody on the book")


def _undone(row: Heard, right: str, book: Rulebook, by: Actor, clock: Clock) -> _Taken:
    """Take back the promise and the stops that the message caused, but for those that the right intent brings too."""
    taken, reason = _Taken(), f"read wrongly: it was {right.replace('_', ' ')}"
    if right not in ("promise", "part"):
        for promise in Promise.objects.filter(heard=row, state=PromiseState.OPEN):
            ended = withdraw_promise(promise.pk, reason=reason, book=book, by=by, clock=clock)
            taken.undone.append(f"promise:{promise.pk}")
            if quiet_stands(ended):
                taken.standing.append("The quiet that it gave stands until its day; a supervisor may end it on the person’s page.")
    kept = CONSEQUENCES[right].stop
    for stop in StopEvent.objects.filter(cause=f"heard:{row.pk}", lifted_at=None).order_by("id"):
        if kept is not None and stop.event == kept.value:
            continue
        try:
            lift_stop(stop.pk, reason=reason, book=book, by=by, clock=clock)
        except NotPermittedError as error:
            taken.standing.append(f"The stop for {stop.event.replace('_', ' ')} stands. {error}"[:300])
        else:
            taken.undone.append(f"stop:{stop.event}")
    kinds = dict.fromkeys(done.partition(":")[0] for done in row.done)
    taken.standing += [f"Look at {_OTHERS[kind]} yourself: it stands." for kind in kinds if kind in _OTHERS]
    return taken
