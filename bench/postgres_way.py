"""`python -m bench.postgres_way LOAD READY AS_OF`: position in PostgreSQL's own SQL, on the server named in SULAH_TEST_POSTGRES.

Copying the load into the server, indexes and statistics come before and are not measured.  CPU is that of the one server
process that runs the statement; every row is held against ours.
"""

import json
import os
import sys
import tempfile
import time
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from bench.agree import NotEqualError
from sulah.adapters.engines.duck import connect, literal, view_of_files
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Kind
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy

NAME = "sulah_bench_position"
_COPIED = ("account", "due", "receipt", "pause_window")
_TYPES = {Kind.TEXT: "text", Kind.DATE: "date", Kind.PAISE: "bigint", Kind.INTEGER: "integer", Kind.TRUTH: "boolean"}


def fill(server: psycopg.Connection, load: Path, ready: Path, day: date) -> None:
    """Copy what position reads into the server, by way of one CSV file a table; indexes and statistics."""
    engine = connect(memory_mb=4000)
    for name in _COPIED:
        folder = (ready if name == "pause_window" else load) / name
        view_of_files(engine, name, sorted(folder.glob("*.parquet")))
        columns = ", ".join(f"{column.name} {_TYPES[column.kind]}" for column in TABLES[name].columns)
        server.execute(f"CREATE UNLOGGED TABLE {name} ({columns})".encode())
        _copy(engine, server, name)
        server.execute(f"CREATE INDEX ON {name} (loan_key)".encode())
        server.execute(f"ANALYZE {name}".encode())
    entity = load_policy().for_entity(EntityType.NBFC_ML)
    (waterfall,), (count,) = entity.in_force("waterfall", day), entity.in_force("day_count", day)
    places = ("principal_place", "interest_place", "charge_place")
    server.execute(f"CREATE TABLE policy_waterfall AS SELECT {', '.join(f'{waterfall[name]} AS {name}' for name in places)}".encode())
    server.execute(
        "CREATE TABLE policy_day_count AS SELECT %s::text AS pause_rule".replace("%s", literal(str(count["pause_rule"]))).encode()
    )
    server.commit()


def _copy(engine: duckdb.DuckDBPyConnection, server: psycopg.Connection, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        listed = ", ".join(TABLES[name].names)
        engine.execute(f"COPY (SELECT {listed} FROM {name}) TO {literal(str(path))} (FORMAT csv, HEADER false)")
        with server.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)".encode()) as copy, path.open("rb") as source:
            while part := source.read(1 << 20):
                copy.write(part)


def measure(server: psycopg.Connection, day: date) -> dict[str, float]:
    """Run the statement once: CPU seconds of its server process, and wall seconds."""
    pid = server.info.backend_pid
    statement = files("bench").joinpath("postgres_position.sql").read_text("utf-8")
    server.execute("SET max_parallel_workers_per_gather = 0")
    server.execute("SET work_mem = '1GB'")
    before, since = _cpu(pid), time.perf_counter()
    server.execute(statement.replace("%(as_of)s", f"DATE {literal(day.isoformat())}").encode())
    server.commit()
    return {"cpu": _cpu(pid) - before, "wall": time.perf_counter() - since}


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(server: psycopg.Connection, ready: Path) -> int:
    """Hold every column of every row against our position; the number of rows, NotEqualError when any differs."""
    engine = connect(memory_mb=4000)
    table = TABLES["position"]
    view_of_files(engine, "position", sorted((ready / "position").glob("*.parquet")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "position.csv"
        listed = ", ".join(table.names)
        with (
            path.open("wb") as target,
            server.cursor().copy(f"COPY (SELECT {listed} FROM position_pg) TO STDOUT (FORMAT csv)".encode()) as out,
        ):
            for part in out:
                target.write(part)
        kinds = ", ".join(f"'{column.name}': '{column.kind.value}'" for column in table.columns)
        engine.execute(f"CREATE TABLE theirs AS FROM read_csv({literal(str(path))}, header = false, columns = {{{kinds}}})")
    apart = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in table.names)
    wrong, rows = engine.execute(
        f"SELECT count(*) FILTER (WHERE {apart}), count(*) FROM position AS a FULL OUTER JOIN theirs AS b ON a.loan_id = b.loan_id"
    ).fetchall()[0]
    if wrong:
        raise NotEqualError(f"PostgreSQL's position differs from ours in {wrong:,} of {rows:,} rows.")
    return int(rows)


def main(words: list[str]) -> None:
    """Make a database, copy, measure, compare, drop it again; says CPU and wall seconds as JSON."""
    load, ready, day = Path(words[0]), Path(words[1]), date.fromisoformat(words[2])
    address = os.environ["SULAH_TEST_POSTGRES"]
    with psycopg.connect(address, autocommit=True) as maker:
        maker.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
        maker.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        with psycopg.connect(address.rsplit("/", 1)[0] + f"/{NAME}") as server:
            fill(server, load, ready, day)
            made = measure(server, day)
            made["rows"] = check(server, ready)
        maker.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(NAME)))
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
