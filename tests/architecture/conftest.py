"""Prints the measure of the house at the end of a run: files, longest file and function, median function."""

from statistics import median

import pytest

from tests.architecture.rules import functions, length
from tests.architecture.tree import files, parsed, short


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line, so that growth is seen before a limit is reached."""
    if terminalreporter.config.option.collectonly:
        return
    lines = {short(path): path.read_text("utf-8").count("\n") for path in files("src/")}
    sizes = [(length(node), f"{short(path)}:{node.name}") for path in files("src/") for node in functions(parsed(path))]
    tests = sum(path.read_text("utf-8").count("\n") for path in files("tests/"))
    longest = max(lines, key=lambda name: lines[name])
    middle, (size, name) = median(size for size, _ in sizes), max(sizes)
    terminalreporter.write_line(
        f"house: {len(lines)} files, longest {longest} ({lines[longest]}); {len(sizes)} functions, median {middle:g} lines, "
        f"longest {name} ({size}); test lines / code lines {tests / sum(lines.values()):.2f}"
    )
