"""Our program on a simulated book: the steps from state to classification as the day cycle runs them, files, syncs and digests included."""

import sys
from datetime import date, timedelta
from pathlib import Path

from bench.parts import steps_measured
from sulah.daycycle.engine import Inputs, make_tables
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy


def main(words: list[str]) -> None:
    """`python -m bench.ours BOOK AS_OF MEMORY OUT`: MEMORY holds yesterday's asset_memory; `-` means a first day."""
    book, day, memory, out = words
    as_of = date.fromisoformat(day)
    policy = load_policy().for_entity(EntityType.NBFC_ML)
    if memory == "-":
        inputs = Inputs(as_of, Path(book), policy)
    else:
        yesterday = as_of - timedelta(1)
        known = {"asset_memory": tuple(sorted(Path(memory).glob("*.parquet")))}
        inputs = Inputs(as_of, Path(book), policy, yesterday, yesterday, known)
    make_tables(inputs, Path(out), steps=steps_measured())


if __name__ == "__main__":
    main(sys.argv[1:])
