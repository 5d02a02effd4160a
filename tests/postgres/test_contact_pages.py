"""The pages of contact on PostgreSQL: lists cut by branch, loan and agency through JSON columns find the same as on SQLite."""

import pytest

from tests.postgres.suites import assert_they_pass, on_postgresql

pytestmark = on_postgresql


@pytest.mark.parametrize(
    "suite",
    [
        "tests/web/test_decisions_page.py",
        "tests/web/test_delivery_page.py",
        "tests/web/test_inbox_page.py",
        "tests/web/test_thread_page.py",
        "tests/web/test_promises_page.py",
        "tests/web/test_complaints_page.py",
        "tests/web/test_ledger_page.py",
        "tests/web/test_inspection_page.py",
        "tests/evidence/test_bundle.py",
        "tests/evidence/test_access_log.py",
        "tests/talk",
    ],
)
def test_the_pages_and_acts_of_contact_find_the_same_on_postgresql(suite: str) -> None:
    assert_they_pass("page_suites", suite)
