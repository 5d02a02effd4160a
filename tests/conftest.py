"""Brings the suites' counts together, from one process or several, and prints them at the end."""

from typing import Any

import pytest

from tests import closing
from tests.depth import WHOLE

LONGEST = (
    *("tests/hostile/", "tests/parity/", "tests/backup/test_backup_and_restore", "tests/backup/test_faults", "tests/spark/test_day"),
    *("tests/campaigns/", "tests/measures/test_measures_equal", "tests/real/", "tests/delta/", "tests/backup/", "tests/watch/"),
)
"""Files that take minutes: two processes end together only when these are begun first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; all else stays in its order."""
    items.sort(key=lambda item: next((place for place, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count each shared case, and that the house was looked at; xdist hands every report to the process that prints."""
    if report.when != "call":
        return
    if "tests/cases/test_" in report.nodeid and "[" in report.nodeid:
        closing.TALLY["cases", "", "passed" if report.passed else "failed"] += 1
    if "tests/architecture/" in report.nodeid:
        closing.TALLY["house", "", "seen"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of xdist hands its tally over."""
    handed: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed["tally"] = closing.packed()
        handed["not_met"] = dict(closing.NOT_MET)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of xdist counted, and the cases that it named as not met; the one that prints reads no test file."""
    closing.NOT_MET.update(getattr(node, "workeroutput", {}).get("not_met", {}))
    closing.take([row for row in getattr(node, "workeroutput", {}).get("tally", []) if row[0] not in ("cases", "house")])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The counts of every suite that ran."""
    for line in closing.lines():
        terminalreporter.write_line(line)
    if not WHOLE:
        terminalreporter.write_line("depth: repetitions of the long campaigns are left out; all of them run with: make thorough")
