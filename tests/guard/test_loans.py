"""What the book, the platforms and the words ask: each answer, each unknown, each limit."""

from datetime import date, timedelta

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Stop
from sulah.kernel.terms import Channel, LoanType, Purpose, StopEvent, StopScope
from tests.guard.paper import DAY, MICROSECOND, NOON, again, book, facts, intent, ist, loan, rule, says

TODAY = date(2026, 11, 24)
BOTH = ("L1", "L2")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [(0, 0, "no"), (1, 0, "yes"), (0, 1, "yes"), (0, None, "unknown"), (1, None, "yes"), (None, None, "unknown")],
)
def test_recovery_needs_something_overdue_on_a_loan_named(first: int | None, second: int | None, said: str) -> None:
    """One paisa is enough; an amount that nobody knows is unknown unless another loan settles it."""
    loans = (loan("L1", overdue_paise=first), loan("L2", overdue_paise=second), loan("L3", overdue_paise=900))
    assert says(rule("overdue"), intent(loan_ids=BOTH), facts(loans=loans)) == said


def test_a_contact_that_names_no_loan_recovers_nothing() -> None:
    """And a loan that is not on the book is unknown."""
    assert says(rule("overdue"), intent(loan_ids=())) == "no"
    assert says(rule("overdue"), intent(loan_ids=("L9",))) == "unknown"
    assert says(rule("due_soon", days=7), intent(loan_ids=())) == "no"


@pytest.mark.parametrize(
    ("scope", "key", "said"), [("loan", "L1", "no"), ("loan", "L2", "yes"), ("person", "p1", "no"), ("number", "n1", "yes")]
)
def test_a_loan_known_as_paid_is_not_overdue(scope: str, key: str, said: str) -> None:
    """Paid since the book, for the loan or the person as a whole; until the stop ends."""
    stop = Stop(StopEvent.PAID, StopScope(scope), key, NOON, NOON + DAY)
    assert says(rule("overdue"), known=facts(stops=(stop,))) == said
    if said == "no":
        assert again(rule("overdue"), known=facts(stops=(stop,))) == NOON + DAY
    assert says(rule("overdue"), known=facts(stops=(Stop(StopEvent.COMPLAINT, StopScope(scope), key, NOON),))) == "yes"
    assert says(rule("overdue"), intent(NOON - MICROSECOND), facts(stops=(stop,))) == "yes"


@pytest.mark.parametrize(("ahead", "said"), [(-1, "no"), (0, "no"), (1, "yes"), (7, "yes"), (8, "no")])
def test_a_reminder_is_for_the_days_before_the_due_date(ahead: int, said: str) -> None:
    """One to seven days ahead; today and the eighth are outside."""
    known = facts(loans=(loan(overdue_paise=0, next_due_on=TODAY + ahead * DAY),))
    assert says(rule("due_soon", days=7), known=known) == said
    if said == "no":
        assert again(rule("due_soon", days=7), known=known) == (ist("2026-11-25 00:00:00") if ahead > 0 else None)


def test_a_reminder_is_for_a_loan_without_arrears() -> None:
    """One paisa overdue is a no, a credit is none; what nobody knows is unknown; the days of a reminder may be none."""
    soon = TODAY + DAY
    assert says(rule("due_soon", days=7), known=facts(loans=(loan(overdue_paise=-1, next_due_on=soon),))) == "yes"
    assert says(rule("due_soon", days=7), known=facts(loans=(loan(overdue_paise=1, next_due_on=soon),))) == "no"
    assert says(rule("due_soon", days=7), known=facts(loans=(loan(overdue_paise=None, next_due_on=soon),))) == "unknown"
    assert says(rule("due_soon", days=7), known=facts(loans=(loan(overdue_paise=0, next_due_on=None),))) == "unknown"
    two = facts(loans=(loan(overdue_paise=None), loan("L2", overdue_paise=0, next_due_on=soon)))
    assert says(rule("due_soon", days=7), intent(loan_ids=BOTH), two) == "yes"
    assert again(rule("due_soon", days=0), known=facts(loans=(loan(overdue_paise=0, next_due_on=soon),))) is None


@pytest.mark.parametrize(("amount", "said"), [(None, "yes"), (49_999, "no"), (50_000, "yes"), (50_001, "no")])
def test_an_amount_named_is_the_ledgers_demand_to_the_paisa(amount: int | None, said: str) -> None:
    """Fifty thousand paise are demanded."""
    assert says(rule("demand"), intent(amount_paise=amount)) == said


