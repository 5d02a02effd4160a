"""Count the cases asserted, and print the ones not met with their reason."""

from collections import Counter
from typing import Any

import pytest

from tests.cases.book import NOT_MET

_counted: Counter[str] = Counter()


def pytest_runtest_logreport(report: Any) -> None:
    """Count each parametrised case by its file."""
    if report.when == "call" and "tests/cases/test_" in report.nodeid and "[" in report.nodeid:
        _counted["passed" if report.passed else "failed"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line with the count, and a line for each case that is not met."""
    if _counted:
        terminalreporter.write_line(
            f"shared cases: {_counted['passed']} asserted and met, {_counted['failed']} failed, {len(NOT_MET)} not met by design"
        )
        for case, why in sorted(NOT_MET.items()):
            terminalreporter.write_line(f"  not met: {case}: {why}")
