"""Texts that may be sent, for tests that need some: those of lender.toml, and some of the library, approved by the acts themselves."""

from dataclasses import replace

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.approve_text import Linted, Registration, approve_text, draft_text, submit_text
from sulah.actions.contact.own_text import submit_own_text
from sulah.actions.contact.texts_in_force import OWN_CHANNELS
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Role
from sulah.outreach.configured import Channels
from sulah.outreach.house import House
from sulah.policy.text_rows import TextRow, text_rows
from sulah.records.contact.text import TextVersion

WRITER, SECOND = Actor("asha", Role.LEGAL), Actor("bela", Role.COMPLIANCE)
HOUSE = House("Kaveri", "18001230000", "9215512345", "16001234567", "https://kaveri.example/check")
TEXTS = """
[texts]
lender = "Kaveri"
grievance = "18001230000"
reply = "9215512345"
caller = "16001234567"
check = "https://kaveri.example/check"
hosts = ["kaveri.example", "pay.kaveri.example"]
short = "https://kaveri.example"
charges = "penal"
"""


def nothing_found(version: TextVersion) -> Linted:
    """A linter that lets everything pass that has words; what linters find is the linter's own test."""
    return Linted(blocked=not version.text)


def approve_own(channels: Channels, clock: Clock) -> list[TextVersion]:
    """Every text of lender.toml: submitted by one person, approved by a second."""
    waits = [
        submit_own_text(channels, channel, name, lint=nothing_found, by=WRITER, clock=clock)
        for channel in OWN_CHANNELS
        if channel in channels
        for name in channels[channel].templates
    ]
    return [approve_text(row.pk, row.sha256, by=SECOND, clock=clock) for row in waits]


def row_of(name: str, language: str = "en", channel: str = "sms") -> TextRow:
    """A row of the library."""
    return next(row for row in text_rows(language) if (row.name, row.channel) == (name, channel))


def approve(
    row: TextRow, number: int, clock: Clock, sentences: tuple[str, ...] = (), *, house: House = HOUSE, gateway: str = "one", **said: str
) -> TextVersion:
    """A text of the library, with a registration made of the number; said: words changed in its row."""
    changed = replace(row, **said, author="asha") if said else row  # type: ignore[arg-type]
    draft = draft_text(changed, sentences, house=house, by=WRITER, clock=clock)
    sms = row.channel == "sms"
    registration = Registration(f"11071600000000{number:05d}" if sms else "", "KAVERI" if sms else "", {gateway: f"L-{number}"})
    waits = submit_text(draft.pk, registration, lint=nothing_found, by=WRITER, clock=clock)
    return approve_text(waits.pk, waits.sha256, by=SECOND, clock=clock)
