"""`make parity`: every statement on DuckDB and on Spark, row by row: a large dirty random book, the demo's days, and intake."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sulah.adapters.book.derive import DERIVED, STATEMENTS, derive
from sulah.adapters.engines.duck import connect, view_of_files, write_parquet
from sulah.adapters.engines.port import Engine
from sulah.adapters.engines.spark import SparkEngine, connect_spark
from sulah.adapters.engines.spark_dialect import parts
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Scope, Table
from sulah.daycycle.engine import Inputs, make_tables
from sulah.daycycle.spark_day import Cluster, make_tables_on
from sulah.daycycle.statements import reads
from sulah.daycycle.steps import PREVIOUS_TABLES, STEPS
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from sulah.policy.rows import EntityPolicy
from tests.reference.random_book import RandomBook
from tests.shelf import Shelf
from tests.spark.compare import differences
from tests.spark.conftest import LARGE, SETTINGS, for_parity, needs_spark, stop_session
from tests.spark.dirty_book import FIRST, LOADS, tables_of, write_book

pytestmark = needs_spark
DAY_TABLES = {step.table: step.contract for step in STEPS}
INTAKE = {name: TABLES[name] for name in DERIVED}
DEMO_DAYS = 3
"""So many of the demo's last days are made again on Spark."""


class Twice:
    """One lender whose days are run on both engines, each day standing on DuckDB's last."""

    def __init__(self, book: Path, policy: EntityPolicy, cluster: Cluster) -> None:
        self.book, self.policy, self.cluster = book, policy, cluster
        self.before: tuple[date, date, Path] | None = None

    def day(self, as_of: date, load: Path, load_as_of: date) -> list[str]:
        """Run a day on both; what differs."""
        inputs = Inputs(as_of, load, self.policy)
        if self.before is not None:
            day, extract, folder = self.before
            previous = {table: tuple(sorted((folder / table).glob("*.parquet"))) for table in PREVIOUS_TABLES}
            carried = self.policy.in_force("waterfall", day) == self.policy.in_force("waterfall", as_of)
            inputs = Inputs(as_of, load, self.policy, day, extract, previous, carried, load_touched=load_as_of > extract)
        ours, theirs = (self.book / "days" / f"{as_of}.{engine}" for engine in ("duck", "spark"))
        ours.mkdir(parents=True)
        make_tables(inputs, ours)
        make_tables_on(self.cluster, inputs, theirs, self.book)
        self.before = (as_of, load_as_of, ours)
        return told(str(as_of), DAY_TABLES, ours, theirs)


def told(what: str, contracts: Mapping[str, Table], ours: Path, theirs: Path) -> list[str]:
    """Compare two folders, print what was compared, and give back what differs."""
    found = differences(contracts, ours, theirs)
    counts = rows_of(theirs, contracts)
    listed = ", ".join(f"{table} {count:,}" for table, count in counts.items())
    sys.stdout.write(f"\n{what}: {len(counts)} tables, {sum(counts.values()):,} rows, {len(found)} differ ({listed})\n")
    return found


def rows_of(folder: Path, contracts: Mapping[str, Table] = DAY_TABLES) -> dict[str, int]:
    """How many rows each table of a folder has."""
    return {name: sum(pq.read_metadata(file).num_rows for file in (folder / name).glob("*.parquet")) for name in contracts}


@for_parity
def test_every_statement_agrees_on_a_large_dirty_book(tmp_path: Path, cluster: Cluster) -> None:
    """So many random loans in four shards: a first day, the next load a month later, and the day after it by the increments."""
    policy = load_policy().for_entity(EntityType.NBFC_BL)
    dates = write_book(tmp_path / "given", 900, LARGE, 2)
    twice = Twice(tmp_path, policy, cluster)
    load = None
    for number, as_of in enumerate(dates):
        load = accepted(tmp_path, tmp_path / "given", number, as_of, load, policy)
        assert twice.day(as_of, load, as_of) == [], as_of
    assert load is not None
    assert twice.day(dates[-1] + timedelta(1), load, dates[-1]) == []
    counts = rows_of(tmp_path / "days" / f"{dates[-1] + timedelta(1)}.spark")
    assert counts["position"] >= LARGE * 9 // 10
    assert counts["stale"] * 2 < counts["state"]
    empty = {table for table, count in counts.items() if not count}
    assert empty <= {"payment_match", "ledger_match", "contact_dpd", "roll_alert"}, "a table without rows proves nothing"


