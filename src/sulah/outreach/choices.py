"""Buttons and keys: a payload is an intent by name, with a detail after a colon where it has one; nothing about it is guessed."""

from dataclasses import dataclass
from datetime import date

from sulah.outreach.intent_terms import About, Intent


@dataclass(frozen=True, slots=True)
class Choice:
    """What a payload says; known is False for one that no template of ours carries."""

    intent: Intent
    known: bool = True
    due_on: date | None = None
    language: str = ""
    about: About = About.UNKNOWN


def read_choice(payload: str) -> Choice | None:
    """The choice of a payload; None for an empty one.

    `paid`, `stop`, ...: the intent.  `promise:2026-12-05`, `part:2026-12-05`: with the day.  `language:ta`: with the language.
    `death:family`: with whose.  Keys of a telephone are turned into payloads by the script that read them out.

    >>> read_choice("promise:2026-12-05").due_on, read_choice("buy now").known
    (datetime.date(2026, 12, 5), False)
    """
    name, _, detail = payload.strip().casefold().partition(":")
    if not name:
        return None
    if name not in set(Intent):
        return Choice(Intent.OTHER, known=False)
    intent = Intent(name)
    if not detail:
        return Choice(intent)
    if intent in {Intent.PROMISE, Intent.PART}:
        return _dated(intent, detail)
    if intent is Intent.LANGUAGE:
        return Choice(intent, language=detail, known=len(detail) == 2 and detail.isalpha())
    if intent is Intent.DEATH and detail in {About.BORROWER, About.FAMILY}:
        return Choice(intent, about=About(detail))
    return Choice(intent, known=False)


def _dated(intent: Intent, detail: str) -> Choice:
    try:
        return Choice(intent, due_on=date.fromisoformat(detail))
    except ValueError:
        return Choice(intent, known=False)