def test_the_demand_is_of_all_loans_named() -> None:
    """Two loans add up; a demand that nobody knows is unknown; of no loan it is nothing."""
    two = facts(loans=(loan(), loan("L2", demand_paise=1)))
    assert says(rule("demand"), intent(loan_ids=BOTH, amount_paise=50_001), two) == "yes"
    unknown = facts(loans=(loan(), loan("L2", demand_paise=None)))
    assert says(rule("demand"), intent(loan_ids=BOTH, amount_paise=50_000), unknown) == "unknown"
    assert says(rule("demand"), intent(loan_ids=BOTH, amount_paise=50_000)) == "unknown"
    assert (says(rule("demand"), intent(loan_ids=(), amount_paise=1)), says(rule("demand"), intent(loan_ids=(), amount_paise=0))) == (
        "no",
        "yes",
    )


@pytest.mark.parametrize(("age", "said"), [(None, "unknown"), (-1, "yes"), (0, "yes"), (3, "yes"), (4, "no")])
def test_a_book_grows_too_old(age: int | None, said: str) -> None:
    """Exactly three days old passes."""
    assert says(rule("book_age", days=3), known=facts(book_as_of=None if age is None else TODAY - age * DAY)) == said


@pytest.mark.parametrize(
    ("legal", "approved", "limits", "said"),
    [
        (None, True, (0,), "unknown"),
        (False, False, (-1,), "yes"),
        (True, False, (0,), "no"),
        (True, True, (0,), "yes"),
        (True, True, (1, 0), "yes"),
        (True, True, (-1,), "no"),
        (True, True, (0, -1), "no"),
        (True, True, (0, None), "unknown"),
        (True, True, (-1, None), "no"),
    ],
)
def test_words_of_law_need_approval_and_a_loan_that_can_be_sued_on(
    legal: bool | None, approved: bool, limits: tuple[int | None, ...], said: str
) -> None:
    """Limits in days from today; the day itself is inside."""
    loans = tuple(loan(f"L{place}", limitation_on=None if limit is None else TODAY + limit * DAY) for place, limit in enumerate(limits))
    wanted = intent(loan_ids=tuple(one.loan_id for one in loans), legal_words=legal, legal_approved=approved)
    assert says(rule("legal_language"), wanted, facts(loans=loans)) == said


SESSION = rule("session", first=86_400)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(0), "yes"),
        (timedelta(seconds=86_399, microseconds=999_999), "yes"),
        (timedelta(seconds=86_400), "yes"),
        (timedelta(seconds=86_400, microseconds=1), "no"),
        (-MICROSECOND, "no"),
    ],
)
def test_a_session_lasts_exactly_a_day(ago: timedelta, said: str) -> None:
    """To the microsecond, both ends inside; a message dated ahead opens none before its time."""
    wanted = intent(channel=Channel.WHATSAPP, free_text=True)
    known = facts(last_inbound={Channel.WHATSAPP: NOON - ago}, template=False)
    assert says(SESSION, wanted, known) == said
    assert says(rule("template", first=86_400), wanted, known) == said
    assert says(rule("tier", first=86_400), wanted, facts(last_inbound=known.last_inbound, tier_limit=0)) == said
    if ago < timedelta(0):
        for row in (SESSION, rule("template", first=86_400)):
            assert again(row, wanted, known) == NOON - ago


def test_a_session_is_needed_for_free_words_and_for_answers() -> None:
    """Not for a template on WhatsApp, nor for free words elsewhere; a person who never wrote has none."""
    answer = Purpose.SESSION_ANSWER
    assert says(SESSION, intent(channel=Channel.WHATSAPP)) == "yes"
    assert says(SESSION, intent(channel=Channel.WHATSAPP, free_text=True)) == "no"
    assert says(SESSION, intent(channel=Channel.EMAIL, free_text=True)) == "yes"
    assert says(SESSION, intent(channel=Channel.SMS, purpose=answer)) == "no"
    assert says(SESSION, intent(channel=Channel.SMS, purpose=answer), facts(last_inbound={Channel.WHATSAPP: NOON})) == "no"
    assert says(SESSION, intent(channel=Channel.CALL, purpose=answer)) == "yes"


