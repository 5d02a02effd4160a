"""What a committed day says of each person reaches the database: differences only, in batches, and the guard can be asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.publish_standing import (
    PublishedStandings,
    StandingRefusedError,
    _stops_of_death,
    publish_due,
    publish_standing,
)
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault, make_key
from sulah.daycycle.run import run_day
from sulah.guard.facts import Number, Whose
from sulah.guard.facts import Standing as Good
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import day_text, fixed_clock
from sulah.kernel.terms import Party, Role, StopEvent, StopScope
from sulah.records.audit import AuditEntry
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from tests.contact.people import RULES
from tests.village.cast import LAST_DAY, village_folder

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 22, 18, 45, tzinfo=UTC)
BY = machine("night run")


FIRST = LAST_DAY - timedelta(7)


@dataclass(frozen=True)
class Lived:
    """A lender's folder with two days of the village in it, and the rows of the records that belong to them."""

    lender: Lender
    rows: list[Load | DayRun]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Lived:
    """Two days of the village, loaded and run once; the rows are taken out of the database again."""
    root = tmp_path_factory.mktemp("village") / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "policy").mkdir()
    (root / "lender.toml").write_text('[lender]\nname = "Village"\nentity_type = "nbfc_mfi"\n[load]\noverdue_move_bps = 100000\n')
    lender, before = open_lender(root), settings.LENDER
    settings.LENDER = root
    with django_db_blocker.unblock(), transaction.atomic():
        for as_of in (FIRST, LAST_DAY):
            _live(lender, as_of)
        rows = [*Load.objects.order_by("as_of"), *DayRun.objects.order_by("as_of")]
        transaction.set_rollback(True)
    settings.LENDER = before
    return Lived(lender, rows)


def _live(lender: Lender, as_of: date) -> None:
    folder = village_folder(lender.root / "inbox" / as_of.isoformat(), as_of)
    clock = fixed_clock(NIGHT - (LAST_DAY - as_of))
    outcome = load_extract(lender, folder, as_of, actor="asha", clock=clock, code_version="test")
    assert outcome.report.state == "accepted", outcome.report.reasons
    load = current_load(as_of)
    assert load is not None
    run_day(lender, as_of, actor="asha", clock=clock, code="test", load=load)


@pytest.fixture
def lender(lived: Lived, monkeypatch: pytest.MonkeyPatch, db: None) -> Lender:
    """The village's lender with its rows."""
    monkeypatch.setattr(settings, "LENDER", lived.lender.root)
    for row in lived.rows:
        row.save(force_insert=True)
    return lived.lender


def day_of(as_of: date) -> DayRun:
    """The run of a day."""
    return DayRun.objects.get(as_of=as_of)


def publish(lender: Lender, run: DayRun, rules: ContactRules = RULES) -> PublishedStandings:
    """Publish in the night after the day."""
    return publish_standing(lender, run, rules, by=BY, clock=fixed_clock(NIGHT - (LAST_DAY - run.as_of)))


def test_a_day_is_published_once_and_the_next_writes_differences_only(lender: Lender) -> None:
    first = day_of(FIRST)
    done = publish(lender, first)
    assert done.changed == done.people == Standing.objects.count() > 15
    assert publish(lender, first).changed == 0
    second = publish(lender, day_of(LAST_DAY))
    assert 0 < second.changed < second.people
    assert [book.as_of for book in StandingBook.objects.all()] == [first.as_of, first.as_of, LAST_DAY]
    assert AuditEntry.objects.filter(act="standing.publish").count() == 3
    with pytest.raises(StandingRefusedError, match="lies before"):
        publish(lender, first)


def test_the_facts_of_a_person_are_those_of_the_day(lender: Lender) -> None:
    """Two loans, one of them bad; a number on file by its blind index; the centre on the book is an agreed place."""
    publish(lender, day_of(LAST_DAY))
    facts = gather_facts("V06", NIGHT)
    assert {loan.loan_id: bool(loan.overdue_paise) for loan in facts.loans} == {"VIL-06A": False, "VIL-06B": True}
    assert facts.book_as_of == LAST_DAY
    assert all(loan.parties == {"V06": Party.BORROWER} for loan in facts.loans if loan.open)
    assert (facts.person.state, facts.person.pincode, facts.person.agreed_place) == ("MH", "422003", True)
    assert list(facts.numbers.values()) == [Number(Whose.OWN, Good.GOOD)]
    assert gather_facts("V01", NIGHT).person.agreed_place is None


