"""The demo's extracts are written ahead by a process of its own, and are those that would be written without it."""

import filecmp
from datetime import date
from pathlib import Path

import pytest

from sulah.cli.demo_extracts import written_ahead
from sulah.cli.main import main
from sulah.simulation.changes import write_demo_extracts

SEED, DAYS, LOANS = 3, 3, 100
UNTIL = date(2026, 11, 22)


def every_file(folder: Path) -> list[Path]:
    """All files below, in order."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_what_is_written_ahead_is_what_would_be_written_file_by_file(tmp_path: Path) -> None:
    here = list(write_demo_extracts(tmp_path / "here", SEED, DAYS, UNTIL, loans=LOANS))
    ahead = list(written_ahead(tmp_path / "ahead", SEED, DAYS, UNTIL, LOANS))
    assert [day for day, _ in ahead] == [day for day, _ in here] == [date(2026, 11, day) for day in (20, 21, 22)]
    assert [folder.relative_to(tmp_path / "ahead") for _, folder in ahead] == [folder.relative_to(tmp_path / "here") for _, folder in here]
    files = every_file(tmp_path / "here")
    assert files == every_file(tmp_path / "ahead")
    assert all(filecmp.cmp(tmp_path / "here" / file, tmp_path / "ahead" / file, shallow=False) for file in files)


def test_a_writer_that_ends_too_early_is_no_end_of_the_days(tmp_path: Path) -> None:
    """A folder that cannot be made: the first day never comes, and it is not taken for a demo without days."""
    (tmp_path / "inbox").write_text("in the way")
    with pytest.raises(RuntimeError, match="not written to the end"):
        list(written_ahead(tmp_path / "inbox", SEED, DAYS, UNTIL, LOANS))


def test_whoever_stops_listening_ends_the_writer(tmp_path: Path) -> None:
    """What was given is whole; nothing is written on behind the back of one that gave up."""
    made = written_ahead(tmp_path, SEED, DAYS, UNTIL, LOANS)
    first, folder = next(made)
    made.close()
    assert (first, (folder / "manifest.toml").is_file()) == (date(2026, 11, 20), True)
    left = every_file(tmp_path)
    assert list(made) == []
    assert every_file(tmp_path) == left


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--days", "0"), "choose 1 to 120 days, not 0"),
        (("--days", "121"), "choose 1 to 120 days, not 121"),
        (("--days", "-1"), "choose 1 to 120 days, not -1"),
        (("--loans", "99"), "choose 100 loans or more, not 99"),
        (("--loans", "many"), "choose 100 loans or more, not many"),
    ],
)
def test_a_demo_of_too_little_or_too_much_is_refused_before_anything_is_made(
    tmp_path: Path, asked: tuple[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", str(tmp_path / "demo"), *asked])
    assert ended.value.code == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "demo").exists()
