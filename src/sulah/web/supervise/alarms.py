"""What the pages say about extracts that are missing."""

from typing import Any

from sulah.actions.record_alarm import open_alarms, words_of_alarm


def stale() -> dict[str, Any]:
    """The first business date that is missing, and each alarm in words; since is None where nothing is late."""
    late = open_alarms()
    return {"since": late[0].as_of if late else None, "words": [words_of_alarm(alarm) for alarm in late]}
