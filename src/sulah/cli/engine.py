"""Which engine makes the tables of a day: the embedded one, or Spark on a cluster."""

import argparse

from sulah.adapters.book.layout import Lender
from sulah.daycycle.engine import Make
from sulah.kernel.refusal import Refusal
from sulah.kernel.version import code_version

ENGINES = ("duckdb", "spark")


class OtherEngineError(Refusal):
    """An option of one engine stands beside the name of another."""


def add_engine(parser: argparse.ArgumentParser) -> None:
    """The options that choose the engine."""
    parser.add_argument("--engine", choices=ENGINES, default="duckdb", help="what computes: DuckDB on this machine (default), or Spark")
    parser.add_argument("--master", metavar="ADDRESS", help="for Spark: the cluster, as spark://host:7077 (default: lender.toml's)")
    parser.add_argument("--executor-memory", metavar="SIZE", help="for Spark: memory of each executor, as 4g")


def engine_of(args: argparse.Namespace, lender: Lender) -> tuple[str, Make | None]:
    """The code with the engine whose bytes a day is made of, and what makes its tables (None: the embedded engine).

    NoSparkError and NoClusterError say what to install or to write; OtherEngineError which option has no meaning.
    """
    if args.engine == "spark":
        from sulah.daycycle.spark_day import cluster_of, code_on_spark, maker_of

        return code_on_spark(code_version()), maker_of(lender, cluster_of(lender, args.master, args.executor_memory))
    if args.master or args.executor_memory:
        raise OtherEngineError("--master and --executor-memory are for Spark. Add --engine spark, or leave them out.")
    return code_version(), None
