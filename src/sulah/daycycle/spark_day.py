"""The day on a Spark cluster: the same steps over the same shards, the same tables in the same layout, wherever the book lies.

All loans of a person lie in one shard, and each table of a shard is one partition: joins, windows and groupings of a person step
need no shuffle, and memory depends on the shard and not on the book. Shards run side by side, as many as the cluster has cores.
Book steps read the outputs of all.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layers import shards_of, write_whole
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.port import Engine
from sulah.adapters.engines.spark import SparkEngine, connect_spark, spark_version
from sulah.adapters.engines.spark_store import fetch, forget, put_missing
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.engine import Inputs, Made, Make, Tables, Tell, bound, memory_for, previous_files
from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, STEPS, Step
from sulah.kernel.points import reach
from sulah.kernel.refusal import Refusal
from sulah.policy.columns import SHEETS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a day runs on Spark: the master, the URI of the book as driver and executors see it, and Spark settings of theirs.

    store: `s3a://bucket/book` or `file:///shared/book`; the layout below it is the book's own (`loads/`, `days/`).
    tasks: shards made side by side; the number of cores of the cluster.
    """

    master: str
    store: str
    tasks: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)


class NoClusterError(Refusal):
    """lender.toml does not say where a day runs on Spark; the words say what to write."""


def maker_of(lender: Lender, cluster: Cluster) -> Make:
    """What `run_day` calls in place of the embedded engine for a day on Spark."""
    return lambda inputs, folder, tell: make_tables_on(cluster, inputs, folder, lender.book, tell)


def code_on_spark(code: str) -> str:
    """The code of a day made on Spark, with the engine whose bytes they are; NoSparkError without PySpark."""
    return f"{code} on Spark {spark_version()}"


