"""Asks the tests about a mutant: in a forked process in which all is imported and all tests are collected, or in one that imports anew."""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import accumulate
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from .change import Mutant, code_of

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "sulah.guard"
SOURCE = ROOT / "src" / "sulah" / "guard"
TESTS = (
    "tests/guard",
    "src/sulah/guard",
    "tests/oracle/test_readings.py",
    "tests/oracle/test_twin_side.py",
    "tests/evidence/test_tampers.py",
    "tests/evidence/test_replay_says.py",
    "tests/evidence/test_hidden.py",
)
QUIETLY = ("-q", "-p", "no:cacheprovider", "--assert=plain")
LONG_SECONDS, A_FEW = 1.0, 2
"""Of a test that takes longer than this for each of its cases, so many cases are asked."""
STATES, LEAST_SECONDS, TIMES_LONGER = "states of the second rule book", 3, 10
MEMORY = 6 << 30
SURVIVED, TIMED_OUT, NOT_ASKED = "", "timed out", "the runner itself failed"

Key = tuple[str, str]
Touched = dict[str, tuple[float, set[Key]]]
"""By test: the seconds it takes and the functions that it runs through."""


def forked(work: Callable[[], str], seconds: float, silent: bool = True) -> str:
    """What a piece of work says in a process of its own; a crash kills too, and so does taking too long."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.close(read)
        if silent:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        said = NOT_ASKED
        try:
            said = work()
        finally:
            with open(write, "w", encoding="utf-8") as out:
                out.write(said)
            os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as answer:
        said = answer.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return TIMED_OUT if os.WTERMSIG(status) == signal.SIGPROF else f"ended by signal {os.WTERMSIG(status)}"
    return said


@dataclass(frozen=True)
class Plan:
    """How the mutants are asked.

    states: those of the second rule book.  patience: seconds of tests for one mutant, the quickest first.  tell: takes what became of it.
    learned: the file of what tests run through, kept for the next run.  reuse: is that of the last run taken?
    """

    states: Any
    patience: float
    tell: Callable[[Mutant, str], None]
    learned: Path
    reuse: bool

    def last_learned(self) -> Touched:
        """What was learned last time."""
        if not self.learned.exists():
            return {}
        written = json.loads(self.learned.read_text(encoding="utf-8"))
        return {name: (seconds, {(file, owner) for file, owner in keys}) for name, (seconds, keys) in written.items()}


class InPlace:
    """A plugin of pytest that, instead of running the tests, runs them against each mutant of a function."""

    def __init__(self, asked: list[Mutant], plan: Plan) -> None:
        self.asked = asked
        self.plan = plan

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn which test runs through which function, then ask for every mutant those that do."""
        items = {item.nodeid: item for item in session.items}
        works: dict[str, Callable[[], str]] = {STATES: partial(differing, self.plan.states)}
        works.update({name: partial(outcome, item) for name, item in items.items()})
        touched = (self.plan.reuse and self.plan.last_learned()) or learned(works, self.plan.patience)
        written = {name: [seconds, sorted(keys)] for name, (seconds, keys) in touched.items()}
        self.plan.learned.write_text(json.dumps(written), encoding="utf-8")
        took = {name: seconds for name, (seconds, _) in touched.items()}
        functions = owners()
        kept()
        gc.freeze()
        for mutant in self.asked:
            key = (str(mutant.file), mutant.owner)
            names = sorted((name for name, (_, keys) in touched.items() if key in keys), key=took.__getitem__)
            asked = within(names, took, self.plan.patience)
            work = partial(killed_by, mutant, functions.get(key, []), [(name, works[name], took[name]) for name in asked])
            self.plan.tell(mutant, forked(work, 3_600) if asked else SURVIVED)
        return True


def within(names: list[str], took: dict[str, float], patience: float) -> list[str]:
    """As many of the tests as take so many seconds together, and one at least."""
    spent = accumulate(took[name] for name in names)
    return [name for place, (name, seconds) in enumerate(zip(names, spent, strict=True)) if place == 0 or seconds <= patience]


