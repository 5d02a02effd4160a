"""A statement in DuckDB's dialect as the same statement for Spark: SQLGlot, and rules of our own where it would go wrong.

Each rule stands where the two engines were seen to differ, loudly or in silence; tests/spark/test_dialect.py runs every rule on
both engines. A construct that no rule knows is refused, so that a new statement cannot mean something else on Spark.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from sulah.adapters.engines.spark_letters import lower, upper
from sulah.kernel.refusal import Refusal

PREVIOUS = "previous__"
"""What stands before the name of a table of the day before: a temporary view of Spark has no schema."""

SAME = frozenset(
    (
        *("abs", "cast", "coalesce", "concat_ws", "count", "day", "dense_rank", "exists", "greatest", "group_concat", "inline", "lead"),
        *("least", "left", "length", "list_agg", "logical_and", "logical_or", "max", "min", "month", "replace", "right", "row_number"),
        *("sha2", "substring", "sum", "year"),
    )
)
"""Functions that mean the same on both engines as SQLGlot writes them."""


class NotPortableError(Refusal):
    """A statement uses something that is not known to mean the same on Spark; the words name it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of a statement, in order; the last has the name "" and is its answer.

    kept: more than one later part reads it, so it is computed once and not once a reader.
    """

    name: str
    sql: str
    kept: bool


def parts(statement: str) -> tuple[Part, ...]:
    """The statement for Spark, each common table expression as a part of its own under `part__<name>`.

    Spark copies a common table expression to every place that reads it; with twenty that read each other a plan grows beyond
    use. NotPortableError names what cannot be translated.

    >>> for part in parts("WITH a AS (SELECT date_diff('day', d.x, d.y) AS n FROM due AS d) SELECT a.n FROM a ORDER BY a.n"):
    ...     print(part.sql)
    SELECT CAST(DATEDIFF(`d`.`y`, `d`.`x`) AS BIGINT) AS `n` FROM `due` AS `d`
    SELECT `a`.`n` FROM `part__a` AS `a` ORDER BY `a`.`n` NULLS LAST
    """
    tree = _rewritten(sqlglot.parse_one(statement, dialect="duckdb"))
    with_ = tree.args.get("with_")
    if with_ is not None and with_.args.get("recursive"):
        raise NotPortableError("WITH RECURSIVE is not known to run on Spark: write the statement without it.")
    if with_ is not None and any(cte.args["alias"].columns for cte in with_.expressions):
        raise NotPortableError("WITH name (columns): name the columns in its select list.")
    named = [(cte.alias_or_name, cte.this) for cte in with_.expressions] if with_ is not None else []
    if with_ is not None:
        tree.set("with_", None)
    whole = [*named, ("", tree)]
    if nested := [node for _, part in whole for node in part.find_all(exp.With)]:
        raise NotPortableError(f"A WITH inside a WITH ({nested[0].sql(dialect='duckdb')[:60]}): put its parts at the top.")
    names = {name for name, _ in named}
    readers = Counter(table.name for _, part in whole for table in part.find_all(exp.Table) if table.name in names)
    return tuple(Part(f"part__{name}" if name else "", _text(part, names), readers[name] > 1) for name, part in whole)


def _text(tree: exp.Expr, names: set[str]) -> str:
    for table in tree.find_all(exp.Table):
        if table.name in names:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(f"part__{table.name}"))
    return tree.sql(dialect="spark", identify=True, comments=False)


def _rewritten(tree: exp.Expr) -> exp.Expr:
    """Every node under the rule of its kind, inner ones first; refusal of what no rule knows."""
    for node in tree.find_all(*_REFUSED):
        if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count):
            continue
        raise NotPortableError(f"{_REFUSED[type(node)]} (in: {node.sql(dialect='duckdb')[:80]})")
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule is not None:
            new = rule(node)
            if new is not node:
                node.replace(new)
        elif isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Case | exp.If):
            name = node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
            if name not in SAME and name not in _OURS:
                raise NotPortableError(f"The function {name} was never tried on Spark: add it to the dialect with a test on both engines.")
    return tree


_OURS: frozenset[str] = frozenset(
    ("datediff", "date_add", "date_sub", "add_months", "conv", "regexp_replace", "translate", "lower", "upper")
)
_REFUSED: dict[type[exp.Expr], str] = {
    exp.Div: "A division with / gives fractions: use // for whole paise",
    exp.Star: "Name every column",
    exp.Qualify: "QUALIFY is expanded wrongly on Spark: put the window in a common table expression",
    exp.Placeholder: "Fill in the parameters first",
}


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def _table(node: exp.Expr) -> exp.Expr:
    """previous.X -> previous__X."""
    if isinstance(node, exp.Table) and node.db == "previous":
        node.set("this", exp.to_identifier(PREVIOUS + node.name))
        node.set("db", None)
    return node


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Boundaries crossed, as DuckDB counts them; Spark's own month difference counts whole months."""
    end, start, unit = node.this, node.expression, (node.text("unit") or "DAY").upper()
    if unit == "DAY":
        return exp.cast(_call("DATEDIFF", end, start), exp.DataType.Type.BIGINT)
    years = exp.paren(exp.Sub(this=exp.Year(this=end.copy()), expression=exp.Year(this=start.copy())))
    if unit == "YEAR":
        return exp.cast(years, exp.DataType.Type.BIGINT)
    if unit == "MONTH":
        months = exp.Sub(this=exp.Month(this=end.copy()), expression=exp.Month(this=start.copy()))
        twelve = exp.Mul(this=years, expression=exp.Literal.number(12))
        return exp.cast(exp.paren(exp.Add(this=twelve, expression=exp.paren(months))), exp.DataType.Type.BIGINT)
    raise NotPortableError(f"date_diff by {unit.lower()} was never tried on Spark; day, month and year were.")


