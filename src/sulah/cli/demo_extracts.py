"""The extracts of the demo, written ahead by a process of its own while the days before them are loaded and run."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from sulah.simulation.changes import write_demo_extracts


def written_ahead(inbox: Path, seed: int, days: int, until: date, loans: int) -> Iterator[tuple[date, Path]]:
    """What `write_demo_extracts` gives, each as soon as it is whole; RuntimeError when the writer ends before the last day."""
    words = [sys.executable, "-m", __name__, str(inbox), str(seed), str(days), until.isoformat(), str(loans)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603  (our own command)
        try:
            for line in writer.stdout or ():
                as_of = date.fromisoformat(line.strip())
                yield as_of, inbox / as_of.isoformat()
            if writer.wait():
                raise RuntimeError(f"the extracts of the demo were not written to the end: their writer ended with {writer.returncode}")
        finally:
            writer.kill()


def main(words: Sequence[str]) -> None:
    """Write the extracts and tell the day of each, a line each; whoever no longer listens wants no more of them."""
    inbox, seed, days, until, loans = words
    with suppress(BrokenPipeError, KeyboardInterrupt):
        for as_of, _ in write_demo_extracts(Path(inbox), int(seed), int(days), date.fromisoformat(until), loans=int(loans)):
            sys.stdout.write(f"{as_of}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
