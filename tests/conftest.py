"""Brings the suites' counts together, from one process or several, and prints them at the end."""

from typing import Any

import pytest

from tests import closing


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


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of xdist counted."""
    closing.take([row for row in getattr(node, "workeroutput", {}).get("tally", []) if row[0] not in ("cases", "house")])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The counts of every suite that ran."""
    for line in closing.lines():
        terminalreporter.write_line(line)
