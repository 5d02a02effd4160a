"""Where the words left a choice: the state of each, answered by the rule book as READINGS.md says, and by the guard alike."""

from pathlib import Path

import pytest

from tests.oracle.cover import row_of
from tests.oracle.guard_side import decided
from tests.oracle.oracle import judge
from tests.oracle.readings import NO_QUESTIONS, READINGS, NoQuestion, Reading
from tests.oracle.states import state

MARKS = [one.mark for one in (*READINGS, *NO_QUESTIONS)]


@pytest.mark.parametrize("reading", READINGS, ids=MARKS[: len(READINGS)])
def test_the_rule_book_answers_as_its_readings_say(reading: Reading) -> None:
    entity, question = reading.state()
    assert (reading.rule in judge(entity, question)[1]) is reading.refuses


@pytest.mark.parametrize("reading", READINGS, ids=MARKS[: len(READINGS)])
def test_the_guard_reads_the_words_alike(reading: Reading) -> None:
    entity, question = reading.state()
    assert decided(entity, question) == judge(entity, question)


@pytest.mark.parametrize("never", NO_QUESTIONS, ids=[never.mark for never in NO_QUESTIONS])
def test_what_contradicts_itself_is_no_question(never: NoQuestion) -> None:
    """The same question without the contradiction is answered."""
    decided(*state(row_of(never.levels)))
    with pytest.raises(ValueError, match=r"each of its loans once|only a visit or a meeting|no whole record of Contact"):
        decided("bank", never.question())


def test_every_state_of_a_reading_is_told_on_the_page() -> None:
    page = (Path(__file__).parent / "READINGS.md").read_text(encoding="utf-8")
    told = [line.split("·")[0].removeprefix("### ").strip() for line in page.splitlines() if line.startswith("### ")]
    assert len(set(MARKS)) == len(MARKS)
    assert set(MARKS) <= set(told)
