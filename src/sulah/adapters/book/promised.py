"""What a day's book knows as paid on some loans between two days: for telling which promises were kept."""

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from sulah.adapters.book.reader import Day

Span = tuple[int, str, date, date]
"""An id, the loan, and the first and last day between which a payment counts, both inside."""

_PAID = """
SELECT s.id, CAST(coalesce(sum(r.amount_paise), 0) AS BIGINT) AS paid
FROM asked AS s
INNER JOIN account AS a ON a.loan_id = s.loan_id
LEFT JOIN receipt AS r ON r.loan_key = a.loan_key AND r.paid_on BETWEEN s.first AND s.last
  AND r.entry <> 'opening' AND r.known_on <= $as_of AND r.void_on > $as_of
GROUP BY s.id ORDER BY s.id
"""


def paid_between(day: Day, asked: Sequence[Span]) -> Mapping[int, int]:
    """Paise paid by id, reversals taken off; a loan that the book does not have is not in it."""
    if not asked:
        return {}
    connection = day.over("account", "receipt")
    ids, loans, first, last = zip(*asked, strict=True)
    table = {"id": pa.array(ids, pa.int64()), "loan_id": pa.array(loans, pa.string()), "first": pa.array(first), "last": pa.array(last)}
    connection.register("asked", pa.table(table))
    return dict(connection.execute(_PAID, {"as_of": day.run.as_of}).fetchall())
