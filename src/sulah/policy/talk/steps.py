"""The rows by which messages follow one another: steps, what they cost, and the numbers by which hours and telephones are learned."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sulah.kernel.terms import Channel, Purpose, StopEvent

ANY = "*"
AFTER = ("overdue", "due", "promised", "broken", "link")
KINDS = ("invalid", "absent", "ours")


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a sequence; the head of sequence.toml says what each column means."""

    rule_id: str
    sequence: str
    step: str
    after: str
    days: int
    texts: tuple[str, ...]
    purpose: Purpose
    effective_from: date
    status: str
    citation: str
    confidence: str
    lasts_days: int = 0
    hours: int = 0
    again_days: int = 0
    business: bool = False
    channels: tuple[Channel, ...] = ()
    apart_days: int = 0
    quiet_days: int = 0
    failover_hours: int = 0
    cash_days: int = 0
    stops: frozenset[StopEvent] = frozenset()
    verify: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one message, part or minute of a channel costs at a kind of provider (`*`: any), in hundredths of a paisa."""

    rule_id: str
    channel: Channel
    provider: str
    paise_hundredths: int
    unit: str
    effective_from: date
    status: str
    citation: str
    confidence: str
    verify: bool = False

    @property
    def shown(self) -> str:
        """Paise as people write them: 13.5 where there are hundredths."""
        return f"{self.paise_hundredths // 100}.{self.paise_hundredths % 100:02d}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class LearningRow:
    """One number of the learning, with its unit and meaning."""

    rule_id: str
    name: str
    value: int
    unit: str
    meaning: str
    effective_from: date
    status: str
    citation: str
    confidence: str
    verify: bool = False


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Words of providers, and what they say about a number: invalid, absent, or that the cause is ours."""

    rule_id: str
    kind: str
    words: tuple[str, ...]
    effective_from: date
    status: str
    citation: str
    confidence: str
    verify: bool = False
    note: str = ""


@cache
def step_rows() -> Mapping[str, tuple[StepRow, ...]]:
    """The steps by sequence, in the order of the sheet; ValueError for a row that is not whole, which is a fault of the package."""
    found: dict[str, tuple[StepRow, ...]] = {}
    for row in sheet_rows("sequence", "step"):
        step = _step(row)
        if step.after not in AFTER or not step.texts or min(step.again_days, step.lasts_days, step.apart_days, step.quiet_days) < 0:
            raise ValueError(f"the row {step.rule_id} of sequence.toml is not whole")
        found[step.sequence] = (*found.get(step.sequence, ()), step)
    for name, steps in found.items():
        if len({step.step for step in steps}) < len(steps) or [step.days for step in steps] != sorted(step.days for step in steps):
            raise ValueError(f"the sequence {name} of sequence.toml names a step twice, or its days do not ascend")
    return found


def steps_of(treatment: str, on: date) -> tuple[StepRow, ...]:
    """The steps in force of a treatment, or of the sequence for any other."""
    rows = step_rows().get(treatment) or step_rows().get(ANY, ())
    return tuple(row for row in rows if row.effective_from <= on)


@cache
def cost_rows() -> tuple[CostRow, ...]:
    """Every row of channel_cost.toml."""
    rows = tuple(CostRow(**row | {"channel": Channel(row["channel"])}) for row in sheet_rows("channel_cost", "row"))
    if any(row.paise_hundredths < 0 for row in rows):
        raise ValueError("a row of channel_cost.toml has a cost below nothing")
    return rows


def cost_of(channel: str, provider: str, on: date, rows: tuple[CostRow, ...] | None = None) -> CostRow | None:
    """The latest row in force for the channel: of the provider where there is one, else of any.

    >>> cost_of("sms", "msg91", date(2026, 11, 23)).paise_hundredths
    3500
    """
    of_channel = [row for row in (cost_rows() if rows is None else rows) if row.channel == channel and row.effective_from <= on]
    fit = [row for row in of_channel if row.provider == provider] or [row for row in of_channel if row.provider == ANY]
    return max(fit, key=lambda row: row.effective_from, default=None)


@cache
def learning_rows() -> Mapping[str, LearningRow]:
    """The numbers of the learning by name."""
    rows = [LearningRow(**row) for row in sheet_rows("learning", "row")]
    if len({row.name for row in rows}) < len(rows) or any(row.value < 0 for row in rows):
        raise ValueError("a name stands twice in learning.toml, or a value is below nothing")
    return {row.name: row for row in rows}


def learned_by(name: str) -> int:
    """One number of the learning.

    >>> learned_by("answer_hours")
    24
    """
    return learning_rows()[name].value


@cache
def error_rows() -> tuple[ErrorRow, ...]:
    """Every row of number_error.toml, in order."""
    rows = tuple(ErrorRow(**row | {"words": tuple(row["words"])}) for row in sheet_rows("number_error", "row"))
    if any(row.kind not in KINDS or not row.words for row in rows):
        raise ValueError("a row of number_error.toml is not whole")
    return rows


def sheet_rows(sheet: str, name: str) -> list[dict[str, Any]]:
    """The rows of one sheet as they are written, each with a source; ValueError for one that has none, or that stands twice."""
    rows: list[dict[str, Any]] = tomllib.loads((files(__package__) / f"{sheet}.toml").read_text("utf-8"))[name]
    for row in rows:
        if not row.get("citation") or row.get("status") not in ("law", "draft", "policy"):
            raise ValueError(f"a row of {sheet}.toml has no source: {row.get('rule_id')}")
    if len({row["rule_id"] for row in rows}) < len(rows):
        raise ValueError(f"a rule_id stands twice in {sheet}.toml")
    return rows


def _step(row: dict[str, Any]) -> StepRow:
    given = row.get("channels", [])
    return StepRow(
        **row
        | {
            "texts": tuple(row["texts"]),
            "purpose": Purpose(row["purpose"]),
            "channels": tuple(Channel(each) for each in given),
            "stops": frozenset(StopEvent(each) for each in row.get("stops", [])),
        }
    )
