"""The reader against messages that were labelled before it was written; prints figures and ids, never texts.

`pytest -n 0 -s tests/outreach/test_intents_corpus.py` shows the figures.
"""

import pytest

from sulah.outreach.intents import Intent
from tests.outreach.intent_corpus import LANGUAGES, PROTECTIVE, lines, matrix, recall, shares, wilson

PARTS = ("dev", "")
MUST_HEAR = 0.99
"""Share of stop, death and self-harm messages in which it is to be heard, English and Hindi: the goal."""

HEARD = 0.9
"""The share below which nobody may let it fall on the way there."""

SHORT = {("en", Intent.DEATH), ("en", Intent.SELF_HARM), ("hi", Intent.STOP), ("hi", Intent.DEATH), ("hi", Intent.SELF_HARM)}
"""Where the frozen messages are not heard often enough yet; docs/policy/intents.md lists what is missed."""


def _figures(language: str, part: str) -> str:
    found = lines(language, part)
    told = [f"\n== {language} {part or 'frozen'}: {len(found)} messages", matrix(found)]
    for intent in PROTECTIVE:
        hit, of, missed = recall(found, intent)
        low, high = wilson(hit, of)
        told.append(f"recall {intent}: {hit} of {of} ({hit / of:.1%}; 95% {low:.1%} to {high:.1%}); missed: {', '.join(missed) or 'none'}")
    for name, (hit, of) in shares(found).items():
        low, high = wilson(hit, of)
        told.append(f"{name}: {hit} of {of} ({hit / max(of, 1):.1%}; 95% {low:.1%} to {high:.1%})")
    return "\n".join(told)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_most_messages_are_read_as_they_were_meant(language: str, part: str) -> None:
    """The confusion matrix is printed; what is not read goes to a person, so this bound is low on purpose."""
    if not lines(language, part):
        pytest.skip("the corpus is not here")
    print(_figures(language, part))
    hit, of = shares(lines(language, part))["intent"]
    assert hit / of > 0.5


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("intent", PROTECTIVE)
def test_stop_death_and_self_harm_are_heard(language: str, part: str, intent: Intent) -> None:
    """A miss may cost a life or a licence; misses are listed by id.  Where the goal is missed, this says so until it is reached."""
    if not lines(language, part):
        pytest.skip("the corpus is not here")
    hit, of, missed = recall(lines(language, part), intent)
    assert hit >= HEARD * of, missed
    assert (hit >= MUST_HEAR * of) is not (part == "" and (language, intent) in SHORT), missed
