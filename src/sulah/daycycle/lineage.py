"""Where a column comes from: followed from statement to statement back to the accepted extract."""

from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.lineage import Node, lineage

from sulah.contracts.registry import TABLES
from sulah.daycycle.statements import reads, writer_of
from sulah.policy.columns import SHEETS, columns

_OUTSIDE = "policy, or the day before"


@dataclass(frozen=True, slots=True)
class Origin:
    """One column, its meaning, the expression that makes it, and the columns it is made from."""

    name: str
    meaning: str
    expression: str
    sources: tuple["Origin", ...] = field(default=())


def origin(table: str, column: str, _seen: tuple[str, ...] = ()) -> Origin:
    """The lineage of a column down to the tables intake writes; KeyError for an unknown table or column."""
    contract = TABLES[table]
    meaning = contract.column(column).meaning
    step = writer_of(table)
    name = f"{table}.{column}"
    if step is None or name in _seen:
        return Origin(name, meaning, "")
    root = lineage(column, step.text().replace("$as_of", "DATE '2000-01-01'"), schema=_schema(step.text()), dialect="duckdb")
    leaves = sorted({leaf for node in root.walk() for leaf in _leaf(node)})
    sources = tuple(
        origin(source, source_column, (*_seen, name)) if source in TABLES else Origin(f"{source}.{source_column}", _OUTSIDE, "")
        for source, source_column in leaves
    )
    return Origin(name, meaning, root.expression.sql(dialect="duckdb"), sources)


def _leaf(node: Node) -> list[tuple[str, str]]:
    if isinstance(node.expression, exp.Table) and not node.downstream:
        prefix = f"{node.expression.db}." if node.expression.db else ""
        return [(prefix + node.expression.name, node.name.rsplit(".", 1)[-1].strip('"'))]
    return []


def _schema(text: str) -> dict[str, object]:
    """The tables that a statement can read; a name stands in one schema only, or the parser cannot tell which is meant."""
    schema: dict[str, object] = {name: {column.name: column.kind.value for column in table.columns} for name, table in TABLES.items()}
    schema |= {f"policy_{sheet}": {column.name: column.kind.value for column in columns(sheet)} for sheet in SHEETS}
    schema["previous_day"] = {"as_of": "DATE", "load_as_of": "DATE"}
    past = {name.removeprefix("previous.") for name in reads(text) if name.startswith("previous.")}
    return {"main": {name: shape for name, shape in schema.items() if name not in past}, "previous": {name: schema[name] for name in past}}
