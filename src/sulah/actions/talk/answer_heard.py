"""Act on what a person said: who it was, what was meant, what follows; one transaction for each thing heard.

Reading is deterministic (outreach/intents).  What is sure acts at once; what is not goes to a person with the thread, and what would
harm if it waited (a death, a threat to oneself, STOP) stops contact at once and goes to a person too.  What no row says and the weights
suspect of these three is held and goes to a person at once, and nothing else follows from it.

What follows hangs on when a thing was said, not on when it arrived: providers deliver late, again and in any order.  A promise said
before another on the loan is written down as replaced by it, though it came later; of two languages asked for the later said one is
used; a thing said is read in the language asked for before it, and answers the last message before it.  What was acted on stays: a
language asked for earlier and heard of later does not read anew what was read meanwhile, and an answer that went out stays sent.
"""

from datetime import datetime

from django.db import DatabaseError, transaction

from sulah.actions.contact.note_inbound import note_inbound
from sulah.actions.put_heard import hang_on_person, words_of
from sulah.actions.talk.doing import Doing, Listener
from sulah.actions.talk.hear_person import speaker_of
from sulah.actions.talk.open_task import open_task
from sulah.actions.talk.send_answer import wished_language
from sulah.kernel.dates import IST
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, StopEvent
from sulah.records.audit import write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.standing import Standing
from sulah.records.turn import turn

register("talk.before_commit", "talk.after_commit")

MOST = 50
ENGLISH = "en"
HIDDEN = "The number is hidden, and no message of ours is named that it answers: a person reads it."
_BY_THEMSELVES = ("button", "keypad")
_STRAIGHT = ("stop",)
"""Intents that act in a language that no native reader has checked, however they were said."""

_FOR_ALL = {"wrong_number": StopEvent.WRONG_NUMBER, "stop": StopEvent.OPT_OUT}
"""What holds for everybody who has the number, whoever of them said it."""

QUOTED = ("matched", "utr")
"""What a reading says in the person's own words; it is sealed with them, and the rest of it stands open."""


def answer_heard(listener: Listener, most: int = MOST) -> int:
    """Act on what waits, in the order in which it was said; how many.  What another worker holds is its own.

    What an act refuses goes to a person.  A fault of our own in one of them is raised only when all the others were acted on: a STOP
    never waits behind a message that cannot be acted on.
    """
    waiting = list(Heard.objects.filter(done_at=None).order_by("said_at", "provider", "event_id").values_list("pk", flat=True)[:most])
    done, fault = 0, None
    for pk in waiting:
        try:
            done += _one(listener, pk)
        except Refusal as error:
            done += _refused(listener, pk, str(error))
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001  (raised below)
            fault = fault or error
    if fault is not None:
        raise fault
    return done


def _refused(listener: Listener, pk: int, words: str) -> bool:
    """Give one to a person with the words of the refusal; nothing of what was begun for it stands."""
    with turn(), transaction.atomic():
        row = Heard.objects.select_for_update(skip_locked=True).filter(pk=pk, done_at=None).first()
        if row is None:
            return False
        speaker = speaker_of(row)
        row.person, row.outcome, row.words, row.done_at = speaker.alone, "to_person", words[:300], listener.clock()
        row.intent, row.sure = row.intent or "other", row.sure or "unsure"
        cause = f"{row.provider}:{row.event_id}"[:160]
        open_task("read", row.person, heard=row, about=cause, by=listener.by, clock=listener.clock)
        row.done = ["task:read"]
        row.save()
        after = {"heard": row.pk, "intent": row.intent, "sure": row.sure, "outcome": row.outcome, "done": row.done}
        subject = f"borrower:{row.person}" if row.person else f"heard:{row.pk}"
        write_audit(at=row.done_at, actor=listener.by.name, act="heard.act", subject=subject, after=after)
    return True


