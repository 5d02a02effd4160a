"""The ready answers of an inspection: each a sum, the rows behind it, and the rules that it is held against."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.evidence.access_log import by_reader, line_of, readings_within
from sulah.actions.read_stops import barred_by
from sulah.actions.withdraw_covered import StopTimes, stop_times
from sulah.guard.rule import Predicate
from sulah.kernel.dates import IST, day_text, system_clock
from sulah.kernel.terms import ContactClass, ContactState
from sulah.records.contact.contact import Contact
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint
from sulah.records.holds import Holds
from sulah.web.contact_book import is_on, rows_of
from sulah.web.desk.reached import people_of
from sulah.web.govern.agencies import agents_of, oldest_check
from sulah.web.govern.agencies import line_of as agent_line
from sulah.web.govern.contact_rules import line_of as rule_line
from sulah.web.govern.contact_rules import sign_offs
from sulah.web.reach import Reach
from sulah.web.words import words

INDIA = ZoneInfo("Asia/Kolkata")
"""The zone by the name that databases know it by."""
_REACHED = (ContactState.CONNECTED, ContactState.RESERVED, ContactState.RINGING, ContactState.AMBIGUOUS)
_PAGE = 500
TIMED = 1_000
"""Stops whose times are summed up; the rows tell them of each."""

_NO_ATTEMPT = (ContactState.FAILED, ContactState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an inspection looks at: the reader's reach, days in India (both inside), and a branch, empty for all within reach."""

    reach: Reach
    first: date
    last: date
    branch: str
    book: Rulebook

    def within(self, column: str) -> Q:
        """The instant of a row lies within the days."""
        begins, ends = self.instants()
        return Q(**{f"{column}__gte": begins, f"{column}__lt": ends})

    def instants(self) -> tuple[datetime, datetime]:
        """The beginning of the first day, and the end of the last."""
        return datetime.combine(self.first, time.min, IST), datetime.combine(self.last + timedelta(days=1), time.min, IST)

    def people(self) -> Q:
        """The row is about somebody within reach and of the branch."""
        if self.reach.whole_lender and not self.branch:
            return Q()
        people: QuerySet[Standing] = people_of(self.reach)
        if self.branch:
            people = people.filter(Q(Holds("branches", self.branch)))
        return Q(person__in=people.values("pk"))

    def rules(self, *predicates: Predicate) -> list[str]:
        """The ids of the rules of these kinds that the book holds, whenever they are in force."""
        rows = (row for row in rows_of(self.book) if row.table == "contact_rule")
        return sorted({row.rule_id for row in rows if row.values["predicate"] in predicates})


@dataclass(frozen=True, slots=True)
class Answer:
    """figures: (words, number as shown).  rows, tell: the rows and how some are told.  rules: ids of those that it is held against."""

    figures: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: Any
    count: int
    tell: Callable[[Sequence[Any]], Iterable[Mapping[str, Any]]]
    rules: Sequence[str] = ()

    def lines(self, offset: int = 0, most: int | None = None) -> list[Mapping[str, Any]]:
        """Some of the rows, as told."""
        return list(self.tell(list(self.rows[offset : None if most is None else offset + most])))


