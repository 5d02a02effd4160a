"""Spark behind the port: statements translated, run in ANSI mode, each table written as one Parquet file of the book's layout."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from sulah.adapters.engines.port import schema_of
from sulah.adapters.engines.spark_dialect import PREVIOUS, Part, parts
from sulah.adapters.engines.spark_store import settle
from sulah.contracts.shape import Kind, Table
from sulah.kernel.refusal import Refusal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES = {Kind.TEXT: "STRING", Kind.MOMENT: "TIMESTAMP_NTZ"}
"""Where a type of the book has another name on Spark."""

SETTINGS: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",  # an overflow or a bad cast stops the day; without it Spark wraps round or gives NULL
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.adaptive.enabled": "false",  # plans do not depend on what ran before, nor on how many executors there are
    "spark.sql.autoBroadcastJoinThreshold": "1m",  # by the size of a packed file, which is many times that in memory; the driver holds it
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",  # no shift of dates before 1582: an open beginning is 0001-01-01
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.files.maxPartitionBytes": "128m",
    "spark.scheduler.mode": "FAIR",
    "spark.ui.showConsoleProgress": "false",
}
"""What every session is set to, because the rows depend on it; all else is the cluster's own."""


_ALWAYS = "SPARK_PARTITION_ID() >= 0"
"""True, though the optimiser cannot know: else a column that happens to hold no empty value in a shard is written as one that cannot."""


class NoSparkError(Refusal):
    """PySpark or Java is missing, or the cluster does not answer; the words say what to do."""


def connect_spark(master: str, settings: Mapping[str, str] | None = None) -> "SparkSession":
    """A session on a cluster: `spark://host:7077`, `yarn`, `k8s://...`; NoSparkError says what is missing.

    settings: the cluster's own (memory, object storage); those of SETTINGS stand over them.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # about pandas, which nothing here uses
            from pyspark.errors import PySparkRuntimeError
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSparkError("PySpark is not installed. Install it beside Sulah: pip install 'pyspark>=4,<5'") from error
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    builder = SparkSession.builder.master(master).appName("sulah day")
    for name, value in {**(settings or {}), **SETTINGS}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise NoSparkError(f"Spark does not start ({error}). It needs Java 17 or newer on the path or in JAVA_HOME.") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def spark_ddl(table: Table) -> str:
    """The columns of a contract as a schema of Spark.

    >>> from sulah.contracts.registry import TABLES
    >>> spark_ddl(TABLES["asset_memory"])
    '`borrower_id` STRING, `npa_on` DATE, `upgraded_on` DATE, `cause` STRING'
    """
    return ", ".join(f"`{column.name}` {_type(column.kind)}" for column in table.columns)


def _type(kind: Kind) -> str:
    return TYPES.get(kind, kind.value)


class SparkEngine:
    """Tables of one shard (whole=False: each table is one partition, so no join or window shuffles) or of the book.

    Files are URIs that every executor can read and write. Names are the engine's own: many may share a session's executors.
    """

    def __init__(self, session: "SparkSession", *, whole: bool = False) -> None:
        self._session = session.newSession()
        self._whole = whole
        self._views: set[str] = set()
        for name, value in SETTINGS.items():
            if name.startswith("spark.sql."):
                self._session.conf.set(name, value)
        if not whole:
            self._session.conf.set("spark.sql.shuffle.partitions", "1")

    def hold(self, name: str, rows: pa.Table) -> None:
        """A small table, sent along with every plan that reads it."""
        self._view(name, self._session.createDataFrame(rows))

    def show(self, name: str, table: Table, files: Sequence[str]) -> None:
        """A view over files, or an empty one."""
        if not files:
            self.hold(name, schema_of(table).empty_table())
            return
        self._view(name, self._session.read.schema(spark_ddl(table)).parquet(*files))

    def make(self, table: Table, statement: str, file: str) -> int:
        """Run a statement part by part, write one file, show it; the number of its rows."""
        answer = self._answer(parts(statement))
        columns = [f"IF({_ALWAYS}, CAST(`{column.name}` AS {_type(column.kind)}), NULL) AS `{column.name}`" for column in table.columns]
        making = f"{file}.making"
        answer.selectExpr(*columns).coalesce(1).write.mode("overwrite").parquet(making)
        rows = settle(making, file)
        self.show(table.name, table, [file])
        return rows

    def _answer(self, found: Sequence[Part]) -> "DataFrame":
        for part in found[:-1]:
            rows = self._session.sql(part.sql)
            self._view(part.name, rows.localCheckpoint() if part.kept else rows)
        return self._session.sql(found[-1].sql)

    def _view(self, name: str, rows: "DataFrame") -> None:
        rows = rows if self._whole else rows.coalesce(1)
        shown = name.replace("previous.", PREVIOUS)
        rows.createOrReplaceTempView(shown)
        self._views.add(shown)

    def close(self) -> None:
        """Drop every view; the session's executors go on."""
        for name in self._views:
            self._session.catalog.dropTempView(name)
        self._views.clear()
