"""Trees in memory: the files of a log as a mapping."""

from collections.abc import Mapping, Sequence
from random import Random

from sulah.transparency.tiles import Growth


class Files:
    """The files of a log, read from a mapping."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def files_of(entries: Sequence[bytes]) -> tuple[Growth, Files]:
    """A log over entries, put in at once."""
    grown = Growth()
    whole = grown.extend(entries)
    return grown, Files({**whole, **grown.edge()})


def random_entries(draw: Random, most: int) -> list[bytes]:
    """Some entries, short ones."""
    return [draw.randbytes(draw.randrange(12)) for _ in range(draw.randint(1, most))]
