"""What is measured: the steps of the day from state to classification, and the columns that their statements read."""

import sys

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from sulah.contracts.registry import TABLES
from sulah.daycycle.statements import parsed
from sulah.daycycle.steps import INTAKE_TABLES, STEPS, Step

LAST = "classification"


def steps_measured(last: str = LAST) -> tuple[Step, ...]:
    """The steps up to classification, or to another table, in order."""
    return STEPS[: next(place for place, step in enumerate(STEPS) if step.table == last) + 1]


def columns_read() -> dict[str, tuple[str, ...]]:
    """The columns of the load's tables that the measured statements read on a next day, in the order of their contracts.

    >>> columns_read()["relief_window"]
    ('loan_key', 'from_on', 'to_on', 'counts', 'known_on')
    """
    found: dict[str, set[str]] = {table: set() for table in INTAKE_TABLES}
    for step in steps_measured():
        for scope in traverse_scope(parsed(step.text(after_yesterday=True))):
            tables = {alias: source.name for alias, source in scope.sources.items() if isinstance(source, exp.Table)}
            for column in scope.columns:
                if (table := tables.get(column.table)) in found:
                    found[str(table)].add(column.name)
    return {table: tuple(name for name in TABLES[table].names if name in names) for table, names in found.items()}


def main() -> None:
    """`python -m bench.parts`: the columns read, a word a table, as bench.floor takes them."""
    sys.stdout.write(" ".join(f"{table}:{','.join(names)}" for table, names in columns_read().items()) + "\n")


if __name__ == "__main__":
    main()
