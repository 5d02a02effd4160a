"""`python -m tools.weigh` learns the weights anew and writes them; `--check` only says whether they would change."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from . import intent, lint
from .examples import CODES, fingerprint, intent_examples, lint_examples
from .judge import judged
from .sheets import place, sheet


def main() -> int:
    """Write the files of weights, or check or judge them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a file would change")
    parser.add_argument("--judge", action="store_true", help="write nothing; learn from all writers but one, count on that one, for each")
    parser.add_argument("--only", choices=("lint", "intent"), help="one of the two uses")
    given = parser.parse_args()
    uses = (given.only,) if given.only else ("lint", "intent")
    if given.judge:
        for use in uses:
            sys.stdout.writelines(f"{line}\n" for line in judged(use))
        return 0
    changed = [path for use in uses for path, text in made(use) if _differs(path, text, write=not given.check)]
    sys.stdout.writelines(f"{path.relative_to(path.parents[5])} {'would change' if given.check else 'written'}\n" for path in changed)
    return int(given.check and bool(changed))


def made(use: str) -> Iterator[tuple[Path, str]]:
    """Each file of a use with its text."""
    if use == "lint":
        examples = lint_examples()
        words = lint.ready()
        found = [lint.prepared(example, words) for example in examples]
        bad = lint.learned(found)
        for code in CODES:
            yield place(code, use), sheet(use, {"bad": bad[code]}, {"bad": lint.BOUNDS}, fingerprint(examples), len(examples))
        return
    messages = intent_examples()
    rows = intent.ready()
    points = intent.learned([intent.prepared(message, rows) for message in messages])
    for code in CODES:
        bounds = dict.fromkeys(points[code], intent.BOUNDS)
        yield place(code, use), sheet(use, points[code], bounds, fingerprint(messages), len(messages))


def _differs(path: Path, text: str, *, write: bool) -> bool:
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    if write:
        path.write_text(text, "utf-8")
    return True


if __name__ == "__main__":
    raise SystemExit(main())
