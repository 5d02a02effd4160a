"""Runs the statements of a day over shards of borrowers, then over the whole book, and writes every table durably."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from sulah.adapters.book.durable import durable, sha256_of
from sulah.adapters.book.layers import rows_of_load, shards_of, view_of_load
from sulah.adapters.engines.duck import connect, literal, view_of_files, write_parquet
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.handover import memory_brought_along
from sulah.daycycle.steps import ACCEPTED_TABLES, CARRIED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES, STEPS, Step
from sulah.kernel.points import reach, register
from sulah.policy.columns import SHEETS
from sulah.policy.rows import EntityPolicy

register("day.shard_begun", "day.statement_run", "day.file_written", "day.shard_done", "day.book_step_done", "day.tables_done")

MEMORY_MB = 1500
"""What the engines of all workers together may hold before they spill."""

KEPT_IN_MEMORY = ("stale", "state", "pause_window", "position", "watch", "borrower_day", "asset_memory")
"""Tables of a shard that many later statements read."""

Tell = Callable[[str, int, int], None]
"""Called with a step's table, the part done and the parts there are: progress for people."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a day is made from: the same inputs give the same bytes.

    load: folder of the load; previous: files of each table of the last committed day, previous_as_of its date,
    previous_load the folder of the load it stood on and previous_load_as_of that one's date.  carried: may its rows be taken over?
    load_touched: did the load touch loans since that day?  False when that day stood on the same load.
    """

    as_of: date
    load: Path
    policy: EntityPolicy
    previous_as_of: date | None = None
    previous_load_as_of: date | None = None
    previous: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    carried: bool = False
    load_touched: bool = True
    previous_load: Path | None = None

    @property
    def after_yesterday(self) -> bool:
        """Was the day before committed?  Then increments are enough."""
        return self.previous_as_of is not None and (self.as_of - self.previous_as_of).days == 1

    def increments(self, step: Step) -> bool:
        """Is the increment of this step enough?"""
        return (step.increment or step.by_key) and (self.carried if step.carries else self.after_yesterday)


@dataclass(slots=True)
class Made:
    """The files of one table of the day, with rows and digests, in shard order; seconds are for the run report only."""

    files: list[dict[str, object]] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0

    def add(self, other: "Made") -> None:
        """Take in what another shard wrote."""
        self.files += other.files
        self.rows += other.rows
        self.seconds += other.seconds


Tables = dict[str, Made]

Make = Callable[[Inputs, Path, Tell | None], Tables]
"""What makes the tables of a day: make_tables, or another engine in its place."""


def make_tables(inputs: Inputs, folder: Path, tell: Tell | None = None, steps: Sequence[Step] = STEPS, workers: int = 1) -> Tables:
    """Write every table of the day into a folder; the files by table.  Bytes depend on the inputs only.

    steps: the first so many of STEPS, for measuring a part of the day; a committed day has all of them.
    workers: shards, then steps of the book, made side by side, each on an engine of its own with one thread: the bytes stay the same.
    """
    made = {step.table: Made() for step in steps}
    shards = shards_of(inputs.load)
    person = [step for step in steps if step.scope is Scope.PERSON]
    memory = memory_for(inputs)
    cores, workers = workers, max(1, min(workers, len(shards)))
    (folder / "spill").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers) as pool:
        told = [_told(tell, number, len(shards)) for number in range(len(shards))]
        work = [
            pool.submit(_person_steps, inputs, folder, shard, person, told[place], workers, memory) for place, shard in enumerate(shards)
        ]
        try:
            for done in work:
                _take(made, done.result())
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    book = [step for step in steps if step.scope is Scope.BOOK]
    _take(made, _book_steps(inputs, folder, book, _told(tell, 1, 1), cores))
    reach("day.tables_done")
    return made


def _take(made: Tables, more: Tables) -> None:
    for table, part in more.items():
        made[table].add(part)


def _told(tell: Tell | None, done: int, total: int) -> Callable[[str], None]:
    return lambda table: None if tell is None else tell(table, done, total)


def _person_steps(
    inputs: Inputs, folder: Path, shard: str, steps: Sequence[Step], tell: Callable[[str], None], workers: int, memory: pa.Table | None
) -> Tables:
    made: Tables = {}
    connection = connect(spill=folder / "spill" / shard, memory_mb=MEMORY_MB // workers)
    reach("day.shard_begun")
    for table in INTAKE_TABLES:
        if table == "touched" and not inputs.load_touched:
            connection.execute(TABLES[table].ddl())
        else:
            view_of_load(connection, table, rows_of_load(inputs.load, table, shard))
    register_policy(connection, inputs.policy)
    register_previous(connection, inputs, shard, memory)
    for step in steps:
        tell(step.table)
        made[step.table] = _made(connection, step, inputs, folder / step.table / shard, "day.statement_run")
    connection.close()
    reach("day.shard_done")
    return made


def _book_steps(inputs: Inputs, folder: Path, steps: Sequence[Step], tell: Callable[[str], None], workers: int) -> Tables:
    """Each on an engine of its own, side by side, as soon as the book steps that it reads are done."""
    waiting = {step: {other.table for other in steps[:place] if _names(step.text(), other.table)} for place, step in enumerate(steps)}
    finished: Tables = {}
    running: dict[Future[Made], Step] = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            while waiting or running:
                for step in [step for step, needed in waiting.items() if needed <= finished.keys()]:
                    del waiting[step]
                    running[pool.submit(_book_step, inputs, folder, step, MEMORY_MB // workers)] = step
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    step = running.pop(done)
                    tell(step.table)  # from here, so that whoever is told is not called by two threads at once
                    finished[step.table] = done.result()
            return finished
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _book_step(inputs: Inputs, folder: Path, step: Step, memory_mb: int) -> Made:
    text = step.text()
    connection = connect(spill=folder / "spill" / step.table, memory_mb=memory_mb)
    for other in STEPS[: STEPS.index(step)]:
        if _names(text, other.table):
            view_of_files(connection, other.table, sorted((folder / other.table).glob("*.parquet")))
    for table in (*INTAKE_TABLES, *ACCEPTED_TABLES):
        if not _names(text, table):
            continue
        rows = rows_of_load(inputs.load, table)
        view_of_load(connection, table, rows) if rows.files else connection.execute(TABLES[table].ddl())
    register_policy(connection, inputs.policy)
    made = _made(connection, step, inputs, folder / step.table / "0000.parquet", "day.book_step_done")
    connection.close()
    return made


def _names(text: str, table: str) -> bool:
    """Does the statement speak of the table?  A word too many (in a comment, an alias) costs a view that nobody reads."""
    return re.search(rf"\b{table}\b", text) is not None


def _made(connection: duckdb.DuckDBPyConnection, step: Step, inputs: Inputs, path: Path, point: str) -> Made:
    """Run a step and write its table, which the connection holds afterwards; how long it took.

    A table that many later statements read is kept in memory; any other goes straight into its file, and is read from there.
    """
    since = time.perf_counter()
    kept = step.table in KEPT_IN_MEMORY
    if kept:
        execute(connection, step, inputs)
    query = step.table if kept else f"({_text(step, inputs)})"
    columns = ", ".join(f'CAST(x."{column.name}" AS {column.kind.value}) AS "{column.name}"' for column in step.contract.columns)
    with durable(path) as temporary:
        rows = write_parquet(connection, f"SELECT {columns} FROM {query} AS x", temporary)
        reach(point)
    reach("day.file_written")
    if not kept:
        view_of_files(connection, step.table, [path])
    entry: dict[str, object] = {"file": f"{step.table}/{path.name}", "sha256": sha256_of(path), "rows": rows}
    return Made([entry], rows, time.perf_counter() - since)


def execute(connection: duckdb.DuckDBPyConnection, step: Step, inputs: Inputs) -> None:
    """Run a step's statement into a table of its name, on a connection that holds its inputs."""
    connection.execute(f"CREATE TABLE {step.table} AS {_text(step, inputs)}")


