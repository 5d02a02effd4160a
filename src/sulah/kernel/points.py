"""Named points at which a fault campaign may strike: kill the process or run out of disk, inside steps too.

Off unless the environment asks for it.  `SULAH_STRIKE=name[:n]` strikes the n-th time (default first) that the point is reached;
`SULAH_STRIKE_WITH=kill|enospc|stop` says how (stop waits for SIGCONT).  `SULAH_STRIKE_COUNT=FILE` writes the name of every point
that is reached into a file, one a line.  Each point is registered where it is reached, so a test can list them all.
"""

import errno
import os
import signal
from itertools import count as counter

POINTS: set[str] = set()
_reached: "dict[str, counter[int]]" = {}


def register(*names: str) -> None:
    """Declare points; a point that is reached without being declared is a programmer's error."""
    POINTS.update(names)
    _reached.update((name, counter(1)) for name in names)


def reach(name: str) -> None:
    """Pass a point: strike if the environment asks for it here, else do nothing; KeyError for an undeclared point."""
    if name not in POINTS:
        raise KeyError(f"undeclared point {name}")
    if tally := os.environ.get("SULAH_STRIKE_COUNT"):
        with open(tally, "a", encoding="utf-8") as handle:
            handle.write(name + "\n")
    wanted = os.environ.get("SULAH_STRIKE")
    if wanted is None:
        return
    point, _, count = wanted.partition(":")
    times = next(_reached[name])  # one step for the interpreter: shards are made side by side
    if point == name and times == int(count or 1):
        _strike(name, os.environ.get("SULAH_STRIKE_WITH", "kill"))


def _strike(name: str, how: str) -> None:
    if how == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)
