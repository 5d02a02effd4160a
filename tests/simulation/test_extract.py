"""What a simulated extract promises: the contracts' columns, a manifest that ties out, the same bytes for the same seed."""

import csv
import gzip
import hashlib
import re
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from sulah.contracts.registry import EXTRACT
from sulah.kernel.money import paise_of, rupees_of
from sulah.simulation.changes import Teller, write_demo_extracts
from sulah.simulation.emit import SENT, WITH_RUPEES, columns_of, emit
from sulah.simulation.spoiled import NOBODY, NOWHERE, STRAY
from sulah.simulation.world import build_world
from tests.simulation.worlds import SEED, read_table, small_world
from tests.village.cast import LAST_DAY

AMOUNTS = {"loan": ("principal",), "instalment": ("principal_due", "interest_due", "charge_due", "total_due")}


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small lender's extract of the last day."""
    return emit(small_world(), LAST_DAY, tmp_path_factory.mktemp("extract"))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _readable(text: str) -> int:
    try:
        return paise_of(text or "0")
    except ValueError:
        return 0


def test_the_same_seed_and_day_give_the_same_bytes(extract: Path, tmp_path: Path) -> None:
    """Built again from nothing, not read from a cache."""
    again = build_world(SEED, LAST_DAY, loans=400)
    assert _bytes(emit(again, LAST_DAY, tmp_path / "again")) == _bytes(extract)


def test_another_seed_gives_another_lender(extract: Path, tmp_path: Path) -> None:
    """The seed is not ignored."""
    other = emit(small_world(SEED + 1), LAST_DAY, tmp_path / "other")
    assert (other / "borrower.csv").read_bytes() != (extract / "borrower.csv").read_bytes()


@pytest.mark.parametrize("table", SENT)
def test_the_columns_are_the_contracts_and_every_row_has_all_of_them(extract: Path, table: str) -> None:
    """Names, order and number."""
    plain = extract / f"{table}.csv"
    text = plain.read_text("utf-8") if plain.exists() else gzip.decompress((extract / f"{table}.csv.gz").read_bytes()).decode()
    header, *rows = csv.reader(text.splitlines())
    assert header == list(columns_of(table))
    assert {len(row) for row in rows} == {len(header)}


def test_exactly_one_file_is_gzip_and_the_folder_says_that_it_is_simulated(extract: Path) -> None:
    """A person who opens the folder cannot take it for a real lender's."""
    assert [path.name for path in extract.glob("*.gz")] == ["instalment.csv.gz"]
    assert (extract / "SIMULATED.txt").read_text("utf-8").startswith("SIMULATED\n")
    assert "(simulated)" in tomllib.loads((extract / "manifest.toml").read_text("utf-8"))["lender"]


def test_the_manifest_ties_out_in_rows_rupees_and_digest(extract: Path) -> None:
    """Counted again from the files by another road."""
    manifest = tomllib.loads((extract / "manifest.toml").read_text("utf-8"))
    assert manifest["as_of"] == LAST_DAY
    assert [entry["table"] for entry in manifest["file"]] == list(SENT)
    for entry in manifest["file"]:
        rows = list(read_table(extract, entry["table"]))
        columns = AMOUNTS.get(entry["table"], ("amount",))
        assert entry["rows"] == len(rows), entry
        assert entry["sha256"] == hashlib.sha256((extract / entry["name"]).read_bytes()).hexdigest()
        if entry["table"] in WITH_RUPEES:
            assert entry["rupees"] == rupees_of(sum(_readable(row[column]) for row in rows for column in columns)), entry


def test_every_reference_is_known_but_the_planted_ones(extract: Path) -> None:
    """Loans name borrowers, entries name loans, reversals name entries."""
    rows = {table: list(read_table(extract, table)) for table in SENT}
    people = {row["borrower_id"] for row in rows["borrower"]}
    loans = {row["loan_id"] for row in rows["loan"]}
    entries = {row["repayment_id"] for row in rows["repayment"]}
    assert {row["borrower_id"] for row in rows["loan"]} - people == {NOBODY}
    assert {row["loan_id"] for row in rows["repayment"]} - loans == {NOWHERE}
    assert {row["loan_id"] for row in rows["instalment"]} - loans == {NOWHERE}
    assert STRAY in loans
    for table in ("promise", "guarantor", "mandate", "bounce"):
        assert {row["loan_id"] for row in rows[table]} <= loans, table
    assert {row["reverses_id"] for row in rows["repayment"]} - {""} <= entries


@pytest.mark.parametrize("table", SENT)
def test_no_key_comes_twice(extract: Path, table: str) -> None:
    """Spoiled rows are spoiled by what they say, not by accident."""
    keys = [tuple(row[column] for column in EXTRACT[table].key) for row in read_table(extract, table)]
    assert len(keys) == len(set(keys))


