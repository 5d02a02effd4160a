"""A lender made once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.outbox.place import Place, new_place


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lender that has nothing yet."""
    return new_place(tmp_path_factory.mktemp("empty") / "kaveri").root


@pytest.fixture
def place(empty: Path, tmp_path: Path) -> Place:
    """A lender of the test's own, on SQLite."""
    return Place(Path(shutil.copytree(empty, tmp_path / "kaveri")))