def _text(step: Step, inputs: Inputs) -> str:
    return bound(step.text(after_yesterday=inputs.increments(step)), inputs.as_of)


def bound(text: str, as_of: date) -> str:
    """The statement with its only parameter filled in (a CREATE TABLE takes no parameters)."""
    return text.replace("$as_of", f"DATE {literal(as_of.isoformat())}")


def register_policy(connection: duckdb.DuckDBPyConnection, policy: EntityPolicy) -> None:
    """Every policy table of the entity under `policy_<table>`."""
    for sheet in SHEETS:
        connection.register(f"policy_{sheet}", policy.arrow(sheet))


def register_previous(connection: duckdb.DuckDBPyConnection, inputs: Inputs, shard: str = "", memory: pa.Table | None = None) -> None:
    """The tables of the last committed day under `previous.X`, and its date in previous_day (no row on a first day).

    memory: the class memory in place of that day's own, where loans brought some to other people.
    """
    connection.execute("CREATE SCHEMA previous")
    connection.execute("CREATE TABLE previous_day (as_of DATE, load_as_of DATE)")
    if inputs.previous_as_of is not None:
        connection.execute(
            "INSERT INTO previous_day VALUES (?, ?)", [inputs.previous_as_of, inputs.previous_load_as_of or inputs.previous_as_of]
        )
    for table, paths in previous_files(inputs, shard).items():
        if table == "asset_memory" and memory is not None:
            connection.register("brought_along", memory)
            connection.execute("CREATE TABLE previous.asset_memory AS FROM brought_along")
        else:
            _previous(connection, table, paths)


def memory_for(inputs: Inputs) -> pa.Table | None:
    """The class memory that takes the place of the last committed day's own, where loans changed hands since; else none."""
    files = inputs.previous.get("asset_memory", ())
    return memory_brought_along(inputs.load, inputs.previous_load, files, inputs.as_of, touched_only=inputs.carried)


def previous_files(inputs: Inputs, shard: str = "") -> dict[str, tuple[Path, ...]]:
    """The files of the last committed day that a shard reads, by table; all of them where no shard is named.

    One file is enough where the day before had as many shards.  Rows that may not be carried on are not there.
    """
    shards = len(shards_of(inputs.load))
    found = {}
    for table in PREVIOUS_TABLES:
        paths = tuple(inputs.previous.get(table, ())) if inputs.carried or table not in CARRIED_TABLES else ()
        mine = tuple(path for path in paths if path.name == shard) if len(paths) == shards else ()
        found[table] = mine or paths
    return found


def _previous(connection: duckdb.DuckDBPyConnection, table: str, paths: Iterable[Path]) -> None:
    listed = ", ".join(literal(str(path)) for path in paths)
    if listed:
        connection.execute(f"CREATE VIEW previous.{table} AS FROM read_parquet([{listed}])")
    else:
        connection.execute(TABLES[table].ddl().replace(f"CREATE TABLE {table}", f"CREATE TABLE previous.{table}"))
