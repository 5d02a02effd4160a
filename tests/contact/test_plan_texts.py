"""What is planned is an approved text of the library, with just the sentences that apply, and what it says is read anew when it is sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact.approve_text import TextRefusedError, retire_text
from sulah.actions.contact.engage_agent import dismiss_agent, engage_agency, engage_agent
from sulah.actions.contact.missing_texts import named, what_to_do
from sulah.actions.contact.review_language import digest_of, sign_off_language
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact.texts_in_force import in_force, registered
from sulah.actions.contact_borrower import Sender, contact_borrower, open_channels, sealed_message
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.keep_link import LinkRefusedError, end_link, keep_link
from sulah.actions.plan_messages import DayPlan, plan_messages, told
from sulah.actions.read_anew import Anew, read_anew
from sulah.actions.sentences import settings_of, token_of
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, ContactState, Purpose, Role
from sulah.outreach.configured import Channels, configured
from sulah.outreach.sms.settings import SmsSettings
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.link import ShortLink
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.queue import claim
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.text import TextVersion
from tests.contact.approved import SECOND, TEXTS, approve, approve_own, row_of
from tests.contact.small_day import NIGHT, Lived, lived_once
from tests.outbox.place import SECRETS

pytestmark = pytest.mark.django_db
BY = machine("planner")
CLOCK = fixed_clock(NIGHT)
MORNING = datetime(2026, 11, 23, 10, tzinfo=IST)
GATEWAY = "https://rzp.example/i/aB3"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Lived:
    """The day, loaded and run once."""
    return lived_once(tmp_path_factory.mktemp("texts") / "lender", django_db_blocker.unblock(), TEXTS)


@pytest.fixture
def lender(lived: Lived, monkeypatch: pytest.MonkeyPatch, db: None) -> Lender:
    """The lender with its rows, the day published; no text is approved yet."""
    return lived.published(monkeypatch)


def as_set_up(lender: Lender) -> Channels:
    return configured(lender.settings, SECRETS)


def channels(lender: Lender) -> Channels:
    return in_force(as_set_up(lender), ("kaveri.example", "pay.kaveri.example"))


def plan(lender: Lender, at: datetime = MORNING) -> DayPlan:
    """Plan and queue with the approved texts."""
    return plan_messages(lender, channels(lender), rulebook_of(lender), queue=True, by=BY, clock=fixed_clock(at))


def body(lender: Lender, person: str) -> str:
    """What the person would read."""
    row = Outbox.objects.get(person=person)
    return channels(lender)[Channel.SMS].templates[row.template].body(sealed_message(Vault(lender), row).values)


def charge(person: str, paise: int) -> None:
    """So much of what is overdue is a charge."""
    row = Standing.objects.get(pk=person)
    row.loans = [{**loan, "charge_paise": paise} for loan in row.loans]
    row.save()


def met(person: str, agent: str, days_ago: int = 5) -> None:
    """An officer visited the person and met her."""
    at = MORNING - timedelta(days=days_ago)
    Contact.objects.create(
        intent=f"visit-{person}-{agent}-{days_ago}", person=person, channel="visit", contact_class="visit", purpose="recovery", at=at,
        source="ours", agent=agent, state=ContactState.CONNECTED.value, state_at=at,
    )  # fmt: skip


def early(*sentences: str, number: int = 51, language: str = "en") -> TextVersion:
    return approve(row_of("overdue_early", language), number, CLOCK, sentences)


def test_without_an_approved_text_nothing_is_queued_and_it_is_said_which_one_is_missing(lender: Lender) -> None:
    """lender.toml holds a text of its own that would do; nobody approved it.  The trail holds the same words."""
    done = plan(lender)
    assert (told(done.tallies[Purpose.RECOVERY])["no_template"], Outbox.objects.count()) == (4, 0)
    said = {named(one): (people, what_to_do(one, channels(lender))) for one, people in done.missing.items()}
    assert said["overdue_early, in Hindi, for SMS"][0] == 2
    people, words = said["overdue_early, in Tamil, for SMS"]
    assert (people, sum(one[0] for one in said.values())) == (1, 4)
    assert words.startswith("Draft it on the text bench (Contact, Texts), register it, submit it with its registration;")
    entry = AuditEntry.objects.filter(act="message.plan").latest("id")
    assert entry.after["texts_missing"].items() >= {"overdue_early sms hi": 2, "overdue_early sms ta": 1}.items()


def test_a_reminder_for_which_no_text_may_go_is_said_to_be_left_out(lender: Lender) -> None:
    """Nobody need remind; but it is told, and ends with the first approved text."""
    assert plan(lender).silent == ("pre_due", "promise")
    approve(row_of("pre_due"), 61, CLOCK)
    assert plan(lender).silent == ("promise",)


def test_an_approved_text_of_her_language_is_what_goes(lender: Lender) -> None:
    """V10 reads Hindi; the others read Tamil, in which nothing is approved, and get English."""
    early()
    early(number=52, language="hi")
    assert told(plan(lender).tallies[Purpose.RECOVERY])["queued"] == 3
    rows = dict(Outbox.objects.values_list("person", "template"))
    assert rows == {"V04": "overdue_early_sms_en_1", "V05": "overdue_early_sms_en_1", "V10": "overdue_early_sms_hi_1"}
    assert body(lender, "V04").startswith("Rs ")
    assert "Complaints: 18001230000. To stop, SMS STOP to 9215512345. - Kaveri" in body(lender, "V04")


def test_what_to_do_follows_the_text_on_its_way(lender: Lender) -> None:
    """Submitted, drafted, approved without a number of the gateway: each names the next thing to do."""
    version = early()
    (missing, *_) = [one for one in plan_of_nothing(lender).missing if one.language == "ta"]
    in_english = replace(missing, language="en")
    for state, words in (("submitted", "A second person of compliance"), ("draft", "submit it with its registration")):
        TextVersion.objects.filter(pk=version.pk).update(state=state, seal="")
        assert words.lower() in what_to_do(in_english, channels(lender)).lower()
    TextVersion.objects.filter(pk=version.pk).update(state="approved", provider_ids={}, seal="")
    assert "no number at one" in what_to_do(in_english, channels(lender))


def plan_of_nothing(lender: Lender) -> DayPlan:
    """A plan without any text in force."""
    bare = {name: replace(one, templates={}) for name, one in as_set_up(lender).items()}
    return plan_messages(lender, bare, rulebook_of(lender), queue=False, by=BY, clock=fixed_clock(MORNING))


def test_a_gateway_that_wants_a_number_of_its_own_gets_no_text_without_it(lender: Lender) -> None:
    approve(row_of("overdue_early"), 51, CLOCK, gateway="another")
    assert told(plan(lender).tallies[Purpose.RECOVERY])["queued"] == 0


def test_a_text_of_lender_toml_goes_once_a_second_person_approved_it_and_while_it_reads_so(lender: Lender) -> None:
    waits = approve_own(as_set_up(lender), CLOCK)
    assert [row.name for row in waits] == ["own:due", "own:receipt"]
    assert (waits[0].dlt_template_id, waits[0].sms_header, waits[0].provider_ids["one"]) == ("1107160000000000001", "KAVERI", "T-1")
    assert set(channels(lender)[Channel.SMS].templates) == {"due", "receipt"}
    sms = as_set_up(lender)[Channel.SMS]
    for said in ({"text": "Rs {#var#} is due on loan {#var#}! Kaveri (simulated)"}, {"registered_id": "1107160000000000009"}):
        changed = {**sms.templates, "due": replace(sms.templates["due"], **said)}
        assert set(in_force({Channel.SMS: replace(sms, templates=changed)})[Channel.SMS].templates) == {"receipt"}
    assert told(plan(lender).tallies[Purpose.RECOVERY])["queued"] == 3
    assert set(Outbox.objects.values_list("template", flat=True)) == {"due"}


def test_what_is_retired_is_sent_no_more_at_once_also_where_it_waits(lender: Lender) -> None:
    """The mapping that a worker holds since yesterday is read again after the act; what waits is not sent."""
    version, held = early(), channels(lender)
    plan(lender)
    row = Outbox.objects.get(person="V04")
    assert read_anew(row, sealed_message(Vault(lender), row), held, settings_of(lender)).words == ""
    retire_text(version.pk, reason="a wrong word", by=SECOND, clock=CLOCK)
    assert dict(held[Channel.SMS].templates) == {}
    words = read_anew(row, sealed_message(Vault(lender), row), held, settings_of(lender)).words
    assert words == "The text overdue_early_sms_en_1 is not approved."
    assert "overdue_early_sms_en_1" in registered(as_set_up(lender))[Channel.SMS].templates


def test_the_penal_charge_is_named_exactly_where_there_is_one(lender: Lender) -> None:
    """PEN-MSG.  Of two people one has a charge in what is overdue: she gets the text with the sentence, the other the one without."""
    charge("V04", 50_00)
    early()
    assert told(plan(lender).tallies[Purpose.RECOVERY])["queued"] == 2
    assert not Outbox.objects.filter(person="V04").exists()
    early("penal", number=52)
    plan(lender)
    assert "This includes a penal charge of Rs 50." in body(lender, "V04")
    assert "penal" not in body(lender, "V05")


@pytest.mark.parametrize(("line", "queued", "unnamed"), [("", 2, 1), ('charges = "other"', 3, 0), ('charges = "penal"', 2, 0)])
def test_whether_charges_are_penal_is_the_lenders_to_say(lender: Lender, line: str, queued: int, unnamed: int) -> None:
    """Unsaid, whoever has a charge gets no reminder: it could neither name the charge truly nor leave it out."""
    charge("V04", 50_00)
    early()
    path = lender.root / "lender.toml"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('charges = "penal"', line), "utf-8")
    try:
        tally = told(plan(open_lender(lender.root)).tallies[Purpose.RECOVERY])
    finally:
        path.write_text(whole, "utf-8")
    assert (tally["queued"], tally["charge_not_named"]) == (queued, unnamed)


def test_the_officer_is_named_where_she_has_met_him_and_he_is_still_hers(lender: Lender) -> None:
    office = Actor("dev", Role.COMPLIANCE)
    engage_agency("AG", "Setu", by=office, clock=CLOCK)
    for agent, name, of in (("F1", "Lakshmi Rao", ""), ("F2", "Gone Person", ""), ("A1", "Agency Person", "AG")):
        engage_agent(agent, name, agency_id=of, by=office, clock=CLOCK)
    met("V04", "A1", 9)
    met("V04", "F1")
    met("V05", "A1")
    met("V10", "F2")
    dismiss_agent("F2", by=office, clock=CLOCK)
    early()
    early("officer", number=52)
    assert told(plan(lender).tallies[Purpose.RECOVERY])["queued"] == 3
    assert "Your loan officer is Lakshmi Rao." in body(lender, "V04")
    assert all("officer" not in body(lender, person) for person in ("V05", "V10"))


def test_a_payment_link_is_named_where_there_is_one_by_an_address_of_the_messages_own(lender: Lender) -> None:
    (loan,) = Standing.objects.get(pk="V04").loans
    kept = keep_link(loan["loan_id"], "plink-1", GATEWAY, until=MORNING + timedelta(days=3), by=BY, clock=CLOCK)
    assert keep_link(loan["loan_id"], "plink-1", GATEWAY, until=MORNING + timedelta(days=3), by=BY, clock=CLOCK) == kept
    early()
    early("link", number=52)
    plan(lender)
    row, short = Outbox.objects.get(person="V04"), ShortLink.objects.get()
    assert (short.message, short.link_id, short.token) == (row.reference, kept.pk, token_of(Vault(lender), kept, row.reference))
    assert f"Pay here: https://kaveri.example/p/{short.token}" in body(lender, "V04")
    assert "Pay here" not in body(lender, "V05")


@pytest.mark.parametrize("gone", ["ended", "over"])
def test_a_link_that_can_be_paid_by_no_more_is_not_named(lender: Lender, gone: str) -> None:
    """Ended by whoever made it, or over before the day's messages have gone."""
    (loan,) = Standing.objects.get(pk="V04").loans
    until = MORNING + (timedelta(hours=6) if gone == "over" else timedelta(days=3))
    keep_link(loan["loan_id"], "plink-1", GATEWAY, until=until, by=BY, clock=CLOCK)
    if gone == "ended":
        end_link("plink-1", by=BY, clock=CLOCK)
    early()
    plan(lender)
    assert Outbox.objects.get(person="V04").template == "overdue_early_sms_en_1"