def calls(scope: Scope) -> Answer:
    """Call attempts per borrower, the most first, over the lender, its agents and agencies together."""
    tried = Contact.objects.filter(scope.within("at") & scope.people(), contact_class=ContactClass.CALL).exclude(state__in=_NO_ATTEMPT)
    reached = Count("id", filter=Q(state__in=_REACHED))
    by_agency = Count("id", filter=~Q(agency=""))
    of_people = tried.order_by().values("person").annotate(calls=Count("id"), reached=reached, by_agencies=by_agency)
    found = of_people.order_by("-calls", "person")
    days = tried.order_by().annotate(day=TruncDate("at", tzinfo=INDIA)).values("person", "day").annotate(calls=Count("id"))
    top = days.order_by("-calls", "day").first()
    highest = found.first()
    figures = (
        ("Borrowers called", f"{found.count():,}"),
        ("Call attempts", f"{tried.count():,}"),
        ("Most to one borrower", f"{highest['calls']:,}" if highest else "0"),
        ("Most on one day", f"{top['calls']:,} on {day_text(top['day'])}" if top else "0"),
    )

    def tell(rows: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
        """Borrowers, each with the worst day: of those of a page, or of all where a file is made."""
        mine = days.filter(person__in=[row["person"] for row in rows]) if len(rows) <= _PAGE else days
        worst: dict[str, Any] = {}
        for one in mine.order_by("calls", "-day"):
            worst[one["person"]] = one
        return [{**row, "most_on_a_day": worst[row["person"]]["calls"], "that_day": worst[row["person"]]["day"]} for row in rows]

    columns = ("person", "calls", "reached", "by_agencies", "most_on_a_day", "that_day")
    rules = [rule for rule in scope.rules(Predicate.CAP) if "CALL" in rule]
    return Answer(figures, columns, found, found.count(), tell, rules)


def out_of_hours(scope: Scope) -> Answer:
    """Attempts outside the hours: each was refused, by the rule that the row names."""
    rules = scope.rules(Predicate.HOURS)
    by_hours = Q(pk=None)
    for rule in rules:
        by_hours |= Q(refused_by__contains=f" {rule} ")
    found = Decision.objects.filter(scope.within("at") & scope.people(), by_hours, permitted=False).order_by("-at", "-id")
    made = Contact.objects.filter(decision__in=found.values("pk"))
    whole = Decision.objects.filter(scope.within("at") & scope.people())
    figures = (
        ("Attempts outside the hours", f"{found.count():,}"),
        ("Refused", f"{found.count():,}"),
        ("Made all the same", f"{made.count():,}"),
        ("Of all decisions", f"{whole.count():,}"),
    )

    def line(row: Decision) -> Mapping[str, Any]:
        """One refusal."""
        told = {name: getattr(row, name) for name in ("id", "at", "person", "channel", "purpose", "next_lawful_at")}
        return {**told, "refused_by": row.refused_by.split()}

    columns = ("id", "at", "person", "channel", "purpose", "refused_by", "next_lawful_at")
    return Answer(figures, columns, found.defer("facts", "intent", "verdicts"), found.count(), _each(line), rules)


def complaints(scope: Scope) -> Answer:
    """Complaints and disputes that arrived in these days, with the days until each was closed."""
    found = Complaint.objects.filter(scope.within("opened_at") & scope.people()).order_by("opened_at", "id")
    closed = [(one.closed_at - one.opened_at).days for one in found.exclude(closed_at=None) if one.closed_at]
    today = system_clock().astimezone(IST).date()
    late = sum((one.closed_at.astimezone(IST).date() if one.closed_at else today) > one.reply_by for one in found)
    figures = (
        ("Arrived", f"{found.count():,}"),
        ("Closed", f"{len(closed):,}"),
        ("Longest until closed", f"{max(closed)} days" if closed else "—"),
        ("Past the last day", f"{late:,}"),
    )

    def line(row: Complaint) -> Mapping[str, Any]:
        """One complaint."""
        told = {name: getattr(row, name) for name in ("number", "kind", "person", "opened_at", "reply_by", "state", "closed_at")}
        return {**told, "days_until_closed": (row.closed_at - row.opened_at).days if row.closed_at else None}

    columns = ("number", "kind", "person", "opened_at", "reply_by", "state", "closed_at", "days_until_closed")
    return Answer(figures, columns, found, found.count(), _each(line), [rule for rule in _ids(scope) if rule.startswith("STP-COMPLAINT")])


def agents(scope: Scope) -> Answer:
    """Agents and their papers as they stand today: certificate, check of antecedents, and what is wrong."""
    today = system_clock().astimezone(IST).date()
    most = oldest_check(today)
    lines = [agent_line(agent, today, most) for agent in agents_of(scope.reach)]
    at_work = [line for line in lines if line["ended_on"] is None]
    figures = (
        ("Agents at work", f"{len(at_work):,}"),
        ("With a paper missing or running out", f"{sum(bool(line['wrong']) for line in at_work):,}"),
        ("Let go", f"{len(lines) - len(at_work):,}"),
    )
    columns = ("agent", "name", "agency", "engaged_on", "certificate_to", "certificate_days_left", "antecedents_on", "wrong", "ended_on")
    return Answer(
        figures, columns, lines, len(lines), _each(dict), scope.rules(Predicate.CERTIFICATE, Predicate.ANTECEDENTS, Predicate.AGENT_NOTICE)
    )


def rules(scope: Scope) -> Answer:
    """Rules in force on the last day, with where each comes from and who signed it off as it reads."""
    signed = sign_offs()
    rows = [row for row in rows_of(scope.book) if row.in_force(scope.last) and is_on(row)]
    lines = [rule_line(row, signed.get(row.rule_id)) for row in sorted(rows, key=lambda row: row.rule_id)]
    lines = [{**line, "signed_off_by": "" if line["signed_stale"] else line["signed_off_by"]} for line in lines]
    signed_off = sum(bool(line["signed_off_by"]) for line in lines)
    figures = (
        ("Rules in force", f"{len(lines):,}"),
        ("Signed off as they read", f"{signed_off:,}"),
        ("Signed off by nobody", f"{len(lines) - signed_off:,}"),
        ("Version", scope.book.rules.on(scope.last).version[:16]),
    )
    columns = ("rule_id", "lays_down", "mark", "citation", "verify", "version", "signed_off_by", "signed_off_at")
    return Answer(figures, columns, lines, len(lines), _each(dict))


def overrides(scope: Scope) -> Answer:
    """Rules that people set aside for one contact, with the reason."""
    found = Override.objects.filter(scope.within("given_at") & scope.people()).order_by("-id")
    of_rules = found.order_by().values("rule_id").annotate(times=Count("id")).order_by("-times", "rule_id")
    figures = (("Set aside", f"{found.count():,}"), ("People who did", f"{found.order_by().values('given_by').distinct().count():,}"))
    columns = ("given_at", "rule_id", "person", "role", "given_by", "reason", "intent_id")
    named = [str(row["rule_id"]) for row in of_rules]
    return Answer(figures, columns, found, found.count(), _each(lambda row: {name: getattr(row, name) for name in columns}), named)


def _timed(stop: StopEvent, scope: Scope) -> StopTimes:
    return stop_times(stop, barred_by(scope.book.rules, stop, stop.taken_at))


def stops(scope: Scope) -> Answer:
    """Stops taken in in these days, with the seconds from intake to the last send on what they cover."""
    found = StopEvent.objects.filter(scope.within("taken_at") & scope.people()).order_by("-taken_at", "-id")
    latest = [_timed(one, scope) for one in found[:TIMED]]
    seconds = [one.seconds for one in latest if one.sent_after]
    of = "" if found.count() <= TIMED else f" (of the latest {TIMED:,})"
    figures = (
        ("Taken in", f"{found.count():,}"),
        (f"With a send after intake{of}", f"{len(seconds):,}"),
        (f"Longest time to the last send{of}", f"{max(seconds):,.0f} s" if seconds else "—"),
        (f"Withdrawn from the queue{of}", f"{sum(one.withdrawn for one in latest):,}"),
        (f"Accepted by a provider in the day before{of}", f"{sum(one.accepted_before for one in latest):,}"),
        ("Lifted since", f"{found.exclude(lifted_at=None).count():,}"),
    )

    def line(row: StopEvent) -> Mapping[str, Any]:
        """One stop."""
        told = {name: getattr(row, name) for name in ("event", "scope", "person", "taken_at", "reason", "lifted_at", "lifted_by")}
        times = _timed(row, scope)
        late = ceil(times.seconds) if times.sent_after else None
        return {**told, "seconds_to_last_send": late, "withdrawn": times.withdrawn, "accepted_before": times.accepted_before}

    timed = ("seconds_to_last_send", "withdrawn", "accepted_before")
    columns = ("event", "scope", "person", "taken_at", "reason", *timed, "lifted_at", "lifted_by")
    events = set(found.order_by().values_list("event", flat=True).distinct())
    named = [row.rule_id for row in rows_of(scope.book) if row.table == "contact_stop" and row.values["event"] in events]
    return Answer(figures, columns, found, found.count(), _each(line), sorted(set(named)))


def readings(scope: Scope) -> Answer:
    """Who opened personal data, when and where; for those who see the whole lender, since an entry is not of one branch."""
    begins, ends = scope.instants()
    found = readings_within(begins, ends) if scope.reach.whole_lender and not scope.branch else readings_within(begins, begins)
    most = next(iter(by_reader(begins, ends)), None) if found.exists() else None
    figures = (
        ("Openings of personal data", f"{found.count():,}"),
        ("Most by one reader", f"{most['entries']:,} by {most['actor']}" if most else "—"),
    )
    return Answer(figures, ("at", "actor", "act", "what", "people", "sight"), found, found.count(), _each(line_of))


def _ids(scope: Scope) -> list[str]:
    return sorted({row.rule_id for row in rows_of(scope.book)})


def _each(line: Callable[[Any], Mapping[str, Any]]) -> Callable[[Sequence[Any]], Iterable[Mapping[str, Any]]]:
    """Rows told one by one."""
    return lambda rows: map(line, rows)


@dataclass(frozen=True, slots=True)
class Question:
    """One question that an inspector asks, and how it is answered."""

    name: str
    title: str
    asks: str
    answer: Callable[[Scope], Answer]


QUESTIONS = (
    Question("calls", "Calls per borrower", "Who was called most often, over all agents and agencies?", calls),
    Question("out_of_hours", "Out-of-hours attempts", "Who tried to reach borrowers outside the hours, and what stopped it?", out_of_hours),
    Question("complaints", "Complaints", "What did borrowers complain of, and how long did an answer take?", complaints),
    Question("agents", "Agents and their papers", "Who contacts borrowers, and are the papers in order today?", agents),
    Question("rules", "Rules and sign-offs", "Which rules are in force, where do they come from, and who signed them off?", rules),
    Question("overrides", "Rules set aside", "Which rules did people set aside, for whom and why?", overrides),
    Question("stops", "Stops", "What stopped contact, and how long after it did anything still go out?", stops),
    Question("readings", "Who read personal data", "Who opened names and numbers, when and on which page?", readings),
)
"""The questions in the order of the page; the first five are those of the inspection."""


def told(column: str, value: Any) -> Any:
    """A term of the field in words; everything else as it is."""
    terms = ("channel", "purpose", "state", "event", "scope", "kind", "role")
    return words(value) if column in terms and isinstance(value, str) and value else value