def cluster_of(lender: Lender, master: str | None = None, executor_memory: str | None = None) -> Cluster:
    """The cluster that `[spark]` of lender.toml names; NoClusterError says what is missing.

    master and store are texts, tasks a whole number (left out: 2), `[spark.settings]` Spark settings as texts. Without a store,
    the lender's own book is it: right where every executor mounts it under the same path.  A master or an executor's memory
    given here stands over the file's.
    """
    given = lender.settings.get("spark", {})
    named = master or (given.get("master") if isinstance(given, dict) else None)
    if not isinstance(given, dict) or not isinstance(named, str):
        raise NoClusterError(
            "No cluster is named. Say --master spark://HOST:7077, or write [spark] with a line "
            'master = "spark://HOST:7077" into lender.toml (docs/operate/spark.md).'
        )
    store, tasks, settings = given.get("store", lender.book.as_uri()), given.get("tasks", 2), given.get("settings", {})
    if not isinstance(tasks, int) or isinstance(tasks, bool) or tasks < 1:
        raise NoClusterError(f"lender.toml: tasks under [spark] is {tasks!r}; write a whole number, 1 or more.")
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise NoClusterError("lender.toml: every line under [spark.settings] is a text in quotes.")
    memory = {} if executor_memory is None else {"spark.executor.memory": executor_memory}
    return Cluster(named, str(store), tasks, {**settings, **memory})


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: its inputs, where the book and the run's folder lie on this machine, and where the executors see them.

    memory: the class memory in place of that of the day before, where loans changed hands.
    """

    inputs: Inputs
    folder: Path
    book: Path
    store: str
    memory: pa.Table | None = None

    def uri(self, path: Path) -> str:
        """Where the executors find a file of the book; a folder outside it (a replay kept elsewhere) gets a place under replays/."""
        inside = path.relative_to(self.book) if path.is_relative_to(self.book) else "replays" / path.relative_to(self.folder.parent)
        return f"{self.store.rstrip('/')}/{inside.as_posix()}"

    @property
    def whole(self) -> Path:
        """Where the tables lie whole that the load has in layers, while the day runs."""
        return self.folder / "spill" / "whole"

    def of_load(self, table: str) -> Path:
        """The file of an accepted table of the load, the folder of a derived one: whole, also where the load lies in layers."""
        name = f"accepted/{table}.parquet" if table in ACCEPTED_TABLES else table
        return self.whole / name if (self.whole / name).exists() else self.inputs.load / name

    def given(self) -> list[Path]:
        """All files that the steps read and that no step of today makes."""
        accepted = [self.of_load(table) for table in ACCEPTED_TABLES]
        intake = [path for table in INTAKE_TABLES for path in sorted(self.of_load(table).glob("*.parquet"))]
        previous = [path for paths in previous_files(self.inputs).values() for path in paths]
        return [*intake, *(path for path in accepted if path.is_file()), *previous]


def make_tables_on(cluster: Cluster, inputs: Inputs, folder: Path, book: Path, tell: Tell | None = None) -> Tables:
    """Write every table of the day into a folder of the book, made by a cluster; the files by table, as `make_tables` gives them.

    The files of the load and of the day before are copied to the store where their bytes are not there yet; each table made is left
    there under the layout of the book and copied into `folder`, so that ledger, pages and check go on as with one machine.
    A run that fails, or that is no day (a replay), leaves nothing of its own in the store.
    Rows are those of the embedded engine; the bytes are Spark's, the same each time.
    """
    inputs = replace(inputs, load=inputs.load.absolute())
    run = _Run(inputs, folder.absolute(), book.absolute(), cluster.store, memory_for(inputs))
    write_whole(run.inputs.load, run.whole)
    session = connect_spark(cluster.master, cluster.settings)
    try:
        put_missing((path, run.uri(path)) for path in run.given())
        made = _all_steps(session, run, cluster.tasks, tell)
    except BaseException:
        with suppress(OSError):  # what went wrong first is what is told
            forget(run.uri(run.folder), run.folder)
        raise
    done_with = run.folder if run.folder.parent != run.book / "days" else run.whole
    forget(run.uri(done_with), done_with)
    reach("day.tables_done")
    return made


def _all_steps(session: "SparkSession", run: _Run, tasks: int, tell: Tell | None) -> Tables:
    made = {step.table: Made() for step in STEPS}
    shards = shards_of(run.inputs.load)
    with ThreadPoolExecutor(max(1, min(tasks, len(shards)))) as pool:
        work = [pool.submit(_person_steps, session, run, shard, _told(tell, number, len(shards))) for number, shard in enumerate(shards)]
        try:
            for done in work:
                _take(made, done.result())
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    _take(made, _book_steps(session, run, _told(tell, 1, 1)))
    return made


def _told(tell: Tell | None, done: int, total: int) -> Callable[[str], None]:
    return lambda table: None if tell is None else tell(table, done, total)


def _take(made: Tables, more: Tables) -> None:
    for table, part in more.items():
        made[table].add(part)


def _person_steps(session: "SparkSession", run: _Run, shard: str, tell: Callable[[str], None]) -> Tables:
    engine = SparkEngine(session)
    reach("day.shard_begun")
    for table in INTAKE_TABLES:
        there = table != "touched" or run.inputs.load_touched
        engine.show(table, TABLES[table], [run.uri(run.of_load(table) / shard)] if there else [])
    hold_policy(engine, run.inputs)
    hold_previous_day(engine, run.inputs)
    for table, paths in previous_files(run.inputs, shard).items():
        if table == "asset_memory" and run.memory is not None:
            engine.hold(f"previous.{table}", run.memory)
        else:
            engine.show(f"previous.{table}", TABLES[table], [run.uri(path) for path in paths])
    steps = [step for step in STEPS if step.scope is Scope.PERSON]
    made = {step.table: _made(engine, step, run, shard, tell) for step in steps}
    engine.close()
    reach("day.shard_done")
    return made


def _book_steps(session: "SparkSession", run: _Run, tell: Callable[[str], None]) -> Tables:
    engine = SparkEngine(session, whole=True)
    shards = shards_of(run.inputs.load)
    for step in STEPS:
        if step.scope is Scope.PERSON:
            engine.show(step.table, step.contract, [run.uri(run.folder / step.table / shard) for shard in shards])
    for table in INTAKE_TABLES:
        engine.show(table, TABLES[table], [run.uri(run.of_load(table) / shard) for shard in shards])
    for table in ACCEPTED_TABLES:
        path = run.of_load(table)
        engine.show(table, TABLES[table], [run.uri(path)] if path.is_file() else [])
    hold_policy(engine, run.inputs)
    made = {step.table: _made(engine, step, run, "0000.parquet", tell) for step in STEPS if step.scope is Scope.BOOK}
    engine.close()
    return made


def _made(engine: Engine, step: Step, run: _Run, name: str, tell: Callable[[str], None]) -> Made:
    """Run a step on the cluster and bring its file home."""
    tell(step.table)
    since = time.perf_counter()
    path = run.folder / step.table / name
    text = step.text(after_yesterday=run.inputs.increments(step))
    rows = engine.make(step.contract, bound(text, run.inputs.as_of), run.uri(path))
    reach("day.statement_run")
    # also where the store is the book itself: what an executor wrote is not yet known to be on the disk
    with durable(path) as temporary:
        digest = fetch(run.uri(path), temporary)
    reach("day.file_written")
    return Made([{"file": f"{step.table}/{name}", "sha256": digest, "rows": rows}], rows, time.perf_counter() - since)


def hold_policy(engine: Engine, inputs: Inputs) -> None:
    """Every policy table of the entity under `policy_<table>`."""
    for sheet in SHEETS:
        engine.hold(f"policy_{sheet}", inputs.policy.arrow(sheet))


def hold_previous_day(engine: Engine, inputs: Inputs) -> None:
    """The dates of the last committed day and of its extract in previous_day (no row on a first day)."""
    days = [] if inputs.previous_as_of is None else [inputs.previous_as_of]
    extracts = [inputs.previous_load_as_of or day for day in days]
    engine.hold("previous_day", pa.table({"as_of": pa.array(days, pa.date32()), "load_as_of": pa.array(extracts, pa.date32())}))