Refused = Callable[[], object]


def test_a_link_that_leads_anywhere_or_moves_is_refused() -> None:
    until = MORNING + timedelta(days=3)
    keep_link("L1", "plink-1", GATEWAY, until=until, by=BY, clock=CLOCK)
    for loan, address, ends in (("L1", "http://rzp.example/i", until), ("L2", GATEWAY, until), ("L1", "https://x.example/i", until)):
        with pytest.raises(LinkRefusedError):
            keep_link(loan, "plink-1", address, until=ends, by=BY, clock=CLOCK)
    with pytest.raises(LinkRefusedError, match="is over"):
        keep_link("L1", "plink-2", GATEWAY, until=NIGHT, by=BY, clock=CLOCK)
    with pytest.raises(NotPermittedError):
        keep_link("L1", "plink-3", GATEWAY, until=until, by=Actor("eka", Role.AGENT), clock=CLOCK)


def anew(lender: Lender, person: str = "V04") -> Anew:
    """What would be sent to the person now."""
    row = Outbox.objects.get(person=person)
    return read_anew(row, sealed_message(Vault(lender), row), channels(lender), settings_of(lender))


def owes(person: str, paise: int, **said: Any) -> None:
    """A later book says that so much is demanded."""
    row = Standing.objects.get(pk=person)
    row.loans, row.as_of = [{**loan, "demand_paise": paise, "overdue_paise": paise, **said} for loan in row.loans], date(2026, 11, 23)
    row.save()
    StandingBook.objects.create(as_of=date(2026, 11, 23), run_path="days/later", published_at=MORNING, published_by="x")


