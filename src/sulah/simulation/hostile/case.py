"""A case of the pack: what is sent on which business date, and exactly what must come of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sulah.simulation.hostile.lender import TODAY, Files, Tables, good

MAIN = ("borrower", "loan", "instalment", "repayment")
_SIZES = {table: len(rows) for table, rows in good().items()}


@dataclass(frozen=True, slots=True)
class Load:
    """One `sulah load`: files by name, links by name (symbolic, with their target), and what must come of it.

    outcome is accepted, held, refused or repeated; codes maps "table.code" (or "code", where no table is meant) to how often; holds
    names the codes of a hold; loaded and refused_rows are rows by table.  cells maps "table/key/column" to a value that must be kept.
    """

    files: Files
    outcome: str
    as_of: date = TODAY
    codes: Mapping[str, int] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    loaded: Mapping[str, int] = field(default_factory=dict)
    refused_rows: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    mapping: str = ""

    @property
    def exit(self) -> int:
        """The exit code that `sulah load` must end with."""
        return 1 if self.outcome == "refused" else 0


@dataclass(frozen=True, slots=True)
class Decide:
    """One `sulah approve` of the one load that is held, or its rejection."""

    reject: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One `sulah day` and what its tables must say: table -> key -> column -> value; absent: table -> keys that must not be there."""

    as_of: date = TODAY
    rows: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Step = Load | Decide | Day


@dataclass(frozen=True, slots=True)
class Case:
    """A numbered case of a class (L1 to L22): title, steps, and lines for [load] of lender.toml."""

    group: str
    number: int
    title: str
    steps: tuple[Step, ...]
    settings: str = ""

    @property
    def name(self) -> str:
        """The name of the case's folder, such as L8-03."""
        return f"{self.group}-{self.number:02d}"


def cases(group: str, *given: tuple[Any, ...]) -> tuple[Case, ...]:
    """Number the cases of a class; each is its title, its steps, and at the end, if a text, settings."""
    numbered = []
    for number, (title, *rest) in enumerate(given, start=1):
        settings = rest.pop() if isinstance(rest[-1], str) else ""
        numbered.append(Case(group, number, title, tuple(rest), settings))
    return tuple(numbered)


def counts(less: Mapping[str, int] | None = None) -> dict[str, int]:
    """Rows loaded of each table: those of the good extract, changed by what is given."""
    change = Counter(less or {})
    return {table: _SIZES.get(table, 0) + change[table] for table in {**_SIZES, **change}}


def accepted(files: Files, *, more: Mapping[str, int] | None = None, **expected: Any) -> Load:
    """A load that is taken; more changes the rows loaded against the good extract, refused_rows are the rows set aside."""
    return Load(files, "accepted", loaded=counts(more), **expected)


def held(files: Files, *holds: str, more: Mapping[str, int] | None = None, **expected: Any) -> Load:
    """A load that waits for a decision, for these codes."""
    return Load(files, "held", holds=holds, loaded=counts(more), **expected)


def refused(files: Files, *codes: str, **expected: Any) -> Load:
    """An extract that is refused whole: "table.code" each, once."""
    return Load(files, "refused", codes=Counter(codes), **expected)


def repeated(files: Files, **expected: Any) -> Load:
    """The same content as the load before: nothing is done."""
    return Load(files, "repeated", **expected)


def set_aside(
    files: Files, *codes: str, notes: Mapping[str, int] | None = None, more: Mapping[str, int] | None = None, **expected: Any
) -> Load:
    """A load that is taken without some rows, each set aside for one code ("table.code", once a row)."""
    rows = Counter(code.partition(".")[0] for code in codes)
    change = Counter(more or {})
    change.subtract(rows)
    return Load(files, "accepted", codes=Counter(codes) + Counter(notes or {}), loaded=counts(change), refused_rows=dict(rows), **expected)


__all__ = [
    "MAIN",
    "Case",
    "Day",
    "Decide",
    "Load",
    "Step",
    "Tables",
    "accepted",
    "cases",
    "counts",
    "held",
    "refused",
    "repeated",
    "set_aside",
]
