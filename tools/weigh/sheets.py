"""The files of weights as they are shipped: TOML rows with points, many traits a line, sorted so that a change shows where it is."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from .examples import DAY, ROOT

LANGUAGES = ROOT / "src" / "sulah" / "policy" / "languages"
VERSION = 1
_WIDE = 140
_HEAD = """\
# Weights of the {use} in this language, learned from the open examples of the repository; do not edit by hand.
# Made by: python -m tools.weigh. Checked by: python -m tools.weigh --check. What they are and miss: docs/policy/weights.md.
# A line of points: the sort of a trait, then points (thousandths, for or against the meaning) and names: `w: 820 arrest`.
# trained_on: SHA-256 of the examples. lines: how many they were. sha256: of the points as they are written here.
"""


def place(code: str, use: str) -> Path:
    """Where the weights of a language for a use stand."""
    return LANGUAGES / code / f"{use}_weights.toml"


def digest(points: Mapping[str, int]) -> str:
    """SHA-256 of points as they are written: an edit by hand shows."""
    return sha256(_lines(points).encode()).hexdigest()


def sheet(use: str, of: Mapping[str, Mapping[str, int]], bounds: Mapping[str, Mapping[str, int]], trained_on: str, lines: int) -> str:
    """The text of a file of weights."""
    made = [_HEAD.format(use="linter" if use == "lint" else "reader of answers")]
    for name in sorted(of):
        inner = ", ".join(f"{bound} = {score}" for bound, score in bounds.get(name, {}).items())
        made.append(
            f'\n[[row]]\nof = "{name}"\nversion = {VERSION}\neffective_from = {DAY.isoformat()}\nauthor = "tools/weigh"\nreviewed_by = ""\n'
            f'trained_on = "{trained_on}"\nlines = {lines}\nbounds = {{ {inner} }}\nsha256 = "{digest(of[name])}"\n'
            f"points = '''\n{_lines(of[name])}'''\n"
        )
    return "".join(made)


def _lines(points: Mapping[str, int]) -> str:
    """Sort by sort, names in order, as many a line as fit."""
    by_sort: dict[str, list[str]] = {}
    for trait in sorted(points):
        sort, _, name = trait.partition(":")
        by_sort.setdefault(sort, []).append(f"{points[trait]} {name}")
    return "".join(line for sort, entries in by_sort.items() for line in _filled(sort, entries))


def _filled(sort: str, entries: Sequence[str]) -> Iterator[str]:
    line = ""
    for entry in entries:
        if line and len(line) + len(entry) + 2 > _WIDE:
            yield f"{line}\n"
            line = ""
        line = f"{line}, {entry}" if line else f"{sort}: {entry}"
    yield f"{line}\n"
