"""Who is contacted, by which number, with whose consent, where, and what stops it."""

from datetime import datetime

from sulah.guard.case import Case, active, clear_from
from sulah.guard.facts import Standing, Whose
from sulah.guard.predicates.said import NO, UNKNOWN, YES, Said, first_of, not_before
from sulah.guard.rule import ContactRule
from sulah.kernel.terms import Party, Place

_LIABLE = (Party.BORROWER, Party.CO_BORROWER, Party.GUARANTOR)
_UNUSABLE = (Standing.INVALID, Standing.WRONG)


def party(_rule: ContactRule, case: Case) -> Said:
    """The person is borrower, co-borrower or guarantor of every loan named."""
    parties = [loan.parties.get(case.intent.person_id) if loan else None for loan in case.named]
    if any(one is not None and one not in _LIABLE for one in parties):
        return NO
    return UNKNOWN if None in parties else YES


def number(_rule: ContactRule, case: Case) -> Said:
    """The number or address used is on file as the person's own, and is not known as invalid or wrong."""
    known = case.facts.numbers.get(case.intent.number_key) if case.intent.number_key is not None else None
    if known is None:
        return UNKNOWN
    if known.standing in _UNUSABLE:
        return NO
    if known.whose is None:
        return UNKNOWN
    return YES if known.whose is Whose.OWN else NO


def consent(_rule: ContactRule, case: Case) -> Said:
    """The last entry for the channel, of those made by now, is an opt-in; of two at the same instant the withdrawal wins."""
    entries = [(entry.at, not entry.given) for entry in case.facts.consents if entry.channel is case.intent.channel]

    def holds(at: datetime) -> bool:
        withdrawn = max((entry for entry in entries if entry[0] <= at), default=(at, True))[1]
        return not withdrawn

    return YES if holds(case.at) else first_of([at for at, _ in entries], case.at, holds)


def misses(rule: ContactRule, case: Case) -> Said:
    """At home or at work only after `most` misses in succession at the agreed place."""
    if case.intent.place in (None, Place.AGREED, Place.BRANCH):
        return _elsewhere(case)
    missed = case.facts.misses_in_succession
    if missed is None:
        return UNKNOWN
    return YES if missed >= rule.most else NO


def place_order(_rule: ContactRule, case: Case) -> Said:
    """The agreed place first; home where none was agreed or nobody was found there; work where nobody was found at home either."""
    place, not_found = case.intent.place, case.facts.not_found
    if place in (None, Place.AGREED, Place.BRANCH):
        return _elsewhere(case)
    if place is Place.WORKPLACE and not_found.get(Place.RESIDENCE, 0) == 0:
        return NO
    agreed = case.facts.person.agreed_place
    if agreed is False or not_found.get(Place.AGREED, 0) > 0:
        return YES
    return NO if agreed else UNKNOWN


def _elsewhere(case: Case) -> Said:
    """What every rule of places says of a contact neither at home nor at work: there is no agreed place where none was agreed."""
    if case.intent.place is None:
        return UNKNOWN
    return NO if case.intent.place is Place.AGREED and case.facts.person.agreed_place is False else YES


def stop(rule: ContactRule, case: Case) -> Said:
    """No active stop of the row's event and scope covers the intent."""
    row = rule.stop
    found = [one for one in case.facts.stops if row and one.event is row.event and one.scope is row.scope and case.covers(one)]
    if not any(active(one, case.at) for one in found):
        return YES
    return not_before(clear_from(found, case.at))
