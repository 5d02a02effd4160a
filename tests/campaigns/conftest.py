"""The machine, the four commands without a fault, and a crew that makes the trials side by side."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.campaigns.process import Machine
from tests.campaigns.stages import Stage, run_all
from tests.campaigns.trials import Bench, Made


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A place to run `sulah`."""
    made = Machine(tmp_path_factory.mktemp("machine"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def stages(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """The four commands, run once without a fault."""
    return run_all(machine, tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="session")
def bench(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Where trials are made."""
    return Bench(machine, tmp_path_factory.mktemp("trials"))


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, stages: dict[str, Stage], bench: Bench) -> Iterator[Made]:
    """Results of the module's `make(bench, stages, *case)` for the cases that were asked for, made side by side on all cores."""
    make = request.module.make
    wanted = [item.callspec.params["case"] for item in request.session.items if _is_case(item, request)]
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as crew:
        futures: dict[Any, Future[Any]] = {case: crew.submit(make, bench, stages, *case) for case in wanted}
        yield lambda case: futures[case].result()


def _is_case(item: pytest.Item, request: pytest.FixtureRequest) -> bool:
    """Is it a test of this module, with a case?"""
    return isinstance(item, pytest.Function) and item.module is request.module and "case" in item.fixturenames
