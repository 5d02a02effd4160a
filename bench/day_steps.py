"""Seconds of each step of the last committed day of a lender, as the run recorded them."""

import json
import sys
from pathlib import Path


def main(words: list[str]) -> None:
    """`python -m bench.day_steps LENDER [DATABASE]`: one JSON object, step -> seconds."""
    root, database = words
    from sulah.records.connect import connect_records

    connect_records(Path(root), database)
    from sulah.records.dayrun import DayRun, RunStep

    run = DayRun.objects.order_by("-as_of").first()
    steps = RunStep.objects.filter(run=run).order_by("place").values_list("name", "seconds")
    sys.stdout.write(json.dumps(dict(steps)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
