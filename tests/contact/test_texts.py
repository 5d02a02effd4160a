"""The way of a text: drafted, submitted, approved by a second person, retired; and a language signed off by its native reader."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact.approve_text import (
    Linted,
    Registration,
    TextRefusedError,
    approve_text,
    draft_text,
    give_back_text,
    retire_text,
    sha256_of,
    submit_text,
)
from sulah.actions.contact.read_texts import template_of_version
from sulah.actions.contact.review_language import (
    ReviewRefusedError,
    digest_of,
    reviewed_languages,
    sign_off_language,
    withdraw_language,
)
from sulah.actions.pick_template import chosen, texts_for
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.outreach.configured import Configured
from sulah.outreach.house import TextSettings
from sulah.outreach.template import Template
from sulah.policy.talk.steps import step_rows
from sulah.policy.text_rows import TextRow, text_rows
from sulah.records.audit import AuditEntry
from sulah.records.contact.text import APPROVED, LanguageReview, TextApproval, TextVersion
from sulah.records.seal import sealed_models
from tests.contact.people import NOON
from tests.outreach.house import KAVERI, VALUES

pytestmark = pytest.mark.django_db

CLOCK = fixed_clock(NOON)
LATER = fixed_clock(NOON + timedelta(days=30))
WRITER, SECOND, THIRD = Actor("asha", Role.LEGAL), Actor("bela", Role.COMPLIANCE), Actor("chitra", Role.COMPLIANCE)
DLT = Registration("1107160000000000001", "KAVERI", {"msg91": "64f0c2"})
SETTINGS = TextSettings(KAVERI, "hi")
TODAY = date(2026, 11, 25)


def clean(version: TextVersion) -> Linted:
    """A linter that found nothing; what linters find is the linter's own test."""
    return Linted(blocked=not version.text)


def strict(version: TextVersion) -> Linted:
    """A linter that knows one rule."""
    words = "police" in version.text
    found = ({"rule_id": "LINT-EN-1", "why": "It speaks of police.", "suggestion": "Leave it out."},) if words else ()
    return Linted(words, found)


def row_of(name: str = "overdue_early", language: str = "en", channel: str = "sms") -> TextRow:
    """A row of the library."""
    return next(row for row in text_rows(language) if (row.name, row.channel) == (name, channel))


def drafted(row: TextRow | None = None, sentences: tuple[str, ...] = (), by: Actor = WRITER) -> TextVersion:
    """A draft."""
    return draft_text(row or row_of(), sentences, house=KAVERI, by=by, clock=CLOCK)


def submitted(row: TextRow | None = None, dlt: str = DLT.dlt_template_id, sentences: tuple[str, ...] = ()) -> TextVersion:
    """A text that waits for a second person."""
    draft = drafted(row, sentences)
    return submit_text(draft.pk, replace(DLT, dlt_template_id=dlt), lint=clean, by=WRITER, clock=CLOCK)


def approved(row: TextRow | None = None, dlt: str = DLT.dlt_template_id, sentences: tuple[str, ...] = ()) -> TextVersion:
    """A text that may be sent."""
    waits = submitted(row, dlt, sentences)
    return approve_text(waits.pk, waits.sha256, by=SECOND, clock=CLOCK)


def test_a_text_goes_from_draft_to_approved_by_two_people_and_each_step_is_written_down() -> None:
    """States, acts and audit entries, with the digest of what was approved."""
    text = approved()
    assert (text.state, text.author, text.drafted_by, text.approved_by) == ("approved", "Sulah project (draft)", "asha", "bela")
    assert list(text.acts.values_list("kind", "by")) == [("draft", "asha"), ("submit", "asha"), ("approve", "bela")]
    entries = AuditEntry.objects.filter(subject="text:overdue_early:sms:en")
    assert [entry.act for entry in entries] == ["text.draft", "text.submit", "text.approve"]
    assert {entry.after["sha256"] for entry in entries} == {text.sha256}
    assert entries[2].after["dlt_template_id"] == DLT.dlt_template_id


