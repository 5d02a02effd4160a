"""What a changed rule would have stopped: contacts that were made in a span of days, decided again from the facts stored with them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sulah.actions.contact.rulebook import Rulebook, changed, row_of, rules_of
from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST
from sulah.policy.rows import Policy
from sulah.records.contact.contact import Contact
from sulah.records.contact.rule_change import RuleChange

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WouldStop:
    """One contact that the changed rule would have stopped."""

    contact: int
    person: str
    at: datetime
    channel: str
    purpose: str


@dataclass(frozen=True, slots=True)
class LookBack:
    """Contacts of the span that stand: how many were decided again, which of them the changed rule stops, which have no facts."""

    rule_id: str
    decided: int
    stopped: tuple[WouldStop, ...]
    without_facts: int
    note: str


def look_back(change: RuleChange, first: date, last: date, book: Rulebook) -> LookBack:
    """Decide the contacts of a span (IST days, both inside) again as if the rule of a proposal or a switch had been in force all along.

    Contacts of agencies' logs carry no facts and are counted apart.
    """
    rules = _as_if(change, first, book)
    decided, without, stopped = 0, 0, []
    for contact in _contacts(first, last):
        if contact.decision is None:
            without += 1
            continue
        decided += 1
        answer = decide(Intent.from_plain(contact.decision.intent), Facts.from_plain(contact.decision.facts), rules)
        if change.rule_id in answer.refusing:
            stopped.append(WouldStop(contact.pk, contact.person, contact.at, contact.channel, contact.purpose))
    return LookBack(change.rule_id, decided, tuple(stopped), without, _note(change, book))


def _as_if(change: RuleChange, first: date, book: Rulebook) -> ContactRules:
    """The rules with the changed row in force from the first day of the span on."""
    rows = list(book.whole.tables[change.sheet])
    if change.kind == "switch":
        was = next(row for row in rows if row.rule_id == change.rule_id)
        new = replace(was, values={**was.values, **change.payload})
    else:
        new = row_of(change.sheet, change.payload)
    new = replace(new, effective_from=min(first, new.effective_from))
    tables = {
        sheet: tuple(changed(kept, sheet, new.to_plain())) if sheet == new.table else kept for sheet, kept in book.whole.tables.items()
    }
    return rules_of(Policy(tables, book.whole.sheets).for_entity(book.policy.entity))


def _contacts(first: date, last: date) -> Iterator[Contact]:
    begins = datetime.combine(first, time.min, IST)
    ends = datetime.combine(last + timedelta(days=1), time.min, IST)
    rows = Contact.objects.filter(at__gte=begins, at__lt=ends).exclude(state__in=("failed", "withdrawn"))
    yield from rows.select_related("decision").order_by("id").iterator(_AT_ONCE)


def _note(change: RuleChange, book: Rulebook) -> str:
    """A cap over more days than were looked at when the facts were gathered sees too few contacts; said rather than guessed."""
    days = change.payload.get("days", 0)
    caps = (row.values["days"] for row in book.whole.tables["contact_rule"] if row.values["predicate"] == "cap")
    longest = max((given for given in caps if isinstance(given, int)), default=0)
    if change.payload.get("predicate") == "cap" and isinstance(days, int) and days > longest:
        return f"The facts hold contacts of {longest} days, the rule asks for {days}: more may have been stopped than are told here."
    return ""
