"""Random trees against a second implementation, and what a tree and its proofs always hold to."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.merkle import EMPTY_ROOT, CompactRange, leaf_hash, perfect_root, tree_root
from sulah.transparency.proofs import consistency_proof, inclusion_proof, is_consistent, is_included
from sulah.transparency.tiles import Growth, TileHashes, decode_bundle, encode_bundle, entry_at, tile_path
from tests.transparency import reference
from tests.transparency.made import verifier
from tests.transparency.trees import Files, files_of, random_entries

TREES = 10_000
PARTS = 10


def outside_root(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root by the outside verifier's own hand."""
    return bytes(verifier().climb(index, size - 1, leaf, proof)[1])


@pytest.mark.parametrize("part", range(PARTS))
def test_random_trees_agree_with_the_definitions_of_the_rfc(part: int) -> None:
    draw, seen = Random(part), 0
    for turn in range(TREES // PARTS):
        entries = random_entries(draw, 300 if turn % 100 == 0 else 16)
        grown, files = files_of(entries)
        size, hashes = len(entries), TileHashes(files, len(entries))
        root = reference.mth(entries)
        assert grown.root() == tree_root(map(leaf_hash, entries)) == root
        index, old = draw.randrange(size), draw.randint(1, size)
        way = inclusion_proof(index, size, hashes)
        assert way == reference.path(index, entries)
        assert outside_root(leaf_hash(entries[index]), index, size, way) == root
        assert is_included(leaf_hash(entries[index]), index, size, way, root)
        steps = consistency_proof(old, size, hashes)
        assert steps == reference.proof(old, entries)
        assert is_consistent(old, reference.mth(entries[:old]), size, root, steps)
        seen += 1
    assert seen == TREES // PARTS


def test_every_pair_of_sizes_up_to_64_is_proven_and_no_other_root_is() -> None:
    entries = [bytes([number]) for number in range(64)]
    roots = [reference.mth(entries[:size]) for size in range(65)]
    for new in range(1, 65):
        hashes = TileHashes(files_of(entries[:new])[1], new)
        assert is_consistent(0, EMPTY_ROOT, new, roots[new], [])
        assert not is_consistent(0, EMPTY_ROOT, new, roots[new], [roots[0]])
        for old in range(1, new + 1):
            steps = consistency_proof(old, new, hashes)
            assert is_consistent(old, roots[old], new, roots[new], steps)
            assert not is_consistent(old, roots[(old + 1) % 65], new, roots[new], steps)
            assert not is_consistent(old, roots[old], new, roots[new - 1], steps)
            assert not is_consistent(old, roots[old], new, roots[new], [*steps, roots[0]])
            assert not steps or not is_consistent(old, roots[old], new, roots[new], steps[:-1])
        for index in range(new):
            way = inclusion_proof(index, new, hashes)
            assert is_included(leaf_hash(entries[index]), index, new, way, roots[new])
            assert not is_included(leaf_hash(entries[index]), (index + 1) % new, new, way, roots[new]) or new == 1
            assert not is_included(leaf_hash(entries[index]), index, new, [*way, roots[0]], roots[new])
            assert not way or not is_included(leaf_hash(entries[index]), index, new, way[:-1], roots[new])


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.integers(0, 10**6), st.integers(0, 255))
def test_a_flipped_bit_anywhere_in_a_proof_is_noticed(size: int, place: int, bit: int) -> None:
    entries = [number.to_bytes(2, "big") for number in range(size)]
    grown, files = files_of(entries)
    index, old = place % size, place % size + 1
    way = inclusion_proof(index, size, TileHashes(files, size))
    steps = consistency_proof(old, size, TileHashes(files, size))
    spoilt = [flipped(proof, place, bit) for proof in (way, steps)]
    assert not way or not is_included(leaf_hash(entries[index]), index, size, spoilt[0], grown.root())
    assert not steps or not is_consistent(old, reference.mth(entries[:old]), size, grown.root(), spoilt[1])


