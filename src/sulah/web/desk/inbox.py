"""What people have to do because of what borrowers said: urgent first, then by the time until which it should be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, actor_of
from sulah.actions.export_rows import MOST_ROWS
from sulah.actions.read_personal import Face
from sulah.actions.talk.open_task import close_task, take_task
from sulah.actions.talk.read_thread import Reader, of_nobody, read_words
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.policy.talk import task_rows
from sulah.records.contact.correction import HeardCorrection
from sulah.records.contact.heard import Heard
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import Task
from sulah.records.dayrun import DayRun
from sulah.records.holds import Holds
from sulah.web import talk_ways
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.forms import done, number_of
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.said import kept
from sulah.web.standing import day_of, the_lender
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

COLUMNS = ("id", "kind", "person", "urgent", "opened_at", "due_at", "late", "taken_by", "opened_by")
LABELS = ("heard", "channel", "kind", "read_as", "sure", "right", "at", "by")
"""Columns of corrections: what was read and what was right, without a word of what was said."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How much time a task has left, in words; negative minutes: it is late."""

    minutes: int

    @property
    def size(self) -> str:
        """So much time, in its largest unit.

        >>> Wait(12).size, Wait(-61).size, Wait(3000).size
        ('12 min', '1 h', '2 days')
        """
        size = abs(self.minutes)
        if size < 60:
            return f"{size} min"
        return f"{size // 60} h" if size < 2 * 1440 else f"{size // 1440} days"

    @property
    def words(self) -> str:
        """The time left or over.

        >>> Wait(12).words, Wait(-61).words, Wait(3000).words
        ('12 min left', '1 h late', '2 days left')
        """
        return f"{self.size} {'late' if self.minutes < 0 else 'left'}"


def open_tasks(reach: Reach) -> QuerySet[Task]:
    """Open tasks about people within reach; those about nobody on the book are for who reaches the whole lender."""
    found = Task.objects.filter(closed_at=None)
    return found if reach.whole_lender else found.filter(person__in=people_of(reach).values("pk"))


def asked_for(request: HttpRequest, reach: Reach) -> QuerySet[Task]:
    """The tasks that the address asks for, in working order."""
    found, asked = open_tasks(reach), request.GET
    if asked.get("kind") in task_rows():
        found = found.filter(kind=asked["kind"])
    if asked.get("mine") == "yes":
        found = found.filter(taken_by=reach.person.get_username())
    if asked.get("mine") == "nobody":
        found = found.filter(taken_by="")
    if asked.get("branch"):
        found = found.filter(person__in=Standing.objects.filter(Q(Holds("branches", asked["branch"][:64]))).values("pk"))
    return found.order_by("-urgent", "due_at", "id")


