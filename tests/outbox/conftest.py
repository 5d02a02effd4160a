"""A lender made once and copied for each test, and a database of a test's own on PostgreSQL."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.outbox.place import Place, new_place

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lender that has nothing yet."""
    return new_place(tmp_path_factory.mktemp("empty") / "kaveri").root


@pytest.fixture
def place(empty: Path, tmp_path: Path) -> Place:
    """A lender of the test's own, on SQLite."""
    return Place(Path(shutil.copytree(empty, tmp_path / "kaveri")))


@pytest.fixture
def address() -> Iterator[str]:
    """A database of its own on the server, gone afterwards."""
    if not SERVER:
        pytest.skip("no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES")
    name = f"sulah_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield SERVER.rsplit("/", 1)[0] + f"/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