@pytest.mark.parametrize(
    "by", [Actor("asha", Role.COMPLIANCE), Actor("dev", Role.COMPLIANCE), Actor("Sulah project (draft)", Role.COMPLIANCE)]
)
def test_whoever_wrote_drafted_or_submitted_a_text_does_not_approve_it(by: Actor) -> None:
    """Author, drafter and submitter are all first persons."""
    draft = drafted(by=Actor("dev", Role.COMPLIANCE))
    waits = submit_text(draft.pk, DLT, lint=clean, by=WRITER, clock=CLOCK)
    with pytest.raises(TextRefusedError, match="another person must approve it"):
        approve_text(waits.pk, waits.sha256, by=by, clock=CLOCK)
    assert TextVersion.objects.get().state == "submitted"
    assert approve_text(waits.pk, waits.sha256, by=THIRD, clock=CLOCK).state == "approved"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMPLIANCE])
def test_only_compliance_approves_gives_back_and_retires(role: Role) -> None:
    """Every other role is refused, with the role to ask."""
    waits = submitted()
    with pytest.raises(NotPermittedError, match="compliance"):
        approve_text(waits.pk, waits.sha256, by=Actor("eka", role), clock=CLOCK)
    with pytest.raises(NotPermittedError):
        give_back_text(waits.pk, reason="no", by=Actor("eka", role), clock=CLOCK)
    with pytest.raises(NotPermittedError):
        retire_text(waits.pk, reason="no", by=Actor("eka", role), clock=CLOCK)


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD_OFFICER, Role.VALIDATOR, Role.AGENCY, Role.INSPECTOR])
def test_people_outside_of_the_office_draft_nothing(role: Role) -> None:
    """Nor does the machine, nor somebody of one branch: a text is the whole lender's."""
    with pytest.raises(NotPermittedError):
        drafted(by=Actor("eka", role))
    with pytest.raises(NotPermittedError):
        drafted(by=Actor("eka", Role.SUPERVISOR, ("BR-SALEM",)))
    with pytest.raises(TextRefusedError, match="A person must draft a text"):
        drafted(by=machine("worker"))


def test_a_text_that_the_linter_blocks_stays_a_draft_and_says_why() -> None:
    """Neither state nor registration changes."""
    row = row_of()
    draft = drafted(replace(row, text=row.text.replace("thank you", "the police will thank you")))
    with pytest.raises(TextRefusedError, match=r"It speaks of police\. Leave it out\."):
        submit_text(draft.pk, DLT, lint=strict, by=WRITER, clock=CLOCK)
    draft.refresh_from_db()
    assert (draft.state, draft.dlt_template_id) == ("draft", "")


def test_what_the_linter_said_is_kept_with_the_text() -> None:
    """Also where it did not block."""

    def found(version: TextVersion) -> Linted:
        return Linted(blocked=False, findings=({"rule_id": "LINT-EN-9", "why": version.language},))

    draft = drafted()
    submit_text(draft.pk, DLT, lint=found, by=WRITER, clock=CLOCK)
    draft.refresh_from_db()
    assert draft.lint == {"blocked": False, "findings": [{"rule_id": "LINT-EN-9", "why": "en"}]}


@pytest.mark.parametrize(
    ("registration", "words"),
    [
        (Registration("110716000000000000", "KAVERI"), "19 digits"),
        (Registration("11071600000000000012", "KAVERI"), "19 digits"),
        (Registration("110716000000000000a", "KAVERI"), "19 digits"),
        (Registration(DLT.dlt_template_id, "KAVER"), "six letters"),
        (Registration(DLT.dlt_template_id, "KAVER1"), "six letters"),
        (Registration(DLT.dlt_template_id, "KAVERIS"), "six letters"),
    ],
)
def test_an_sms_is_submitted_with_its_whole_registration(registration: Registration, words: str) -> None:
    """One digit or letter fewer, more or wrong is refused."""
    draft = drafted()
    with pytest.raises(TextRefusedError, match=words):
        submit_text(draft.pk, registration, lint=clean, by=WRITER, clock=CLOCK)


def test_two_texts_never_share_a_registration() -> None:
    """The operator matches a text against one template."""
    approved()
    draft = drafted(sentences=("penal",))
    with pytest.raises(TextRefusedError, match="the one of overdue_early in en, version 1"):
        submit_text(draft.pk, DLT, lint=clean, by=WRITER, clock=CLOCK)


