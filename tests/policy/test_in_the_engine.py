"""The policy as a run keeps it and as the engine sees it."""

import json
from datetime import date

import duckdb
import pytest

from sulah.kernel.dates import FOREVER
from sulah.kernel.terms import EntityType
from sulah.policy.columns import columns, ddl, sheets
from sulah.policy.load import PolicyError, from_json, load_policy

POLICY = load_policy()
COLUMNS = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"


def test_a_recorded_policy_comes_back_as_it_was() -> None:
    """Rows, order and sha256: so a replayed day uses the policy of that day."""
    back = from_json(POLICY.to_json())
    assert back == POLICY
    assert back.sha256 == POLICY.sha256
    assert back.to_json() == POLICY.to_json()


def test_a_record_that_a_database_has_turned_about_is_still_the_same_policy() -> None:
    """A JSON column keeps neither the order of keys nor of the text."""
    turned = {
        "tables": {table: [dict(reversed(row.items())) for row in rows] for table, rows in json.loads(POLICY.to_json())["tables"].items()}
    }
    assert from_json(turned).sha256 == POLICY.sha256


@pytest.mark.parametrize("damaged", ["{}", '{"tables": {}}', '{"tables": []}'])
def test_a_damaged_record_is_refused(damaged: str) -> None:
    """Nothing is filled in from the rows of today."""
    with pytest.raises(PolicyError, match="does not hold all policy tables"):
        from_json(damaged)


def test_a_day_recorded_before_a_table_was_there_has_no_rows_of_it() -> None:
    """The others are as recorded; a table that nobody knows is refused."""
    record = json.loads(POLICY.to_json())
    del record["tables"]["presentation"]
    assert from_json(record).tables["presentation"] == ()
    assert from_json(record).tables["bucket"] == POLICY.tables["bucket"]
    record["tables"]["tomorrow"] = []
    with pytest.raises(PolicyError, match="does not know"):
        from_json(record)


def test_a_record_with_a_damaged_row_says_which() -> None:
    """Table, row and column."""
    record = json.loads(POLICY.to_json())
    record["tables"]["upgrade"][0]["charges_included"] = "yes"
    record["tables"]["restructure"][0]["effective_from"] = "soon"
    record["tables"]["bucket"][1] = 3
    with pytest.raises(PolicyError) as caught:
        from_json(record)
    places = [(finding.table, finding.row, finding.field) for finding in caught.value.findings]
    assert places == [("bucket", 2, ""), ("restructure", 1, "effective_from"), ("upgrade", 1, "charges_included")]


@pytest.mark.parametrize("table", sheets())
@pytest.mark.parametrize("entity", EntityType)
def test_the_arrow_table_has_the_columns_and_types_of_the_empty_one(table: str, entity: EntityType) -> None:
    """A statement that binds on the empty table runs on the full one."""
    connection = duckdb.connect()
    connection.execute(ddl(table))
    empty = connection.execute(COLUMNS, [f"policy_{table}"]).fetchall()
    connection.register("full", POLICY.for_entity(entity).arrow(table))
    full = connection.execute(COLUMNS, ["full"]).fetchall()
    assert full == empty == [(column.name, column.kind.value) for column in columns(table)]


def test_the_engine_sees_only_the_rows_that_bind_the_lender_and_no_empty_end() -> None:
    """The base layer's rows: three for all, and eight of its own."""
    book = POLICY.for_entity(EntityType.NBFC_BL)
    arrow = book.arrow("asset_limit")
    assert arrow.column_names == [column.name for column in book.columns("asset_limit")]
    assert book.ddl("asset_limit") == ddl("asset_limit")
    assert arrow.num_rows == 11
    assert all(arrow[name].null_count == 0 for name in arrow.column_names)
    assert set(arrow["effective_to"].to_pylist()) == {date(2024, 3, 30), date(2025, 3, 30), date(2026, 3, 30), FOREVER}
    assert POLICY.for_entity(EntityType.NBFC_MFI).arrow("provision").num_rows == 3


def test_a_join_on_the_range_and_the_date_gives_every_dpd_one_class() -> None:
    """As the portfolio's statements ask, on both sides of a switch."""
    connection = duckdb.connect()
    connection.register("policy_asset_limit", POLICY.for_entity(EntityType.NBFC_BL).arrow("asset_limit"))
    sql = """
        SELECT count(l.rule_id), count(DISTINCT d.dpd), sum(CASE WHEN l.class = 'npa' THEN 1 ELSE 0 END)
        FROM (SELECT unnest(range(0, 2001)) AS dpd) AS d
        LEFT JOIN policy_asset_limit AS l ON d.dpd BETWEEN l.dpd_from AND l.dpd_to AND $on BETWEEN l.effective_from AND l.effective_to
    """
    counts = [connection.execute(sql, {"on": day}).fetchone() for day in (date(2024, 3, 30), date(2024, 3, 31), date(2026, 3, 31))]
    assert counts == [(2001, 2001, 1820), (2001, 2001, 1850), (2001, 2001, 1910)]


def test_a_rule_is_found_by_its_id_and_an_unknown_one_is_not() -> None:
    """For the page that explains a number."""
    assert POLICY.rule("LIM-NPA").citation.startswith("RBI/2021-22/125")
    with pytest.raises(KeyError, match="LIM-XYZ"):
        POLICY.rule("LIM-XYZ")
