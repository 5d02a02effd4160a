"""The ledger read back at an instant: what a decision must have known, what it cannot have known, and what may be either way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sulah.guard.facts import Contact
from sulah.guard.recount import LOG_SLACK, STEP_SLACK, Asked, Logged, bounds, recounted
from sulah.guard.rule import Counted, Predicate
from sulah.kernel.terms import Channel, ContactClass, ContactState, Purpose
from tests.evidence.small_bundle import RULES

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
ASKED = Asked(10, "i-10", NOON, 7)
HOUR = timedelta(hours=1)
CALLS = next(
    rule
    for rule in RULES.on(NOON.date()).rules
    if rule.predicate is Predicate.CAP and rule.counts is Counted.ATTEMPTS and rule.classes == frozenset({ContactClass.CALL})
)
"""A shipped cap of calls tried."""


def logged(*steps: tuple[timedelta, ContactState], **said: Any) -> Logged:
    """A call of the lender's own an hour before noon, permitted by decision 5; each step so long after noon."""
    known = tuple((NOON + after, state) for after, state in steps) or ((NOON - HOUR, ContactState.RESERVED),)
    plain: dict[str, Any] = {"number": 1, "intent": "i-5", "person": "P", "at": NOON - HOUR, "channel": Channel.CALL}
    return Logged(**{**plain, "purpose": Purpose.RECOVERY, "source": "ours", "decision": 5, "steps": known} | said)


def seen(state: ContactState, at: datetime = NOON - HOUR, source: str = "ours") -> Contact:
    """The contact as facts carry it."""
    return Contact(at, Channel.CALL, Purpose.RECOVERY, state, source)


def test_a_step_may_be_a_minute_off_and_a_log_ten() -> None:
    """As the page for outsiders says; beyond that the ledger is believed."""
    assert (timedelta(seconds=60), timedelta(seconds=600)) == (STEP_SLACK, LOG_SLACK)


def test_a_contact_is_known_in_the_state_that_it_had_then() -> None:
    one = logged((-HOUR, ContactState.RESERVED), (-HOUR / 2, ContactState.RINGING), (HOUR, ContactState.CONNECTED))
    assert recounted([one], ASKED, [seen(ContactState.RINGING)]) == ([], [])
    wrong = seen(ContactState.CONNECTED)
    assert recounted([one], ASKED, [wrong]) == ([seen(ContactState.RINGING)], [wrong])
    assert recounted([one], ASKED, []) == ([seen(ContactState.RINGING)], [])


def test_one_that_a_later_decision_permitted_cannot_have_been_known() -> None:
    assert recounted([logged(decision=11)], ASKED, []) == ([], [])
    assert recounted([logged(decision=10)], ASKED, []) == ([], []), "nor one that it permits itself"
    assert recounted([logged(decision=11)], ASKED, [seen(ContactState.RESERVED)]) == ([], [seen(ContactState.RESERVED)])


@pytest.mark.parametrize("state", [ContactState.FAILED, ContactState.WITHDRAWN])
def test_one_that_failed_or_was_withdrawn_is_in_no_facts(state: ContactState) -> None:
    one = logged((-HOUR, ContactState.RESERVED), (-HOUR / 2, state))
    assert recounted([one], ASKED, []) == ([], [])


def test_an_old_one_is_known_only_while_it_is_in_flight() -> None:
    old = {"at": NOON - timedelta(days=9)}
    ringing = logged((-timedelta(days=9), ContactState.RINGING), **old)
    assert recounted([ringing], ASKED, [seen(ContactState.RINGING, **old)]) == ([], [])
    assert recounted([logged((-timedelta(days=9), ContactState.CONNECTED), **old)], ASKED, []) == ([], [])


def test_what_the_intent_itself_reserved_is_no_contact_yet() -> None:
    assert recounted([logged(intent="i-10")], ASKED, []) == ([], [])


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_step_close_to_the_decision_may_be_either_way(sign: int) -> None:
    """On both sides, and not a moment longer than the slack."""
    close = logged((-HOUR, ContactState.RESERVED), (sign * STEP_SLACK * 0.9, ContactState.CONNECTED))
    for state in (ContactState.RESERVED, ContactState.CONNECTED):
        assert recounted([close], ASKED, [seen(state)]) == ([], [])
    assert recounted([close], ASKED, [])[0] == [seen(ContactState.CONNECTED)], "of two that it may have been, the first by its words"
    far = logged((-HOUR, ContactState.RESERVED), (sign * STEP_SLACK, ContactState.CONNECTED))
    held, other = (ContactState.CONNECTED, ContactState.RESERVED)[::-sign]
    assert recounted([far], ASKED, [seen(held)]) == ([], [])
    assert recounted([far], ASKED, [seen(other)])[1] == [seen(other)]


