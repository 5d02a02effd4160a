"""The branches that a load speaks of."""

from sulah.adapters.book.layers import rows_of_load, view_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.duck import connect


def branches_of(lender: Lender, load_path: str) -> list[str]:
    """Branch ids of a load's accounts, sorted; load_path is the load's folder under the book."""
    connection = connect()
    view_of_load(connection, "account", rows_of_load(lender.book / load_path, "account"))
    rows = connection.execute("SELECT DISTINCT a.branch_id FROM account AS a WHERE a.branch_id IS NOT NULL ORDER BY a.branch_id").fetchall()
    connection.close()
    return [str(row[0]) for row in rows]
