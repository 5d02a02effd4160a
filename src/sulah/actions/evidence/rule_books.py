"""The books of rules under which the decisions of a day were made: the lender's rows with what people had changed by then."""

import hashlib
from datetime import date, datetime
from functools import cached_property

from sulah.actions.contact.rulebook import changes_in_order, folded, rules_of
from sulah.adapters.book.layout import Lender
from sulah.guard.bundle import rules_text
from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST
from sulah.policy.load import load_contact_policy
from sulah.policy.rows import EntityPolicy
from sulah.records.contact.decision import Decision
from sulah.records.contact.rule_change import RuleChange


class RuleBook:
    """One state of the lender's rules."""

    def __init__(self, policy: EntityPolicy) -> None:
        self.rules = rules_of(policy)
        self._policy = policy

    @cached_property
    def text(self) -> bytes:
        """The whole book as a bundle carries it."""
        return rules_text(self._policy.entity, {sheet: self._policy.rows(sheet) for sheet in self._policy.tables})

    @cached_property
    def sha256(self) -> str:
        """The digest of its text."""
        return hashlib.sha256(self.text).hexdigest()

    def version_on(self, day: date) -> str:
        """The version of the rows in force on a date."""
        return self.rules.on(day).version


class RuleBooks:
    """Every state that the rules have been in, by how many changes had been made; `of` finds the one of a decision.

    The rows that come with the code, and override files, are those of now: a decision made under others has no book here.  A bundle of
    each day is therefore made before the code or the files change.
    """

    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._shipped = load_contact_policy(lender.policy if lender.policy.is_dir() else None)
        self._changes = changes_in_order()
        held_from = RuleChange.objects.filter(kind__in=("switch", "approve")).order_by("id")
        self._made_at: list[datetime] = list(held_from.values_list("at", flat=True))
        self._books: dict[int, RuleBook] = {}
        self.used: dict[str, RuleBook] = {}

    def of(self, row: Decision) -> RuleBook:
        """The book under which the decision comes out as stored; where none is, that of its time, and a replay will say what differs."""
        of_its_time = sum(1 for at in self._made_at if at <= row.at)
        order = sorted(range(len(self._made_at) + 1), key=lambda number: (abs(number - of_its_time), number))
        day = row.at.astimezone(IST).date()
        fitting = [book for number in order if (book := self._book(number)).version_on(day) == row.rules_version]
        found = next((book for book in fitting if len(fitting) == 1 or _same(row, book)), (fitting or [self._book(of_its_time)])[0])
        self.used[found.sha256] = found
        return found

    def _book(self, changes: int) -> RuleBook:
        if changes not in self._books:
            self._books[changes] = RuleBook(folded(self._shipped, self._changes[:changes]).for_entity(self._lender.entity_type))
        return self._books[changes]


def _same(row: Decision, book: RuleBook) -> bool:
    """Does the decision come out the same under the book?  Rows of other days can change when something is lawful again."""
    try:
        return decide(Intent.from_plain(row.intent), Facts.from_plain(row.facts), book.rules).sha256 == row.content_sha256
    except ValueError:
        return False