def flipped(proof: list[bytes], place: int, bit: int) -> list[bytes]:
    """The proof with one bit of one node turned."""
    made = [bytearray(node) for node in proof]
    if made:
        made[place % len(made)][bit // 8] ^= 1 << bit % 8
    return [bytes(node) for node in made]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_a_log_put_in_piece_by_piece_is_the_log_put_in_at_once(pieces: list[int]) -> None:
    entries = [number.to_bytes(2, "big") for number in range(sum(pieces))]
    files: dict[str, bytes] = {}
    grown, at = Growth(), 0
    for piece in pieces:
        files |= grown.extend(entries[at : at + piece])
        at += piece
        files |= grown.edge()
        grown = Growth.at(at, Files(files))  # a restart between all pieces
    once, whole = files_of(entries)
    assert (grown.size, grown.root()) == (once.size, once.root())
    assert all(files[path] == content for path, content in whole.files.items())
    assert all(entry_at(Files(files), index, at) == entry for index, entry in list(enumerate(entries))[:: max(1, at // 20)])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 700))
def test_a_compact_range_grows_to_the_root_of_its_tiles(size: int) -> None:
    entries = [number.to_bytes(2, "big") for number in range(size)]
    whole = CompactRange()
    for entry in entries:
        whole = whole.appended(leaf_hash(entry))
    assert whole.root() == files_of(entries)[0].root()
    assert (whole.size, len(whole.roots)) == (size, size.bit_count())


def test_a_tree_of_three_levels_is_proven_from_its_tiles() -> None:
    size = 66_000
    entries = [number.to_bytes(3, "big") for number in range(size)]
    grown, files = files_of(entries)
    assert grown.root() == reference.mth(entries)
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        way = inclusion_proof(index, size, TileHashes(files, size))
        assert is_included(leaf_hash(entries[index]), index, size, way, grown.root())
    for old in (1, 256, 65_537):
        steps = consistency_proof(old, size, TileHashes(files, size))
        assert is_consistent(old, reference.mth(entries[:old]), size, grown.root(), steps)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=300)))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


def test_what_a_bundle_cannot_hold_or_say_is_refused() -> None:
    assert decode_bundle(encode_bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(UnprovenError, match="65,535"):
        encode_bundle([bytes(65_536)])
    for cut in (b"\x00", b"\x00\x02a"):
        with pytest.raises(UnprovenError, match="inside an entry"):
            decode_bundle(cut)


def test_sizes_and_places_that_cannot_be_are_refused() -> None:
    hashes = TileHashes(files_of([b"a", b"b"])[1], 2)
    for index, size in ((2, 2), (-1, 2), (0, 0)):
        with pytest.raises(UnprovenError, match="is not in a log"):
            inclusion_proof(index, size, hashes)
        with pytest.raises(UnprovenError, match="is not in a log"):
            entry_at(Files({}), index, size)
        assert not is_included(leaf_hash(b"a"), index, size, [], EMPTY_ROOT)
    with pytest.raises(UnprovenError, match="later state"):
        consistency_proof(3, 2, hashes)
    assert not is_consistent(3, EMPTY_ROOT, 2, EMPTY_ROOT, [])
    assert is_consistent(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not is_consistent(0, EMPTY_ROOT, 0, bytes(32), [])
    assert not is_consistent(0, bytes(32), 2, bytes(32), [])
    assert not is_consistent(1, bytes(32), 2, bytes(32), [])
    with pytest.raises(ValueError, match="no perfect tree"):
        perfect_root([b"a"] * 3)


def test_missing_and_short_files_are_named() -> None:
    _, files = files_of([bytes([number]) for number in range(3)])
    without = Files({path: content for path, content in files.files.items() if path != tile_path(0, 0, 3)})
    with pytest.raises(UnprovenError, match=r"lacks its file tile/0/000\.p/3"):
        TileHashes(without, 3)(0, 0)
    short = Files({**files.files, tile_path(0, 0, 3): bytes(32)})
    with pytest.raises(UnprovenError, match="too few hashes"):
        TileHashes(short, 3)(1, 0)
    with pytest.raises(UnprovenError, match="not those of its last tile"):
        Growth.at(3, short)
    with pytest.raises(UnprovenError, match="ends before entry"):
        entry_at(Files({"tile/entries/000.p/3": encode_bundle([b"a"])}), 2, 3)
