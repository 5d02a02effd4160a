"""The returned debits of a loan: those of the extract and those that came between two extracts, each once."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import duckdb

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Day, Row, rows_of
from sulah.adapters.book.sound import hold_sound
from sulah.adapters.engines.duck import connect, literal
from sulah.contracts.registry import EXTRACT
from sulah.policy.load import from_json
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.supplement import Supplement

SHOWN_DAYS = 92
"""How far back supplements are read: a quarter of presentations."""

_KIND = "coalesce(m.kind, CASE WHEN regexp_full_match(b.reason_code, '[0-9]{1,2}') THEN 'nach' ELSE 'upi_autopay' END)"


def bounces_of_loan(lender: Lender, load: Load, loan_id: str, as_of: date) -> list[Row]:
    """Returned debits of a loan that are known with a load, latest first: bounce_id, presented_on, amount_paise, reason_code,
    mandate_id, kind, came_with (the load or supplement).  One that came twice is told once, as it was sent last."""
    came = _came(lender, load, as_of)
    bounces, mandates = known_returns(lender, came)
    connection = connect(memory_mb=256)
    try:
        sql = f"""
            SELECT b.bounce_id, b.presented_on, b.amount_paise, b.reason_code, b.mandate_id, {_KIND} AS kind, b.place
            FROM ({bounces}) AS b
            LEFT JOIN ({mandates}) AS m ON m.mandate_id = b.mandate_id
            WHERE b.loan_id = $loan_id
            ORDER BY b.presented_on DESC, b.bounce_id
        """
        rows = rows_of(connection.execute(sql, {"loan_id": loan_id}))
    finally:
        connection.close()
    return [{**row, "came_with": came[row.pop("place")].pk} for row in rows]


def _came(lender: Lender, load: Load, as_of: date) -> list[Load | Supplement]:
    """The load, then the supplements of the last quarter, in the order they came."""
    loads = {"load__as_of__lte": as_of, "load__as_of__gte": as_of - timedelta(days=SHOWN_DAYS)}
    return [load, *Supplement.objects.filter(**loads).order_by("loaded_at", "id")]


def known_returns(lender: Lender, came: Sequence[Load | Supplement]) -> tuple[str, str]:
    """Two queries: the returned debits and the mandates that came, each once and as sent last, with the place of what they came with."""
    bounce = ("bounce_id", "loan_id", "presented_on", "amount_paise", "reason_code", "mandate_id")
    return _last(lender, came, "bounce", bounce), _last(lender, came, "mandate", ("mandate_id", "kind", "status", "max_amount_paise"))


def _last(lender: Lender, came: Sequence[Load | Supplement], table: str, columns: Sequence[str]) -> str:
    listed = ", ".join(columns)
    found = [(place, path) for place, one in enumerate(came) for path in _file(lender, one, table)]
    if not found:
        kinds = {column.name: column.kind.value for column in EXTRACT[table].columns}
        empty = ", ".join(f"CAST(NULL AS {kinds[column]}) AS {column}" for column in columns)
        return f"SELECT {empty}, 0 AS place WHERE false"
    union = " UNION ALL ".join(f"SELECT {listed}, {place} AS place FROM read_parquet({literal(str(path))})" for place, path in found)
    return f"SELECT {listed}, place FROM ({union}) QUALIFY row_number() OVER (PARTITION BY {columns[0]} ORDER BY place DESC) = 1"


class ReturnedDebits(Day):
    """A committed day with one table more, `presentation`: what becomes of the returned debits, by the rules of that day.

    Of the last day all that came since is known, so that a return is planned for on the day it is told; of an earlier one only what
    had been presented by then.
    """

    @cached_property
    def planned_on(self) -> date:
        """The date from which is planned: that of the day, or of the latest supplement where no later day was run."""
        if DayRun.objects.filter(as_of__gt=self.run.as_of).exists():
            return self.run.as_of
        sent = (date.fromisoformat(one.report["as_of"]) for one in _came(self.lender, self.load, self.run.as_of)[1:])
        return max((self.run.as_of, *sent))

    def over(self, *tables: str) -> duckdb.DuckDBPyConnection:
        """The connection, with the tables named; `presentation` is worked out when it is first asked for."""
        if "presentation" not in tables or "presentation" in self._views:
            return super().over(*tables)
        connection = super().over("account", "position", *(table for table in tables if table != "presentation"))
        came = _came(self.lender, self.load, self.run.as_of)
        for name, query in zip(("bounce_known", "mandate_known"), known_returns(self.lender, came), strict=True):
            connection.execute(f"CREATE VIEW {name} AS {query}")
        policy = from_json(self.run.policy).for_entity(self.lender.entity_type)
        for name in ("bounce_reason", "presentation"):
            connection.register(f"policy_{name}", policy.arrow(name))
        statement = files("sulah.strategy").joinpath("presentation.sql").read_text("utf-8")
        connection.execute(f"CREATE TABLE presentation AS {statement.replace('$as_of', f'DATE {literal(self.planned_on.isoformat())}')}")
        self._views.add("presentation")
        return connection


def _file(lender: Lender, one: Load | Supplement, table: str) -> Sequence[Path]:
    """The file of a table, as it was written; none where the load or supplement has no such table."""
    folder = lender.book / one.path
    path = folder / ("accepted" if isinstance(one, Load) else "") / f"{table}.parquet"
    name, digests = path.relative_to(folder).as_posix(), one.report.get("digests", {})
    if not path.is_file() and name not in digests:
        return ()
    hold_sound(f"{type(one).__name__.lower()} {one.pk}", folder, digests, (path,))
    return (path,)
