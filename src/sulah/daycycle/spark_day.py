"""The day on a Spark cluster: the same steps over the same shards, the same tables in the same layout, wherever the book lies.

All loans of a person lie in one shard, and each table of a shard is one partition: joins, windows and groupings of a person step
need no shuffle, and memory depends on the shard and not on the book. Shards run side by side, as many as the cluster has cores.
Book steps read the outputs of all.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.port import Engine
from sulah.adapters.engines.spark import SparkEngine, connect_spark
from sulah.adapters.engines.spark_store import fetch, put_missing
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.engine import Inputs, Made, Tell, bound
from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES, STEPS, Step
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


def maker_of(lender: Lender, master: str = "") -> Callable[[Inputs, Path, Tell | None], dict[str, Made]]:
    """What `run_day` calls in place of `make_tables` for a day on Spark; master, when given, stands over lender.toml's."""
    cluster = cluster_of(lender, master)
    return lambda inputs, folder, tell: make_tables_on(cluster, inputs, folder, lender.book, tell)


def cluster_of(lender: Lender, master: str = "") -> Cluster:
    """The cluster that `[spark]` of lender.toml names; NoClusterError says what is missing.

    master and store are texts, tasks a whole number (left out: 2), `[spark.settings]` Spark settings as texts. Without a store,
    the lender's own book is it: right where every executor mounts it under the same path.
    """
    given = lender.settings.get("spark", {})
    named = master or (given.get("master") if isinstance(given, dict) else None)
    if not isinstance(given, dict) or not isinstance(named, str):
        raise NoClusterError(
            'No cluster is named: write [spark] with a line master = "spark://HOST:7077" into lender.toml (docs/operate/spark.md).'
        )
    store, tasks, settings = given.get("store", lender.book.as_uri()), given.get("tasks", 2), given.get("settings", {})
    if not isinstance(tasks, int) or isinstance(tasks, bool) or tasks < 1:
        raise NoClusterError(f"lender.toml: tasks under [spark] is {tasks!r}; write a whole number, 1 or more.")
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise NoClusterError("lender.toml: every line under [spark.settings] is a text in quotes.")
    return Cluster(named, str(store), tasks, settings)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: its inputs, where the book and the run's folder lie on this machine, and where the executors see them."""

    inputs: Inputs
    folder: Path
    book: Path
    store: str

    def uri(self, path: Path) -> str:
        """Where the executors find a file of the book."""
        return f"{self.store.rstrip('/')}/{path.relative_to(self.book).as_posix()}"

    def shards(self) -> list[str]:
        """The names of the load's shards, in order."""
        return [path.name for path in sorted((self.inputs.load / "account").glob("*.parquet"))]

    def given(self) -> list[Path]:
        """All files that the steps read and that no step of today makes."""
        accepted = [self.inputs.load / "accepted" / f"{table}.parquet" for table in ACCEPTED_TABLES]
        intake = [path for table in INTAKE_TABLES for path in sorted((self.inputs.load / table).glob("*.parquet"))]
        previous = [path for table in PREVIOUS_TABLES for path in self.inputs.previous.get(table, ())]
        return [*intake, *(path for path in accepted if path.is_file()), *previous]


def make_tables_on(cluster: Cluster, inputs: Inputs, folder: Path, book: Path, tell: Tell | None = None) -> dict[str, Made]:
    """Write every table of the day into a folder of the book, made by a cluster; the files by table, as `make_tables` gives them.

    The files of the load and of the day before are copied to the store where they are not there yet; each table made is left
    there under the layout of the book and copied into `folder`, so that ledger, pages and check go on as with one machine.
    Rows are those of the embedded engine; the bytes are Spark's, the same each time.
    """
    run = _Run(inputs, folder, book, cluster.store)
    put_missing((path, run.uri(path)) for path in run.given())
    session = connect_spark(cluster.master, cluster.settings)
    made = {step.table: Made() for step in STEPS}
    shards = run.shards()
    with ThreadPoolExecutor(max(1, min(cluster.tasks, len(shards)))) as pool:
        work = [pool.submit(_person_steps, session, run, shard, _told(tell, number, len(shards))) for number, shard in enumerate(shards)]
        try:
            for done in work:
                _take(made, done.result())
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    _take(made, _book_steps(session, run, _told(tell, 1, 1)))
    reach("day.tables_done")
    return made


def _told(tell: Tell | None, done: int, total: int) -> Callable[[str], None]:
    return lambda table: None if tell is None else tell(table, done, total)


def _take(made: dict[str, Made], more: Mapping[str, Made]) -> None:
    for table, part in more.items():
        made[table].files += part.files
        made[table].rows += part.rows
        made[table].seconds += part.seconds


def _person_steps(session: "SparkSession", run: _Run, shard: str, tell: Callable[[str], None]) -> dict[str, Made]:
    engine = SparkEngine(session)
    for table in INTAKE_TABLES:
        engine.show(table, TABLES[table], [run.uri(run.inputs.load / table / shard)])
    hold_policy(engine, run.inputs)
    show_previous(engine, run.inputs, {table: [run.uri(path) for path in paths] for table, paths in run.inputs.previous.items()})
    steps = [step for step in STEPS if step.scope is Scope.PERSON]
    made = {step.table: _made(engine, step, run, shard, tell) for step in steps}
    engine.close()
    return made


def _book_steps(session: "SparkSession", run: _Run, tell: Callable[[str], None]) -> dict[str, Made]:
    engine = SparkEngine(session, whole=True)
    for step in STEPS:
        if step.scope is Scope.PERSON:
            engine.show(step.table, step.contract, [run.uri(run.folder / step.table / shard) for shard in run.shards()])
    for table in INTAKE_TABLES:
        engine.show(table, TABLES[table], [run.uri(run.inputs.load / table / shard) for shard in run.shards()])
    for table in ACCEPTED_TABLES:
        path = run.inputs.load / "accepted" / f"{table}.parquet"
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
    rows = engine.make(step.contract, bound(step.text(after_yesterday=run.inputs.after_yesterday), run.inputs.as_of), run.uri(path))
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


def show_previous(engine: Engine, inputs: Inputs, files: Mapping[str, Sequence[str]]) -> None:
    """The tables of the last committed day under `previous.X`, and its dates in previous_day (no row on a first day)."""
    days = [] if inputs.previous_as_of is None else [inputs.previous_as_of]
    extracts = [inputs.previous_load_as_of or day for day in days]
    engine.hold("previous_day", pa.table({"as_of": pa.array(days, pa.date32()), "load_as_of": pa.array(extracts, pa.date32())}))
    for table in PREVIOUS_TABLES:
        engine.show(f"previous.{table}", TABLES[table], list(files.get(table, ())))
