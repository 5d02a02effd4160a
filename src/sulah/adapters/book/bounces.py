"""The returned debits of a loan: those of the extract and those that came between two extracts, each once."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Row, rows_of
from sulah.adapters.book.sound import hold_sound
from sulah.adapters.engines.duck import connect, literal
from sulah.records.load import Load
from sulah.records.supplement import Supplement

SHOWN_DAYS = 92
"""How far back supplements are read: a quarter of presentations."""

_KIND = "coalesce(m.kind, CASE WHEN regexp_full_match(b.reason_code, '[0-9]{1,2}') THEN 'nach' ELSE 'upi_autopay' END)"


def bounces_of_loan(lender: Lender, load: Load, loan_id: str, as_of: date) -> list[Row]:
    """Returned debits of a loan that are known with a load, latest first: bounce_id, presented_on, amount_paise, reason_code,
    mandate_id, kind, came_with (the load or supplement).  One that came twice is told once, as it was sent last."""
    loads = {"load__as_of__lte": as_of, "load__as_of__gte": as_of - timedelta(days=SHOWN_DAYS)}
    between = Supplement.objects.filter(**loads).order_by("loaded_at", "id")
    came: list[Load | Supplement] = [load, *between]
    bounces = [(place, path) for place, one in enumerate(came) for path in _file(lender, one, "bounce")]
    if not bounces:
        return []
    mandates = [(place, path) for place, one in enumerate(came) for path in _file(lender, one, "mandate")]
    connection = connect(memory_mb=256)
    try:
        sql = f"""
            WITH b AS ({_union(bounces, ("bounce_id", "loan_id", "presented_on", "amount_paise", "reason_code", "mandate_id"))}),
            m AS ({_union(mandates, ("mandate_id", "kind"))})
            SELECT b.bounce_id, b.presented_on, b.amount_paise, b.reason_code, b.mandate_id, {_KIND} AS kind, b.place
            FROM (SELECT bounce_id, presented_on, amount_paise, reason_code, mandate_id, place FROM b WHERE loan_id = $loan_id
                QUALIFY row_number() OVER (PARTITION BY bounce_id ORDER BY place DESC) = 1) AS b
            LEFT JOIN (SELECT mandate_id, kind FROM m
                QUALIFY row_number() OVER (PARTITION BY mandate_id ORDER BY place DESC) = 1) AS m ON m.mandate_id = b.mandate_id
            ORDER BY b.presented_on DESC, b.bounce_id
        """
        rows = rows_of(connection.execute(sql, {"loan_id": loan_id}))
    finally:
        connection.close()
    return [{**row, "came_with": came[row.pop("place")].pk} for row in rows]


def _file(lender: Lender, one: Load | Supplement, table: str) -> Sequence[Path]:
    """The file of a table, as it was written; none where the load or supplement has no such table."""
    folder = lender.book / one.path
    path = folder / ("accepted" if isinstance(one, Load) else "") / f"{table}.parquet"
    name, digests = path.relative_to(folder).as_posix(), one.report.get("digests", {})
    if not path.is_file() and name not in digests:
        return ()
    hold_sound(f"{type(one).__name__.lower()} {one.pk}", folder, digests, (path,))
    return (path,)


def _union(files: Sequence[tuple[int, Path]], columns: Sequence[str]) -> str:
    listed = ", ".join(columns)
    if not files:
        return "SELECT " + ", ".join(f"CAST(NULL AS VARCHAR) AS {column}" for column in columns) + ", 0 AS place WHERE false"
    return " UNION ALL ".join(f"SELECT {listed}, {place} AS place FROM read_parquet({literal(str(path))})" for place, path in files)
