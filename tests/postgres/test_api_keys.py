"""The API's keys on PostgreSQL: many calls at once with one key have one effect there too."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.api.machine import LOADED, NEXT, Answer, Api, Served, payment, token
from tests.intake.extract import good, write
from tests.postgres.test_same_on_both import lender
from tests.real.command import done

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND"),
]


@pytest.fixture
def address() -> Iterator[str]:
    """A database of its own on the server, gone afterwards."""
    name = f"sulah_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield SERVER.rsplit("/", 1)[0] + f"/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_many_at_once_with_one_key_have_one_effect_on_postgresql(tmp_path: Path, address: str) -> None:
    """Two server processes, eight threads; 20 keys with five calls each, and one key with eight bodies."""
    root = lender(tmp_path / "lender", address)
    settings = root / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace("# calls_a_minute = 600", "calls_a_minute = 100000"), "utf-8")
    done("load", write(tmp_path / "first", good()), "--as-of", LOADED, "--lender", root)
    written = token(root, "lms", "payments:write")
    served = Served(root, workers=2)
    api = Api(served.port, written)

    def send(place: int) -> tuple[int, Answer]:
        return place % 20, api.post("payments", [payment(place % 20)], f"key-{place % 20}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(100)))
        mixed = Counter(answer.status for answer in pool.map(lambda n: api.post("payments", [payment(f"m{n}")], "mixed"), range(8)))
    served.stop()
    assert Counter(answer.status for _, answer in answers) == {200: 100}
    assert all(len({answer.body for key, answer in answers if key == place}) == 1 for place in range(20))
    assert mixed == {200: 1, 409: 7}
    with psycopg.connect(address) as records:
        assert records.execute("SELECT count(*) FROM records_apibatch").fetchall() == [(21,)]
    assert done("load", "--from-api", "--as-of", NEXT, "--lender", root)["rows"] == 21
