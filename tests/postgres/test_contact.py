"""The facts of contact, counting and reserving on PostgreSQL: the same tests as on SQLite, run against the server."""

from tests.depth import some_of
from tests.postgres.suites import assert_they_pass, on_postgresql

FILES = (
    "test_snapshot",
    "test_plan",
    "test_plan_steps",
    "test_learn_numbers",
    "test_ledgers",
    "test_reserve",
    "test_log",
    "test_rules",
    "test_seals",
    "test_acts",
    "test_roles",
    "test_standing",
)

pytestmark = on_postgresql


def test_what_holds_on_sqlite_holds_on_postgresql() -> None:
    assert_they_pass("contact_suites", *(f"tests/contact/{name}.py" for name in some_of(FILES, 7)))