def test_another_wording_is_another_version_and_retires_the_one_before_when_approved() -> None:
    """To the letter: one full stop more is another text; the same text again is refused."""
    first = approved()
    with pytest.raises(TextRefusedError, match="like a version that there is already"):
        drafted()
    row = row_of()
    second = submitted(replace(row, text=row.text.replace("thank you.", "thank you..")), "1107160000000000002")
    assert (first.version, second.version) == (1, 2)
    assert first.sha256 != second.sha256
    approve_text(second.pk, second.sha256, by=SECOND, clock=CLOCK)
    first.refresh_from_db()
    assert first.state == "retired"
    assert list(first.acts.values_list("kind", "reason"))[-1] == ("retire", "replaced by version 2")


def test_an_approver_approves_what_was_looked_at() -> None:
    """A digest of another reading is refused, and so is a text whose letters were changed behind the records."""
    waits = submitted()
    with pytest.raises(TextRefusedError, match="reads otherwise"):
        approve_text(waits.pk, "0" * 64, by=SECOND, clock=CLOCK)
    waits.text += " Pay now."
    waits.save()
    with pytest.raises(TextRefusedError, match="reads otherwise"):
        approve_text(waits.pk, waits.sha256, by=SECOND, clock=CLOCK)
    assert sha256_of(waits) != waits.sha256


def test_a_text_is_given_back_and_retired_with_a_reason_and_only_from_its_state() -> None:
    """What is retired stays so; what is a draft cannot be approved."""
    waits = submitted()
    with pytest.raises(TextRefusedError, match="Give the reason"):
        give_back_text(waits.pk, reason="  ", by=SECOND, clock=CLOCK)
    assert give_back_text(waits.pk, reason="Says hello to nobody.", by=SECOND, clock=CLOCK).state == "draft"
    with pytest.raises(TextRefusedError, match="is draft by now, not submitted"):
        approve_text(waits.pk, waits.sha256, by=SECOND, clock=CLOCK)
    again = submit_text(waits.pk, DLT, lint=clean, by=WRITER, clock=CLOCK)
    approve_text(again.pk, again.sha256, by=SECOND, clock=CLOCK)
    assert retire_text(again.pk, reason="A better one comes.", by=SECOND, clock=CLOCK).state == "retired"
    with pytest.raises(TextRefusedError, match="is retired by now"):
        retire_text(again.pk, reason="Again.", by=SECOND, clock=CLOCK)
    with pytest.raises(TextRefusedError, match="There is no text 999"):
        retire_text(999, reason="None.", by=SECOND, clock=CLOCK)


def test_whatsapp_takes_no_text_in_a_language_that_it_has_no_code_for() -> None:
    """Odia is written by SMS and e-mail; on WhatsApp a person reads another language."""
    with pytest.raises(TextRefusedError, match="WhatsApp registers no text in Odia"):
        drafted(row_of(language="or", channel="whatsapp"))
    assert drafted(row_of(language="or")).language == "or"


def test_a_template_is_the_approved_text_to_the_letter() -> None:
    """Header, registration, provider's number and text; and it takes the village's values."""
    text = approved(sentences=("penal",))
    template = template_of_version(text)
    assert (template.name, template.header, template.registered_id) == ("overdue_early_penal_sms_en_1", "KAVERI", DLT.dlt_template_id)
    assert template.provider_ids == {"msg91": "64f0c2"}
    values = template.values({variable.name: VALUES[variable.name] for variable in template.variables})
    assert "This includes a penal charge of Rs 50." in template.body(values)


def would_go(name: str, language: str, *sentences: str) -> Template | None:
    """The text of the records that a person of that language would be sent by SMS; the lender's second language is Hindi."""
    approved_now = map(template_of_version, TextVersion.objects.filter(state=APPROVED))
    channel = Configured("sms", None, {one.name: one for one in approved_now}, lambda number: True, {})
    row = next(replace(row, texts=(name,)) for rows in step_rows().values() for row in rows if name in row.texts)
    return chosen(texts_for(channel, row, reviewed_languages()), (language, "hi"), sentences)


def test_only_approved_texts_with_just_the_sentences_that_apply_are_sent() -> None:
    """A draft is none; one with a penal charge is none for somebody without."""
    submitted()
    assert would_go("overdue_early", "en") is None
    approved(dlt="1107160000000000002", sentences=("penal",))
    assert would_go("overdue_early", "en") is None
    found = would_go("overdue_early", "en", "penal")
    assert found is not None
    assert "penal" in found.name


