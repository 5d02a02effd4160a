"""A suspicion calls a person and may hold contact; whatever else follows from an answer follows as if there were none."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.actions.talk.reading import read_answer
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import Occasion
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint, LanguageWish, Task
from sulah.records.contact.wish import Consent
from tests.depth import so_many
from tests.talk.said import Desk, Reading

pytestmark = pytest.mark.django_db
WEIGHED = ("self_harm", "death", "stop")
ONLY_MADE = {"task:suspicion", "task:urgent_call", "stop:hardship"}
KEPT: tuple[type[Model], ...] = (Promise, Consent, LanguageWish, Complaint, NumberStanding, Occasion, Outbox)


def followed(desk: Desk, reading: Reading, reviewed: list[str]) -> tuple[dict[str, int], set[str], tuple[str, str, str]]:
    """What one answer leaves: rows of what was written down, what was done, and how the answer stands; then nothing of it is left."""
    with transaction.atomic():
        desk.reviewed, desk.readings = reviewed, {"words": reading}
        desk.person()
        row = desk.said("words")
        counts = {kind.__name__: kind.objects.count() for kind in KEPT}  # type: ignore[attr-defined]
        done = {one.partition(":")[0] if one.startswith(("promise:", "complaint:")) else one for one in row.done}
        stops = {f"stop:{event}" for event in StopEvent.objects.filter(lifted_at=None).values_list("event", flat=True)}
        tasks = {f"task:{kind}" for kind in Task.objects.filter(closed_at=None).values_list("kind", flat=True)}
        transaction.set_rollback(True)
    return counts, done | stops | tasks, (row.intent, row.outcome, row.words)


@settings(max_examples=so_many(200, 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    intent=st.sampled_from(sorted(CONSEQUENCES)),
    confidence=st.sampled_from(["sure", "likely", "unsure"]),
    suspected=st.sets(st.sampled_from(WEIGHED), min_size=1),
    strongly=st.sets(st.sampled_from(WEIGHED)),
    reviewed=st.sampled_from([[], ["hi"]]),
)
def test_a_suspicion_adds_a_person_and_a_hold_and_takes_nothing_away(
    desk: Desk, intent: str, confidence: str, suspected: set[str], strongly: set[str], reviewed: list[str]
) -> None:
    said = Reading(intent, confidence, due_on=date(2026, 12, 5), amount_paise=300_00, wanted_language="ta")
    weighed = replace(said, suspected=tuple(sorted(suspected)), strongly=tuple(sorted(suspected & strongly)))
    plain, more = followed(desk, said, reviewed), followed(desk, weighed, reviewed)
    assert (more[0], more[2]) == (plain[0], plain[2])
    assert plain[1] <= more[1] <= plain[1] | ONLY_MADE
    assert {"task:suspicion", "task:urgent_call"} & more[1]
    held = bool(suspected & strongly) if reviewed else "stop" in suspected & strongly
    assert ("stop:hardship" in more[1] - plain[1]) <= held


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("will pay tomorrow", "promise"),
        ("5 tareekh ko 500 dunga", "promise"),
        ("main kal 500 rupaye dunga", "promise"),
        ("मैं कल पैसे दूँगा", "promise"),
        ("haan bhar diya", "stop:paid"),
        ("मैंने कल भुगतान कर दिया है", "stop:paid"),
        ("I have already paid on Monday", "stop:paid"),
        ("please call me in the evening", "task:call_back"),
        ("galat number hai bhai", "number:wrong"),
    ],
)
def test_an_ordinary_answer_acts_by_itself_and_nobody_is_called_by_weights(desk: Desk, text: str, done: str) -> None:
    desk.person()
    desk.reader, desk.reviewed = read_answer, ("en", "hi")
    row = desk.said(text)
    assert row.outcome == "acted"
    assert done in {one.partition(":")[0] if done == "promise" else one for one in row.done}
    assert not Task.objects.filter(kind__in=("suspicion", "urgent_call")).exists()


EVERYDAY = (
    *("ok", "yes", "no", "hello", "thanks", "ji", "जी", "haan", "हाँ", "theek hai", "ठीक है", "acha", "bhai", "sir", "madam ji", "nahi"),
    *("START", "paid", "aaj", "kal", "tomorrow", "monday", "5 tareekh ko 500", "5000", "12345", "UTR 432156789012", "Kavitha", "Ramesh"),
    *("रमेश", "kitna baki hai", "balance", "who is this", "kaun", "send link", "link bhejo", "whatsapp me", "busy", "baad me", "hmm", "?"),
    *("👍", "🙏", "asdf qwer", "राम राम", "start kab hoga"),
)
"""Short answers of every day, and what no list knows."""


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_everyday_word_or_two_hold_no_contact(language: str) -> None:
    """So few words say too little, and words that no weight knows would pass for a suspicion: a person may look, nothing is held."""
    read = {text: read_answer(text, "", language, date(2026, 11, 23)) for text in EVERYDAY}
    assert {text: one.strongly for text, one in read.items() if one.strongly} == {}


@pytest.mark.parametrize("text", ["", "👍", "12345", "?"])
def test_what_has_no_word_is_suspected_of_nothing(desk: Desk, text: str) -> None:
    """A picture or a voice note without a caption is a message without words."""
    desk.person()
    desk.reader = read_answer
    desk.said(text)
    assert list(Task.objects.values_list("kind", flat=True)) == ["read"]
    assert Heard.objects.get().reading["suspected"] == []
    assert not StopEvent.objects.exists()


def test_a_sure_row_that_reads_every_word_leaves_nothing_to_suspect() -> None:
    assert [list(read_answer(text, "", "hi", date(2026, 11, 23)).suspected) for text in ("START", "haan", "yes")] == [[], [], []]
