"""The same loads, policy and code give the same bytes: run twice, on a copy, in another lender, in more shards."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from sulah.actions.load_folder import LoadError, loans_a_shard
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import EntityType
from tests.campaigns.process import Machine, tree_of
from tests.campaigns.stages import COMMANDS, Stage, new_lender
from tests.campaigns.trials import Bench

pytestmark = pytest.mark.slow
SEALED = ("borrower_private.parquet", "contact_private.parquet", "quarantine.parquet", "report.json")
"""Files that are sealed with the lender's own key, and the report with their digests: another lender's are other bytes."""


def run_everything(machine: Machine, lender: Path, stages: Mapping[str, Stage]) -> None:
    """The four commands in a row."""
    for command in COMMANDS:
        outcome = machine.run(lender, stages[command].arguments)
        assert outcome.code == 0, outcome.words


def test_a_day_run_twice_gives_identical_bytes_and_leaves_the_first_in_place(
    bench: Bench, stages: dict[str, Stage], machine: Machine
) -> None:
    stage = stages["next day"]
    lender = bench.lender_of(stage)
    first = machine.run(lender, (*stage.arguments, "--json"))
    written = {path: path.stat().st_mtime_ns for path in (lender / "book").rglob("*.parquet")}
    second = machine.run(lender, (*stage.arguments, "--json"))
    said = [json.loads(outcome.said) for outcome in (first, second)]
    assert [answer["repeated"] for answer in said] == [False, True]
    assert said[0]["published"] == said[1]["published"]
    assert tree_of(lender) == stage.tree
    assert machine.seen(lender) == stage.seen_after
    assert {path: path.stat().st_mtime_ns for path in (lender / "book").rglob("*.parquet")} == written


def test_a_load_given_twice_is_taken_once(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    stage = stages["next load"]
    lender = bench.lender_of(stage)
    said = [json.loads(machine.run(lender, (*stage.arguments, "--json")).said) for _ in range(2)]
    assert [answer["repeated"] for answer in said] == [False, True]
    assert tree_of(lender) == stage.tree
    assert machine.seen(lender) == stage.seen_after


def test_another_lender_with_keys_of_its_own_ends_in_the_same_bytes_but_for_what_is_sealed(
    bench: Bench, stages: dict[str, Stage], machine: Machine
) -> None:
    lender = new_lender(machine, bench.folder() / "lender")
    run_everything(machine, lender, stages)
    other, clean = tree_of(lender), stages[COMMANDS[-1]].tree
    assert set(other) == set(clean)
    assert {Path(name).name for name in clean if clean[name] != other[name]} <= set(SEALED)
    seen, clean_seen = machine.seen(lender), stages[COMMANDS[-1]].seen_after
    assert all(seen[part] == clean_seen[part] for part in ("wrong", "days", "items", "steps", "load_files"))


def test_shards_are_another_layout_of_the_same_day(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    """In two shards or in four the published rows and the number of rows are the same; each layout is rebuilt to the byte."""
    two = stages[COMMANDS[-1]].seen_after
    lender = new_lender(machine, bench.folder() / "lender", loans_a_shard=5)
    run_everything(machine, lender, stages)
    assert len(list((lender / "book" / "days" / "2026-11-21.1" / "position").iterdir())) == 4
    seen = machine.seen(lender)
    assert seen["wrong"] == []
    assert seen["items"] == two["items"]
    assert [day[8:10] for day in seen["days"]] == [day[8:10] for day in two["days"]]
    replayed = json.loads(machine.run(lender, ("replay", "--as-of", "2026-11-21", "--json")).said)
    assert (replayed["done"], replayed["different"]) == (True, [])


@pytest.mark.parametrize("given", [0, -3, 2.5, True, "many"])
def test_a_shard_size_that_is_no_number_is_refused_in_words(given: object, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"loans_a_shard under \[book\]"):
        loans_a_shard(Lender(tmp_path, "Village", EntityType.NBFC_MFI, settings={"book": {"loans_a_shard": given}}))


def test_without_a_setting_a_shard_is_half_a_million_loans(tmp_path: Path) -> None:
    assert loans_a_shard(Lender(tmp_path, "Village", EntityType.NBFC_MFI)) == 500_000
