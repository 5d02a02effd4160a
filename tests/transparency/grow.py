"""Run as a process: `python -m tests.transparency.grow FOLDER`: sequence what waits there, in small batches, a checkpoint each, and close.

It can be killed anywhere and started again; tests do.
"""

import sys
from datetime import date
from pathlib import Path

from sulah.adapters.log.sequencer import begin_log, open_log
from sulah.adapters.log.store import TileStore
from tests.transparency.made import AT, LOG_KEY, FileQueue

BATCH = 150


def main(folder: Path) -> None:
    """All that waits goes in."""
    store = TileStore(folder / "log")
    if store.checkpoint() is None:
        begin_log(store, LOG_KEY)
    with store.writing():
        sequencer = open_log(store, FileQueue(folder), LOG_KEY)
        while sequencer.append(BATCH):
            sequencer.publish(AT)
        sequencer.close(date(2026, 11, 23), AT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
