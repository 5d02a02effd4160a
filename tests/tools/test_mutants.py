"""The mutants of a small file: what is changed, what is left alone, and that a mutant runs as it says."""

from pathlib import Path

import pytest

from tools.mutants.change import code_of, mutants

LINES = '''"""A module."""

from dataclasses import dataclass

LIMIT = 3


@dataclass(frozen=True)
class Cap:
    """A cap."""

    most: int

    def full(self, counts: list[int] | None, least: int = 7) -> bool:
        """Is it reached?"""
        if counts is None:
            raise ValueError("no counts")
        return any(count >= self.most for count in counts if count) and LIMIT > 0
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file, where it may be changed."""
    path = tmp_path / "cap.py"
    path.write_text(LINES, encoding="utf-8")
    return path


def test_every_place_is_changed_and_the_words_are_not(file: Path) -> None:
    """Comparisons, limits, and/or, any/all, filters, results and what is left out; no docstring, annotation, decorator or error."""
    told = [f"{mutant.line}: {mutant.change}" for mutant in mutants(file, "cap")]
    assert told[:2] == ["5: 3 -> 4", "5: 3 -> 2"]
    changes = " | ".join(told[2:])
    for expected in ("counts is None -> counts is not None", "any -> all", "if count -> ", "count >= self.most -> count > self.most"):
        assert expected in changes
    for expected in ("-> return None", "LIMIT > 0 -> LIMIT >= 0", "raise ValueError('no counts') left out", " or LIMIT > 0", "0 -> 1"):
        assert expected in changes
    assert not any(word in changes for word in ("frozen", "A cap", "no countsx", "list[int]"))


def test_a_mutant_names_its_outermost_function(file: Path) -> None:
    """Code that runs at import has none; defaults are worked out there."""
    owners = {mutant.change: mutant.owner for mutant in mutants(file, "cap")}
    assert set(owners.values()) == {"", "Cap.full"}
    assert (owners["3 -> 4"], owners["7 -> 8"], owners["0 -> 1"]) == ("", "", "Cap.full")


def test_a_mutant_runs_as_it_says(file: Path) -> None:
    """Only its own place is changed."""
    chosen = next(mutant for mutant in mutants(file, "cap") if "count > self.most" in mutant.change)
    names: dict[str, object] = {"__name__": "cap"}
    exec(code_of(chosen), names)
    assert names["Cap"](3).full([3]) is False  # type: ignore[operator]
    assert names["Cap"](3).full([4]) is True  # type: ignore[operator]
