"""A lender leaves with everything: each table, record and name, readable by anyone, whole or not at all."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from tests.backup.conftest import DAYS, Kit


def counted(*files: Path) -> int:
    """Rows of Parquet files, by a bare DuckDB."""
    found: list[tuple[int]] = duckdb.connect().read_parquet([str(file) for file in files]).aggregate("count(1)").fetchall()
    return found[0][0]


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a file of lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_everything_is_there_and_ties_with_the_book_and_the_records(kit: Kit) -> None:
    lender, out = kit.lender(), kit.root / "leaving"
    said = kit.done(lender, "export", "everything", "--as-of", DAYS[1], "--out", out)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == set(said["files"])
    on_disk = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert on_disk == {*manifest["files"], "manifest.json", "README.txt"}
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == entry["sha256"], name
    load, day = lender / "book" / "loads" / f"{DAYS[1]}.1", lender / "book" / "days" / f"{DAYS[1]}.1"
    shards = {folder.name: sorted(folder.glob("*.parquet")) for root in (load, day) for folder in root.iterdir() if folder.is_dir()}
    accepted = {path.stem: [path] for path in (load / "accepted").glob("*.parquet")}
    held = {**{name: files for name, files in shards.items() if files and name != "accepted"}, **accepted}
    for name, files in held.items():
        out_file = out / "tables" / f"{name}.parquet"
        assert out_file.is_file(), name
        assert counted(out_file) == counted(*files) == manifest["files"][f"tables/{name}.parquet"]["rows"], name
        assert set(duckdb.connect().read_parquet(str(out_file)).columns) <= set(manifest["columns"][name]), name


def test_names_come_out_in_clear_passwords_never_and_the_taking_is_written_down_first(kit: Kit) -> None:
    lender, out = kit.lender(), kit.root / "leaving"
    kit.done(lender, "export", "everything", "--as-of", DAYS[1], "--out", out)
    people = lines(out / "personal" / "borrower_private.jsonl")
    assert len(people) == counted(lender / "book" / "loads" / f"{DAYS[1]}.1" / "borrower_private.parquet") > 0
    assert all(person["borrower_id"] and person["name"] for person in people)
    assert out.stat().st_mode & 0o077 == 0
    entries = lines(out / "records" / "auditentry.jsonl")
    assert entries[-1]["act"] == "lender.export"
    assert entries[-1]["after"]["personal_data_opened"] is True  # type: ignore[index]
    assert all("password" not in person for person in lines(out / "records" / "person.jsonl"))
    assert {row["as_of"] for row in lines(out / "records" / "dayrun.jsonl")} == {str(day) for day in DAYS}


@pytest.mark.parametrize("point", ["export.entry_written", "export.whole_written"])
def test_a_kill_leaves_no_folder_that_looks_whole_and_the_next_run_writes_it(kit: Kit, point: str) -> None:
    lender, out = kit.lender(), kit.root / "leaving"
    arguments = ("export", "everything", "--as-of", DAYS[1], "--out", out)
    ended = kit.run(lender, *arguments, SULAH_STRIKE=point)
    assert ended.code != 0
    assert not out.exists()
    kit.done(lender, *arguments)
    assert (out / "manifest.json").is_file()
    assert not list(kit.root.glob(".leaving*"))


def test_nothing_is_written_over_and_a_day_that_never_ran_is_refused(kit: Kit) -> None:
    lender, out = kit.lender(), kit.root / "leaving"
    out.mkdir()
    assert "already there" in kit.refused(lender, "export", "everything", "--as-of", DAYS[1], "--out", out)
    assert "has not run" in kit.refused(lender, "export", "everything", "--as-of", "2031-01-01", "--out", kit.root / "other")
