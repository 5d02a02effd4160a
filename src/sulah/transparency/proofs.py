"""Inclusion and consistency proofs: made as RFC 6962 section 2.1 defines them, checked by the algorithms of RFC 9162 section 2.1."""

from collections.abc import Callable, Iterator, Sequence

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.merkle import EMPTY_ROOT, HASH_BYTES, folded, node_hash, powers_of

Hashes = Callable[[int, int], bytes]
"""(level, index) -> root of the perfect subtree over the leaves index * 2**level up to, not including, (index + 1) * 2**level."""


def _split(size: int) -> int:
    """The greatest power of two below a size of 2 or more: where RFC 6962 parts a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_root(start: int, end: int, hashes: Hashes) -> bytes:
    """The root over the leaves start to end, a subtree of the tree: start is a multiple of every power in its length."""
    roots, at = [], start
    for width in powers_of(end - start):
        level = width.bit_length() - 1
        roots.append(hashes(level, at >> level))
        at += width
    return folded(roots)


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """The siblings on the way from leaf to root, PATH of RFC 6962 section 2.1.1; UnprovenError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise UnprovenError(f"entry {index} is not in a log of {size}")
    siblings, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        siblings.append((middle, end) if index < middle else (start, middle))
        start, end = (start, middle) if index < middle else (middle, end)
    return [_range_root(*sibling, hashes) for sibling in reversed(siblings)]


def consistency_proof(old: int, new: int, hashes: Hashes) -> list[bytes]:
    """That a log of `new` begins with the log of `old`, PROOF of RFC 6962 section 2.1.2; empty for 0 and for equal sizes."""
    if not 0 <= old <= new:
        raise UnprovenError(f"a log of {new} cannot be the later state of a log of {old}")
    if old in (0, new):
        return []
    nodes, start, end, whole = [], 0, new, True
    while end != old:  # `whole` is b of the RFC: the old tree is still the left edge of what is looked at
        middle = start + _split(end - start)
        if old <= middle:
            nodes.append((middle, end))
            end = middle
        else:
            nodes.append((start, middle))
            start, whole = middle, False
    if not whole:
        nodes.append((start, end))
    return [_range_root(*node, hashes) for node in reversed(nodes)]


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a proof gives for a leaf hash, RFC 9162 section 2.1.3.2; UnprovenError where the proof has the wrong length."""
    if not 0 <= index < size:
        raise UnprovenError(f"entry {index} is not in a log of {size}")
    place, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise UnprovenError("the inclusion proof is longer than the way to the root")
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise UnprovenError("the inclusion proof is shorter than the way to the root")
    return root


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Does the proof lead from the leaf hash at that index to that root?"""
    try:
        return len(leaf) == HASH_BYTES and root_by_inclusion(leaf, index, size, proof) == root
    except UnprovenError:
        return False


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Is the first tree the beginning of the second?  RFC 9162 section 2.1.4.2; sizes 0 and equal ones take an empty proof alone."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == EMPTY_ROOT if old == 0 else old_root == new_root) and (new > 0 or new_root == EMPTY_ROOT)
    path = iter([old_root, *proof] if old & (old - 1) == 0 else proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = next(path, None)
    return bool(proof) and first is not None and _climbed(place, last, first, path) == (old_root, new_root)


def _climbed(place: int, last: int, first: bytes, path: Iterator[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the old and the new tree that a consistency proof gives (steps 5 to 7); None where its length is wrong."""
    old_root = new_root = first
    for node in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            old_root, new_root = node_hash(node, old_root), node_hash(node, new_root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_root = node_hash(new_root, node)
        place, last = place >> 1, last >> 1
    return None if last else (old_root, new_root)
