"""The ledger of contacts as a worker uses it: the guard with the lender's rules, and the steps of a contact."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.reserve_contact import live_contact, reserve_contact
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact.settle_contact import settle_contact
from sulah.actions.contact_borrower import Reserved
from sulah.actions.publish_people import publish_people
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import BusyError
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.verdict import Permit
from sulah.kernel.dates import Clock, fixed_clock
from sulah.kernel.terms import ContactState
from sulah.records.contact.rule_change import RuleChange


@dataclass(slots=True)
class RulesOfNow:
    """The lender's rules as they stand at each asking: made anew when somebody changed or switched one since."""

    lender: Lender
    _last: int = -1
    _rules: ContactRules | None = None

    def __call__(self) -> ContactRules:
        """The rules."""
        last = RuleChange.objects.order_by("-id").values_list("id", flat=True).first() or 0
        if self._rules is None or last != self._last:
            self._rules, self._last = rulebook_of(self.lender).rules, last
        return self._rules


@dataclass(frozen=True, slots=True)
class GuardedLedger:
    """Reserves and settles under the rules; by is the worker."""

    lender: Lender
    rules: Callable[[], ContactRules]
    by: Actor

    def behind(self, clock: Clock) -> str:
        """See Ledger."""
        try:
            publish_people(self.lender, self.rules(), by=self.by, clock=clock)
        except BusyError as error:
            return str(error)
        return ""

    def reserve(self, intent: Intent, clock: Clock) -> Reserved:
        """See Ledger; the outbox holds registered templates only, so the guard is told that the text is one."""
        answer = reserve_contact(intent, self.rules(), by=self.by, clock=clock, template=True)
        contact = live_contact(intent.intent_id) if isinstance(answer, Permit) else None
        return Reserved(answer, contact.pk if contact else None)

    def settle(self, contact_id: int, state: ContactState, *, evidence: str, at: datetime, provider: str, reference: str = "") -> bool:
        """See Ledger."""
        return settle_contact(
            contact_id, state, evidence=evidence, by=self.by, clock=fixed_clock(at), provider=provider, provider_ref=reference
        )
