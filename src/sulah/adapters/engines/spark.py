"""Spark behind the port: statements translated, run in ANSI mode, each table written as one Parquet file of the book's layout."""

import importlib.metadata
import os
import shutil
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
    "spark.sql.shuffle.partitions": "1",  # one part, one file, one order; scans and first sums still run side by side
    "spark.sql.autoBroadcastJoinThreshold": "1m",  # by the size of a packed file, which is many times that in memory; the driver holds it
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",  # no shift of dates before 1582: an open beginning is 0001-01-01
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.files.maxPartitionBytes": "128m",
    "spark.scheduler.mode": "FAIR",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""What every session is set to, because the rows depend on it; all else is the cluster's own."""


_ALWAYS = "SPARK_PARTITION_ID() >= 0"
"""True, though the optimiser cannot know: else a column that happens to hold no empty value in a shard is written as one that cannot."""


_JAVA = "Spark needs Java 17 or newer on the path or in JAVA_HOME (Debian: apt-get install default-jre-headless)."
_ANSWERS_WITHIN_SECONDS = 10
_WORDS = 400
"""Characters of what Spark said that a person is shown."""


class NoSparkError(Refusal):
    """PySpark or Java is missing, or the cluster does not answer; the words say what to do."""


class SparkFailedError(Refusal):
    """Spark gave up on a statement; the words carry what it said."""


def spark_version() -> str:
    """The version of PySpark that is installed, which is that of Spark; NoSparkError without it."""
    try:
        return importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError as error:
        raise NoSparkError("PySpark is not installed. Install it beside Sulah: pip install 'sulah[spark]'") from error


def connect_spark(master: str, settings: Mapping[str, str] | None = None) -> "SparkSession":
    """A session on a cluster: `spark://host:7077`, `yarn`, `k8s://...`; NoSparkError says what is missing.

    settings: the cluster's own (memory, object storage); those of SETTINGS stand over them.
    """
    spark_version()
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        raise NoSparkError(f"Java is not installed. {_JAVA}")
    _reach_master(master)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # about pandas, which nothing here uses
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    builder = SparkSession.builder.master(master).appName("sulah day")
    for name, value in {**(settings or {}), **SETTINGS}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise NoSparkError(f"Spark does not start ({error}). {_JAVA}") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _reach_master(master: str) -> None:
    """Spark itself asks a master that is not there for a minute and then says so in Java."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):  # several: one leads, the others stand by
        try:
            address = urlsplit(f"//{place}")
            socket.create_connection((address.hostname or "", address.port or 7077), _ANSWERS_WITHIN_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    raise NoSparkError(f"No Spark master answers at {master}. Start it, or mend the address (--master, or [spark] in lender.toml).")


@contextmanager
def _in_words(table: str) -> Iterator[None]:
    """What Spark says when it gives up, in one line with the table it was at."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        said = " ".join(str(error).split())[:_WORDS]
        raise SparkFailedError(f"Spark gave up while it made {table}: {said} Nothing was committed; run the day again.") from error


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
        columns = [f"IF({_ALWAYS}, CAST(`{column.name}` AS {_type(column.kind)}), NULL) AS `{column.name}`" for column in table.columns]
        making = f"{file}.making"
        translated = parts(statement)
        with _in_words(table.name):
            self._answer(translated).selectExpr(*columns).coalesce(1).write.mode("overwrite").parquet(making)
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
