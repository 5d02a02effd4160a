"""Named points at which a fault campaign may strike: kill the process or run out of disk, inside steps too.

Off unless the environment asks for it.  `SULAH_STRIKE=name[:n]` strikes the n-th time (default first) that the point is reached;
`SULAH_STRIKE_WITH=kill|enospc` says how.  Each point is registered where it is reached, so a test can list them all.
"""

import errno
import os
import signal
from collections import Counter

POINTS: set[str] = set()
_reached: Counter[str] = Counter()


def register(*names: str) -> None:
    """Declare points; a point that is reached without being declared is a programmer's error."""
    POINTS.update(names)


def reach(name: str) -> None:
    """Pass a point: strike if the environment asks for it here, else do nothing; KeyError for an undeclared point."""
    if name not in POINTS:
        raise KeyError(f"undeclared point {name}")
    wanted = os.environ.get("SULAH_STRIKE")
    if wanted is None:
        return
    point, _, count = wanted.partition(":")
    _reached[name] += 1
    if point == name and _reached[name] == int(count or 1):
        if os.environ.get("SULAH_STRIKE_WITH", "kill") == "enospc":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        os.kill(os.getpid(), signal.SIGKILL)
