"""What people do to it: refused rows mended, loads rejected and undone, odd folders, wrong usage, files tampered with."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.extract import good, write
from tests.real.command import done, new_lender, sulah

DAY, NEXT, OLDER = "2026-03-31", "2026-04-01", "2026-03-30"
pytestmark = pytest.mark.slow


@pytest.fixture
def lender(tmp_path: Path) -> Path:
    """A lender in a folder with spaces and Devanagari in its path, with the small extract beside it."""
    root = new_lender(tmp_path / "मेरा ऋण दाता" / "नया फ़ोल्डर")
    write(tmp_path / "भेजी गई फ़ाइलें", good())
    return root


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """The folder with the lender's files."""
    return tmp_path / "भेजी गई फ़ाइलें"


def test_refused_rows_are_exported_mended_by_program_and_loaded_as_a_version_that_ties_out(lender: Path, tmp_path: Path) -> None:
    """Two bad cells; the mended CSV is the exported one with those two cells put right, nothing else."""
    tables = good()
    tables["loan"][1]["borrower_id"] = "B9"
    tables["repayment"][0]["amount"] = "five"
    first = done("load", write(tmp_path / "bad", tables), "--as-of", DAY, "--lender", lender)
    assert (first["state"], first["quarantined"], first["ties"]) == ("accepted", 4, True)
    out = tmp_path / "bad.csv"
    assert done("export", "quarantine", "--as-of", DAY, "--out", out, "--lender", lender)["rows"] == 4
    with out.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        row["borrower_id"] = "B2" if row["table"] == "loan" else row["borrower_id"]
        row["amount"] = "5100" if row["amount"] == "five" else row["amount"]
    with out.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    mended = done("load", out, "--repair", first["load"], "--as-of", DAY, "--lender", lender)
    assert (mended["state"], mended["load"], mended["quarantined"], mended["ties"]) == ("accepted", f"{DAY}.2", 0, True)
    assert done("day", "--as-of", DAY, "--lender", lender)["book"]["paid_paise"] == 510_000 + 5


def test_a_rejected_load_is_gone_and_an_undone_one_gives_way_to_the_one_before(lender: Path, extract: Path, tmp_path: Path) -> None:
    first = done("load", extract, "--as-of", DAY, "--lender", lender)["load"]
    tables = good()
    tables["loan"][0]["principal"] = "10001"
    other = write(tmp_path / "other", tables)
    assert done("load", other, "--as-of", DAY, "--lender", lender)["state"] == "held"
    rejected = done("approve", "--reject", "--note", "wrong file", "--lender", lender)
    assert (rejected["state"], rejected["current"]) == ("rejected", first)
    second = done("load", other, "--as-of", NEXT, "--lender", lender)["load"]
    assert done("approve", second, "--undo", "--lender", lender)["current"] == first
    assert done("day", "--as-of", DAY, "--lender", lender)["load"] == first
    refused = sulah("approve", first, "--undo", "--lender", lender, "--json")
    assert refused.code == 1
    assert "was run on" in refused.fields["words"]


def test_the_shared_options_may_stand_before_or_after_the_command(lender: Path, extract: Path) -> None:
    load = done("--lender", lender, "--by", "asha", "load", extract, "--as-of", DAY)["load"]
    before = sulah("--lender", lender, "--json", "day", "--as-of", DAY)
    after = done("day", "--as-of", DAY, "--lender", lender)
    assert (before.code, before.fields["load"], after["load"], after["repeated"]) == (0, load, load, True)


def test_days_and_loads_out_of_order_are_refused_in_words(lender: Path, extract: Path) -> None:
    early = sulah("day", "--as-of", DAY, "--lender", lender, "--json")
    assert early.code == 1
    assert "There is no accepted load yet" in early.fields["words"]
    done("load", extract, "--as-of", DAY, "--lender", lender)
    done("day", "--as-of", DAY, "--lender", lender)
    past = sulah("day", "--as-of", OLDER, "--lender", lender, "--json")
    assert (past.code, "lies before the last committed day" in past.fields["words"]) == (1, True)
    older = sulah("load", extract, "--as-of", OLDER, "--lender", lender, "--json")
    assert (older.code, "is older and is refused" in older.fields["words"]) == (1, True)
    assert done("load", extract, "--as-of", DAY, "--lender", lender)["repeated"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("day",), 2),
        (("day", "--as-of", "31-03-2026"), 2),
        (("nosuch",), 2),
        (("export", "nosuch", "--as-of", DAY, "--out", "x.csv"), 2),
        (("export", "position", "--as-of", DAY, "--out", "x.txt"), 2),
        (("export", "position", "--as-of", DAY, "--out", "x.csv"), 1),
        (("export", "quarantine", "--as-of", DAY, "--out", "x.csv"), 1),
        (("explain", "nosuch.column"), 2),
        (("approve", "--undo"), 2),
        (("approve", "--undo", "--reject"), 2),
        (("approve",), 1),
        (("approve", "2026-03-31.1"), 1),
        (("replay", "--as-of", DAY), 1),
        (("load", "nowhere", "--as-of", DAY), 1),
        (("load", "nowhere", "--as-of", DAY, "--repair", "2026-03-31.1"), 1),
        (("load", ".", "--as-of", DAY, "--mapping", "nosuch"), 1),
        (("map", "nowhere"), 1),
        (("map", ".", "--answer", "x"), 2),
        (("check",), 0),
        (("explain", "position.dpd"), 0),
    ],
)
def test_every_answer_is_one_json_object_with_the_right_code(lender_made_once: Path, arguments: tuple[str, ...], code: int) -> None:
    """0 done, 1 refused, 2 used wrongly; `done` says the same."""
    said = sulah(*arguments, "--json", cwd=lender_made_once)
    assert said.code == code, said.out + said.err
    assert said.fields["done"] is (code == 0)
    assert "Traceback" not in said.err


