"""The small lender's own in its texts, and some texts on their way: all made by the acts themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.approve_text import Linted, Registration, approve_text, draft_text, submit_text
from sulah.actions.contact.review_language import digest_of, sign_off_language
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.outreach.house import House
from sulah.policy.text_rows import TextRow, text_rows
from sulah.records.contact.text import TextVersion

CLOCK = fixed_clock(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
WRITER, SECOND = Actor("asha", Role.LEGAL), Actor("bela", Role.COMPLIANCE)
HOUSE = House("Sahyadri Microfinance", "18001230000", "9215512345", "16001234567", "https://sahyadri.example/officer")
SECTION = """
[texts]
lender = "Sahyadri Microfinance"
grievance = "18001230000"
reply = "9215512345"
caller = "16001234567"
check = "https://sahyadri.example/officer"
hosts = ["pay.sahyadri.example"]
"""


@contextmanager
def with_texts(lender: Lender) -> Iterator[Lender]:
    """The lender with [texts] in its lender.toml, for as long as it is asked for."""
    path = lender.root / "lender.toml"
    before = path.read_text("utf-8")
    path.write_text(before + SECTION, "utf-8")
    try:
        yield lender
    finally:
        path.write_text(before, "utf-8")


def row_of(name: str, language: str = "en", channel: str = "sms") -> TextRow:
    """A row of the library."""
    return next(row for row in text_rows(language) if (row.name, row.channel) == (name, channel))


def clean(version: TextVersion) -> Linted:
    """A linter that found nothing to block, and something to tell."""
    found = {"rule_id": "LINT-TEST", "why": f"A simulated finding in {version.language}.", "suggestion": "Nothing to do."}
    return Linted(blocked=not version.text, findings=(found,))


def submitted(row: TextRow, number: int, sentences: tuple[str, ...] = ()) -> TextVersion:
    """A text that waits for a second person."""
    draft = draft_text(row, sentences, house=HOUSE, by=WRITER, clock=CLOCK)
    registration = Registration(f"11071600000000{number:05d}", "SAHYDR", {"msg91": f"64f0c{number}"})
    return submit_text(draft.pk, registration, lint=clean, by=WRITER, clock=CLOCK)


def fill_texts() -> None:
    """Hindi: a text approved, another version of it waiting, a draft; English signed off."""
    first = submitted(row_of("overdue_early", "hi"), 1, ("penal",))
    approve_text(first.pk, first.sha256, by=SECOND, clock=CLOCK)
    row = row_of("overdue_early", "hi")
    submitted(replace(row, text=row.text.replace("धन्यवाद", "आपका धन्यवाद"), author="asha"), 2, ("penal",))
    draft_text(row_of("overdue_late", "hi"), (), house=HOUSE, by=WRITER, clock=CLOCK)
    sign_off_language("en", digest_of("en"), reader="Nirmala Rao", read_on=date(2026, 11, 19), by=SECOND, clock=CLOCK)