def _moved(node: exp.Expr) -> exp.Expr:
    """date + to_days(n), date - to_months(n): a date, and the last day of a shorter month."""
    left, right = node.this, node.expression
    if isinstance(right, exp.ToDays):
        return _call("DATE_ADD" if isinstance(node, exp.Add) else "DATE_SUB", left, exp.cast(right.this.copy(), exp.DataType.Type.INT))
    if isinstance(right, exp.Anonymous) and right.name.lower() == "to_months":
        count: exp.Expr = exp.cast(right.expressions[0].copy(), exp.DataType.Type.INT)
        return _call("ADD_MONTHS", left, count if isinstance(node, exp.Add) else exp.Neg(this=count))
    return node


def _interval(node: exp.Expr) -> exp.Expr:
    if node.text("unit").upper() not in {"DAY", "MONTH", "YEAR"} or not isinstance(node.this, exp.Literal):
        raise NotPortableError(f"{node.sql(dialect='duckdb')} was never tried on Spark: use whole days, months or years.")
    return node


def _interval_function(node: exp.Expr) -> exp.Expr:
    if not isinstance(node.parent, exp.Add | exp.Sub) or node.arg_key != "expression":
        raise NotPortableError(f"{node.sql(dialect='duckdb')} is only known after a plus or a minus, with a date before it.")
    return node


def _anonymous(node: exp.Expr) -> exp.Expr:
    name = node.name.lower()
    if name == "to_months":
        return _interval_function(node)
    if name == "hash":
        return _hash(node)
    if name not in SAME and name not in _OURS:
        raise NotPortableError(f"The function {name} was never tried on Spark: add it to the dialect with a test on both engines.")
    return node


def _hash(node: exp.Expr) -> exp.Expr:
    """Sums of hashes tell rows apart on one engine and are not the other's; Spark passes over empty values, so they are said aloud."""
    if not isinstance(node.parent, exp.Sum):
        raise NotPortableError(
            f"{node.sql(dialect='duckdb')[:80]}: each engine has hashes of its own, so only a sum of them to compare is known."
        )
    told = [word for value in node.expressions for word in (exp.Is(this=value.copy(), expression=exp.null()), value)]
    return exp.cast(_call("XXHASH64", *told), exp.DataType.build("DECIMAL(38,0)"))


def _cast(node: exp.Expr) -> exp.Expr:
    """A 128-bit integer is a decimal of 38 digits; a text of hexadecimal digits is read by conv."""
    kind, given = node.args["to"], node.this.unnest()
    if kind.this == exp.DataType.Type.INT128:
        node.set("to", exp.DataType.build("DECIMAL(38,0)"))
    if isinstance(given, exp.DPipe) and isinstance(given.this, exp.Literal) and given.this.name == "0x":
        return exp.cast(_call("CONV", given.expression, exp.Literal.number(16), exp.Literal.number(10)), kind.copy())
    return node


