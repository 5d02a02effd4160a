"""The set-based check on what no shipped row has: odd codes, windows to the second, wishes that overlap, callers nobody can have."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Consent, Facts, Loan, Occasion, Preference, Stop
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.terms import Channel, ContactClass, Place, StopEvent, StopScope
from tests.guard.paper import Row, book, facts, intent, ist, loan, rule, stop_row
from tests.guard.test_twin import INSTANTS, differences
from tests.guard.wild import Wild

ODD = ("JLG", "JX", "jl", "J", "L'OAN", "L''OAN", "l'oan-2", "É-1")


class Odd(Wild):
    """Codes with quotes and of one letter, wishes that overlap, two entries of consent at one instant."""

    def loan(self, person_id: str, place: int) -> Loan:
        return replace(super().loan(person_id, place), product=self.one(ODD))

    def rule(self, place: int) -> Row:
        return {**super().rule(place), "products": self.one(("*", "*", "JLG", "JLG*", "J*", "JL*", "L'*", "L'OAN", "É*"))}

    def person(self, person_id: str) -> Facts:
        made = super().person(person_id)
        entries = tuple(Consent(one.channel, not one.given, one.at) for one in made.consents if self.seldom(0.3))
        wishes = tuple(self.preference() for _ in range(self.one((0, 0, 2, 3))))
        return replace(made, consents=(*made.consents, *entries), preferences=(*made.preferences, *wishes))


@pytest.mark.parametrize("seed", range(24))
def test_the_twin_agrees_on_odd_codes_wishes_and_consents(seed: int) -> None:
    """A rule book at random for each seed, at another instant each."""
    odd = Odd(seed, INSTANTS[seed % len(INSTANTS)] + timedelta(seconds=seed * 61))
    assert differences(list(odd.people("p", 60)), odd.rules())[0] == []


def said(asked: Sequence[tuple[Intent, Facts]], rules: ContactRules) -> list[bool]:
    """What both say, held against each other."""
    apart, permitted = differences(asked, rules)
    assert apart == []
    return [True] * permitted if permitted in (0, len(asked)) else []


@pytest.mark.parametrize("at", ["2026-11-24 11:37:23", "2026-11-24 17:59:59", "2026-11-24 09:00:01"])
def test_a_window_is_kept_to_the_second(at: str) -> None:
    """Permitted from the second that it begins with, refused from the one that it ends before."""
    now = ist(at)
    second = now.hour * 3600 + now.minute * 60 + now.second
    asked = [(intent(now), facts())]
    for first, last, permitted in ((second, second + 1, True), (second + 1, 86_400, False), (0, second, False), (0, second + 1, True)):
        assert said(asked, book(rule("hours", first=first, last=last))) == [True] * permitted


def test_a_book_that_bars_no_occasion_still_asks_of_one() -> None:
    """No kind has a row: what is noted bars by the reading of kinds without a row, the same in both."""
    noted = facts(occasions=(Occasion("wedding", "person", ist("2026-11-24 00:00:00").date(), ist("2026-11-24 00:00:00").date()),))
    assert said([(intent(), noted), (intent(channel=Channel.SMS), noted)], book(rule("occasion"))) == []


@pytest.mark.parametrize("series", ["9" * 60, "1600", "01600", "16OO", "", "१६००", "1600 "])
def test_a_caller_id_that_is_no_number_or_too_long_for_one_is_read_the_same(series: str) -> None:
    assert said([(intent(caller_series=series), facts())], book(rule("caller_id", series="1600"))) == [True] * (series in ("1600", "01600"))


def test_two_wishes_that_both_cover_a_contact_refuse_it_once() -> None:
    wishes = (Preference(), Preference(classes=(ContactClass.CALL,)), Preference(places=(Place.AGREED,)))
    assert said([(intent(), facts(preferences=wishes))], book(rule("preference"))) == []


def test_a_rule_about_products_reaches_loans_that_begin_so_and_no_others() -> None:
    """`JL*` is not `J*`: a loan JX is none of its own; a code with a quote is a code."""
    for products, product, permitted in (
        ("JL*", "JX", True),
        ("JL*", "JLG", False),
        ("JLG*", "JLX", True),
        ("L'*", "L'OAN", False),
        ("L'OAN", "L''OAN", True),
        ("L'OAN", "l'oan", False),
    ):
        asked = [(intent(offers=True), facts(loans=(loan(product=product),)))]
        assert said(asked, book(rule("no_offer", products=products))) == [True] * permitted, (products, product)


@pytest.mark.parametrize("number", [0, 49, 50, 51, 59, 60, 119, 130])
def test_any_number_of_products_has_rules_of_its_own(number: int) -> None:
    """131 rules, each of one product: a loan is refused by its own rule and by no other, wherever that rule stands."""
    rules = book(*(rule("no_offer", rule_id=f"no-{place:03d}", products=f"P{place:03d}") for place in range(131)))
    mine, other = ((intent(offers=True), facts(loans=(loan(product=product),))) for product in (f"P{number:03d}", "P131"))
    assert (differences([mine], rules), differences([other], rules)) == (([], 0), ([], 1))
    assert [verdict.rule.rule_id for verdict in decide(*mine, rules).verdicts if verdict.answer == "no"] == [f"no-{number:03d}"]


def test_the_latest_of_several_consents_counts_whatever_came_before() -> None:
    """Given, taken back, given again; and the other way round."""
    days = [ist(f"2026-11-{day} 10:00:00") for day in (20, 21, 22)]
    for last in (True, False):
        entries = tuple(Consent(Channel.SMS, given, at) for given, at in zip((last, not last, last), days, strict=True))
        asked = [(intent(channel=Channel.SMS), facts(consents=entries))]
        assert said(asked, book(rule("consent"))) == [True] * last


@pytest.mark.parametrize("agency", ["A-nobody", "A-other"])
def test_a_stop_of_an_agency_of_which_no_agent_is_known_refuses_its_contacts(agency: str) -> None:
    """The agency alone is named, and nobody of it is on record."""
    stopped = facts(stops=(Stop(StopEvent.AGENCY_STOPPED, StopScope.AGENCY, "A-nobody", ist("2026-11-20 10:00:00")),))
    rules = book(stops=(stop_row("agency_stopped", "agency"),))
    assert said([(intent(agency_id=agency), stopped)], rules) == [True] * (agency == "A-other")
