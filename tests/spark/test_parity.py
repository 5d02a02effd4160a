"""Every statement on DuckDB and on Spark: dirty random books and the demo's world, full statements and increments alike."""

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sulah.adapters.book.derive import DERIVED, derive
from sulah.adapters.engines.duck import connect, view_of_files, write_parquet
from sulah.adapters.engines.port import Engine
from sulah.adapters.engines.port_duck import DuckEngine
from sulah.adapters.engines.spark import SparkEngine, connect_spark
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Scope
from sulah.daycycle.engine import Inputs, make_tables
from sulah.daycycle.spark_day import Cluster, hold_policy, make_tables_on
from sulah.daycycle.statements import reads
from sulah.daycycle.steps import PREVIOUS_TABLES, STEPS
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from sulah.policy.rows import EntityPolicy
from sulah.simulation.world import build_world
from tests.reference.random_book import RandomBook
from tests.shelf import Shelf, table_of
from tests.spark.compare import differences
from tests.spark.conftest import LARGE
from tests.spark.dirty_book import FIRST, LOADS, tables_of, write_book
from tests.village.cast import LAST_DAY, rows_on

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
DAY_TABLES = {step.table: step.contract for step in STEPS}
INTAKE = {name: TABLES[name] for name in DERIVED}


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
            inputs = Inputs(as_of, load, self.policy, day, extract, previous)
        ours, theirs = (self.book / "days" / f"{as_of}.{engine}" for engine in ("duck", "spark"))
        ours.mkdir(parents=True)
        made = make_tables(inputs, ours)
        other = make_tables_on(self.cluster, inputs, theirs, self.book)
        assert {table: part.rows for table, part in made.items()} == {table: part.rows for table, part in other.items()}
        self.before = (as_of, load_as_of, ours)
        return differences(DAY_TABLES, ours, theirs)


def rows_of(folder: Path) -> dict[str, int]:
    """How many rows each table of a day has."""
    return {name: sum(pq.read_metadata(file).num_rows for file in (folder / name).glob("*.parquet")) for name in DAY_TABLES}


def test_every_statement_agrees_on_a_dirty_random_book(tmp_path: Path, cluster: Cluster) -> None:
    """The full statements on a first day, the increments on the next, and a leap of a month; two shards side by side."""
    book = RandomBook(61, 240, FIRST, LOADS)
    shelf = Shelf(tmp_path, EntityType.NBFC_BL, loans_a_shard=130)
    for as_of, extract in book.extracts:
        shelf.accept(as_of, extract)
    load, load_as_of = shelf.loads[-1], shelf.load_dates[-1]
    twice = Twice(tmp_path, shelf.policy, cluster)
    for day in (load_as_of, load_as_of + timedelta(1), load_as_of + timedelta(34)):
        assert twice.day(day, load, load_as_of) == [], day
    filled = {table for folder in (tmp_path / "days").glob("*.spark") for table, count in rows_of(folder).items() if count}
    assert set(DAY_TABLES) - filled <= {"payment_match", "ledger_match", "roll_alert"}, "a table without rows proves nothing"


def test_every_statement_agrees_on_a_slice_of_the_demo(tmp_path: Path, cluster: Cluster) -> None:
    """The demo's world with the village in it: payments of other sources and an NBFC-MFI's provisions; a load a day, two days."""
    world = build_world(7, LAST_DAY, loans=120)
    shelf = Shelf(tmp_path, EntityType.NBFC_MFI)
    twice = Twice(tmp_path, shelf.policy, cluster)
    for day in (LAST_DAY - timedelta(1), LAST_DAY):
        shelf.accept(day, sound(rows_on(world, day)))
        assert twice.day(day, shelf.loads[-1], day) == [], day
    assert rows_of(tmp_path / "days" / f"{LAST_DAY}.spark")["payment_match"] > 0