def _regexp_replace(node: exp.Expr) -> exp.Expr:
    """DuckDB replaces the first match unless told `g`, Spark all of them; a Java `$` also matches before a last line break."""
    pattern, modifiers = node.expression, node.text("modifiers")
    words = node.sql(dialect="duckdb")[:80]
    if not isinstance(pattern, exp.Literal) or modifiers not in {"", "g"} or set(node.text("replacement")) & {"\\", "$"}:
        raise NotPortableError(f"{words}: only a written pattern, the flag g and a plain replacement were tried.")
    if not modifiers and not pattern.name.startswith("^") and not pattern.name.endswith("$"):
        raise NotPortableError(f"{words} replaces the first match only; on Spark that needs ^ or $ in the pattern.")
    text = pattern.name[:-1] + r"\z" if pattern.name.endswith("$") else pattern.name
    return _call("REGEXP_REPLACE", node.this, exp.Literal.string(text), node.args["replacement"])


def _trim(node: exp.Expr) -> exp.Expr:
    """DuckDB takes off every kind of Unicode space, Spark only the plain one."""
    if node.args.get("expression") is not None or node.args.get("position"):
        raise NotPortableError(f"{node.sql(dialect='duckdb')[:80]}: only trim(text) was tried on Spark.")
    return _call("REGEXP_REPLACE", node.this, exp.Literal.string(r"^\p{Zs}+|\p{Zs}+\z"), exp.Literal.string(""))


def _in(node: exp.Expr) -> exp.Expr:
    """text IN (SELECT ...) outside a plain condition: Spark says false where SQL says empty, so the third answer is said aloud."""
    query = node.args.get("query")
    if query is None or _plain_condition(node):
        return node
    select = query.unnest()
    if not isinstance(select, exp.Select) or len(select.selects) != 1 or _looks_outside(select):
        raise NotPortableError(
            f"{node.sql(dialect='duckdb')[:80]}: only a SELECT of one column that reads its own tables was tried on Spark."
        )
    select.set("expressions", [exp.alias_(select.selects[0].unalias(), "member")])
    rows = exp.Subquery(this=select.copy(), alias=exp.TableAlias(this=exp.to_identifier("s")))
    some, filled = (exp.Subquery(this=exp.select(count).from_(rows.copy())) for count in ("COUNT(1)", "COUNT(s.member)"))
    is_empty = exp.Is(this=node.this.copy(), expression=exp.null())
    return exp.paren(
        exp.Case()
        .when(exp.paren(exp.In(this=node.this.copy(), query=query.copy())), exp.true())
        .when(exp.EQ(this=some, expression=exp.Literal.number(0)), exp.false())
        .when(exp.Or(this=is_empty, expression=exp.LT(this=filled, expression=some.copy())), exp.null())
        .else_(exp.false())
    )


def _plain_condition(node: exp.Expr) -> bool:
    """Is it a part of WHERE, HAVING or ON where false and empty come to the same, or a NOT IN that stands alone there?"""
    above, negated, either = node.parent, False, False
    while isinstance(above, exp.And | exp.Or | exp.Paren | exp.Not):
        negated, either = negated or isinstance(above, exp.Not), either or isinstance(above, exp.Or)
        above = above.parent
    return isinstance(above, exp.Where | exp.Having | exp.Join) and not (negated and either)


def _looks_outside(select: exp.Select) -> bool:
    own = {source.alias_or_name for source in select.find_all(exp.Table, exp.Subquery)}
    return any(column.table not in own for column in select.find_all(exp.Column))


def _row(cells: list[exp.Expr], columns: list[str]) -> exp.Select:
    return exp.Select(expressions=[exp.alias_(cell.copy(), name) for cell, name in zip(cells, columns, strict=True)])


def _lateral(node: exp.Expr) -> exp.Expr:
    """LATERAL (VALUES ...): Spark takes no outer column in VALUES, but does in a union of selects."""
    values = node.this.this if isinstance(node.this, exp.Subquery) else None
    if not isinstance(values, exp.Values):
        return node
    alias = node.args["alias"]
    columns = [column.name for column in alias.columns]
    rows = [_row(row.expressions, columns) for row in values.expressions]
    whole: exp.Expr = rows[0]
    for row in rows[1:]:
        whole = exp.Union(this=whole, expression=row, distinct=False)
    node.set("this", exp.Subquery(this=whole))
    return node


_RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Table: _table,
    exp.DateDiff: _date_diff,
    exp.Add: _moved,
    exp.Sub: _moved,
    exp.ToDays: _interval_function,
    exp.Interval: _interval,
    exp.In: _in,
    exp.Anonymous: _anonymous,
    exp.Cast: _cast,
    exp.RegexpReplace: _regexp_replace,
    exp.Trim: _trim,
    exp.Lower: lower,
    exp.Upper: upper,
    exp.Lateral: _lateral,
}