def _one(listener: Listener, pk: int) -> bool:
    with turn(), transaction.atomic():
        row = Heard.objects.select_for_update(skip_locked=True).filter(pk=pk, done_at=None).first()
        if row is None:
            return False
        _act(listener, row)
        row.done_at = listener.clock()
        row.save()
        after = {"heard": row.pk, "intent": row.intent, "sure": row.sure, "outcome": row.outcome, "done": row.done}
        subject = f"borrower:{row.person}" if row.person else f"heard:{row.pk}"
        write_audit(at=row.done_at, actor=listener.by.name, act="heard.act", subject=subject, after=after)
        reach("talk.before_commit")
    reach("talk.after_commit")
    return True


def _act(listener: Listener, row: Heard) -> None:
    speaker = speaker_of(row)
    row.person = speaker.alone
    language = language_of(row.person, row.said_at)
    _, text = words_of(listener.vault, row)
    read = listener.read(text, row.choice, language, row.said_at.astimezone(IST).date())
    told = read.told()
    hang_on_person(listener.vault, row, {name: told.pop(name) for name in QUOTED if told.get(name)})
    row.intent, row.sure, row.reading = str(read.intent), str(read.confidence), told
    doing = Doing(listener, row, speaker, read)
    if row.person:
        reference = f"{row.provider}:{row.event_id}"[:160]
        note_inbound(row.person, Channel(row.channel), reference=reference, at=row.said_at, by=listener.by, clock=listener.clock)
        _alone(doing, language)
    elif speaker.people:
        _shared(doing)
    else:
        row.outcome, row.words = "nobody", "Nobody on the book has this number." if row.number_key else HIDDEN
        if not row.number_key:
            doing.task("read")
        if row.intent in ("self_harm", "complaint", "death"):
            doing.task(doing.rule(row.intent).task)
    for intent in doing.read.suspected:
        holds = intent in doing.read.strongly and (_trusted(doing, language) or intent in _STRAIGHT)
        doing.suspect(intent, hold=holds and bool(row.person))
    row.done = doing.done


def _alone(doing: Doing, language: str) -> None:
    """Act on what one known person said; several intents in one message all have their consequence, the protective first."""
    row = doing.row
    trusted = _trusted(doing, language)
    acted = False
    for intent in dict.fromkeys([row.intent, *map(str, doing.read.also)]):
        acts = doing.certain or doing.rule(intent).unsure
        if intent == "start" and intent != row.intent:
            continue  # beside something else it is no START that stands for itself
        if intent != "other" and acts and (trusted or intent in _STRAIGHT):
            doing.follow(intent)
            acted = acted or doing.certain
    if not acted:
        doing.task("urgent_call" if row.intent == "self_harm" else "read")
    row.outcome = "acted" if acted else "to_person"
    if not acted:
        row.words = "Not sure enough to act on; a person reads it." if trusted else f"No native reader has checked {language}."


def _trusted(doing: Doing, language: str) -> bool:
    """May words be acted on: has a native reader checked the language, or was a button pressed?"""
    return language in doing.listener.reviewed() or doing.row.kind in _BY_THEMSELVES


def _shared(doing: Doing) -> None:
    """Several people have the number: what protects holds for all of them, everything else is for a person to sort out."""
    row, people = doing.row, doing.speaker.people
    event = _FOR_ALL.get(row.intent)
    if event is not None and doing.certain:
        for person in people:
            doing.stop(event, person, row.intent)
        if row.intent == "wrong_number":
            doing.wrong_number()
        row.outcome, row.words = "acted", f"{len(people)} people have this number; it holds for all of them."
        return
    doing.task("urgent_call" if row.intent == "self_harm" else "read")
    row.outcome, row.words = "to_person", f"{len(people)} people have this number; a person finds out who it was."


def language_of(person: str, at: datetime) -> str:
    """The language in which a person is read: the one last asked for until then, else the book's, else English."""
    wish = wished_language(person, at) if person else None
    known = Standing.objects.filter(pk=person).values_list("language", flat=True).first() if person else None
    return str(wish or known or ENGLISH).lower()
