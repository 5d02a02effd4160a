"""One key, one effect: the same bytes again, another body refused, many at once counted once, and nothing acknowledged is ever lost."""

import json
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.api.conftest import Open
from tests.api.machine import NEXT, Answer, Api, Served, new_lender, payment, token
from tests.real.command import done

pytestmark = pytest.mark.slow


def batches(lender: Path) -> int:
    """Rows of batches in the lender's own database."""
    with sqlite3.connect(lender / "sulah.sqlite3") as records:
        return int(records.execute("SELECT count(*) FROM records_apibatch").fetchone()[0])


def test_the_same_key_and_body_give_the_same_bytes_and_do_nothing_again(opened: Open) -> None:
    first = opened.api.post("payments", [payment(1), payment(2, amount="x")], "replayed")
    before = batches(opened.lender)
    again = opened.api.post("payments", [payment(1), payment(2, amount="x")], "replayed")
    assert (again.status, again.body) == (first.status, first.body) == (207, first.body)
    assert (first.headers["idempotency-replayed"], again.headers["idempotency-replayed"]) == ("false", "true")
    assert batches(opened.lender) == before


def test_the_same_key_with_another_body_or_another_table_is_a_conflict_that_names_the_first(opened: Open) -> None:
    first = opened.api.post("payments", [payment(1)], "reused")
    for resource, records in (("payments", [payment(2)]), ("collections", [payment(1)])):
        other = opened.api.post(resource, records, "reused")
        assert (other.status, other.told["code"]) == (409, "key_reused")
        assert first.told["batch"] in other.told["detail"]


def test_two_clients_may_use_one_key_each_for_itself(opened: Open) -> None:
    other = Api(opened.served.port, token(opened.lender, "second", "payments:write"))
    first = opened.api.post("payments", [payment(1)], "shared")
    assert other.post("payments", [payment(2)], "shared").told["batch"] != first.told["batch"]


def test_many_at_once_with_one_key_have_one_effect_and_all_get_its_answer(tmp_path: Path) -> None:
    """Two server processes, eight threads; 20 keys with five calls each."""
    lender = new_lender(tmp_path / "lender", settings="calls_a_minute = 100000")
    served = Served(lender, workers=2)
    api = Api(served.port, token(lender, "lms", "payments:write"))

    def send(place: int) -> tuple[int, Answer]:
        return place % 20, api.post("payments", [payment(place % 20)], f"key-{place % 20}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(100)))
    served.stop()
    assert Counter(answer.status for _, answer in answers) == {200: 100}
    assert all(len({answer.body for key, answer in answers if key == place}) == 1 for place in range(20))
    assert Counter(answer.headers["idempotency-replayed"] for _, answer in answers) == {"true": 80, "false": 20}
    assert batches(lender) == 20
    assert done("load", "--from-api", "--as-of", NEXT, "--lender", lender)["rows"] == 20


def test_many_at_once_with_one_key_and_different_bodies_have_one_effect_and_the_others_are_told(tmp_path: Path) -> None:
    lender = new_lender(tmp_path / "lender", settings="calls_a_minute = 100000")
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", "payments:write"))
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(answer.status for answer in pool.map(lambda n: api.post("payments", [payment(n)], "one"), range(16)))
    served.stop()
    assert statuses == {200: 1, 409: 15}
    assert batches(lender) == 1


@pytest.mark.parametrize("point", ["api.judged", "api.before_commit", "api.after_commit"])
def test_a_server_killed_within_a_call_has_done_all_of_it_or_nothing_and_the_repetition_is_answered(tmp_path: Path, point: str) -> None:
    lender = new_lender(tmp_path / "lender")
    written = token(lender, "lms", "payments:write")
    struck = Served(lender, SULAH_STRIKE=f"{point}:3")
    api = Api(struck.port, written)
    kept = [api.post("payments", [payment(n)], f"call-{n}") for n in (1, 2)]
    with pytest.raises((ConnectionError, OSError)):
        api.post("payments", [payment(3)], "call-3")
    struck.kill()
    assert batches(lender) == (3 if point == "api.after_commit" else 2)
    again = Served(lender)
    api.port = again.port
    assert [api.post("payments", [payment(n)], f"call-{n}").body for n in (1, 2)] == [answer.body for answer in kept]
    third = api.post("payments", [payment(3)], "call-3")
    again.stop()
    assert (third.status, third.headers["idempotency-replayed"]) == (200, "true" if point == "api.after_commit" else "false")
    assert batches(lender) == 3


def test_a_server_killed_after_its_answers_has_lost_none_of_them(tmp_path: Path) -> None:
    """SIGKILL of the whole process group the moment the last answer is read; the load then has every record, and no more."""
    lender = new_lender(tmp_path / "lender")
    served = Served(lender)
    api = Api(served.port, token(lender, "lms", "payments:write"))
    answers = [api.post("payments", [payment(f"{call}-{n}") for n in range(5)], f"call-{call}") for call in range(4)]
    served.kill()
    assert {answer.status for answer in answers} == {200}
    report = done("load", "--from-api", "--as-of", NEXT, "--lender", lender)
    assert (report["rows"], report["ties"]) == (20, True)


def test_no_name_and_no_token_lies_open_in_the_records_or_in_the_log(opened: Open) -> None:
    """The database and the server's words are searched for a name just sent and for the token."""
    opened.api.post("borrowers", [{"borrower_id": "B77", "name": "Yashodhara Unheard", "phone": "9812345670"}], "secret")
    records = b"".join(path.read_bytes() for path in opened.lender.glob("sulah.sqlite3*"))
    for told in (b"Yashodhara", b"9812345670", opened.api.token.rpartition("_")[2].encode(), json.dumps("Unheard").encode()):
        assert told not in records
        assert told not in opened.served.said.encode()
