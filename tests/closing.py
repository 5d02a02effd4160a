"""The closing lines of a run: what the suites counted, brought home from the processes that ran them.

A suite adds to TALLY under (suite, of what, which count).  Where pytest-xdist spreads the run over processes, each process hands its
tally over when it ends, and the one that prints adds them up.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from statistics import median

from tests.architecture.rules import functions, length
from tests.architecture.tree import files, parsed, short
from tests.cases.book import NOT_MET

TALLY: Counter[tuple[str, str, str]] = Counter()


def packed() -> list[list[str | int]]:
    """The tally in plain lists, as a process hands it over."""
    return [[*key, count] for key, count in TALLY.items()]


def take(rows: list[list[str | int]]) -> None:
    """Add what another process counted."""
    for suite, of, name, count in rows:
        TALLY[str(suite), str(of), str(name)] += int(count)


def lines() -> Iterator[str]:
    """Every line of every suite that ran."""
    for suite, say in _SAID.items():
        if any(key[0] == suite for key in TALLY):
            yield from say()


def _cases() -> Iterator[str]:
    met, failed = TALLY["cases", "", "passed"], TALLY["cases", "", "failed"]
    yield f"shared cases: {met} asserted and met, {failed} failed, {len(NOT_MET)} not met by design"
    for case, why in sorted(NOT_MET.items()):
        yield f"  not met: {case}: {why}"


def _campaigns() -> Iterator[str]:
    points = sum(1 for suite, _, name in TALLY if (suite, name) == ("campaigns", "struck"))
    parts = ", ".join(f"{TALLY['campaigns', '', name]} {name}" for name in ("killed", "refused with words", "ended identical"))
    yield f"fault campaigns: {TALLY['campaigns', '', 'trials']} trials at {points} named points and by time: {parts}"


def _hostile() -> Iterator[str]:
    yield "hostile lender pack:"
    for title in sorted({of for suite, of, _ in TALLY if suite == "hostile"}):
        yield f"  {title}: {TALLY['hostile', title, 'exact']} of {TALLY['hostile', title, 'cases']} exact"


def _house() -> Iterator[str]:
    """So that growth is seen before a limit is reached."""
    counted = {short(path): path.read_text("utf-8").count("\n") for path in files("src/")}
    sizes = [(length(node), f"{short(path)}:{node.name}") for path in files("src/") for node in functions(parsed(path))]
    tests = sum(path.read_text("utf-8").count("\n") for path in files("tests/"))
    longest = max(counted, key=lambda name: counted[name])
    middle, (size, name) = median(size for size, _ in sizes), max(sizes)
    yield (
        f"house: {len(counted)} files, longest {longest} ({counted[longest]}); {len(sizes)} functions, median {middle:g} lines, "
        f"longest {name} ({size}); test lines / code lines {tests / sum(counted.values()):.2f}"
    )


_SAID: dict[str, Callable[[], Iterator[str]]] = {"cases": _cases, "campaigns": _campaigns, "hostile": _hostile, "house": _house}
