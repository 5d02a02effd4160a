"""Delivery and cost: what became of messages by channel, provider, text and day, and what they cost; each is counted in one place."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.actions.stopped_texts import stopped_texts
from sulah.kernel.dates import IST, day_text
from sulah.kernel.sending import SEEN, SendState
from sulah.policy.talk.steps import cost_of, cost_rows, learned_by
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.web.charts.trend import Series, trend
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.govern.decisions import span_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out
from sulah.web.talk_ways import channels_as_set_up, channels_here
from sulah.web.words import grouped, words

MOST_DAYS = 92
COUNTED = ("waiting", "refused", "withdrawn", "sent", "undelivered", "delivered", "ambiguous", "failed")
"""Where each message is counted once: they add up to all."""

ALSO = ("read", "answered")
"""Of those delivered or sent: seen by the person, and answered."""

TOLD = ("charged", "free")
"""Of those that a provider took: it says that it charges for them, and that it does not; of others it says nothing."""

COLUMNS = ("day", "channel", "provider", "text", "messages", *COUNTED, *ALSO, "cost_paise", *TOLD, "told_cost_paise")
FILTERS = ("channel", "provider", "template")
_STATES = {
    SendState.QUEUED: "waiting",
    SendState.CLAIMED: "waiting",
    SendState.SENDING: "ambiguous",
    SendState.AMBIGUOUS: "ambiguous",
    SendState.SENT: "sent",
    SendState.DELIVERED: "delivered",
    SendState.UNDELIVERED: "undelivered",
    SendState.FAILED: "failed",
    SendState.WITHDRAWN: "withdrawn",
}
_PAID_FOR = ("sent", "undelivered", "delivered", "ambiguous")
"""What a provider took, or may have taken, costs; the prices are rows."""

Key = tuple[date, str, str, str]
"""Day in India, channel, provider (empty: none had it), text."""


@dataclass(slots=True)
class Line:
    """Counts of one key, or of several put together; costs in hundredths of a paisa, told: less what providers say is free."""

    counts: Counter[str] = field(default_factory=Counter)
    hundredths: int = 0
    told: int = 0

    @property
    def messages(self) -> int:
        """All of them, each counted once."""
        return sum(self.counts[name] for name in COUNTED)

    @property
    def cost_paise(self) -> int:
        """The cost in paise, half a paisa rounded up."""
        return (self.hundredths + 50) // 100

    @property
    def told_cost_paise(self) -> int:
        """The same without the messages for which the provider says that it charges nothing."""
        return (self.told + 50) // 100

    def add(self, other: "Line") -> None:
        """Put another line to this one."""
        self.counts.update(other.counts)
        self.hundredths += other.hundredths
        self.told += other.told


def within(reach: Reach, first: date, last: date) -> QuerySet[Outbox]:
    """The messages to people within reach that were handed over on those days in India; those never handed over by their queueing."""
    begin, end = (datetime.combine(day, time.min, IST) for day in (first, last + timedelta(days=1)))
    on_days = Q(handed_at__gte=begin, handed_at__lt=end) | Q(handed_at=None, queued_at__gte=begin, queued_at__lt=end)
    found = Outbox.objects.filter(on_days)
    return found if reach.whole_lender else found.filter(person__in=people_of(reach).values("pk"))


def counted(found: QuerySet[Outbox]) -> dict[Key, Line]:
    """What became of messages, by day, channel, provider and text; one query."""
    hours = timedelta(hours=learned_by("answer_hours"))
    mine = Heard.objects.filter(person=OuterRef("person"), channel=OuterRef("channel"), said_at__gte=OuterRef("handed_at"))
    named = Heard.objects.filter(answers=OuterRef("reference"), person=OuterRef("person"))
    soon = mine.filter(answers="", said_at__lt=ExpressionWrapper(OuterRef("handed_at") + Value(hours), output_field=DateTimeField()))
    rows = (
        found.annotate(
            day=TruncDate(Coalesce("handed_at", "queued_at")),
            seen=_yes(Q(state=SendState.DELIVERED, words__in=SEEN)),
            ruled=_yes(Q(state=SendState.WITHDRAWN) & ~Q(ended_by=[])),
            answered=Case(When(Exists(named) | Exists(soon), then=True), default=False, output_field=BooleanField()),
        )
        .order_by()
        .values_list("day", "channel", "provider", "template", "state", "seen", "ruled", "answered", "charged")
        .annotate(messages=Count("pk"))
    )
    lines: dict[Key, Line] = defaultdict(Line)
    for day, channel, provider, template, state, seen, ruled, answered, charged, messages in rows:
        line = lines[day, channel, provider, template]
        _count(line, "refused" if ruled else _STATES[SendState(state)], messages, seen=seen, answered=answered, charged=charged)
    for (day, channel, provider, _), line in lines.items():
        row = cost_of(channel, provider, day)
        taken, each = sum(line.counts[name] for name in _PAID_FOR), row.paise_hundredths if row is not None else 0
        line.hundredths, line.told = each * taken, each * (taken - line.counts["free"])
    return dict(lines)


def _yes(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def _count(line: Line, place: str, messages: int, *, seen: bool, answered: bool, charged: bool | None) -> None:
    line.counts[place] += messages
    if seen:
        line.counts["read"] += messages
    if charged is not None and place in _PAID_FOR:
        line.counts["charged" if charged else "free"] += messages
    if answered and place in _PAID_FOR:
        line.counts["answered"] += messages


def summed(lines: Mapping[Key, Line], place: int) -> list[tuple[str, Line]]:
    """The lines put together by one part of the key, in order of it."""
    found: dict[str, Line] = defaultdict(Line)
    for key, line in lines.items():
        found[str(key[place])].add(line)
    return sorted(found.items())


def rows_of(lines: Mapping[Key, Line]) -> Iterator[dict[str, Any]]:
    """The lines as rows of the table, the last day first."""
    for key, line in sorted(lines.items(), key=lambda pair: (-pair[0][0].toordinal(), pair[0][1:])):
        counts = {name: line.counts[name] for name in (*COUNTED, *ALSO, *TOLD)}
        costs = {"cost_paise": line.cost_paise, "told_cost_paise": line.told_cost_paise}
        yield {**dict(zip(COLUMNS, key, strict=False)), "messages": line.messages, **counts, **costs}


def chart(lines: Mapping[Key, Line]) -> SafeString:
    """Messages a day, a line a channel; the table below holds each figure."""
    first, last = min(key[0] for key in lines), max(key[0] for key in lines)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    by_day: Counter[tuple[date, str]] = Counter()
    for (day, channel, _, _), line in lines.items():
        by_day[day, channel] += line.messages
    drawn = [Series(words(channel), tuple(by_day[day, channel] for day in days)) for channel in sorted({key[1] for key in lines})]
    told = f"{grouped(sum(by_day.values()))} messages from {day_text(first)} to {day_text(last)}. The table below holds each day."
    return trend("delivery", "Messages a day by channel", told, days, drawn, _counted)


def _counted(value: int | None) -> str:
    return grouped(value or 0)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: value[:64] for name in FILTERS if (value := request.GET.get(name, "").strip())}


def _choices(found: QuerySet[Outbox]) -> Iterable[tuple[str, Sequence[str]]]:
    return [(name, sorted(set(found.order_by().values_list(name, flat=True).distinct()) - {""})) for name in FILTERS]


@page("delivery")
def delivery(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The page over ?from= to ?to= (92 days at most), narrowed by ?channel=, ?provider=, ?template=."""
    first, last = span_of(request)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    everything, asked = within(reach, first, last), _asked(request)
    lines = counted(everything.filter(**asked))
    rows = list(rows_of(lines))
    if asks_for(request, "delivery"):
        return taken_out(request, reach, "delivery", None, COLUMNS, rows)
    sheet, total = sheet_of(request, len(rows)), Line()
    for line in lines.values():
        total.add(line)
    context = {
        "reach": reach,
        "first": first,
        "last": last,
        "asked": list(asked.items()),
        "choices": [(name, options, asked.get(name, "")) for name, options in _choices(everything)],
        "rows": rows[sheet.offset : sheet.offset + PAGE_ROWS],
        "sheet": sheet,
        "total": total,
        "by_channel": summed(lines, 1),
        "chart": chart(lines) if lines else "",
        "costs": cost_rows(),
        "stopped": dict.fromkeys([*stopped_texts(channels_here()), *stopped_texts(channels_as_set_up())]),
    }
    return render(request, "delivery.html", context)