def sound(rows: Mapping[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
    """The rows of an extract that intake lets in: known loans, and no key twice (the demo's spoiled rows are set aside)."""
    loans = {row["loan_id"] for row in rows["loan"]}
    kept: dict[str, list[dict[str, str]]] = {}
    for name, given in rows.items():
        key = [EXTRACT[name].column(column).source for column in EXTRACT[name].key]
        sure = [row for row in given if row.get("loan_id") in {None, "", *loans} and _readable(name, row)]
        kept[name] = list({tuple(row.get(column, "") for column in key): row for row in sure}.values())
    return kept


def _readable(name: str, row: Mapping[str, str]) -> bool:
    if not all(row.get(column.source) for column in EXTRACT[name].columns if column.required):
        return False
    try:
        table_of(name, [row])
    except (ArithmeticError, ValueError, pa.ArrowInvalid):
        return False
    return True


def intake_inputs(engine: Engine, load: Path, parent: Path | None, as_of: date, policy: EntityPolicy) -> None:
    """What the derive statements read, as `derive` gives it: the accepted rows, what the load before had, and the run."""
    for name, table in EXTRACT.items():
        engine.show(name, table, [str(load / "accepted" / f"{name}.parquet")])
        engine.show(f"previous_{name}", table, [str(parent / "accepted" / f"{name}.parquet")] if parent else [])
    for name, table in INTAKE.items():
        engine.show(f"previous_{name}", table, [str(file) for file in sorted((parent / name).glob("*.parquet"))] if parent else [])
    keys = pa.table({"table_name": ["instalment", "repayment"], "record_key": ["none|1|", "none"]})
    engine.hold("quarantined_key", keys)
    engine.hold("intake_run", pa.table({"as_of": pa.array([as_of], pa.date32()), "first_load": [parent is None]}))
    engine.hold("policy_day_count", policy.arrow("day_count"))


def derived_apart(shelf: Shelf, cluster: Cluster, number: int) -> list[str]:
    """Run the derive statements of a load on both engines; what differs."""
    load, parent = shelf.loads[number], shelf.loads[number - 1] if number else None
    folders = [shelf.root / f"derived{number}" / engine for engine in ("duck", "spark")]
    session = connect_spark(cluster.master, cluster.settings)
    for folder, engine in zip(folders, (DuckEngine(), SparkEngine(session, whole=True)), strict=True):
        intake_inputs(engine, load, parent, shelf.load_dates[number], shelf.policy)
        for name, table in INTAKE.items():
            (folder / name).mkdir(parents=True)
            engine.make(table, files("sulah.intake").joinpath(f"{name}.sql").read_text("utf-8"), str(folder / name / "0000.parquet"))
        engine.close()
    return differences(INTAKE, *folders)


def test_the_statements_of_intake_agree_on_a_first_load_and_on_the_next(tmp_path: Path, cluster: Cluster) -> None:
    """Accounts, dues, receipts, relief windows: from nothing, and beside what the load before had."""
    book = RandomBook(62, 200, FIRST, LOADS)
    shelf = Shelf(tmp_path, EntityType.NBFC_BL)
    for as_of, extract in book.extracts:
        shelf.accept(as_of, extract)
    assert [derived_apart(shelf, cluster, number) for number in range(LOADS)] == [[], []]


def test_a_planted_difference_is_caught(tmp_path: Path, cluster: Cluster) -> None:
    """The same statement with one sign turned on one engine: the comparison names table, column and loan."""
    shelf = Shelf(tmp_path, EntityType.NBFC_BL)
    shelf.accept(*RandomBook(63, 60, FIRST, 1).extracts[0])
    step = next(step for step in STEPS if step.table == "state")
    text = step.text().replace("$as_of", f"DATE '{FIRST}'")
    settled = "d.cum_due_paise > coalesce(p.paid_paise, 0) THEN d.due_on"
    planted = text.replace(settled, settled.replace(">", ">="))
    assert planted != text
    engines = (DuckEngine(), SparkEngine(connect_spark(cluster.master, cluster.settings)))
    for engine, statement in zip(engines, (text, planted), strict=True):
        for table in ("account", "due", "receipt"):
            engine.show(table, TABLES[table], [str(file) for file in sorted((shelf.loads[0] / table).glob("*.parquet"))])
        hold_policy(engine, Inputs(FIRST, shelf.loads[0], shelf.policy))
        folder = tmp_path / type(engine).__name__ / "state"
        folder.mkdir(parents=True)
        engine.make(step.contract, statement, str(folder / "0000.parquet"))
        engine.close()
    found = differences({"state": step.contract}, tmp_path / "DuckEngine", tmp_path / "SparkEngine")
    assert len(found) == 1
    assert found[0].startswith("state.unpaid_due_on of {'loan_key': ")


def test_a_second_run_on_spark_gives_the_same_bytes(tmp_path: Path, cluster: Cluster) -> None:
    """Spark's files are not DuckDB's, but they are the same each time, so that a day can be replayed on a cluster."""
    shelf = Shelf(tmp_path, EntityType.NBFC_BL)
    shelf.accept(*RandomBook(64, 60, FIRST, 1).extracts[0])
    inputs = Inputs(FIRST, shelf.loads[0], shelf.policy)
    runs = [make_tables_on(cluster, inputs, tmp_path / "days" / name, tmp_path) for name in ("one", "two")]
    digests = [{str(file["file"]): file["sha256"] for part in made.values() for file in part.files} for made in runs]
    assert digests[0] == digests[1]
    assert len(digests[0]) == len(STEPS)


def test_every_statement_is_read_by_the_suite() -> None:
    """Each table that a step reads is one that the driver shows: nothing is left to a default."""
    shown = {*TABLES, "previous_day", *(f"previous.{table}" for table in PREVIOUS_TABLES)}
    asked = {name for step in STEPS for name in reads(step.text())}
    assert {name for name in asked if name not in shown and not name.startswith("policy_")} == set()


@pytest.mark.skipif(not LARGE, reason="the large book is for `make parity`: SULAH_PARITY_LOANS=200000")
def test_every_statement_agrees_on_a_large_dirty_book(tmp_path: Path, cluster: Cluster) -> None:
    """So many random loans, two loads, a first day and the day after it by the increments."""
    policy = load_policy().for_entity(EntityType.NBFC_BL)
    dates = write_book(tmp_path / "given", 900, LARGE, 4)
    loads: list[Path] = []
    for number, as_of in enumerate(dates):
        loads.append(accepted(tmp_path, number, as_of, loads[-1] if loads else None, policy))
    twice = Twice(tmp_path, policy, cluster)
    for day in (dates[-1], dates[-1] + timedelta(1)):
        assert twice.day(day, loads[-1], dates[-1]) == [], day
    rows = rows_of(tmp_path / "days" / f"{dates[-1] + timedelta(1)}.spark")
    assert rows["position"] >= LARGE * 9 // 10


def accepted(root: Path, number: int, as_of: date, parent: Path | None, policy: EntityPolicy) -> Path:
    """A load of the large book, derived by DuckDB in four shards."""
    folder = root / "loads" / f"{as_of}.{number + 1}"
    (folder / "accepted").mkdir(parents=True)
    connection = connect(memory_mb=3000, spill=root / "spill")
    for name, given in tables_of(root / "given", number):
        view_of_files(connection, name, given)
        columns = ", ".join(f'"{column}"' for column in EXTRACT[name].names)
        write_parquet(connection, f"SELECT {columns} FROM {name}", folder / "accepted" / f"{name}.parquet")
    connection.execute(TABLES["quarantine"].ddl())
    derive(connection, folder=folder, parent=parent, as_of=as_of, policy=policy, loans_a_shard=max(1, LARGE // 4))
    connection.close()
    return folder


def test_book_and_person_steps_are_all_compared() -> None:
    """The comparison covers each step of the cycle, of both scopes."""
    assert set(DAY_TABLES) == {step.table for step in STEPS}
    assert {contract.scope for contract in DAY_TABLES.values()} == {Scope.PERSON, Scope.BOOK}
