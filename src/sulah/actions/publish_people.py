"""Bring the people up to the last committed day: what the book says of them, and which promises it shows as kept or broken."""

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.publish_standing import PublishedStandings, publish_due
from sulah.actions.talk.settle_promises import settle_promises
from sulah.adapters.book.layout import Lender
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import Clock
from sulah.records.dayrun import DayRun


def publish_people(lender: Lender, rules: ContactRules, *, by: Actor, clock: Clock) -> PublishedStandings | None:
    """Publish the last committed day where that is due, then settle promises by it; None where nothing was to publish.

    Killed between the two, the next day's publication settles the promises.
    """
    done = publish_due(lender, rules, by=by, clock=clock)
    run = DayRun.objects.order_by("-as_of").select_related("load").first() if done is not None else None
    if run is not None:
        settle_promises(lender, run, by=by, clock=clock)
    return done
