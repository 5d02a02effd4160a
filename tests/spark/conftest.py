"""Spark for the suites of this folder: a session in this process, or a throw-away cluster of real processes on this machine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sulah.daycycle.spark_day import Cluster
from tools import spark

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A session of minutes over small tables: compiling well costs more than it saves."""

SETTINGS = {
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.cores.max": str(spark.WORKERS),
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}
INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": QUICK,
    "spark.executor.extraJavaOptions": QUICK,
}
LARGE = int(os.environ.get("SULAH_PARITY_LOANS", "0"))
"""Loans of the large book; none in the ordinary suite."""

needs_spark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
for_parity = pytest.mark.skipif(not LARGE, reason="for `make parity`, which takes hours: SULAH_PARITY_LOANS=200000")


def stop_session() -> None:
    """End the session of this process, so that the next one may have another master."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


@pytest.fixture(scope="session")
def spark_here() -> None:
    """The suites skip themselves where Java or PySpark is missing."""
    if reason := spark.missing():
        pytest.skip(f"{reason}; see docs/operate/spark.md")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


@pytest.fixture(scope="module")
def alone(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Spark with one thread in a process of its own, interpreted: for single statements over a few rows."""
    yield Cluster("local[1]", f"file://{tmp_path_factory.mktemp('store')}", 1, {**SETTINGS, **INTERPRETED})
    stop_session()


@pytest.fixture(scope="session")
def address(spark_here: None) -> Iterator[str]:
    """A cluster's spark:// address: the one in SULAH_TEST_SPARK, else a master and two workers, each a process of its own."""
    if named := os.environ.get(spark.ADDRESS):
        yield named
        return
    with spark.throw_away_cluster() as started:
        yield started


@pytest.fixture(scope="module")
def cluster(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with a store of its own. Small books are interpreted, the large one is compiled."""
    store: Path = tmp_path_factory.mktemp("store")
    yield Cluster(address, f"file://{store}", spark.WORKERS, {**SETTINGS, **({"spark.executor.memory": "1500m"} if LARGE else INTERPRETED)})
    stop_session()