def test_the_amount_is_that_of_the_moment_of_sending(lender: Lender) -> None:
    early()
    plan(lender)
    assert (anew(lender).changed, anew(lender).words) == (False, "")
    owes("V04", 777_00)
    fresh = anew(lender)
    text = channels(lender)[Channel.SMS].templates[fresh.message.template].body(fresh.message.values)
    assert text.startswith("Rs 777 was overdue on your loan ending IL04 as on 23 Nov 2026.")
    assert (fresh.intent.amount_paise, fresh.changed) == (777_00, True)
    owes("V04", 0)
    assert not anew(lender).changed  # the guard refuses it: nothing is overdue


def test_a_reminder_is_held_back_where_a_later_book_says_something_else_of_her(lender: Lender) -> None:
    """Of the due date and its amount the records hold nothing to read again: the next plan says it right."""
    early()
    plan(lender)
    row = Outbox.objects.get(person="V04")
    row.purpose, row.queued_at = "pre_due", MORNING - timedelta(minutes=1)
    message = sealed_message(Vault(lender), row)
    assert read_anew(row, message, channels(lender), settings_of(lender)).words == ""
    owes("V05", 777_00)
    assert read_anew(row, message, channels(lender), settings_of(lender)).words == ""
    owes("V04", 777_00)
    assert read_anew(row, message, channels(lender), settings_of(lender)).words.endswith("plan again.")


