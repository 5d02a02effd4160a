"""The document of the talk says what the code does: its tables are worked out here from the consequences, the stops and the tasks."""

from datetime import date
from pathlib import Path

import pytest

from sulah.actions.talk.answer_by_hand import SESSIONS
from sulah.actions.talk.consequences import BEREAVED, CONSEQUENCES, Consequence
from sulah.policy.talk import task_rows
from tests.contact.people import BOOK

PAGE = (Path(__file__).resolve().parents[2] / "docs/operate/talk.md").read_text("utf-8")
NOTED = {
    "promise": "a promise to pay, and quiet until its day",
    "part": "a promise to pay, and quiet until its day",
    "language": "the language asked for",
    "wrong_number": "the number as another's, for everybody who has it",
    "stop": "on WhatsApp: the consent as withdrawn",
    "start": "the STOP as taken back, on that channel",
}
"""What is written down besides what the table of consequences holds (actions/talk/doing.py)."""


def time_of(minutes: int) -> str:
    """Minutes in their largest whole unit."""
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def line_of(intent: str, rule: Consequence) -> str:
    """One line of the first table."""
    stop = f"`{rule.stop}`" if rule.stop else "nothing"
    task = f"`{rule.task}`, {time_of(task_rows()[rule.task].minutes)}" if rule.task else "none"
    noted = [f"a {rule.complaint} with its number"] if rule.complaint else []
    noted += [rule.occasion] if rule.occasion else []
    noted += [NOTED[intent]] if intent in NOTED else []
    reply = f"`{rule.reply}`" if rule.reply else "none"
    return f"| `{intent}` | {stop} | {task} | {', '.join(noted) or 'nothing'} | {reply} | {'yes' if rule.unsure else 'no'} |"


def stop_lines() -> list[str]:
    """The lines of the second table: the stops that the talk raises, and the quiet of a promise."""
    raised = {rule.stop.value for rule in CONSEQUENCES.values() if rule.stop is not None} | {"promise"}
    lines = []
    for row in BOOK.in_force("contact_stop", date(2026, 11, 24)):
        if row["event"] in raised:
            ends = f"after {row['days']} days, or when lifted" if row["days"] else "when lifted"
            lines.append(f"| `{row['event']}` | the {row['scope']} | {ends} | {row['lifted_by']} | `{row['rule_id']}` |")
    return lines


@pytest.mark.parametrize("intent", sorted(CONSEQUENCES))
def test_the_document_says_what_follows_from_each_intent(intent: str) -> None:
    assert line_of(intent, CONSEQUENCES[intent]) in PAGE


def test_the_document_says_what_follows_from_a_death_in_the_family() -> None:
    assert line_of("death", BEREAVED).replace("`death` |", "`death` in the family |", 1) in PAGE


def test_the_document_says_of_each_stop_what_it_covers_until_when_and_who_lifts_it() -> None:
    assert [line for line in stop_lines() if line not in PAGE] == []


def test_the_document_names_every_clock() -> None:
    rows = task_rows()
    assert f"{rows['complaint_reply'].minutes // 1440} days" in PAGE
    assert [kind for kind in rows if f"`{kind}`" not in PAGE] == []
    assert all(f"{int(span.total_seconds() // 3600)} hours" in PAGE for span in SESSIONS.values())
