"""The borrower's phone of a simulated lender: what arrived, as she reads it, and her answers; for a real lender there is no such page."""

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.put_heard import words_of
from sulah.actions.talk.answer_heard import language_of
from sulah.actions.talk.play_phone import LONGEST, Spoken, offered, on_the_phone, said_and_waiting, speak
from sulah.actions.talk.read_thread import text_of
from sulah.adapters.book.reader import equals
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import HeardKind
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.dayrun import DayRun
from sulah.web import talk_ways
from sulah.web.desk.reached import person_within
from sulah.web.forms import UnreadableError, choice, done
from sulah.web.reach import Reach, page
from sulah.web.standing import day_of, the_lender

MOST = 40
"""Messages that the screen holds."""

KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"]


def _simulated() -> None:
    if not the_lender().simulated:
        raise Http404("Only a simulated lender has such a phone.")


def _sealed(person: str) -> str:
    """The person's sealed columns of the last day's book; empty where there are none."""
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    if run is None:
        return ""
    with day_of(run) as day:
        found = day.one("borrower_private", where=(equals("borrower_id", person),))
    return str(found["sealed"] or "") if found else ""


def _screen(standing: Standing) -> list[dict[str, Any]]:
    """What stands on the screen in the order of time: messages that arrived, with their buttons, and what was said back."""
    vault, channels = Vault(the_lender()), talk_ways.channels_here()
    screen: list[dict[str, Any]] = []
    for row in on_the_phone(standing.person, MOST):
        configured = channels.get(Channel(row.channel))
        template = configured.templates.get(row.template) if configured else None
        screen.append(
            {
                "at": row.handed_at or row.queued_at,
                "message": row,
                "text": text_of(row, channels, vault),
                "language": template.language if template else "",
                "buttons": offered(configured, row),
            }
        )
    hers = Q(person=standing.person) | Q(person="", number_key__in=list(standing.numbers))
    for said in Heard.objects.filter(hers).order_by("-said_at", "-id")[:MOST]:
        screen.append({"at": said.said_at, "heard": said, "text": words_of(vault, said)[1]})
    for at, channel, told in said_and_waiting(standing.numbers, channels, vault):
        heard = Heard(channel=channel, kind=told.kind, choice=told.choice)
        screen.append({"at": at, "heard": heard, "text": told.text})
    return sorted(screen, key=lambda one: one["at"])[-MOST:]


@page("phone")
def phone(request: HttpRequest, reach: Reach, person_id: str) -> HttpResponse:
    """The phone of one person within reach."""
    _simulated()
    standing = person_within(reach, person_id)
    screen = _screen(standing)
    written_to = dict.fromkeys(Channel(one["message"].channel) for one in reversed(screen) if "message" in one)
    language = language_of(person_id, system_clock())
    context = {"reach": reach, "standing": standing, "screen": screen, "language": language, "keys": KEYS, "longest": LONGEST}
    context["channels"] = list(dict.fromkeys([*(channel for channel in written_to if channel is not Channel.BOT_CALL), Channel.SMS]))
    context["called"] = Channel.BOT_CALL in written_to
    context["may_speak"] = reach.opens("phone_act")
    return render(request, "phone.html", context)


def _spoken(given: QueryDict) -> Spoken:
    """What the form says that she does."""
    kind = choice(given, "kind", HeardKind, "How")
    if kind not in (HeardKind.TEXT, HeardKind.BUTTON, HeardKind.KEYPAD, HeardKind.MISSED_CALL):
        raise UnreadableError("The phone does not do that.")
    channel = Channel.BOT_CALL if kind in (HeardKind.KEYPAD, HeardKind.MISSED_CALL) else choice(given, "channel", Channel, "Channel")
    if kind is HeardKind.TEXT and channel is Channel.EMAIL:
        kind = HeardKind.REPLY
    return Spoken(channel, kind, given.get("text", ""), given.get("choice", "").strip(), given.get("answers", "")[:80])


def _offered(reference: str) -> list[tuple[str, str]]:
    """The buttons of the message that is answered."""
    row = Outbox.objects.filter(reference=reference).first()
    return offered(talk_ways.channels_here().get(Channel(row.channel)), row) if row is not None else []


def _speak(person: str, given: QueryDict, by: Actor) -> str:
    spoken = _spoken(given)
    sealed = _sealed(person)
    if spoken.answers and not Outbox.objects.filter(reference=spoken.answers, person=person).exists():
        raise UnreadableError("That message did not go to this phone.")
    label = next((label for payload, label in _offered(spoken.answers) if payload == spoken.choice), "")
    if spoken.kind is HeardKind.BUTTON:
        if not label:
            raise UnreadableError("Press one of the buttons of the message.")
        spoken = replace(spoken, text=label)
    speak(person, spoken, sealed, lender=the_lender(), channels=talk_ways.channels_here(), by=by, clock=system_clock)
    return "Sent. The worker (sulah work) reads it at its next round."


@require_POST
@page("phone_act")
def phone_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Say something on the phone."""
    _simulated()
    if act != "speak":
        raise Http404("No such act.")
    person = person_within(reach, request.POST.get("person", "")).person
    return done(request, lambda: _speak(person, request.POST, actor_of(reach.person)), "phone", person)