@pytest.mark.parametrize(("registered", "said"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_a_text_comes_from_a_registered_template(registered: bool | None, said: str) -> None:
    """A session frees WhatsApp alone, and only where the row gives it a length."""
    known = facts(template=registered, last_inbound={Channel.SMS: NOON, Channel.WHATSAPP: NOON})
    assert says(rule("template", first=86_400), intent(channel=Channel.SMS), known) == said
    assert says(rule("template"), intent(channel=Channel.WHATSAPP), known) == said
    assert says(rule("template", first=86_400), intent(channel=Channel.WHATSAPP), known) == "yes"


def test_free_words_never_come_from_a_template() -> None:
    """Whatever is said of a template; within a session WhatsApp needs none."""
    known = facts(template=True, last_inbound={Channel.SMS: NOON, Channel.WHATSAPP: NOON})
    for registered in (True, None):
        assert says(rule("template"), intent(channel=Channel.SMS, free_text=True), facts(template=registered)) == "no"
    assert says(rule("template", first=86_400), intent(channel=Channel.SMS, free_text=True), known) == "no"
    assert says(rule("template", first=86_400), intent(channel=Channel.WHATSAPP, free_text=True), known) == "yes"


@pytest.mark.parametrize(
    ("limit", "used", "already", "said"),
    [
        (None, 0, False, "unknown"),
        (10, 9, False, "yes"),
        (10, 10, False, "no"),
        (10, 10, True, "yes"),
        (10, 11, True, "no"),
        (0, 0, False, "no"),
    ],
)
def test_the_tier_counts_this_person_too(limit: int | None, used: int, already: bool, said: str) -> None:
    """Of ten persons the tenth is inside; one who is counted already is not counted twice."""
    known = facts(tier_limit=limit, tier_used=used, in_tier_already=already)
    assert says(rule("tier"), intent(channel=Channel.WHATSAPP), known) == said


@pytest.mark.parametrize(("offers", "said"), [(False, "yes"), (True, "no"), (None, "unknown")])
def test_a_text_carries_no_offer(offers: bool | None, said: str) -> None:
    """A text that nobody looked at is unknown."""
    assert says(rule("no_offer"), intent(offers=offers)) == said


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ("1599", "no"),
        ("1600", "yes"),
        ("1601", "no"),
        ("1605", "yes"),
        ("1606", "no"),
        ("0001600", "yes"),
        ("+1600", "no"),
        ("", "no"),
        ("१६००", "no"),
        (None, "unknown"),
    ],
)
def test_the_caller_id_is_of_a_series_that_the_row_lists(series: str | None, said: str) -> None:
    """Each by itself, not what lies between; in ASCII digits; what a person dials by hand passes, a machine never dials by hand."""
    row = rule("caller_id", series="1600 1605")
    assert says(row, intent(caller_series=series)) == said
    assert says(row, intent(caller_series=series, by_hand=True)) == "yes"
    assert says(row, intent(channel=Channel.BOT_CALL, caller_series=series, by_hand=True)) == said
    assert says(rule("caller_id"), intent(caller_series=series)) == "yes"


def test_a_hidden_caller_id_is_refused() -> None:
    """Also where a person dials by hand, and where no series is named."""
    for row in (rule("caller_id"), rule("caller_id", series="1600 1605")):
        assert says(row, intent(caller_hidden=True, by_hand=True)) == "no"


def test_a_permits_life_is_never_a_no() -> None:
    """It only ends the permit."""
    assert says(rule("permit_life", most=0)) == "yes"


@pytest.mark.parametrize(("when_unknown", "permitted"), [("block", False), ("strictest", False), ("not_applicable", True)])
def test_what_is_unknown_blocks_unless_the_row_says_otherwise(when_unknown: str, permitted: bool) -> None:
    """not_applicable lets the unknown pass, and the verdict says so; a known no stays a no."""
    unknown = facts(loans=(loan(overdue_paise=None),))
    rules = book(rule("overdue", when_unknown=when_unknown))
    decision = decide(intent(), unknown, rules)
    assert (decision.permitted, decision.verdicts[0].unknown) == (permitted, True)
    assert decide(intent(), facts(loans=(loan(overdue_paise=0),)), rules).refusing == ("overdue",)


def test_loan_types_are_read_from_open_loans() -> None:
    """A closed microfinance loan brings no microfinance rule."""
    row = rule("hours", loan_types="mfl")
    assert says(row, known=facts(loans=(loan(open=False), loan("L2", LoanType.OTHER)))) == "not asked"