def test_no_number_stands_in_clear_and_its_index_is_the_same_for_every_spelling(lender: Lender) -> None:
    publish(lender, day_of(LAST_DAY))
    row = Standing.objects.get(pk="V01")
    index = Vault(lender).number_key
    assert set(row.numbers) != {index("+919999999999")}
    assert all(len(key) == 32 for key in row.numbers)
    assert not any("+91" in str(one.numbers) + str(one.loans) for one in Standing.objects.all())


def test_a_death_on_the_book_stops_contact_once_and_stays_lifted_when_it_was_lifted(lender: Lender) -> None:
    publish(lender, day_of(LAST_DAY))
    stops = {(stop.event, stop.scope) for stop in gather_facts("V07", NIGHT).stops}
    assert stops == {(StopEvent.DEATH, StopScope.PERSON), (StopEvent.DEATH, StopScope.LOAN)}
    assert AuditEntry.objects.filter(act="stop.raise", subject="borrower:V07").count() == 2
    for stop in Stop.objects.filter(person="V07"):
        stop.lifted_at, stop.lifted_by = NIGHT, "usha"
        stop.save()
    Standing.objects.filter(pk="V07").update(digest="e" * 64)
    assert publish(lender, day_of(LAST_DAY)).changed == 1
    assert gather_facts("V07", NIGHT).stops == ()
    assert AuditEntry.objects.filter(act="stop.raise", subject="borrower:V07").count() == 2


@pytest.mark.parametrize("party", [*Party, None])
def test_the_death_of_whoever_owes_a_loan_stops_it_and_of_nobody_else(party: Party | None) -> None:
    """A co-borrower's and a surety's too, as when somebody tells us of it."""
    (row,) = (rule.stop for rule in RULES.on(LAST_DAY).rules if rule.stop and (rule.stop.event, rule.stop.scope) == ("death", "loan"))
    loans = [{"loan_id": "L1", "parties": {"P": party, "Q": Party.BORROWER}}, {"loan_id": "L2", "parties": {"Q": Party.BORROWER}}]
    one = SimpleNamespace(person="P", loans=loans, deceased_on=LAST_DAY)
    stopped = [stop.key for stop in _stops_of_death(one, row, BY, NIGHT)]  # type: ignore[arg-type]
    assert stopped == (["L1"] if party in (Party.BORROWER, Party.CO_BORROWER, Party.GUARANTOR) else [])


def test_the_book_lifts_a_payment_that_it_can_know_of_and_no_later_one(lender: Lender) -> None:
    """Paid on the evening of the extract's day: lifted.  Paid after midnight: the next book's."""
    run = day_of(LAST_DAY)
    for key, at in (("VIL-02", NIGHT - timedelta(hours=1)), ("VIL-03", NIGHT)):
        Stop.objects.create(event="paid", scope="loan", key=key, since=at, reason="paid", taken_at=at, raised_by="x")
    assert publish(lender, run).lifted == 1
    assert Stop.objects.get(key="VIL-02").lifted_by == "book"
    assert AuditEntry.objects.get(act="stop.lift").after == {"reason": f"the book of {day_text(LAST_DAY)}"}
    assert Stop.objects.get(key="VIL-03").lifted_at is None


def test_whoever_is_gone_from_the_book_has_no_loan_any_more(lender: Lender) -> None:
    publish(lender, day_of(LAST_DAY))
    Standing.objects.create(person="GONE", loans=[{"loan_id": "X"}], digest="d" * 64)
    assert publish(lender, day_of(LAST_DAY)).gone == 1
    gone = Standing.objects.get(pk="GONE")
    assert (gone.loans, gone.digest) == ([], "")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_the_run_or_an_administrator_of_the_whole_lender_publishes(lender: Lender, role: Role) -> None:
    for by in (Actor("x", role), Actor("x", Role.ADMINISTRATOR, ("BR1",))):
        with pytest.raises(NotPermittedError):
            publish_standing(lender, DayRun(as_of=LAST_DAY), RULES, by=by, clock=fixed_clock(NIGHT))
    assert not StandingBook.objects.exists()


def test_the_last_day_is_published_when_it_is_due(lender: Lender) -> None:
    done = publish_due(lender, RULES, by=BY, clock=fixed_clock(NIGHT))
    assert done is not None
    assert StandingBook.objects.get().as_of == LAST_DAY
    assert publish_due(lender, RULES, by=BY, clock=fixed_clock(NIGHT)) is None
