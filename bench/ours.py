"""Our program on a simulated book: the steps from state to classification as the day cycle runs them, files, syncs and digests included."""

import sys
from datetime import date, timedelta
from pathlib import Path

from bench.parts import LAST, steps_measured
from sulah.daycycle.engine import Inputs, make_tables
from sulah.daycycle.steps import PREVIOUS_TABLES
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy


def main(words: list[str]) -> None:
    """`python -m bench.ours LOAD AS_OF YESTERDAY OUT [carried] [position]`.

    YESTERDAY: folder of the day before; `-` means a first day.
    carried: rows of yesterday are taken over where nothing happened; else everything is worked out from the load again.
    position: stop after that table.
    """
    book, day, before, out = words[:4]
    as_of = date.fromisoformat(day)
    policy = load_policy().for_entity(EntityType.NBFC_ML)
    if before == "-":
        inputs = Inputs(as_of, Path(book), policy)
    else:
        yesterday = as_of - timedelta(1)
        known = {table: tuple(sorted((Path(before) / table).glob("*.parquet"))) for table in PREVIOUS_TABLES}
        inputs = Inputs(as_of, Path(book), policy, yesterday, yesterday, known, carried="carried" in words[4:])
    make_tables(inputs, Path(out), steps=steps_measured("position" if "position" in words[4:] else LAST))


if __name__ == "__main__":
    main(sys.argv[1:])
