"""One served lender for the tests that change nothing that another one reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.machine import ALL_WRITES, LOADED, Api, Served, new_lender, token
from tests.intake.extract import good
from tests.real.command import done


@dataclass(frozen=True, slots=True)
class Open:
    """The lender's folder, its server, and a machine that may write everything."""

    lender: Path
    served: Served
    api: Api


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A lender with one accepted load and its day, two branches, served; a machine that writes."""
    tables = good()
    for row, branch in zip(tables["loan"], ("BR1", "BR2"), strict=True):
        row["branch_id"] = branch
    lender = new_lender(tmp_path_factory.mktemp("api") / "lender", settings="calls_a_minute = 100000", tables=tables)
    done("day", "--as-of", LOADED, "--lender", lender)
    written = token(lender, "lms", *(f"{name}:write" for name in ALL_WRITES))
    served = Served(lender)
    yield Open(lender, served, Api(served.port, written))
    served.stop()