def test_a_dialler_log_that_came_in_close_to_the_decision_may_be_known_or_not() -> None:
    ended = ContactState.CONNECTED
    close, before, after = (
        logged((offset, ended), decision=None, source="agency_file") for offset in (LOG_SLACK / 2, -LOG_SLACK, LOG_SLACK)
    )
    told = seen(ended, source="agency_file")
    assert recounted([close], ASKED, [told]) == recounted([close], ASKED, []) == ([], [])
    assert recounted([before], ASKED, [])[0] == [told]
    assert recounted([after], ASKED, [told])[1] == [told]


def test_a_count_has_a_least_and_a_most_where_a_step_is_close() -> None:
    sure = logged((-HOUR, ContactState.CONNECTED))
    close = logged((-HOUR, ContactState.RESERVED), (timedelta(), ContactState.FAILED))
    message = logged(channel=Channel.SMS)
    old = logged(at=NOON - timedelta(days=40))
    own = logged(intent="i-10")
    assert bounds([sure, close, message, old, own, logged(decision=11)], ASKED, CALLS) == (1, 2)
    connects = next(
        (rule for rule in RULES.on(NOON.date()).rules if rule.predicate is Predicate.CAP and rule.counts is Counted.CONNECTS), CALLS
    )
    assert bounds([sure], ASKED, connects) == (1, 1)
    assert bounds([logged((-HOUR, ContactState.NOT_CONNECTED))], ASKED, connects)[0] == (connects is CALLS)


@pytest.mark.parametrize(
    "change",
    [
        *({"steps": []}, {"at": "yesterday"}, {"channel": "drum"}, {"id": None}, {"steps": [["2026-11-24T06:30:00", "sent"]]}),
        {"steps": [["2026-11-24T06:30:00+00:00", "reserved"], ["2026-11-24T06:31:00", "sent"]]},
    ],
)
def test_a_damaged_contact_is_none(change: dict[str, Any]) -> None:
    steps = [["2026-11-24T06:30:00+00:00", "reserved"]]
    plain = {"id": 1, "intent": "i", "person": "P", "at": steps[0][0], "channel": "sms", "purpose": None, "source": "ours", "decision": 1}
    assert Logged.from_plain({**plain, "steps": steps}).purpose is None
    with pytest.raises(ValueError, match=r"."):
        Logged.from_plain({**plain, "steps": steps} | change)


def test_one_that_was_reserved_this_very_moment_is_not_known_in_a_state_of_later() -> None:
    """Its first step lies within the slack, and its last an hour after the decision."""
    one = logged((timedelta(seconds=-30), ContactState.RESERVED), (HOUR, ContactState.CONNECTED))
    assert recounted([one], ASKED, [seen(ContactState.RESERVED)]) == ([], [])
    assert recounted([one], ASKED, [seen(ContactState.CONNECTED)])[1] == [seen(ContactState.CONNECTED)]


def test_what_the_ledger_has_once_explains_one_of_two_that_look_alike() -> None:
    """Whether it is surely known, or perhaps."""
    told = seen(ContactState.CONNECTED, source="agency_file")
    sure, unsure = (logged((-before, told.state), decision=None, source=told.source) for before in (2 * LOG_SLACK, LOG_SLACK / 2))
    for one in (sure, unsure):
        assert recounted([one], ASKED, [told, told]) == ([], [told])
    assert recounted([unsure, sure], ASKED, [told]) == ([], []), "the sure one is explained first"
    assert recounted([sure, sure], ASKED, [told]) == ([told], [])


@pytest.mark.parametrize(("days", "back", "known"), [(1, 0, True), (1, 1, False), (2, 1, True), (2, 2, False), (7, 6, True), (7, 7, False)])
def test_so_many_days_end_with_today_and_begin_at_midnight(days: int, back: int, known: bool) -> None:
    """The first instant of a day in India belongs to it, and the last of the day before does not."""
    midnight = datetime(2026, 11, 23, 18, 30, tzinfo=UTC) - timedelta(days=back)
    asked = Asked(10, "i-10", NOON, days)
    rule = replace(CALLS, days=days)
    for at, held in ((midnight, known), (midnight - timedelta(microseconds=1), known and days > back + 1)):
        one = logged((at - NOON, ContactState.CONNECTED), at=at)
        assert (recounted([one], asked, [])[0] != []) is held, at
        assert bounds([one], ASKED, rule) == (int(held), int(held)), at


def test_a_contact_counts_against_a_cap_of_its_purposes_and_one_of_unknown_purpose_against_any() -> None:
    for purpose, counted in ((Purpose.RECOVERY, 1), (None, 1), (Purpose.OTP, 0)):
        assert bounds([logged(purpose=purpose)], ASKED, replace(CALLS, purposes=frozenset({Purpose.RECOVERY}))) == (counted, counted)
        assert bounds([logged(purpose=purpose)], ASKED, replace(CALLS, purposes=None)) == (1, 1)
