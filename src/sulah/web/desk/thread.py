"""The thread of one person: all that was sent and heard over every channel, what was read in it, and what was done because of it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import DESK, Actor, actor_of
from sulah.actions.talk.answer_by_hand import LONGEST, SESSIONS, answer_by_hand, session_of
from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.actions.talk.correct_reading import correct_reading
from sulah.actions.talk.read_thread import Bubble, Reader, read_thread
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, day_text, system_clock
from sulah.kernel.money import indian
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel
from sulah.policy.talk import task_rows
from sulah.records.contact.correction import HeardCorrection
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.web import talk_ways
from sulah.web.contact_book import the_book
from sulah.web.desk.inbox import faces_here, open_tasks, task_lines
from sulah.web.desk.reached import person_within
from sulah.web.forms import choice, done, number_of
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender
from sulah.web.words import meant, within, words

MOST = 60
"""Things of a thread that one page shows."""

_TOLD = ("intent", "confidence", "also", "amount_sure", "due_sure", "spans", "reference")
_ORDER = ("rule", "matched", "amount_paise", "due_on", "paid_on", "wanted_language", "about")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNDONE = {"promise": "The promise is withdrawn.", "stop": "The stop is lifted."}
_SEEN = {
    SendState.QUEUED: "waits",
    SendState.CLAIMED: "waits",
    SendState.SENDING: "on its way",
    SendState.AMBIGUOUS: "sent, not sure that it arrived",
    SendState.SENT: "sent",
    SendState.FAILED: "failed",
    SendState.UNDELIVERED: "not delivered",
    SendState.DELIVERED: "delivered",
}


def asked_before(request: HttpRequest) -> datetime | None:
    """The instant of ?before=, as the page itself writes it; None for the end of the thread."""
    try:
        given = datetime.fromisoformat(request.GET.get("before", ""))
    except ValueError:
        return None
    return given if given.tzinfo else given.replace(tzinfo=IST)


def bubble_of(one: Bubble, reader: Reader, intents: Mapping[str, str]) -> dict[str, Any]:
    """One thing of the thread as the page shows it."""
    shown: dict[str, Any] = {"at": one.at, "text": one.text, "lost": one.lost, "media": one.media, "hidden": not reader.sees_words}
    if one.message is not None:
        return shown | {"message": one.message, **_fate(one.message)}
    if one.heard is not None:
        fixed: list[HeardCorrection] = list(one.heard.corrections.all())
        last = fixed[-1] if fixed else None
        right = last.right if last else one.heard.intent
        shown |= {
            "heard": one.heard,
            "correction": last,
            "matched": _matched({**one.heard.reading, **one.quoted}) if reader.sees_words else [],
        }
        return shown | {
            "did": [_link_of(done) for done in one.heard.done],
            "others": [pair for pair in intents.items() if pair[0] != right],
        }
    return shown | {"contact": one.contact}


def _fate(row: Outbox) -> dict[str, Any]:
    """What became of a message of ours: its state in words, the rules that refused it, the stop that did."""
    if row.state == SendState.WITHDRAWN:
        return {"state": "refused" if row.ended_by else "withdrawn", "rules": row.ended_by, "bad": True, "stop": row.stop}
    state = SendState(row.state)
    return {"state": _SEEN[state], "rules": [], "bad": state in (SendState.FAILED, SendState.UNDELIVERED), "stop": None}


def _place(name: str) -> tuple[int, str]:
    """Where a part of a reading is shown; a database may give them in any order."""
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _matched(reading: Mapping[str, object]) -> list[tuple[str, str]]:
    """What the reader says it found, name by name; amounts in rupees, days as people read them."""
    found = []
    for name in sorted(reading, key=_place):
        value = reading[name]
        if name in _TOLD or value in (None, ""):
            continue
        if name.endswith("_paise") and isinstance(value, int):
            found.append((words(name.removesuffix("_paise")), indian(value)))
        elif name.endswith("_on") and _DAY.fullmatch(str(value)):
            found.append((words(name.removesuffix("_on")), day_text(date.fromisoformat(str(value)))))
        elif _plain(value):
            found.append((words(name), _plain(value)))
    return found


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_plain, value)))
    if isinstance(value, Mapping):
        return "; ".join(f"{words(name)} {_plain(one)}" for name, one in value.items() if _plain(one))
    return "" if value in (None, "", "None", "()") else str(value)


def _link_of(done: str) -> dict[str, str]:
    """What was done, as a link: page and its query."""
    kind, _, named = done.partition(":")
    label = {"promise": "promise taken", "reply": "answered", "number": "number marked", "language": "language noted"}.get(kind, kind)
    told = "" if kind == "promise" else within(named) if kind != "complaint" else named
    return {"kind": kind, "label": label.capitalize(), "told": told, "named": named}


def sessions_here(person: str, reader: Reader) -> list[dict[str, Any]]:
    """The channels on which words of one's own may go now, and until when."""
    found = []
    for channel in SESSIONS:
        session = session_of(person, channel, reader.clock())
        if session is not None and channel in reader.channels:
            found.append({"channel": channel, "until": session.until})
    return found


@page("thread")
def thread(request: HttpRequest, reach: Reach, person_id: str) -> HttpResponse:
    """The thread, its newest end first shown; the reading of its words is written down once a visit."""
    standing = person_within(reach, person_id)
    reader = Reader(reach.person, f"thread/{person_id}", talk_ways.channels_here(), Vault(the_lender()), system_clock)
    before = asked_before(request)
    found, earlier = read_thread(person_id, reader, before=before, most=MOST)
    intents = {intent: meant(intent).capitalize() for intent in CONSEQUENCES}
    tasks = open_tasks(reach).filter(person=person_id).order_by("-urgent", "due_at", "id")
    context: dict[str, Any] = {"reach": reach, "standing": standing, "face": faces_here([person_id], reach, reader.page).get(person_id)}
    context |= {"bubbles": [bubble_of(one, reader, intents) for one in found], "words_shown": reader.sees_words, "longest": LONGEST}
    context |= {"earlier": found[0].at.isoformat() if earlier and found else "", "later": before is not None}
    context |= {"tasks": task_lines(tasks, system_clock(), reach, {}), "acts": reach.role in DESK, "meanings": task_rows()}
    context["sessions"] = sessions_here(person_id, reader) if reach.role in DESK else []
    return render(request, "thread.html", context)


def _answer(person: str, given: QueryDict, by: Actor) -> str:
    channel = choice(given, "channel", Channel, "Channel")
    answer_by_hand(
        person,
        channel,
        given.get("text", ""),
        lint=talk_ways.LINT,
        channels=talk_ways.channels_here(),
        vault=Vault(the_lender()),
        by=by,
        clock=system_clock,
    )
    return "The answer waits to be sent; the guard decides when it goes."


def _correct(person: str, given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    if not Heard.objects.filter(pk=which, person=person).exists():
        raise Http404("No such message of this person.")
    made = correct_reading(which, given.get("right", ""), book=the_book(), by=by, clock=system_clock)
    undone = [_UNDONE[kind] for kind in dict.fromkeys(one.partition(":")[0] for one in made.undone)]
    return " ".join([f"Written down; it was: {meant(made.right)}.", *undone, *made.standing])


@require_POST
@page("thread_act")
def thread_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Answer in words of one's own, or correct a reading."""
    acts = {"answer": _answer, "correct": _correct}
    if act not in acts:
        raise Http404("No such act.")
    person = person_within(reach, request.POST.get("person", "")).person
    return done(request, lambda: acts[act](person, request.POST, actor_of(reach.person)), "thread", person)
