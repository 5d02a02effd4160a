"""What the pages of the talk need to speak and to read: the lender's channels, and what looks through words before they go."""

import os

from sulah.actions.contact.texts_in_force import channels_of
from sulah.actions.talk.answer_by_hand import Lint, Looked
from sulah.actions.talk.lint_answer import lint_answer
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.refusal import Refusal
from sulah.outreach.configured import Channels, configured
from sulah.web.standing import the_lender


def look_through(text: str, language: str, person: str) -> Looked:
    """The linter with the rules of today."""
    return lint_answer(text, language, person, system_clock().astimezone(IST).date())


LINT: Lint = look_through
"""What looks through an officer's words before they are queued."""


def channels_here() -> Channels:
    """The channels that lender.toml sets up, with the approved texts; none where it sets up none, or half of one."""
    try:
        return channels_of(the_lender(), os.environ)
    except Refusal:
        return {}


def channels_as_set_up() -> Channels:
    """The channels just as lender.toml has them, with texts that nobody may have approved: for submitting those."""
    try:
        return configured(the_lender().settings, os.environ)
    except Refusal:
        return {}
