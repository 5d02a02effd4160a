"""Bring the people up to the last committed day: what the book says of them, which promises were kept, and what was learned."""

from datetime import timedelta

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.publish_standing import PublishedStandings, publish_due
from sulah.actions.contact.withdraw_steps import withdraw_steps
from sulah.actions.talk.learn_numbers import learn_numbers
from sulah.actions.talk.learn_timing import learn_timing
from sulah.actions.talk.settle_promises import settle_promises
from sulah.adapters.book.layout import Lender
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import Clock
from sulah.records.contact.standing import StandingBook
from sulah.records.dayrun import DayRun

_OVERLAP = timedelta(days=1)
"""Learning looks back a day further than the last publication, so that one that was killed leaves nothing unseen."""


def publish_people(lender: Lender, rules: ContactRules, *, by: Actor, clock: Clock) -> PublishedStandings | None:
    """Publish the last committed day where that is due, then settle promises by it, withdraw the steps of people who are no longer on their
    sequence, and learn from what happened since; None where nothing was to publish.

    Killed in between, the next day's publication does what is left.
    """
    before = StandingBook.objects.order_by("-id").values_list("published_at", flat=True).first()
    done = publish_due(lender, rules, by=by, clock=clock)
    run = DayRun.objects.order_by("-as_of").select_related("load").first() if done is not None else None
    if run is not None:
        settle_promises(lender, run, by=by, clock=clock)
        withdraw_steps(by=by, clock=clock)
        learn_numbers(lender, since=before - _OVERLAP if before else None, by=by, clock=clock)
        learn_timing(by=by, clock=clock)
    return done
