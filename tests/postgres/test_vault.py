"""Erasing, the keys of months and what is held about a person on PostgreSQL: the same tests as on SQLite, run against the server."""

from tests.postgres.suites import assert_they_pass, on_postgresql

FILES = ("test_erasure", "test_erasure_in_log", "test_periods", "test_export_person")

pytestmark = on_postgresql


def test_what_holds_on_sqlite_holds_on_postgresql() -> None:
    assert_they_pass("vault_suites", *(f"tests/vault/{name}.py" for name in FILES))
