"""A fair turn at writing for processes that write often: on SQLite one writes at a time, and who asked first goes first.

SQLite lets waiting writers try again at intervals, so that one that writes without pause can keep others out until they give up
(`database is locked`).  Here they queue on a lock of the system, which is given in the order of asking and ends with its process.
PostgreSQL needs no such thing: there a turn is nothing.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn; take it before the outermost transaction, for inside one it does nothing: that has the database already."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or name.startswith("file:") or ":memory:" in name:
        yield
        return
    with Path(f"{name}.turn").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
