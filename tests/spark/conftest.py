"""A cluster for the suites of this folder: the one in SULAH_TEST_SPARK, else a throw-away one of real processes on this machine."""

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
    "spark.cores.max": "2",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
LARGE = int(os.environ.get("SULAH_PARITY_LOANS", "0"))
"""Loans of the large book; none in the ordinary suite."""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The spark:// address; the suites skip themselves where Java or PySpark is missing."""
    if named := os.environ.get(spark.ADDRESS):
        yield named
        return
    if reason := spark.missing():
        pytest.skip(f"{reason}; see docs/operate/spark.md")
    with spark.throw_away_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def cluster(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with a store of its own; its session ends with the suite. Small books are interpreted, the large one is compiled."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    compiled = {} if LARGE else {"spark.driver.extraJavaOptions": QUICK, "spark.executor.extraJavaOptions": QUICK, **INTERPRETED}
    store: Path = tmp_path_factory.mktemp("store")
    yield Cluster(address, f"file://{store}", 2, {**SETTINGS, **compiled})
    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()
