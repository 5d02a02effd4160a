"""What a statement reads: parsed from its SQL, so that the order of steps and the lineage of columns cannot be misstated."""

from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import exp

from sulah.daycycle.steps import STEPS, Step

ALLOWED_FUNCTIONS = frozenset(
    (
        *(
            "abs",
            "cast",
            "coalesce",
            "count",
            "datediff",
            "day",
            "dense_rank",
            "greatest",
            "lead",
            "least",
            "left",
            "length",
            "logical_and",
            "logical_or",
        ),
        *(
            "lower",
            "max",
            "min",
            "month",
            "regexp_replace",
            "replace",
            "right",
            "row_number",
            "sum",
            "to_days",
            "to_months",
            "trim",
            "upper",
            "year",
        ),
    )
)
"""Functions a statement may call, by the parser's names; each is known to mean the same on every engine or is tried there."""


@cache
def parsed(text: str) -> exp.Expr:
    """The parsed statement; sqlglot.ParseError for text that is no single DuckDB statement."""
    return sqlglot.parse_one(text, dialect="duckdb")


def reads(text: str) -> tuple[str, ...]:
    """The tables that a statement reads, sorted; `previous.X` with its prefix, its own common table expressions left out.

    >>> reads("WITH a AS (SELECT x FROM due) SELECT a.x FROM a JOIN previous.position AS p ON true")
    ('due', 'previous.position')
    """
    tree = parsed(text)
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if table.name]
    names = {f"{table.db}.{table.name}" if table.db else table.name for table in tables}
    return tuple(sorted(name for name in names if name not in own))


def functions(text: str) -> tuple[str, ...]:
    """The functions that a statement calls, in lower case and sorted."""
    return tuple(sorted(set(_function_names(parsed(text)))))


def _function_names(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.Func):
        if isinstance(node, exp.Anonymous):
            yield node.name.lower()
        elif not isinstance(node, exp.Connector | exp.Case | exp.If | exp.Exists):
            yield node.sql_name().lower()


def texts(step: Step) -> tuple[str, ...]:
    """All statements that can make the step's table: the full one and its increment."""
    return (step.text(), step.text(after_yesterday=True)) if step.increment or step.by_key else (step.text(),)


def writer_of(table: str) -> Step | None:
    """The step that makes a table, or None when intake or the lender does."""
    return next((step for step in STEPS if step.table == table), None)
