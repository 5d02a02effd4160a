"""Runs the statements of a day over shards of borrowers, then over the whole book, and writes every table durably."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from sulah.adapters.book.durable import durable, sha256_of
from sulah.adapters.engines.duck import connect, literal, view_of_files, write_parquet
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES, STEPS, Step
from sulah.kernel.points import reach, register
from sulah.policy.columns import SHEETS
from sulah.policy.rows import EntityPolicy

register("day.shard_begun", "day.statement_run", "day.file_written", "day.shard_done", "day.book_step_done", "day.tables_done")

Tell = Callable[[str, int, int], None]
"""Called with a step's table, the part done and the parts there are: progress for people."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a day is made from: the same inputs give the same bytes.

    load: folder of the load; previous: files of each table of the last committed day, previous_as_of its date and
    previous_load_as_of that of the extract it stood on.
    """

    as_of: date
    load: Path
    policy: EntityPolicy
    previous_as_of: date | None = None
    previous_load_as_of: date | None = None
    previous: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)

    @property
    def after_yesterday(self) -> bool:
        """Was the day before committed?  Then increments are enough."""
        return self.previous_as_of is not None and (self.as_of - self.previous_as_of).days == 1


@dataclass(slots=True)
class Made:
    """The files of one table of the day, with rows and digests, in shard order."""

    files: list[dict[str, object]] = field(default_factory=list)
    rows: int = 0


def make_tables(inputs: Inputs, folder: Path, tell: Tell | None = None, steps: Sequence[Step] = STEPS) -> dict[str, Made]:
    """Write every table of the day into a folder; the files by table.  Bytes depend on the inputs only.

    steps: the first so many of STEPS, for measuring a part of the day; a committed day has all of them.
    """
    made = {step.table: Made() for step in steps}
    shards = sorted((inputs.load / "account").glob("*.parquet"))
    for number, shard in enumerate(shards):
        _person_steps(inputs, folder, shard.name, steps, made, partial(_tell_part, tell, number, len(shards)))
    if any(step.scope is Scope.BOOK for step in steps):
        _book_steps(inputs, folder, made, partial(_tell_part, tell, 1, 1))
    reach("day.tables_done")
    return made


def _tell_part(tell: Tell | None, done: int, total: int, table: str) -> None:
    if tell is not None:
        tell(table, done, total)


def _person_steps(
    inputs: Inputs, folder: Path, shard: str, steps: Sequence[Step], made: dict[str, Made], tell: Callable[[str], None]
) -> None:
    connection = connect(spill=folder / "spill")
    reach("day.shard_begun")
    for table in INTAKE_TABLES:
        view_of_files(connection, table, [inputs.load / table / shard])
    register_policy(connection, inputs.policy)
    register_previous(connection, inputs)
    for step in (step for step in steps if step.scope is Scope.PERSON):
        tell(step.table)
        execute(connection, step, inputs)
        reach("day.statement_run")
        _write(connection, step, folder / step.table / shard, made)
    connection.close()
    reach("day.shard_done")


def _book_steps(inputs: Inputs, folder: Path, made: dict[str, Made], tell: Callable[[str], None]) -> None:
    connection = connect(spill=folder / "spill")
    for step in STEPS:
        if step.scope is Scope.PERSON:
            view_of_files(connection, step.table, sorted((folder / step.table).glob("*.parquet")))
    for table in INTAKE_TABLES:
        view_of_files(connection, table, sorted((inputs.load / table).glob("*.parquet")))
    for table in ACCEPTED_TABLES:
        path = inputs.load / "accepted" / f"{table}.parquet"
        view_of_files(connection, table, [path]) if path.is_file() else connection.execute(TABLES[table].ddl())
    register_policy(connection, inputs.policy)
    for step in (step for step in STEPS if step.scope is Scope.BOOK):
        tell(step.table)
        execute(connection, step, inputs)
        _write(connection, step, folder / step.table / "0000.parquet", made)
        reach("day.book_step_done")
    connection.close()


def execute(connection: duckdb.DuckDBPyConnection, step: Step, inputs: Inputs) -> None:
    """Run a step's statement into a table of its name, on a connection that holds its inputs."""
    text = step.text(after_yesterday=inputs.after_yesterday)
    connection.execute(f"CREATE TABLE {step.table} AS {bound(text, inputs.as_of)}")


def bound(text: str, as_of: date) -> str:
    """The statement with its only parameter filled in (a CREATE TABLE takes no parameters)."""
    return text.replace("$as_of", f"DATE {literal(as_of.isoformat())}")


def _write(connection: duckdb.DuckDBPyConnection, step: Step, path: Path, made: dict[str, Made]) -> None:
    columns = ", ".join(f'CAST("{column.name}" AS {column.kind.value}) AS "{column.name}"' for column in step.contract.columns)
    with durable(path) as temporary:
        rows = write_parquet(connection, f"SELECT {columns} FROM {step.table}", temporary)
    reach("day.file_written")
    entry = made[step.table]
    entry.files.append({"file": f"{step.table}/{path.name}", "sha256": sha256_of(path), "rows": rows})
    entry.rows += rows


def register_policy(connection: duckdb.DuckDBPyConnection, policy: EntityPolicy) -> None:
    """Every policy table of the entity under `policy_<table>`."""
    for sheet in SHEETS:
        connection.register(f"policy_{sheet}", policy.arrow(sheet))


def register_previous(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """The tables of the last committed day under `previous.X`, and its date in previous_day (no row on a first day)."""
    connection.execute("CREATE SCHEMA previous")
    connection.execute("CREATE TABLE previous_day (as_of DATE, load_as_of DATE)")
    if inputs.previous_as_of is not None:
        connection.execute(
            "INSERT INTO previous_day VALUES (?, ?)", [inputs.previous_as_of, inputs.previous_load_as_of or inputs.previous_as_of]
        )
    for table in PREVIOUS_TABLES:
        _previous(connection, table, inputs.previous.get(table, ()))


def _previous(connection: duckdb.DuckDBPyConnection, table: str, paths: Iterable[Path]) -> None:
    listed = ", ".join(literal(str(path)) for path in paths)
    if listed:
        connection.execute(f"CREATE VIEW previous.{table} AS FROM read_parquet([{listed}])")
    else:
        connection.execute(TABLES[table].ddl().replace(f"CREATE TABLE {table}", f"CREATE TABLE previous.{table}"))
