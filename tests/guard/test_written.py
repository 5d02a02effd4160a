"""The names under which decisions are written down: a record of ten years ago must still be read."""

from sulah.guard.decide import decide
from tests.guard.paper import book, facts, intent, ist, rule


def test_a_decision_is_written_under_these_names() -> None:
    """A refusal by one rule, whole: a name that changes breaks every record."""
    row = rule("hours", first=28_800, last=68_400, citation="RBI/2022-23/108", status="law", version=3)
    decision = decide(intent(ist("2026-11-24 19:00:00")), facts(), book(row))
    written = decision.to_plain()
    assert written["verdicts"] == [
        {
            "again_at": "2026-11-25T02:30:00.000000+00:00",
            "answer": "no",
            "citation": "RBI/2022-23/108",
            "rule_id": "hours",
            "status": "law",
            "unknown": False,
            "version": 3,
        }
    ]
    assert set(written) == {
        *("facts_digest", "intent", "next_lawful_at", "not_by_waiting", "outcome", "rules_version", "verdicts"),
    }
    assert (written["outcome"], written["next_lawful_at"], written["not_by_waiting"]) == ("refusal", "2026-11-25T02:30:00.000000+00:00", [])


def test_a_permit_is_written_under_these_names() -> None:
    """The same of a permit; what was not known is written as true."""
    row = rule("template", channels="call", when_unknown="not_applicable")
    written = decide(intent(), facts(template=None), book(row)).to_plain()
    assert set(written) == {"facts_digest", "from", "intent", "outcome", "rules_version", "until", "verdicts"}
    assert (written["outcome"], written["from"], written["until"]) == (
        "permit",
        "2026-11-24T06:30:00.000000+00:00",
        "2026-11-25T06:30:00.000000+00:00",
    )
    assert [(verdict["answer"], verdict["unknown"]) for verdict in written["verdicts"]] == [("yes", True)]  # type: ignore[attr-defined]
