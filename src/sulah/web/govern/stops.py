"""The stops in force: what each covers, since when, who lifts it, and how long after its intake the last message went."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.contact.raise_stop import HEADS, LENDER_KEY, Struck, lift_stop, raise_stop
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.read_stops import barred_by
from sulah.actions.withdraw_covered import StopTimes, stop_times
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Channel, StopScope
from sulah.kernel.terms import StopEvent as Event
from sulah.records.contact.agent import Agency, Agent
from sulah.records.contact.stop import StopEvent
from sulah.web.contact_book import lifter_words, lifters, the_book
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.person_forms import OF_A_PERSON, lift_form, raisable
from sulah.web.desk.reached import people_of
from sulah.web.forms import Field, Form, UnreadableError, choice, choices_of, done, number_of
from sulah.web.reach import Reach, page
from sulah.web.said import shown
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import within as within_words
from sulah.web.words import words

COLUMNS = (
    *("event", "scope", "key", "since", "until", "taken_at", "raised_by", "reason", "lifts", "lifted_at"),
    *("withdrawn", "sent_after", "last_send_at", "seconds", "accepted_before"),
)
_WIDE = [scope.value for scope in StopScope if scope not in OF_A_PERSON]
"""Scopes that cover more than one person: everybody who opens the page sees them, since they bind everybody."""


def within(reach: Reach) -> QuerySet[StopEvent]:
    """The stops about people within reach, and those that cover many."""
    found = StopEvent.objects.all()
    return found if reach.whole_lender else found.filter(Q(person__in=people_of(reach).values("pk")) | Q(scope__in=_WIDE))


def line_of(times: StopTimes, lifted_by: str, reach: Reach, said: Mapping[str, str]) -> dict[str, Any]:
    """One stop: who lifts it and how fast it worked; a key that is a number's is shown by its beginning."""
    stop = times.stop
    wide = stop.scope in _WIDE and stop.lifted_at is None and reach.whole_lender
    return {
        "stop": stop,
        **{name: getattr(stop, name) for name in COLUMNS if hasattr(stop, name)},
        "key": f"{stop.key[:8]}…" if stop.scope == StopScope.NUMBER.value else stop.key,
        "reason": said.get(stop.reason, stop.reason) if stop.person else stop.reason,
        "lift_reason": said.get(stop.lift_reason, stop.lift_reason) if stop.person else stop.lift_reason,
        "lifts": lifter_words(lifted_by),
        "withdrawn": times.withdrawn,
        "sent_after": times.sent_after,
        "last_send_at": times.last_send_at,
        "seconds": ceil(times.seconds) if times.sent_after else None,
        "accepted_before": times.accepted_before,
        "forms": lift_form(stop, lifted_by, reach.role) if wide else [],
    }


def raise_form(book: Rulebook) -> Form:
    """The form of a stop that covers more than one person."""
    today = system_clock().astimezone(IST).date()
    none = (("", "—"),)
    agents = tuple((one.pk, one.name) for one in Agent.objects.filter(ended_on=None).order_by("pk"))
    agencies = tuple((one.pk, one.name) for one in Agency.objects.filter(ended_on=None).order_by("pk"))
    return Form(
        "raise",
        "Stop a channel, an agency, an agent, a place or the lender",
        (
            Field("event", "What happened", "select", choices_of(raisable(book, today, of_a_person=False))),
            Field("channel", "Channel", "select", none + choices_of(tuple(Channel)), required=False),
            Field("agency", "Agency", "select", none + agencies, required=False),
            Field("agent", "Agent", "select", none + agents, required=False),
            Field("pincode", "PIN code", required=False, most=6),
            Field("reason", "Why"),
        ),
        "Stop now",
        "It holds at once for everybody whom it covers. Fill in what it is about; a stop of the lender needs nothing.",
        danger=True,
    )


@page("stops")
def stops(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Stops in force, latest first; ?ended=yes adds those that were lifted or are over; ?event= and ?scope= narrow."""
    now, book = system_clock(), the_book()
    found = within(reach).order_by("-taken_at", "-id")
    live = Q(lifted_at=None) & (Q(until=None) | Q(until__gt=now))
    if request.GET.get("ended") != "yes":
        found = found.filter(live)
    for name in ("event", "scope"):
        if request.GET.get(name):
            found = found.filter(**{name: request.GET[name]})
    lifts = lifters(book.rules.on(now.astimezone(IST).date()))

    def lines(some: QuerySet[StopEvent]) -> list[dict[str, Any]]:
        said = shown(((stop.person, text) for stop in some if stop.person for text in (stop.reason, stop.lift_reason)), reach, "stops")
        timed = [stop_times(stop, barred_by(book.rules, stop, stop.taken_at)) for stop in some]
        return [line_of(one, lifts.get((one.stop.event, one.stop.scope), "compliance"), reach, said) for one in timed]

    if asks_for(request, "stops"):
        return taken_out(request, reach, "stops", None, COLUMNS, lines(found[:100_000]))
    sheet = sheet_of(request, found.count())
    rows = lines(found[sheet.offset : sheet.offset + PAGE_ROWS])
    sent = [row["seconds"] for row in rows if row["seconds"] is not None]
    context = {"reach": reach, "rows": rows, "sheet": sheet, "events": list(Event), "scopes": list(StopScope)}
    context |= {"live": within(reach).filter(live).count(), "after": len(sent), "longest": max(sent, default=None)}
    context["form"] = raise_form(book) if reach.role in HEADS and reach.whole_lender else None
    return render(request, "stops.html", context)


def _raise(given: QueryDict, by: Actor) -> str:
    event = choice(given, "event", Event, "What happened")
    reason = given.get("reason", "").strip()
    if not reason:
        raise UnreadableError("Give the reason. Nothing was stopped.")
    channel = choice(given, "channel", Channel, "Channel") if given.get("channel") else None
    struck = Struck(
        channel=channel, agency_id=given.get("agency", ""), agent_id=given.get("agent", ""), pincode=given.get("pincode", "").strip()
    )
    raised = raise_stop(event, struck, reason=reason, book=the_book(), by=by, clock=system_clock)
    return f"{words(event)}: stopped at once ({', '.join(map(_covered, raised))})."


def _covered(stop: StopEvent) -> str:
    """What a stop of more than one person covers, in words."""
    return within_words(stop.scope) + ("" if stop.key == LENDER_KEY else f" {stop.key}")


def _lift(given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    if not StopEvent.objects.filter(pk=which, scope__in=_WIDE).exists():
        raise Http404("No such stop.")
    stop = lift_stop(which, reason=given.get("reason", ""), book=the_book(), by=by, clock=system_clock)
    return f"The stop of the {_covered(stop)} is lifted."


@require_POST
@page("stop_act")
def stop_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Raise or lift a stop that covers more than one person; those of one person are raised and lifted on that person's page."""
    acts = {"raise": _raise, "lift": _lift}
    if act not in acts:
        raise Http404("No such act.")
    return done(request, lambda: acts[act](request.POST, actor_of(reach.person)), "stops")