def test_an_earlier_extract_knows_only_what_was_known_by_then(tmp_path: Path) -> None:
    """Ten days before the end: nothing booked, lent, promised or said later is in it."""
    day = LAST_DAY - timedelta(days=10)
    folder = emit(small_world(), day, tmp_path)
    told = day.isoformat() + "T99"
    assert all(row["booked_at"] < told for row in read_table(folder, "repayment"))
    assert all(row["disbursed_on"] <= told for row in read_table(folder, "loan"))
    assert all(row["valid_from"] < told for row in read_table(folder, "instalment"))
    assert all(row["made_at"] < told for row in read_table(folder, "promise"))
    assert all(row["at"] < told or row["at"] == "yesterday" for row in read_table(folder, "contact"))
    assert all((row["restructured_on"] or row["opening_on"]) < told for row in read_table(folder, "loan"))


def test_what_an_extract_knew_stays_in_the_next_one(tmp_path: Path) -> None:
    """A full extract never loses an entry: rows are added, mended or overwritten under the same id."""
    before = emit(small_world(), LAST_DAY - timedelta(days=7), tmp_path / "before")
    after = emit(small_world(), LAST_DAY, tmp_path / "after")
    for table in SENT:
        keys = [{tuple(row[column] for column in EXTRACT[table].key) for row in read_table(folder, table)} for folder in (before, after)]
        assert keys[0] <= keys[1], table


def test_an_unreadable_amount_is_mended_some_days_later(tmp_path: Path) -> None:
    """Quarantine has something to show, and a reason to empty again."""
    garbled = [receipt for account in small_world().accounts for receipt in account.receipts if receipt.garbled]
    receipt = next(receipt for receipt in garbled if receipt.garbled and receipt.garbled[1] <= LAST_DAY)
    assert receipt.garbled
    texts = []
    for day in (receipt.garbled[1] - timedelta(days=1), receipt.garbled[1]):
        rows = read_table(emit(small_world(), day, tmp_path / str(day)), "repayment")
        texts.append(next(row["amount"] for row in rows if row["repayment_id"] == receipt.repayment_id))
    assert texts == [receipt.garbled[0], rupees_of(receipt.paise)]


def test_a_day_outside_the_world_is_refused_in_words(tmp_path: Path) -> None:
    """The first and the last day are inside, one day more is not."""
    world = small_world()
    assert emit(world, world.first_day, tmp_path / "first").is_dir()
    for day in (world.first_day - timedelta(days=1), LAST_DAY + timedelta(days=1)):
        with pytest.raises(ValueError, match="choose a day in between"):
            emit(world, day, tmp_path / "never")


@pytest.mark.slow
def test_the_demo_is_one_folder_a_day_oldest_first(tmp_path: Path) -> None:
    """Two days of the whole lender, each written when it is asked for: all of the first, the changes of the next."""
    made = write_demo_extracts(tmp_path, SEED, 2, LAST_DAY)
    assert next(made) == (date(2026, 11, 21), tmp_path / "2026-11-21")
    assert not (tmp_path / LAST_DAY.isoformat()).exists()
    assert list(made) == [(LAST_DAY, tmp_path / LAST_DAY.isoformat())]
    first, last = ((tmp_path / day / "manifest.toml").read_text() for day in ("2026-11-21", LAST_DAY.isoformat()))
    assert tuple(next(iter(set(re.findall('mode = "(.*)"', text)))) for text in (first, last)) == ("full", "changes")
    assert "since = 2026-11-21" in last


def test_changes_laid_over_the_extract_of_a_day_are_the_extract_of_the_next(tmp_path: Path) -> None:
    """For each of ten days and each table: rows by key, those sent in place of those that stood."""
    day = LAST_DAY - timedelta(days=10)
    stand = _by_key(emit(small_world(), day, tmp_path / "first"))
    teller = Teller(small_world(), day)
    sent = 0
    while day < LAST_DAY:
        day = teller.write_next(tmp_path / f"changes-{day}")
        changed = _by_key(tmp_path / f"changes-{day - timedelta(days=1)}")
        sent += sum(map(len, changed.values()))
        stand = {table: stand[table] | changed[table] for table in SENT}
        assert stand == _by_key(emit(small_world(), day, tmp_path / f"whole-{day}")), day
    assert 0 < sent < sum(map(len, stand.values())) / 2
    with pytest.raises(ValueError, match="the simulated world ends"):
        teller.write_next(tmp_path / "never")


def _by_key(folder: Path) -> dict[str, dict[tuple[str, ...], dict[str, str]]]:
    there = {table: (folder / f"{table}.csv").is_file() or (folder / f"{table}.csv.gz").is_file() for table in SENT}
    rows = {table: read_table(folder, table) if there[table] else [] for table in SENT}
    return {table: {tuple(row[column] for column in EXTRACT[table].key): row for row in rows[table]} for table in SENT}


@pytest.mark.parametrize("days", [0, 121])
def test_a_demo_of_no_day_or_of_more_than_daily_life_has_is_refused(tmp_path: Path, days: int) -> None:
    """Before anything is built or written."""
    with pytest.raises(ValueError, match="choose 1 to 120 days"):
        next(write_demo_extracts(tmp_path / "none", SEED, days, LAST_DAY))
    assert not (tmp_path / "none").exists()
