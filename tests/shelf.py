"""A book on a shelf: extract rows go in without files, the real derivation and day cycle run, rows come out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sulah.adapters.book.derive import derive
from sulah.adapters.engines.duck import connect, view_of_files, write_parquet
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Column, Kind
from sulah.daycycle.engine import Inputs, Made, execute, make_tables, register_policy, register_previous
from sulah.daycycle.steps import INTAKE_TABLES, PREVIOUS_TABLES, STEPS
from sulah.kernel.money import paise_of
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from sulah.policy.rows import EntityPolicy

Extract = Mapping[str, Sequence[Mapping[str, Any]]]

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("us"),
    Kind.PAISE: pa.int64(),
    Kind.INTEGER: pa.int32(),
    Kind.DECIMAL: pa.decimal128(18, 6),
    Kind.TRUTH: pa.bool_(),
}


def typed(column: Column, value: Any) -> Any:
    """A cell of an extract as the book holds it."""
    if value is None or value == "":
        return None
    if column.kind is Kind.PAISE:
        return value if isinstance(value, int) else paise_of(str(value))
    if column.kind is Kind.DATE:
        return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    if column.kind is Kind.MOMENT:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)).replace(tzinfo=None)
    if column.kind is Kind.INTEGER:
        return int(value)
    if column.kind is Kind.DECIMAL:
        return Decimal(str(value))
    if column.kind is Kind.TRUTH:
        return value if isinstance(value, bool) else str(value).lower() in {"true", "1", "yes"}
    return str(value)


def table_of(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Extract rows as the typed table of their contract."""
    table = EXTRACT[name]
    columns = {c.name: pa.array([typed(c, row.get(c.source)) for row in rows], type=_TYPES[c.kind]) for c in table.columns}
    return pa.table(columns)


class Shelf:
    """Loads and days of one lender in a folder, by the real statements; policy rows can be replaced."""

    def __init__(
        self, root: Path, entity: EntityType = EntityType.NBFC_ML, policy: EntityPolicy | None = None, loans_a_shard: int = 500_000
    ) -> None:
        self.root = root
        self.policy = policy or load_policy().for_entity(entity)
        self.loans_a_shard = loans_a_shard
        self.loads: list[Path] = []
        self.load_dates: list[date] = []
        self.day_loads: dict[date, date] = {}
        self.day_places: dict[date, int] = {}
        self.days: dict[date, dict[str, Made]] = {}

    def accept(self, as_of: date, extract: Extract, refused: Sequence[tuple[str, str]] = ()) -> Path:
        """Take one extract as accepted; refused = (table, key) of rows that lie in quarantine."""
        folder = self.root / "loads" / f"{as_of}.{len(self.loads) + 1}"
        connection = connect()
        for name in EXTRACT:
            connection.register(f"arrow_{name}", table_of(name, extract.get(name, [])))
            connection.execute(f"CREATE TABLE {name} AS FROM arrow_{name}")
        connection.execute(TABLES["quarantine"].ddl())
        for table, key in refused:
            connection.execute("INSERT INTO quarantine (table_name, record_key, severity) VALUES (?, ?, 'row')", [table, key])
        (folder / "accepted").mkdir(parents=True)
        for name in EXTRACT:
            columns = ", ".join(f'"{c}"' for c in EXTRACT[name].names)
            write_parquet(connection, f"SELECT {columns} FROM {name} ORDER BY ALL", folder / "accepted" / f"{name}.parquet")
        parent = self.loads[-1] if self.loads else None
        derive(connection, folder=folder, parent=parent, as_of=as_of, policy=self.policy, loans_a_shard=self.loans_a_shard)
        self.loads.append(folder)
        self.load_dates.append(as_of)
        return folder

    def stand(self, as_of: date, *, commit: bool = False, remember: bool = True, carry: bool = True) -> Path:
        """Run the day on the last load; commit makes it yesterday for the next one.

        carry: take over yesterday's rows where the day cycle would (the same load or its child, the same rules in force).
        """
        past = [day for day in self.days if day < as_of] if remember else []
        previous = max(past) if past else None
        folder = self.root / "days" / f"{as_of}.{len(list(self.root.glob('days/*')))}"
        folder.mkdir(parents=True)
        made_before = self.days.get(previous, {}) if previous else {}
        files = {t: tuple(Path(str(e["path"])) for e in made_before[t].files) for t in PREVIOUS_TABLES if t in made_before}
        place = len(self.loads) - 1
        known = carry and previous is not None and place - self.day_places[previous] in (0, 1) and self._same_rules(previous, as_of)
        inputs = Inputs(
            as_of=as_of,
            load=self.loads[-1],
            policy=self.policy,
            previous_as_of=previous,
            previous_load_as_of=self.day_loads.get(previous) if previous else None,
            previous_load=self.loads[self.day_places[previous]] if previous else None,
            previous=files,
            carried=known,
            load_touched=previous is None or self.day_places[previous] != place,
        )
        made = make_tables(inputs, folder)
        for table in made.values():
            for entry in table.files:
                entry["path"] = str(folder / str(entry["file"]))
        if commit:
            self.days[as_of] = made
            self.day_loads[as_of] = self.load_dates[-1]
            self.day_places[as_of] = place
        return folder

    def _same_rules(self, one: date, other: date) -> bool:
        return self.policy.in_force("waterfall", one) == self.policy.in_force("waterfall", other)

    def rows(self, folder: Path, table: str) -> list[dict[str, Any]]:
        """The rows of a table of a day or load folder."""
        return [row for path in sorted((folder / table).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]

    def quick(self, as_of: date, previous: tuple[date, pa.Table] | None) -> tuple[dict[str, dict[str, Any]], pa.Table]:
        """One day-end of a one-shard book without files: position and classification by loan, and the class memory."""
        connection = connect()
        load = self.loads[-1]
        for table in INTAKE_TABLES:
            view_of_files(connection, table, sorted((load / table).glob("*.parquet")))
        inputs = Inputs(as_of, load, self.policy, previous[0] if previous else None, self.load_dates[-1])
        register_policy(connection, self.policy)
        register_previous(connection, inputs)
        if previous:
            connection.register("memory_before", previous[1])
            connection.execute("INSERT INTO previous.asset_memory FROM memory_before")
        for step in STEPS[: next(place for place, step in enumerate(STEPS) if step.table == "classification") + 1]:
            execute(connection, step, inputs)
        rows = {row["loan_id"]: row for row in connection.sql("FROM position").to_arrow_table().to_pylist()}
        for row in connection.sql("FROM classification").to_arrow_table().to_pylist():
            rows[row["loan_id"]].update(row)
        return rows, connection.sql("FROM asset_memory").to_arrow_table()
