"""Every record of a call is answered for itself: accepted, rejected with the code and words of a file's row, or a copy."""

from collections import Counter
from typing import Any

import pytest

from tests.api.conftest import Open
from tests.api.machine import NEXT, payment


def ties(told: dict[str, Any]) -> bool:
    """Do the counts add up, and agree with the list?"""
    listed = Counter(record["status"] for record in told["records"])
    counts = {fate: told[fate] for fate in ("accepted", "rejected", "duplicate")}
    return told["received"] == sum(counts.values()) == len(told["records"]) and all(listed[fate] == counts[fate] for fate in counts)


def test_a_call_whose_records_are_all_good_is_answered_with_200_and_says_what_that_means(opened: Open) -> None:
    found = opened.api.post("payments", [payment("a1"), payment("a2")], "good-1")
    assert found.status == 200
    assert ties(found.told)
    assert [(one["index"], one["id"], one["status"]) for one in found.told["records"]] == [(0, "Pa1", "accepted"), (1, "Pa2", "accepted")]
    assert "It counts from the next load" in found.told["means"]
    followed = opened.api.get(f"batches/{found.told['batch']}")
    assert (followed.status, followed.told["state"], followed.told["load"]) == (200, "received", None)
