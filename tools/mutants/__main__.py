"""Asks every mutant of the guard, prints the counts by file and writes the survivors."""

import argparse
import io
import json
import os
import sys
from collections import Counter
from functools import partial
from importlib import import_module
from pathlib import Path

from .asked import NOT_ASKED, ROOT, SOURCE, SURVIVED, TIMED_OUT, TIMES_LONGER, Plan, forked, killed_anew, run_in_place, within
from .change import Mutant, mutants

A_DAY = 86_400
OUTPUT = ROOT / "build" / "mutants"
HEAVY = ("duckdb", "hypothesis", "numpy", "pyarrow", "sulah.policy.check", "sulah.adapters.engines.duck", "tests.oracle.strong")


def main() -> int:
    """Ask every mutant, or those of the files named, and write the survivors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="*", help="names of files of the guard; all of them when none is named")
    parser.add_argument("--patience", type=float, default=60, help="seconds of tests for one mutant, the quickest tests first")
    parser.add_argument("--reuse", action="store_true", help="take what was learned of the tests last time")
    parser.add_argument("--again", action="store_true", help="ask only those that survived last time")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the folder of what is written")
    given = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
    files = [file for file in sorted(SOURCE.rglob("*.py")) if not given.files or file.relative_to(SOURCE).as_posix() in given.files]
    asked = [mutant for file in files for mutant in mutants(file, module_of(file))]
    for name in HEAVY:
        import_module(name)
    states = import_module("tests.oracle.strong").answered()
    sys.stderr.write(f"{len(asked)} mutants, {len(states)} states\n")
    given.output.mkdir(parents=True, exist_ok=True)
    verdicts = given.output / "verdicts.txt"
    if given.again:
        left = {key for key, said in read(verdicts).items() if said == SURVIVED}
        asked = [mutant for mutant in asked if mutant.key in left]
    verdicts.unlink(missing_ok=True)
    plan = Plan(states, given.patience, partial(told, verdicts), given.output / "learned.json", given.reuse)
    forked(partial(run_in_place, [mutant for mutant in asked if mutant.owner], plan), A_DAY, silent=False)
    took = {name: seconds for name, (seconds, _) in plan.last_learned().items()}
    names = within(sorted(took, key=took.__getitem__), took, given.patience)
    done = read(verdicts)
    for mutant in asked:
        if mutant.key not in done:
            plan.tell(mutant, forked(partial(killed_anew, mutant, states, names), TIMES_LONGER * given.patience))
    return summed(asked, verdicts, given.output)


def read(verdicts: Path) -> dict[tuple[str, int, int], str]:
    """What became of each mutant so far."""
    lines = verdicts.read_text(encoding="utf-8").splitlines() if verdicts.exists() else []
    return {(file, line, place): said for file, line, place, said, *_ in map(json.loads, lines)}


def module_of(file: Path) -> str:
    """The name by which a file is imported."""
    parts = file.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def told(verdicts: Path, mutant: Mutant, said: str) -> None:
    """Write what became of a mutant."""
    with verdicts.open("a", encoding="utf-8") as out:
        out.write(json.dumps([str(mutant.file), mutant.line, mutant.place, said, mutant.change, mutant.text]) + "\n")


def summed(asked: list[Mutant], verdicts: Path, output: Path) -> int:
    """Print killed, survived and timed out by file, and write the survivors."""
    rows = [json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines()]
    by_file: dict[str, Counter[str]] = {}
    left = io.StringIO()
    for file, line, _, said, change, text in rows:
        name = Path(file).relative_to(SOURCE).as_posix()
        by_file.setdefault(name, Counter())["survived" if said == SURVIVED else said if said in (TIMED_OUT, NOT_ASKED) else "killed"] += 1
        if said == SURVIVED:
            left.write(f"{name}:{line}: {change}\n    {text}\n")
    for name, counts in sorted(by_file.items()):
        sys.stdout.write(f"{name}: {', '.join(f'{count} {what}' for what, count in sorted(counts.items()))}\n")
    survived = sum(counts["survived"] for counts in by_file.values())
    sys.stdout.write(f"{len(rows)} of {len(asked)} mutants, {len(rows) - survived} killed ({1 - survived / max(1, len(rows)):.1%})\n")
    (output / "survivors.txt").write_text(left.getvalue(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
