"""The linter measured on texts that were frozen before it was written: counts only, never the texts (tests/corpora/lint/README.md)."""

import os
import tomllib
from collections import Counter
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from sulah.outreach.lint_about import LintAbout
from sulah.outreach.linter import Lexicon, lexicon, lint
from sulah.policy.lint_rows import LegalStep, load_lint

CORPUS = Path(os.environ.get("SULAH_LINT_CORPUS", Path(__file__).parents[1] / "corpora" / "lint"))
LEAST_BAD, MOST_GOOD = 0.98, 0.02
"""What the issue asks for."""

HELD = {"en": (0.89, 0.14), "hi": (0.88, 0.14)}
"""What was reached on the frozen texts, rounded to the worse side: it may not fall back (docs/policy/linter.md)."""

pytestmark = pytest.mark.skipif(not (CORPUS / "en.toml").is_file(), reason="the frozen texts lie beside this branch until both are landed")


@pytest.fixture(scope="module")
def ready() -> Lexicon:
    return lexicon([load_lint(code) for code in ("en", "hi")], date(2026, 11, 23))


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z, share = 1.96, found / of
    middle, half = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def lines(code: str, part: str) -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = tomllib.loads((CORPUS / part / f"{code}.toml").read_text("utf-8"))["line"]
    return whole


def blocked(code: str, line: dict[str, Any], ready: Lexicon) -> set[str]:
    """The kinds that block a line."""
    steps = frozenset(LegalStep) if line["legal_step_open"] else frozenset[LegalStep]()
    verdict = lint(line["text"], code, LintAbout(legal_steps_open=steps), ready)
    return {str(finding.kind) for finding in verdict.findings if finding.blocks}


def measured(code: str, part: str, ready: Lexicon) -> tuple[float, float]:
    """The shares of bad and of good texts that are blocked; prints them with their intervals, and counts by kind."""
    counts: Counter[tuple[str, bool]] = Counter()
    kinds: Counter[tuple[str, bool]] = Counter()
    wrongly: Counter[str] = Counter()
    for line in lines(code, part):
        by = blocked(code, line, ready)
        counts[line["verdict"], bool(by)] += 1
        wrongly.update(by if line["verdict"] == "good" else ())
        kinds.update((kind, bool(by)) for kind in line["kinds"])
    for verdict in ("bad", "good"):
        found, of = counts[verdict, True], counts[verdict, True] + counts[verdict, False]
        low, high = wilson(found, of)
        print(f"{code} {part or 'frozen'}: {verdict} blocked {found} of {of} = {found / of:.1%} (95 % {low:.1%} to {high:.1%})")
    for kind in sorted({kind for kind, _ in kinds}):
        print(f"  {kind}: {kinds[kind, True]} of {kinds[kind, True] + kinds[kind, False]} blocked")
    print(f"  good ones blocked by: {', '.join(f'{kind} {count}' for kind, count in sorted(wrongly.items())) or 'nothing'}")
    return tuple(counts[v, True] / (counts[v, True] + counts[v, False]) for v in ("bad", "good"))  # type: ignore[return-value]


@pytest.mark.parametrize("code", ["en", "hi"])
def test_the_texts_that_it_was_written_against_come_out_right(code: str, ready: Lexicon) -> None:
    bad, good = measured(code, "dev", ready)
    assert bad >= LEAST_BAD
    assert good <= MOST_GOOD


@pytest.mark.parametrize("code", ["en", "hi"])
def test_on_frozen_texts_it_does_not_fall_behind_what_it_reached(code: str, ready: Lexicon) -> None:
    bad, good = measured(code, "", ready)
    assert bad >= HELD[code][0]
    assert good <= HELD[code][1]


@pytest.mark.xfail(
    reason="the goal of the issue is not reached by rows and weights yet: docs/policy/weights.md has the figures", strict=True
)
@pytest.mark.parametrize("code", ["en", "hi"])
def test_bad_texts_are_blocked_and_good_ones_pass_as_the_issue_asks(code: str, ready: Lexicon) -> None:
    bad, good = measured(code, "", ready)
    assert bad >= LEAST_BAD
    assert good <= MOST_GOOD