def test_a_rich_text_is_sent_in_a_language_only_once_its_native_reader_signed_it_off() -> None:
    """Before, the next language; after, hers; taken back, the next again."""
    approved(row_of("overdue_late", "ta"), "1107160000000000003")
    approved(row_of("overdue_late", "en"), "1107160000000000004")

    def language() -> str:
        found = would_go("overdue_late", "ta")
        return found.language if found else "none"

    assert language() == "none"
    signed("en")
    assert language() == "en"
    signed("ta")
    assert language() == "ta"
    withdraw_language("ta", note="She asks to read it once more.", by=SECOND, clock=CLOCK)
    assert language() == "en"


def signed(language: str, by: Actor = SECOND) -> LanguageReview:
    """A language that its native reader signed off."""
    return sign_off_language(language, digest_of(language), reader="Tamilselvi R.", read_on=date(2026, 11, 20), by=by, clock=CLOCK)


def test_nobody_has_signed_a_language_off_to_begin_with() -> None:
    """English neither."""
    assert reviewed_languages() == frozenset()


def test_a_sign_off_names_the_reader_and_is_written_down_and_taken_back() -> None:
    """Two entries, both kept; the audit trail tells who wrote them."""
    signed("ta")
    assert reviewed_languages() == {"ta"}
    withdraw_language("ta", note="A word was found wrong.", by=THIRD, clock=LATER)
    assert reviewed_languages() == frozenset()
    assert list(LanguageReview.objects.values_list("signed_off", "reader", "by")) == [
        (True, "Tamilselvi R.", "bela"),
        (False, "Tamilselvi R.", "chitra"),
    ]
    entries = AuditEntry.objects.filter(subject="language:ta")
    assert [(entry.act, entry.actor, entry.after["reader"]) for entry in entries] == [
        ("language.sign_off", "bela", "Tamilselvi R."),
        ("language.withdraw", "chitra", "Tamilselvi R."),
    ]


def test_texts_that_were_changed_since_are_signed_off_by_nobody() -> None:
    """A sign-off is of the texts as they were read."""
    row = signed("ta")
    row.digest = digest_of("hi")
    row.save()
    assert reviewed_languages() == frozenset()


Refused = Callable[[], object]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: sign_off_language("ta", "0" * 64, reader="T", read_on=TODAY, by=SECOND, clock=LATER), "read otherwise by now"),
        (lambda: sign_off_language("ta", digest_of("ta"), reader=" ", read_on=TODAY, by=SECOND, clock=LATER), "Name the native reader"),
        (
            lambda: sign_off_language("ta", digest_of("ta"), reader="T", read_on=date(2027, 12, 1), by=SECOND, clock=LATER),
            "has not come yet",
        ),
        (lambda: sign_off_language("xx", "", reader="T", read_on=TODAY, by=SECOND, clock=LATER), "There is no language xx"),
        (lambda: sign_off_language("ta", digest_of("ta"), reader="T", read_on=TODAY, by=machine("m"), clock=LATER), "A person must"),
        (lambda: withdraw_language("ta", note="why", by=SECOND, clock=LATER), "Tamil is signed off by nobody"),
        (lambda: withdraw_language("ta", note="", by=SECOND, clock=LATER), "Give the reason"),
    ],
)
def test_a_sign_off_that_cannot_stand_is_refused(act: Refused, words: str) -> None:
    """Other texts, no name, a day to come, no such language, a machine, nothing to take back, no reason."""
    with pytest.raises(ReviewRefusedError, match=words):
        act()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMPLIANCE])
def test_only_compliance_writes_a_sign_off_down(role: Role) -> None:
    """And only that of the whole lender."""
    with pytest.raises(NotPermittedError):
        signed("ta", Actor("eka", role))
    with pytest.raises(NotPermittedError):
        signed("ta", Actor("eka", Role.COMPLIANCE, ("BR-SALEM",)))


def test_texts_their_acts_and_reviews_carry_a_seal() -> None:
    """`sulah check` looks at them."""
    assert {TextVersion, TextApproval, LanguageReview} <= set(sealed_models())
