"""The reader against messages that were labelled before it was written; prints figures and ids, never texts.

`pytest -n 0 -s tests/outreach/test_intents_corpus.py` shows the figures.
"""

import pytest

from sulah.outreach.intents import Intent
from tests.outreach.intent_corpus import LANGUAGES, PROTECTIVE, called, lines, matrix, recall, shares, wilson

PARTS = ("dev", "")
MUST_HEAR = 0.99
"""Share of stop, death and self-harm messages in which it is to be heard, English and Hindi: the goal."""

HEARD = 0.9
"""The share below which nobody may let it fall on the way there."""

SHORT = {("hi", Intent.DEATH)}
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


CALLED: dict[str, tuple[float, dict[str, bool]]] = {
    "suspected": (0.046, {}),
    "held": (0.016, {"strong": True}),
    "suspected though rows are sure": (0.031, {"sure": True}),
}
"""Shares of the open messages, meaning none of the three, at which weights may call a person: what docs/policy/weights.md says of them."""


@pytest.mark.parametrize("share", sorted(CALLED))
def test_weights_call_a_person_to_no_more_ordinary_answers_than_the_card_says(share: str) -> None:
    """The weights were learned from these messages too, so the figure flatters; the card gives the one of ten parts beside it."""
    most, asked = CALLED[share]
    count, of = called([*lines("en", "dev"), *lines("hi", "dev")], **asked)
    assert of > 200
    assert 0 < count <= most * of


@pytest.mark.parametrize("intent", [Intent.PROMISE, Intent.PAID, Intent.PART])
def test_a_promise_or_a_payment_that_rows_are_sure_of_is_hardly_ever_suspected_and_never_held(intent: Intent) -> None:
    sure = [line for code in ("en", "hi") for line in lines(code, "dev") if line.intent is intent]
    count, of = called(sure, sure=True)
    assert of >= 25
    assert (count <= 1, called(sure, sure=True, strong=True)[0]) == (True, 0)
