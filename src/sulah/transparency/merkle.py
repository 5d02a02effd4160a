"""Merkle tree hashing of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1.1), and a tree that grows in O(log n) memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry, SHA-256(0x00 || entry): 32 bytes.

    >>> leaf_hash(b"").hex()[:8]
    '6e340b9c'
    """
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, SHA-256(0x01 || left || right): 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def powers_of(count: int) -> Iterator[int]:
    """The powers of two that add up to a count, greatest first: the sizes of a tree's perfect subtrees from left to right.

    >>> list(powers_of(70))
    [64, 4, 2]
    """
    return (1 << bit for bit in reversed(range(count.bit_length())) if count >> bit & 1)


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 ... hashes that stand side by side; ValueError for another count."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError(f"{len(hashes)} hashes make no perfect tree")
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def folded(roots: Sequence[bytes]) -> bytes:
    """The root over the perfect subtrees of a tree, given from left to right; the empty tree's for none."""
    return reduce(lambda right, left: node_hash(left, right), reversed(roots)) if roots else EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class CompactRange:
    """A tree as the roots of its perfect subtrees, greatest first: at most one for each bit of its size."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def appended(self, leaf: bytes) -> "CompactRange":
        """The tree with one leaf hash more."""
        roots, size = [*self.roots, leaf], self.size
        while size & 1:  # each set bit at the low end is a perfect subtree that the new one completes
            right, left = roots.pop(), roots.pop()
            roots.append(node_hash(left, right))
            size >>= 1
        return CompactRange(self.size + 1, tuple(roots))

    def root(self) -> bytes:
        """The tree head, 32 bytes."""
        return folded(self.roots)


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The head of the tree over leaf hashes, MTH of RFC 6962 section 2.1.

    >>> tree_root([leaf_hash(b""), leaf_hash(bytes(1))]).hex()[:8]
    'fac54203'
    """
    return reduce(CompactRange.appended, leaves, CompactRange()).root()
