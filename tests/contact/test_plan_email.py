"""The e-mail column of the extract becomes an address of the person: on file, planned by, shown masked, and never a number to be called."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from sulah.actions.contact.publish_standing import publish_due
from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact.texts_in_force import in_force
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.actions.plan_messages import plan_messages
from sulah.actions.reachable_numbers import shared_addresses
from sulah.actions.talk.learn_numbers import NumberFinding, learn_numbers
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import MOST_BORROWERS
from sulah.daycycle.run import run_day
from sulah.guard.facts import Standing as Good
from sulah.guard.facts import Whose
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel
from sulah.outreach.configured import configured
from sulah.outreach.email.settings import EmailSettings
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.task import PersonNumber, Task
from tests.channels.mail_place import SECRETS as MAIL_SECRETS
from tests.channels.mail_place import email_toml
from tests.contact.approved import TEXTS, approve, row_of
from tests.contact.people import RULES
from tests.contact.small_day import DEAD_LINE, NIGHT, small_extract, small_lender
from tests.contact.test_plan_texts import BY, CLOCK, MORNING
from tests.outbox.place import SECRETS
from tests.village.cast import LAST_DAY

pytestmark = pytest.mark.django_db
ADDRESS = "Asha.Rao@Mail.Example"


@pytest.fixture
def lender(tmp_path: Path, settings: pytest.FixtureRequest) -> Lender:
    """The village, where the one whose only number is a fixed line has an e-mail address, and another one that is none."""
    lender = small_lender(tmp_path / "lender", TEXTS)
    settings.LENDER = lender.root  # type: ignore[attr-defined]
    folder = small_extract(lender.root / "inbox" / "day")
    _with_addresses(folder / "borrower.csv", {DEAD_LINE: f" {ADDRESS} ", "V04": "no address"})
    load_extract(lender, folder, LAST_DAY, actor="asha", clock=CLOCK, code_version="test")
    load = current_load(LAST_DAY)
    assert load is not None
    run_day(lender, LAST_DAY, actor="asha", clock=CLOCK, code="test", load=load)
    assert publish_due(lender, RULES, by=BY, clock=CLOCK) is not None
    return open_lender(lender.root)


def _with_addresses(path: Path, addresses: dict[str, str]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        people = [{**row, "email": addresses.get(row["borrower_id"], "")} for row in csv.DictReader(file)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)


def queued(lender: Lender, at: datetime = MORNING) -> dict[str, str]:
    """Plan with approved texts for SMS and e-mail; the channel of each person."""
    given = configured({**lender.settings, **email_toml()}, {**SECRETS, **MAIL_SECRETS})
    channels = {name: one for name, one in in_force(given, ("kaveri.example",)).items() if name in (Channel.SMS, Channel.EMAIL)}
    plan_messages(lender, channels, rulebook_of(lender), queue=True, by=BY, clock=fixed_clock(at))
    return dict(Outbox.objects.values_list("person", "channel"))


def test_an_address_of_the_extract_is_on_file_as_the_persons_own_and_nobody_has_tried_it(lender: Lender) -> None:
    key = Vault(lender).number_key(ADDRESS.lower())
    known = numbers_of(standings_of([DEAD_LINE, "V04"]))
    assert (known[DEAD_LINE][key].whose, known[DEAD_LINE][key].standing) == (Whose.OWN, Good.UNKNOWN)
    assert len(known["V04"]) == 1
    assert PersonNumber.objects.get(number_key=key).person == DEAD_LINE


def test_who_has_only_an_address_gets_an_approved_email_with_its_subject(lender: Lender) -> None:
    approve(row_of("overdue_early"), 51, CLOCK)
    approve(row_of("overdue_early", channel="email"), 52, CLOCK)
    assert queued(lender)[DEAD_LINE] == "email"
    row = Outbox.objects.get(person=DEAD_LINE)
    message = sealed_message(Vault(lender), row)
    assert (row.template, message.to) == ("overdue_early_email_en_1", ADDRESS.lower())
    given = configured({**lender.settings, **email_toml()}, {**SECRETS, **MAIL_SECRETS})[Channel.EMAIL]
    settings = in_force({Channel.EMAIL: given})[Channel.EMAIL].settings
    assert isinstance(settings, EmailSettings)
    subject, _, text = settings.template(row.template).body(message.values).partition("\n")
    assert subject == "A message from Kaveri"
    assert "To get no more of these e-mails, answer with STOP." in text


def test_an_address_of_more_people_than_a_household_is_nobodys(lender: Lender) -> None:
    key = Vault(lender).number_key(ADDRESS.lower())
    PersonNumber.objects.bulk_create([PersonNumber(number_key=key, person=f"X{n}") for n in range(MOST_BORROWERS - 1)])
    assert shared_addresses([DEAD_LINE]) == frozenset()
    PersonNumber.objects.create(number_key=key, person="X9")
    assert shared_addresses([DEAD_LINE]) == {key}
    approve(row_of("overdue_early", channel="email"), 52, CLOCK)
    assert DEAD_LINE not in queued(lender)


def test_who_has_only_an_address_still_gets_a_task_to_find_a_number(lender: Lender) -> None:
    """An address cannot be called."""
    one = Task.objects.filter(person=DEAD_LINE, kind="find_number")
    assert not one.exists()
    (number,) = [key for key, said in standings_of([DEAD_LINE])[DEAD_LINE].numbers.items() if len(said) == 2]
    NumberStanding.objects.create(person=DEAD_LINE, number_key=number, standing="invalid", source="x", recorded_at=NIGHT, recorded_by="x")
    found = learn_numbers(lender, since=None, by=BY, clock=fixed_clock(MORNING.astimezone(IST)))
    assert found[NumberFinding.NO_NUMBER] >= 1
    assert one.count() == 1
