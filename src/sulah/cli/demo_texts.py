"""Texts of the demo: the plain ones in Hindi and English are drafted by one log-in and approved by another; one more waits for approval."""

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.approve_text import Registration, approve_text, draft_text, submit_text
from sulah.actions.contact.lint_text import linter_of
from sulah.actions.sentences import settings_of
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import Role
from sulah.policy.text_rows import text_kinds, text_rows

WRITER, SECOND = Actor("supervisor", Role.SUPERVISOR), Actor("compliance", Role.COMPLIANCE)
CODES, WAITING = ("hi", "en"), "overdue_late"
"""The languages, and the text that waits."""


def fill_texts(lender: Lender, clock: Clock) -> None:
    """Draft and submit them with made-up registrations, and approve the plain ones; nothing where the lender has no [texts]."""
    settings = settings_of(lender)
    if settings is None:
        return
    lint, number = linter_of(settings.house, clock().astimezone(IST).date()), 0
    for row in (row for code in CODES for row in text_rows(code) if row.channel == "sms"):
        plain = text_kinds()[row.name].plain_reminder
        if not plain and row.name != WAITING:
            continue
        number += 1
        draft = draft_text(row, (), house=settings.house, by=WRITER, clock=clock)
        waits = submit_text(draft.pk, Registration(f"{11071600000:011d}{number:08d}", "SAHARA"), lint=lint, by=WRITER, clock=clock)
        if plain:
            approve_text(waits.pk, waits.sha256, by=SECOND, clock=clock)
