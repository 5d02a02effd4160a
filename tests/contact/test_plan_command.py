"""`sulah plan` as people start it: words, a table with sources, one JSON object, and an outbox that a worker can empty."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sulah.kernel.dates import IST, system_clock
from tests.contact.small_day import small_extract
from tests.outbox.place import SECRETS, new_place, settings
from tests.real.command import done, sulah

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lender with a day of yesterday and [sms], on SQLite."""
    place = new_place(tmp_path / "kaveri")
    as_of = system_clock().astimezone(IST).date() - timedelta(1)
    done("load", small_extract(tmp_path / "files", as_of), "--as-of", as_of, "--lender", place.root, "--by", "asha")
    done("day", "--as-of", as_of, "--lender", place.root)
    _set_up(place.root)
    assert place.run("approve") == {"approved": 2}
    return place.root


def _set_up(root: Path) -> None:
    path = root / "lender.toml"
    path.write_text(path.read_text("utf-8") + settings([1]), "utf-8")


def _count(root: Path, table: str) -> int:
    with closing(sqlite3.connect(root / "sulah.sqlite3")) as records:
        return int(records.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_worker_that_starts_publishes_the_day_and_a_plan_finds_it_published(root: Path) -> None:
    assert sulah("work", "--once", "--lender", root, **SECRETS).code == 0
    assert _count(root, "records_standingbook") == 1
    assert done("plan", "--lender", root, **SECRETS)["purposes"]["recovery"]["permitted"] == 3
    assert (_count(root, "records_standingbook"), _count(root, "records_outbox")) == (1, 0)


@pytest.mark.parametrize(("point", "left"), [("outbox.queueing", 0), ("outbox.queued", 3)])
def test_a_plan_that_was_killed_leaves_whole_batches_and_the_next_goes_on(root: Path, point: str, left: int) -> None:
    said = sulah("plan", "--queue", "--lender", root, SULAH_STRIKE=f"{point}:1", SULAH_STRIKE_WITH="kill", **SECRETS)
    assert said.code == -9
    assert _count(root, "records_outbox") == left
    again = done("plan", "--queue", "--lender", root, **SECRETS)["purposes"]["recovery"]
    assert (again["queued_before"], again["queued"]) == (left, 3 - left)
    assert _count(root, "records_outbox") == 3


def test_a_day_is_planned_shown_and_queued_once(root: Path) -> None:
    looked = done("plan", "--lender", root, **SECRETS)
    (tally,) = looked["purposes"].values()
    assert (tally["people"], tally["no_number"], tally["permitted"], tally["queued"]) == (4, 1, 3, 0)
    assert 9 <= datetime.fromisoformat(looked["at"]).astimezone(IST).hour < 18
    said = sulah("plan", "--queue", "--lender", root, **SECRETS)
    assert said.code == 0, said.words
    assert "(simulated)" in said.words
    assert "Queued now" in said.words
    again = done("plan", "--queue", "--lender", root, **SECRETS)["purposes"]["recovery"]
    assert (again["queued_before"], again["queued"]) == (3, 0)


def test_refusals_are_shown_with_their_words_and_their_source(root: Path) -> None:
    (root / "policy" / "contact_rule.toml").write_text(_CONSENT, "utf-8")
    said = done("plan", "--queue", "--lender", root, **SECRETS)
    assert said["purposes"]["recovery"]["queued"] == 0
    (rule,) = said["refused_by"]
    assert (rule["rule"], rule["messages"], rule["citation"]) == ("ABC-OPT", 3, "The board's decision of May.")
    words = sulah("plan", "--lender", root, **SECRETS).words
    assert "ABC-OPT" in words
    assert "not queued" in words


def test_a_plan_without_an_approved_text_queues_nothing_and_says_what_to_do(root: Path) -> None:
    """The texts of lender.toml read otherwise than they were approved: by one letter."""
    path = root / "lender.toml"
    path.write_text(path.read_text("utf-8").replace("is due on loan", "is due on  loan"), "utf-8")
    said = done("plan", "--queue", "--lender", root, **SECRETS)
    assert (said["purposes"]["recovery"]["no_template"], said["purposes"]["recovery"]["queued"]) == (4, 0)
    assert {"overdue_early, in Tamil, for SMS", "overdue_early, in Hindi, for SMS"} <= {line["text"] for line in said["texts_missing"]}
    assert all(line["do"].startswith("Draft it on the text bench") for line in said["texts_missing"])
    assert "Draft it on the text bench" in sulah("plan", "--lender", root, **SECRETS).words.replace("\n", " ")


_CONSENT = """
[[row]]
rule_id = "ABC-OPT"
predicate = "consent"
channels = "sms"
purposes = "recovery"
when_unknown = "block"
severity = "block"
override_by = "nobody"
switched_on = true
version = 1
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "The board's decision of May."
confidence = "POLICY"
note = "The lender's choice: nobody is written to who did not ask for it."
example.given = { channel = "sms", purpose = "recovery", entries = ["given", "withdrawn", "none"] }
example.expect = { yes = [true, false, false] }
"""


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    place = new_place(tmp_path / "kaveri")
    said = sulah("plan", "--lender", place.root)
    assert said.code == 1
    assert "No channel is set up" in said.words
    _set_up(place.root)
    said = sulah("plan", "--lender", place.root, **SECRETS)
    assert said.code == 1
    assert "sulah day --as-of" in said.words
    assert "Traceback" not in said.err
