"""The linter as the act of submitting a text is given it."""

from datetime import date

from sulah.actions.contact.approve_text import Lint, Linted, TextRefusedError
from sulah.outreach.house import House
from sulah.records.contact.text import TextVersion


def linter_of(house: House, on: date) -> Lint:
    """The linter with the rules in force on a day; while there is none, nothing is submitted unread (TextRefusedError)."""

    def refuse(version: TextVersion) -> Linted:
        words = f"There is no linter yet on {on.isoformat()} that reads the texts of {house.lender} in {version.language}."
        raise TextRefusedError(f"{words} Nothing is submitted without it.")

    return refuse
