"""How much of the long suites a run takes: a part of each by default, all of it with SULAH_TESTS=whole (`make thorough`).

A part is cut so that it still meets every point, every kind of fault and every kind of lender that the whole meets; only repetitions
of the same thing (another passing, another size, another random book) are left to the whole.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

WHOLE = os.environ.get("SULAH_TESTS") == "whole"
One = TypeVar("One")


def some_of(cases: Sequence[One], part: int) -> list[One]:
    """The first cases in a run of the usual depth, all of them in a whole run."""
    return list(cases if WHOLE else cases[:part])


def so_many(whole: int, part: int) -> int:
    """A number of repetitions at the depth of this run."""
    return whole if WHOLE else part