def accepted(root: Path, given: Path, number: int, as_of: date, parent: Path | None, policy: EntityPolicy, shards: int = 4) -> Path:
    """A load of the large book, derived by DuckDB."""
    folder = root / "loads" / f"{as_of}.{number + 1}"
    (folder / "accepted").mkdir(parents=True)
    connection = connect(memory_mb=3000, spill=root / "spill")
    loans = 0
    for name, paths in tables_of(given, number):
        view_of_files(connection, name, paths)
        columns = ", ".join(f'"{column}"' for column in EXTRACT[name].names)
        rows = write_parquet(connection, f"SELECT {columns} FROM {name}", folder / "accepted" / f"{name}.parquet")
        loans = rows if name == "loan" else loans
    connection.execute(TABLES["quarantine"].ddl())
    derive(connection, folder=folder, parent=parent, as_of=as_of, policy=policy, loans_a_shard=-(-loans // shards))
    connection.close()
    return folder


def run(*command: object) -> int:
    """One command of ours as its own process, without a limit of time; its exit code."""
    return subprocess.run([Path(sys.executable).with_name("sulah"), *map(str, command)], check=False).returncode


@for_parity
def test_the_demo_agrees_through_the_command_line(tmp_path: Path, address: str) -> None:
    """The demo's last days, dirt and all, made again by `sulah replay --engine spark`; then its last day committed from Spark."""
    stop_session()  # the commands need the executors
    root = tmp_path / "demo"
    assert run("demo", root, "--no-serve") == 0
    with (root / "lender.toml").open("a", encoding="utf-8") as file:
        lines = "".join(f'"{name}" = "{value}"\n' for name, value in SETTINGS.items() if name != "spark.executor.memory")
        file.write(f'\n[spark]\nmaster = "{address}"\nstore = "file://{tmp_path}/store"\n[spark.settings]\n{lines}')
    days = sorted((root / "book" / "days").iterdir())[-DEMO_DAYS:]
    for folder in days:
        as_of, out = folder.name[:10], tmp_path / folder.name
        assert run("replay", "--as-of", as_of, "--engine", "spark", "--executor-memory", "1g", "--out", out, "--lender", root) == 1, (
            "other bytes"
        )
        assert told(f"demo {as_of}", DAY_TABLES, folder, out) == []
    assert rows_of(days[-1])["payment_match"] > 0
    assert run("day", "--as-of", days[-1].name[:10], "--engine", "spark", "--executor-memory", "1g", "--lender", root) == 0
    assert run("check", "--lender", root) == 0
    made = max((root / "book" / "days").glob(f"{days[-1].name[:10]}.*"))
    assert differences(DAY_TABLES, days[-1], made) == []


@for_parity
@pytest.mark.parametrize("number", range(LOADS))
def test_the_statements_of_intake_agree(tmp_path: Path, cluster: Cluster, number: int) -> None:
    """Accounts, dues, receipts, relief windows, touched loans: from nothing, and beside what the load before had."""
    shelf = Shelf(tmp_path, EntityType.NBFC_BL)
    for as_of, extract in RandomBook(62, 2000, FIRST, LOADS).extracts:
        shelf.accept(as_of, extract)
    load, parent = shelf.loads[number], shelf.loads[number - 1] if number else None
    engine = SparkEngine(connect_spark(cluster.master, cluster.settings), whole=True)
    intake_inputs(engine, load, parent, shelf.load_dates[number], shelf.policy)
    for name in ("schedule_sum", *STATEMENTS):
        text = files("sulah.intake").joinpath(f"{name}.sql").read_text("utf-8")
        if name in INTAKE:
            (tmp_path / "spark" / name).mkdir(parents=True)
            engine.make(INTAKE[name], text, str(tmp_path / "spark" / name / "0000.parquet"))
        else:  # sums and changes, which are not kept
            engine._view(name, engine._answer(parts(text)).localCheckpoint())
    engine.close()
    assert told(f"intake {number + 1}", INTAKE, load, tmp_path / "spark") == []


def intake_inputs(engine: Engine, load: Path, parent: Path | None, as_of: date, policy: EntityPolicy) -> None:
    """What the derive statements read, as `derive` gives it: the accepted rows, what the load before had, and the run."""
    for name, table in EXTRACT.items():
        engine.show(name, table, [str(load / "accepted" / f"{name}.parquet")])
        engine.show(f"previous_{name}", table, [str(parent / "accepted" / f"{name}.parquet")] if parent else [])
    for name, table in INTAKE.items():
        engine.show(f"previous_{name}", table, [str(file) for file in sorted((parent / name).glob("*.parquet"))] if parent else [])
    engine.hold("quarantined_key", pa.table({"table_name": pa.array([], pa.string()), "record_key": pa.array([], pa.string())}))
    engine.hold("intake_run", pa.table({"as_of": pa.array([as_of], pa.date32()), "first_load": [parent is None]}))
    engine.hold("policy_day_count", policy.arrow("day_count"))


def test_every_statement_is_read_by_the_suite() -> None:
    """Each table that a step reads is one that the driver shows: nothing is left to a default."""
    shown = {*TABLES, "previous_day", *(f"previous.{table}" for table in PREVIOUS_TABLES)}
    asked = {name for step in STEPS for name in reads(step.text())}
    assert {name for name in asked if name not in shown and not name.startswith("policy_")} == set()


def test_book_and_person_steps_are_all_compared() -> None:
    """The comparison covers each step of the cycle, of both scopes."""
    assert set(DAY_TABLES) == {step.table for step in STEPS}
    assert {contract.scope for contract in DAY_TABLES.values()} == {Scope.PERSON, Scope.BOOK}