def test_a_penal_charge_that_came_in_between_brings_its_sentence_or_keeps_the_message_back(lender: Lender) -> None:
    early()
    plan(lender)
    owes("V04", 777_00, charge_paise=20_00)
    assert anew(lender).words == "No text overdue_early with a penal charge is approved in en."
    early("penal", number=52)
    fresh = anew(lender)
    assert fresh.message.template == "overdue_early_penal_sms_en_1"
    text = channels(lender)[Channel.SMS].templates[fresh.message.template].body(fresh.message.values)
    assert "Rs 777 " in text
    assert "This includes a penal charge of Rs 20." in text
    owes("V04", 757_00, charge_paise=0)
    assert anew(lender).message.template == "overdue_early_sms_en_1"


def test_what_is_sent_counted_and_kept_is_what_the_ledger_says_at_that_moment(lender: Lender) -> None:
    """Through worker, guard and a gateway: the borrower reads the new amount, and so does whoever opens the thread."""
    early()
    plan(lender)
    owes("V04", 777_00)
    settings = as_set_up(lender)[Channel.SMS].settings
    assert isinstance(settings, SmsSettings)
    sandbox = Sandbox(Gateway(replace(settings, templates=dict(channels(lender)[Channel.SMS].templates)), settings.provider("one"),
                              fixed_clock(MORNING)), Faults(0))  # fmt: skip
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        near = tuple(replace(one, address=f"http://127.0.0.1:{server.server_address[1]}") for one in settings.providers)
        raw = {Channel.SMS: replace(as_set_up(lender)[Channel.SMS], settings=replace(settings, providers=near))}
        held, vault = in_force(raw), Vault(lender)
        ledger = GuardedLedger(lender, lambda: rulebook_of(lender).rules, BY)
        sender = Sender("w1", "s", vault, open_channels(held), held, ledger, fixed_clock(MORNING), texts=settings_of(lender))
        (row,) = [one for one in claim("w1", MORNING, 9, 60) if one.person == "V04"]
        assert contact_borrower(sender, row) == "sent"
        (kept,) = sandbox.gateway.kept
    finally:
        sandbox.over.set()
        server.shutdown()
        server.server_close()
    assert kept.text.startswith("Rs 777 was overdue on your loan ending IL04 as on 23 Nov 2026.")
    row.refresh_from_db()
    assert (row.state, row.intent["amount_paise"]) == ("sent", 777_00)
    assert body(lender, "V04") == kept.text


def test_a_rich_text_waits_for_its_native_reader_and_a_reply_of_the_library_is_a_step_text_like_any(lender: Lender) -> None:
    """V10 is on the third step, whose first choice is a rich text: without the sign-off of a language the plain one goes."""
    early()
    approve(row_of("overdue_late"), 53, CLOCK)
    plan(lender)
    assert Outbox.objects.get(person="V10").template == "overdue_early_sms_en_1"
    Outbox.objects.filter(person="V10").delete()
    sign_off_language("en", digest_of("en"), reader="A. Reader", read_on=date(2026, 11, 1), by=SECOND, clock=CLOCK)
    plan(lender)
    assert Outbox.objects.get(person="V10").template == "overdue_late_sms_en_1"


def test_an_own_text_that_waits_is_not_submitted_twice(lender: Lender) -> None:
    approve_own(as_set_up(lender), CLOCK)
    with pytest.raises(TextRefusedError, match="submitted as it stands"):
        approve_own(as_set_up(lender), CLOCK)