def learned(works: dict[str, Callable[[], str]], patience: float) -> Touched:
    """The seconds and functions of each test; those that fail without a mutant are told and left out, so are more of a long one."""
    found: Touched = {}
    alike: Counter[str] = Counter()
    for name, work in works.items():
        if alike[name.partition("[")[0]] >= A_FEW:
            continue
        said = forked(partial(traced, work), patience)
        if said == TIMED_OUT:
            alike[name.partition("[")[0]] += 1
            continue
        try:
            failure, seconds, keys = json.loads(said)
        except ValueError:
            failure, seconds, keys = said, 0.0, []
        if failure:
            sys.stderr.write(f"left out, it fails as the code stands: {name}: {failure}\n")
            continue
        found[name] = (seconds, {(file, owner) for file, owner in keys})
        alike[name.partition("[")[0]] += seconds > LONG_SECONDS
    sys.stderr.write(f"{len(found)} tests learned, {sum(seconds for seconds, _ in found.values()):.0f} s together\n")
    return found


def traced(work: Callable[[], str]) -> str:
    """What a piece of work says, its seconds, and the functions of the guard that it runs through."""
    seen: set[CodeType] = set()
    sys.setprofile(lambda frame, event, _: seen.add(frame.f_code) if event == "call" else None)
    begun = time.process_time()
    said = work()
    sys.setprofile(None)
    inside = str(SOURCE)
    keys = sorted({(code.co_filename, owner_of(code.co_qualname)) for code in seen if code.co_filename.startswith(inside)})
    return json.dumps([said, time.process_time() - begun, keys])


def differing(states: Any) -> str:
    """The states, if the guard answers one of them otherwise than the second rule book, or fails."""
    try:
        difference = import_module("tests.oracle.strong").first_difference(states)
    except Exception as error:  # noqa: BLE001 - whatever a mutant raises tells it apart
        return f"{STATES}: {error!r}"
    return f"{STATES}: {difference}" if difference else SURVIVED


def owner_of(qualname: str) -> str:
    """The outermost function of a nested one."""
    return qualname.partition(".<locals>")[0]


def outcome(item: pytest.Item) -> str:
    """The name of the test if it fails; it runs in a process of its own."""
    runner = import_module("_pytest.runner")
    reports = runner.runtestprotocol(item, log=False, nextitem=None)
    return item.nodeid if any(report.failed for report in reports) else SURVIVED


def owners() -> dict[Key, list[FunctionType]]:
    """The live functions of the guard, by file and name."""
    found: dict[Key, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(str(SOURCE)):
            found.setdefault((one.__code__.co_filename, one.__code__.co_qualname), []).append(one)
    return found


@cache
def kept() -> tuple[Any, ...]:
    """What remembers answers of the guard; emptied, so that a mutant is asked itself."""
    found = [one for one in gc.get_objects() if isinstance(one, type(kept))]
    return tuple(one for one in found if str(one.__module__).startswith((PACKAGE, "tests.oracle.guard_side")))


def killed_by(mutant: Mutant, functions: list[FunctionType], works: list[tuple[str, Callable[[], str], float]]) -> str:
    """The first test that fails with the mutant in the place of its function."""
    code = next(code for code in _codes(code_of(mutant)) if code.co_qualname == mutant.owner)
    for function in functions:
        function.__code__ = code
    for remembered in kept():
        remembered.cache_clear()
    for name, work, seconds in works:
        signal.setitimer(signal.ITIMER_PROF, max(LEAST_SECONDS, TIMES_LONGER * seconds))
        if work():
            return name
    return SURVIVED


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


class Anew(MetaPathFinder):
    """Lets the module of a mutant be imported changed."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The module as always, but for its code."""
        if name != self.mutant.module:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.loader = _Changed(name, str(self.mutant.file), self.mutant)
        return spec


class _Changed(SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self.mutant = mutant

    def get_code(self, _name: str) -> CodeType:
        """The code of the mutant."""
        return code_of(self.mutant)


def killed_anew(mutant: Mutant, states: Any, names: list[str]) -> str:
    """What fails when the guard is imported with the mutant in it: the states, else the first test of those named."""
    sys.meta_path.insert(0, Anew(mutant))
    said = differing(states)
    if said:
        return said
    chosen = Chosen(names)
    code = pytest.main(["-x", *QUIETLY, *TESTS], plugins=[chosen])
    return SURVIVED if code == 0 else chosen.failed or f"the tests end with {code}"


class Chosen:
    """A plugin of pytest that runs the tests named, in their order, and keeps the name of the one that failed."""

    def __init__(self, names: list[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = sorted((item for item in items if item.nodeid in self.places), key=lambda item: self.places[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the name."""
        self.failed = self.failed or (report.nodeid if report.failed else "")


def run_in_place(asked: list[Mutant], plan: Plan) -> str:
    """All mutants of functions, in one session of pytest."""
    plugin = InPlace(asked, plan)
    pytest.main([*QUIETLY, *TESTS], plugins=[plugin])
    return "done"
