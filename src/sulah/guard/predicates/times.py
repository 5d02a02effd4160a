"""Hours, counts, wishes and occasions: whether this is a time for it."""

from datetime import date, datetime

from sulah.guard.case import HORIZON, Case, ist_instant, ist_ordinal
from sulah.guard.facts import DAY_SECONDS, Contact, Preference
from sulah.guard.predicates.said import NO, YES, Said, not_before
from sulah.guard.rule import ContactRule, Counted
from sulah.kernel.terms import ContactClass, ContactState


def hours(rule: ContactRule, case: Case) -> Said:
    """Inside the window: first <= second of the IST day < last; first = last = 0 is never."""
    if rule.first <= case.second < rule.last:
        return YES
    if rule.first >= min(rule.last, DAY_SECONDS):
        return NO
    return not_before(ist_instant(case.ordinal + (case.second >= rule.first), rule.first))


def cap(rule: ContactRule, case: Case) -> Said:
    """Fewer than `most` counted contacts on the last `days` IST days; a contact on a later day counts as today's."""
    since = ist_instant(case.ordinal - rule.days + 1)
    counted = [contact.at for contact in case.facts.contacts if contact.at >= since and counts(rule, contact)]
    if len(counted) < rule.most:
        return YES
    if rule.most == 0:
        return NO
    last_to_go = sorted(counted, reverse=True)[rule.most - 1]
    return not_before(ist_instant(ist_ordinal(last_to_go) + rule.days))


def counts(rule: ContactRule, contact: Contact) -> bool:
    """Does a contact count against a cap?  Its class, its purpose (an unknown one counts) and what became of it decide that."""
    state = contact.state
    return (
        (state.may_have_connected if rule.counts is Counted.CONNECTS else state.counts)
        and (rule.classes is None or contact.channel.contact_class in rule.classes)
        and (contact.purpose is None or rule.purposes is None or contact.purpose in rule.purposes)
    )


def one_call(_rule: ContactRule, case: Case) -> Said:
    """No other call of the person is reserved or ringing."""
    in_flight = (ContactState.RESERVED, ContactState.RINGING)
    busy = any(contact.channel.contact_class is ContactClass.CALL and contact.state in in_flight for contact in case.facts.contacts)
    return NO if busy else YES


def preference(_rule: ContactRule, case: Case) -> Said:
    """No wish of the person covers the weekday, the second, the class and the place; a contact without a place is at none of them."""
    wishes = [wish for wish in case.facts.preferences if _about(wish, case)]
    end = _end_of_wishes(wishes, case.ordinal, case.second)
    if end == (case.ordinal, case.second):
        return YES
    return not_before(end and ist_instant(*end))


def _about(wish: Preference, case: Case) -> bool:
    """Is the wish about contacts of this class and place?"""
    return (not wish.classes or case.intent.channel.contact_class in wish.classes) and (not wish.places or case.intent.place in wish.places)


def _end_of_wishes(wishes: list[Preference], ordinal: int, second: int) -> tuple[int, int] | None:
    """The first day and second, from this one on, that no wish covers; None when there is none within the horizon."""
    last = ordinal + HORIZON.days
    while ordinal <= last:
        weekday = date.fromordinal(ordinal).weekday()
        ends = [wish.to_second for wish in wishes if _covers(wish, weekday, second)]
        if not ends:
            return ordinal, second
        second = max(ends)
        if second == DAY_SECONDS:
            ordinal, second = ordinal + 1, 0
    return None


def _covers(wish: Preference, weekday: int, second: int) -> bool:
    return wish.from_second <= second < wish.to_second and (not wish.weekdays or weekday in wish.weekdays)


def occasion(_rule: ContactRule, case: Case) -> Said:
    """No occasion covers the IST date whose kind's row, in force on that date, bars the class."""
    if not case.facts.occasions or not _barred(case, case.ordinal):
        return YES
    return not_before(_free_day(case))


def _free_day(case: Case) -> datetime | None:
    days = range(case.ordinal + 1, case.ordinal + HORIZON.days + 1)
    free = next((ordinal for ordinal in days if not _barred(case, ordinal)), None)
    return None if free is None else ist_instant(free)


def _barred(case: Case, ordinal: int) -> bool:
    day = date.fromordinal(ordinal)
    kinds = [occasion.kind for occasion in case.facts.occasions if occasion.first <= day <= occasion.last]
    return bool(kinds) and any(case.rules.on(day).occasion_bars(kind, case.intent.channel.contact_class) for kind in kinds)