@pytest.fixture(scope="module")
def lender_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty lender that nothing changes."""
    return new_lender(tmp_path_factory.mktemp("empty") / "lender")


def test_outside_a_lenders_folder_every_command_says_how_to_name_one(tmp_path: Path) -> None:
    for command in (("day", "--as-of", DAY), ("check",), ("approve",), ("map", "."), ("load", ".", "--as-of", DAY)):
        said = sulah(*command, "--json", cwd=tmp_path)
        assert said.code == 1
        assert "--lender DIR" in said.fields["words"]


def test_a_policy_override_with_a_gap_is_refused_in_words_and_nothing_runs(lender: Path, extract: Path) -> None:
    """The lender's own row ends and none follows."""
    done("load", extract, "--as-of", DAY, "--lender", lender)
    shipped = Path(__file__).resolve().parents[2] / "src" / "sulah" / "policy" / "tables" / "day_count.toml"
    row = shipped.read_text("utf-8").replace("effective_from = 1990-01-01", "effective_from = 1990-01-01\neffective_to = 2020-01-01")
    (lender / "policy" / "day_count.toml").write_text(row, "utf-8")
    for command in (("day", "--as-of", DAY), ("check",)):
        said = sulah(*command, "--lender", lender)
        assert said.code == 1
        assert "day_count" in said.words
        assert "2020" in said.words
        assert "Traceback" not in said.err
    assert not list((lender / "book").glob("days/*"))


@pytest.fixture
def two_days(lender: Path, extract: Path) -> Path:
    """A lender with one committed day, its files about to be harmed."""
    done("load", extract, "--as-of", DAY, "--lender", lender)
    done("day", "--as-of", DAY, "--lender", lender)
    return lender


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_harmed_file_of_a_committed_day_is_found_and_named(two_days: Path, harm: str, tmp_path: Path) -> None:
    path = two_days / "book" / "days" / f"{DAY}.1" / "position" / "0000.parquet"
    _harm(path, harm)
    said = sulah("check", "--lender", two_days, "--json")
    assert said.code == 1
    assert [words.split(": ")[0] for words in said.fields["wrong"]["files"]] == [DAY]
    assert "position/0000.parquet" in said.fields["wrong"]["files"][0]
    export = sulah("export", "position", "--as-of", DAY, "--out", tmp_path / "x.csv", "--lender", two_days, "--json")
    assert (export.code, (tmp_path / "x.csv").exists()) == (1, False)
    out = tmp_path / "again"
    done("replay", "--as-of", DAY, "--out", out, "--lender", two_days)
    shutil.copy(out / "position" / "0000.parquet", path)
    assert done("check", "--lender", two_days)["wrong"]["files"] == []


@pytest.mark.parametrize("name", ["loads/{day}.1/receipt/0000.parquet", "days/{day}.1/asset_memory/0000.parquet"])
def test_no_day_stands_on_a_harmed_file(two_days: Path, name: str) -> None:
    """Receipts or class memory that somebody changed: the next day is refused and names the file; check finds it."""
    _harm(two_days / "book" / name.format(day=DAY), "flip")
    said = sulah("day", "--as-of", NEXT, "--lender", two_days, "--json")
    assert said.code == 1
    assert "0000.parquet" in said.fields["words"]
    assert len(sulah("check", "--lender", two_days, "--json").fields["wrong"]["files"]) == 1


def _harm(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink() if how == "remove" else path.write_bytes(content[: len(content) // 2] if how == "cut" else content)


BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner")
"""What takes from root the right to write where nobody may."""


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which(BOUND[0]) is None, reason="root may write everywhere, and setpriv is not installed")
@pytest.mark.parametrize(
    "arguments",
    [("day", "--as-of", NEXT), ("export", "position", "--as-of", DAY, "--out", "x.csv"), ("map", "..", "--name", "new"), ("check",)],
)
def test_a_folder_that_may_not_be_written_is_told_in_words(two_days: Path, extract: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 1, one JSON object, no traceback."""
    places = [two_days, *(path for path in two_days.rglob("*") if path.is_dir() or path.suffix == ".sqlite3")]
    for path in places:
        path.chmod(path.stat().st_mode & ~0o222)
    given = [str(extract) if word == ".." else word for word in arguments]
    command = [str(Path(sys.executable).with_name("sulah")), *given, "--json"]
    answer = subprocess.run(
        [*BOUND, *command] if os.geteuid() == 0 else command, cwd=two_days, capture_output=True, text=True, check=False, timeout=300
    )
    for path in places:
        path.chmod(path.stat().st_mode | 0o700)
    assert answer.returncode == 1, answer.stderr
    assert json.loads(answer.stdout)["done"] is False
    assert "you may write there" in answer.stdout or "may not be written" in answer.stdout
    assert "Traceback" not in answer.stderr
