"""The rows of the talk with borrowers: how soon somebody looks at what was said."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class TaskRow:
    """How soon a kind of task is looked at: minutes, whether before everything else, and why, with the source."""

    kind: str
    minutes: int
    urgent: bool
    meaning: str
    effective_from: date
    status: str
    citation: str
    confidence: str
    verify: bool = False


@cache
def task_rows() -> Mapping[str, TaskRow]:
    """Every row by its kind; ValueError for a row that is not whole or stands twice, which is a fault of the package."""
    read = tomllib.loads((files(__package__) / "task.toml").read_text("utf-8"))["row"]
    rows = [TaskRow(**row) for row in read]
    for row in rows:
        if row.minutes <= 0 or not row.citation or not row.meaning or row.status not in ("law", "draft", "policy"):
            raise ValueError(f"the row {row.kind} of task.toml is not whole")
    if len({row.kind for row in rows}) < len(rows):
        raise ValueError("a kind stands twice in task.toml")
    return {row.kind: row for row in rows}
