"""`sulah work`, `sulah sandbox` and `sulah stops` as people start them."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.outbox.place import ROOT, SECRETS, Place, gateway, real_gateway, until
from tests.real.command import sulah

pytestmark = pytest.mark.slow


def test_work_sends_with_several_processes_and_ends(place: Place) -> None:
    """Receipts are lawful at any hour under the shipped rules, and a person whom the book does not know gets none."""
    with gateway(place) as sandbox:
        place.run("approve")
        place.run("prepare", messages=[[f"p{n}.r", f"p{n}", f"LN/{n}", "receipt"] for n in range(4)])
        said = sulah("work", "--once", "--workers", "2", "--lender", place.root, **SECRETS)
        assert said.code == 0, said.words
        taken = len(sandbox.kept())
    decided = place.rows("SELECT count(*) FROM records_decision")[0][0]
    assert decided == 4
    assert taken == place.states()["sent"]
    assert sum(place.states().values()) == 4


def test_a_worker_sends_no_text_that_nobody_approved(place: Place) -> None:
    """What was queued by a text of lender.toml that nobody approved is withdrawn before the guard is asked."""
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["p1.r", "p1", "LN/1", "receipt"]])
        assert sulah("work", "--once", "--lender", place.root, **SECRETS).code == 0
        assert sandbox.kept() == []
    assert place.rows("SELECT state, words FROM records_outbox") == [("withdrawn", "The text receipt is not approved.")]
    assert place.rows("SELECT count(*) FROM records_decision")[0][0] == 0


def test_half_a_setting_refuses_before_anything_is_started(place: Place) -> None:
    said = sulah("work", "--once", "--lender", place.root)
    assert said.code == 1
    assert "No channel is set up" in said.words
    place.ports.append(1)
    place.set_up()
    said = sulah("work", "--once", "--workers", "2", "--lender", place.root)
    assert said.code == 1
    assert "SULAH_TEST_HOOK" in said.words
    assert "Traceback" not in said.err


@pytest.mark.parametrize("workers", ["0", "65"])
def test_a_number_of_workers_out_of_reason_is_wrong_usage(place: Place, workers: str) -> None:
    assert sulah("work", "--workers", workers, "--lender", place.root, **SECRETS).code == 2


def test_a_worker_that_is_asked_to_end_ends_well(place: Place) -> None:
    with gateway(place):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
        place.run("approve")
        words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(place.root), "--json", "work", "--workers", "2"]
        environment = {**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
        place.run("prepare", messages=[["r", "p1", "LN/1", "receipt"]])
        assert until(lambda: place.states()["queued"] == 0, 60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert {json.loads(line)["done"] for line in said.splitlines()} == {True}


def test_the_sandbox_says_that_it_is_simulated_and_where_it_is(place: Place) -> None:
    with real_gateway(place) as port:
        assert 0 < port < 65536


def test_stops_shows_what_each_stop_withdrew_and_the_last_send_after_it(place: Place) -> None:
    with gateway(place):
        place.run("prepare", messages=[["a", "p1", "LN/1", "recovery"]])
        place.run("work")
        place.run("prepare", messages=[["b", "p1", "LN/1", "recovery"], ["c", "p2", "LN/2", "recovery"]])
        place.run("stop", event="lender_stopped", scope="lender")
    told = sulah("stops", "--json", "--lender", place.root).fields
    (row,) = told["stops"]
    assert (row["event"], row["withdrawn"], row["sent_after"], row["seconds_to_last_send"], row["accepted_before"]) == (
        "lender_stopped",
        2,
        0,
        0.0,
        1,
    )
    assert "lender_stopped" in sulah("stops", "--lender", place.root).words