def wait_of(until: datetime, now: datetime) -> Wait:
    """The time left until then."""
    return Wait(int((until - now).total_seconds() // 60))


def task_lines(tasks: Iterable[Task], now: datetime, reach: Reach, shown: Mapping[str, Face]) -> list[dict[str, Any]]:
    """Tasks as rows: the time left, the person as far as the role sees them, and what the role may do."""
    me, conduct = reach.person.get_username(), reach.role in CONDUCT
    rows = []
    for task in tasks:
        wait = wait_of(task.due_at, now)
        free = not task.taken_by or (task.taken_by != me and conduct)
        rows.append(
            {
                "task": task,
                **{name: getattr(task, name) for name in COLUMNS if hasattr(task, name)},
                "wait": wait,
                "late": wait.minutes < 0,
                "face": shown.get(task.person),
                "meaning": task_rows()[task.kind].meaning if task.kind in task_rows() else "",
                "may_take": reach.role in DESK and free,
                "may_close": reach.role in DESK and (conduct or not task.urgent),
            }
        )
    return rows


def faces_here(people: Iterable[str], reach: Reach, shown_on: str) -> dict[str, Face]:
    """Names as far as the role sees them; none before any day has run."""
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    named = sorted({person for person in people if person})
    if run is None or not named:
        return {}
    with day_of(run) as day:
        return faces_for(named, source=day, reach=reach, page=shown_on)


@page("inbox")
def inbox(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Open tasks, fifty a page; ?kind=, ?mine=, ?branch= narrow; ?csv=inbox and ?csv=corrections take out."""
    now, found = system_clock(), asked_for(request, reach)
    if asks_for(request, "corrections"):
        return taken_out(request, reach, "corrections", None, LABELS, corrections(reach))
    if asks_for(request, "inbox"):
        return taken_out(request, reach, "inbox", None, COLUMNS, task_lines(found[:MOST_ROWS], now, reach, {}))
    sheet = sheet_of(request, found.count())
    tasks = list(found.select_related("heard")[sheet.offset : sheet.offset + PAGE_ROWS])
    rows = task_lines(tasks, now, reach, faces_here((task.person for task in tasks), reach, "inbox"))
    whole = open_tasks(reach)
    counts = whole.aggregate(
        all=Count("pk"),
        urgent=Count("pk", filter=Q(urgent=True)),
        late=Count("pk", filter=Q(due_at__lt=now)),
        mine=Count("pk", filter=Q(taken_by=reach.person.get_username())),
    )
    kinds = [
        {**one, "waits": Wait((now - one["oldest"]) // timedelta(minutes=1)).size}
        for one in whole.values("kind").annotate(rows=Count("pk"), oldest=Min("opened_at")).order_by("kind")
    ]
    context = {"reach": reach, "rows": rows, "sheet": sheet, "counts": counts, "kinds": kinds, "now": now, "branches": reach.branches}
    context |= {"longest": whole.order_by("opened_at", "id").first(), "all_kinds": sorted(set(task_rows()) - {"complaint_reply"})}
    context["nobody"] = Heard.objects.filter(outcome="nobody").count() if reach.opens("nobody") and reach.whole_lender else None
    context["labels"] = HeardCorrection.objects.count() if reach.role in CONDUCT else 0
    return render(request, "inbox.html", context)


def corrections(reach: Reach) -> list[dict[str, Any]]:
    """Readings that were corrected, of people within reach; none of those who do not answer for conduct."""
    if reach.role not in CONDUCT:
        return []
    found = HeardCorrection.objects.select_related("heard").order_by("id")
    if not reach.whole_lender:
        found = found.filter(heard__person__in=people_of(reach).values("pk"))
    return [
        {
            "heard": one.heard_id,
            "channel": one.heard.channel,
            "kind": one.heard.kind,
            "read_as": one.was,
            "sure": one.sure,
            "right": one.right,
            "at": one.at,
            "by": one.by,
        }
        for one in found[:MOST_ROWS]
    ]


@page("nobody")
def nobody(request: HttpRequest, reach: Reach) -> HttpResponse:
    """What was heard from numbers that nobody on the book has, latest first; for who reaches the whole lender."""
    if not reach.whole_lender:
        raise Http404("Nothing of the whole lender is within reach.")
    found = Heard.objects.filter(outcome="nobody").order_by("-id")
    sheet = sheet_of(request, found.count())
    some = found.prefetch_related("tasks")[sheet.offset : sheet.offset + PAGE_ROWS]
    reader = Reader(reach.person, "nobody", talk_ways.channels_here(), Vault(the_lender()), system_clock)
    context = {"reach": reach, "rows": read_words(of_nobody(some), "", reader), "sheet": sheet}
    return render(request, "nobody.html", context)


def _take(given: QueryDict, by: Actor) -> str:
    task = take_task(number_of(given, "which"), by=by, clock=system_clock)
    return f"{words(task.kind)}: it is yours."


def _close(given: QueryDict, by: Actor) -> str:
    which, outcome = number_of(given, "which"), given.get("outcome", "")
    person = Task.objects.filter(pk=which).values_list("person", flat=True).first()
    with kept(person, outcome, by) as place:
        task = close_task(which, place, by=by, clock=system_clock)
    return f"{words(task.kind)}: closed."


@require_POST
@page("task_act")
def task_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Take or close a task; back to where the form stood: the thread of the person, or the inbox."""
    acts = {"take": _take, "close": _close}
    if act not in acts:
        raise Http404("No such act.")
    person = request.POST.get("thread", "")
    back = ("thread", person) if person and people_of(reach).filter(pk=person).exists() else ("inbox",)
    return done(request, lambda: acts[act](request.POST, actor_of(reach.person)), *back)
