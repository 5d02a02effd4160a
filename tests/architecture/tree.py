"""The project's files as the architecture tests read them: what git would commit, parsed once."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sulah"
SHARED = ROOT.parent / "shared"
"""Test files that lie beside the repository; a check that needs them says so when they are missing."""

MADE = re.compile(r"\.(?!ci$|importlinter$|gitignore$).*|__pycache__|.*\.egg-info|build|demo-lender|.*\.sqlite3.*")
"""Folders and files that tools make, as .gitignore lists them."""

Rule = Callable[[ast.Module], list[str]]
"""Takes a parsed file, gives one line of words, `line: what`, for each place that breaks the rule."""


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that git tracks or would track; outside a git tree, every file that is not in a folder made by a tool."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if asked.returncode == 0:
        paths = [ROOT / name for name in asked.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not any(MADE.fullmatch(part) for part in path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def short(path: Path) -> str:
    """The path from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def files(*folders: str, ending: str = ".py") -> Iterator[Path]:
    """The project's files with that ending under any of the folders, migrations (which Django writes) left out."""
    for path in project_files():
        if path.suffix == ending and "migrations" not in path.parts and short(path).startswith(folders):
            yield path


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text, with its text."""
    for path in project_files():
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def broken(rule: Rule, paths: Iterable[Path]) -> list[str]:
    """Every place in these files that breaks the rule, as `file:line: what`."""
    return [f"{short(path)}:{found}" for path in paths for found in rule(parsed(path))]
