"""The files of a log as https://c2sp.org/tlog-tiles lays them out: tiles of hashes, bundles of entries, and how they grow.

A tile holds up to 256 hashes of one level; level 0 are leaf hashes, and each hash of a level above is the root of a full tile below it.
Full tiles and full bundles never change.  The unfinished ones at the right edge lie in `.p/` under their width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.merkle import HASH_BYTES, folded, leaf_hash, perfect_root, powers_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRY_BYTES = 0xFFFF
"""The most that the uint16 before an entry can say."""


class Reader(Protocol):
    """Where the files of a log lie."""

    def read(self, path: str) -> bytes | None:
        """The bytes of `tile/...`, or None where there is no such file."""


def _numbered(index: int) -> str:
    """Three digits to a folder, all but the last with an x: 1234067 is x001/x234/067."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile lies.

    >>> tile_path(1, 1234067), tile_path(0, 273, 112)
    ('tile/1/x001/x234/067', 'tile/0/273.p/112')
    """
    return f"tile/{level}/{_numbered(index)}" + ("" if width == WIDTH else f".p/{width}")


def entries_path(index: int, width: int = WIDTH) -> str:
    """Where a bundle of entries lies.

    >>> entries_path(67)
    'tile/entries/067'
    """
    return f"tile/entries/{_numbered(index)}" + ("" if width == WIDTH else f".p/{width}")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a tree: level, index in the level, hashes in it (1 to 256)."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Where it lies."""
        return tile_path(self.level, self.index, self.width)


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree, level by level; the last of a level may be partial.

    >>> [tile.path for tile in tiles_of(257)]
    ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    level = 0
    while hashes := size >> HEIGHT * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, min(WIDTH, hashes - index * WIDTH))
        level += 1


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, each behind its length as big-endian uint16; UnprovenError for one over 65,535 bytes."""
    if any(len(entry) > ENTRY_BYTES for entry in entries):
        raise UnprovenError(f"an entry of a log has at most {ENTRY_BYTES:,} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; UnprovenError where it ends inside one."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle) or at + 2 > len(bundle):
            raise UnprovenError("a bundle of entries ends inside an entry")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def _hashes(row: bytes) -> list[bytes]:
    return [row[at : at + HASH_BYTES] for at in range(0, len(row), HASH_BYTES)]


def _edge(reader: Reader, paths: tuple[str, str], tree: int) -> bytes:
    """A file of the right edge, or the full one that has taken its place since."""
    found = next((file for path in paths if (file := reader.read(path)) is not None), None)
    if found is None:
        raise UnprovenError(f"the log of {tree} entries lacks its file {paths[0]}")
    return found


class TileHashes:
    """The hashes of a tree of a given size, taken from its tiles: what makes proofs.  Each tile is read once."""

    def __init__(self, reader: Reader, size: int) -> None:
        """Of the tree of so many entries."""
        self._reader, self._size = reader, size
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree; UnprovenError where a tile is missing or short."""
        within = level % HEIGHT
        tile_level, first = level // HEIGHT, index << within
        row = self._row(tile_level, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << within)]
        if len(row) != 1 << within:
            raise UnprovenError(f"{tile_path(tile_level, first // WIDTH)} has too few hashes for a log of {self._size} entries")
        return perfect_root(row)

    def _row(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._read:
            width = min(WIDTH, (self._size >> HEIGHT * level) - index * WIDTH)
            row = _edge(self._reader, (tile_path(level, index, width), tile_path(level, index)), self._size)
            self._read[level, index] = _hashes(row)[:width]
        return self._read[level, index]


def entry_at(reader: Reader, index: int, size: int) -> bytes:
    """One entry of a log of a given size; UnprovenError where it is missing."""
    if not 0 <= index < size:
        raise UnprovenError(f"entry {index} is not in a log of {size}")
    number, place = divmod(index, WIDTH)
    width = min(WIDTH, size - number * WIDTH)
    entries = decode_bundle(_edge(reader, (entries_path(number, width), entries_path(number)), size))
    if place >= len(entries):
        raise UnprovenError(f"{entries_path(number)} ends before entry {index}")
    return entries[place]


class Growth:
    """A log as it grows: in memory only the right edge, 256 hashes for each level and 256 entries at most.

    `extend` gives the files that became whole, `edge` those that are not yet; writing them is an adapter's.
    """

    def __init__(self) -> None:
        """A log without entries."""
        self.size = 0
        self._rows: list[list[bytes]] = [[]]
        self._entries: list[bytes] = []

    @classmethod
    def at(cls, size: int, reader: Reader) -> "Growth":
        """The log as its files say it was at a size; UnprovenError where the edge is missing or does not fit its bundle."""
        grown = cls()
        grown.size = size
        while len(grown._rows) < len(list(_levels(size))):
            grown._rows.append([])
        for level, index, width in _levels(size):
            if width:
                row = _edge(reader, (tile_path(level, index, width), tile_path(level, index)), size)
                grown._rows[level] = _hashes(row)[:width]
        if width := size % WIDTH:
            bundle = _edge(reader, (entries_path(size // WIDTH, width), entries_path(size // WIDTH)), size)
            grown._entries = decode_bundle(bundle)[:width]
        if [leaf_hash(entry) for entry in grown._entries] != grown._rows[0]:
            raise UnprovenError(f"the last entries of the log of {size} are not those of its last tile")
        return grown

    def extend(self, entries: Sequence[bytes]) -> dict[str, bytes]:
        """Append entries; the tiles and bundles that they made whole, by path."""
        whole: dict[str, bytes] = {}
        at = 0
        while at < len(entries):
            part = entries[at : at + WIDTH - len(self._entries)]
            self._entries += part
            self._rows[0] += [leaf_hash(entry) for entry in part]
            at += len(part)
            self.size += len(part)
            if len(self._entries) == WIDTH:
                whole[entries_path(self.size // WIDTH - 1)] = encode_bundle(self._entries)
                self._entries = []
                self._carry(whole)
        return whole

    def _carry(self, whole: dict[str, bytes]) -> None:
        """A full row becomes a tile and one hash of the level above."""
        level = 0
        while len(self._rows[level]) == WIDTH:
            row, self._rows[level] = self._rows[level], []
            whole[tile_path(level, (self.size >> HEIGHT * (level + 1)) - 1)] = b"".join(row)
            level += 1
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(perfect_root(row))

    def edge(self) -> dict[str, bytes]:
        """The partial tiles and the partial bundle of the size reached, by path."""
        files = {tile_path(level, index, width): b"".join(self._rows[level]) for level, index, width in _levels(self.size) if width}
        if self._entries:
            files[entries_path(self.size // WIDTH, len(self._entries))] = encode_bundle(self._entries)
        return files

    def root(self) -> bytes:
        """The tree head of the size reached."""
        peaks: list[bytes] = []
        for row in reversed(self._rows):
            at = 0
            for width in powers_of(len(row)):
                peaks.append(perfect_root(row[at : at + width]))
                at += width
        return folded(peaks)


def _levels(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of the unfinished tile of each level; width 0 where the last one is full."""
    level = 0
    while hashes := size >> HEIGHT * level:
        yield level, hashes // WIDTH, hashes % WIDTH
        level += 1
