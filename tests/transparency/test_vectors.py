"""Values that others published: the tree of RFC 6962's reference log, RFC 8785, and the examples on the pages of C2SP."""

import base64
import json

import pytest

from sulah.kernel.canonical import canonical, read_canonical
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.merkle import CompactRange, leaf_hash, node_hash, tree_root
from sulah.transparency.note import VerifierKey, parse_note
from sulah.transparency.proofs import consistency_proof, inclusion_proof, is_consistent, is_included
from sulah.transparency.tiles import Growth, TileHashes, entries_path, tile_path, tiles_of
from sulah.transparency.witness import parse_request
from tests.transparency.trees import Files

ENTRIES = [
    bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The eight leaves of the reference implementation of Certificate Transparency, which wrote RFC 6962."""

ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_96, _5F, _6B = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
_BC, _CA, _0E = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = {(0, 8): (_96, _5F, _6B), (5, 8): (_BC, _CA, ROOTS[4]), (2, 3): (ROOTS[2],), (1, 5): (ROOTS[1], _5F, _BC)}
CONSISTENCY = {(1, 1): (), (1, 8): (_96, _5F, _6B), (6, 8): (_0E, _CA, ROOTS[4]), (2, 5): (_5F, _BC)}


def hashes(size: int) -> TileHashes:
    grown = Growth()
    grown.extend(ENTRIES[:size])
    return TileHashes(Files(grown.edge()), size)


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_ours(size: int) -> None:
    assert tree_root(map(leaf_hash, ENTRIES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_the_published_ways_from_leaf_to_root_are_ours(place: tuple[int, int], proof: tuple[str, ...]) -> None:
    made = inclusion_proof(*place, hashes(place[1]))
    assert [node.hex() for node in made] == list(proof)
    assert is_included(leaf_hash(ENTRIES[place[0]]), *place, made, bytes.fromhex(ROOTS[place[1]]))


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCY.items())
def test_the_published_proofs_of_consistency_are_ours(sizes: tuple[int, int], proof: tuple[str, ...]) -> None:
    old, new = sizes
    made = consistency_proof(old, new, hashes(new))
    assert [node.hex() for node in made] == list(proof)
    assert is_consistent(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), made)


def test_the_hashes_of_leaf_and_node_have_their_own_first_byte() -> None:
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert leaf_hash(b"") != CompactRange().root()


def test_names_in_an_object_stand_in_the_order_of_rfc_8785() -> None:
    written = '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
    written += '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}'
    order = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face"]
    assert list(json.loads(canonical(json.loads(written))).values()) == [*order, "Hebrew Letter Dalet With Dagesh"]


def test_texts_and_literals_are_written_as_rfc_8785_writes_them() -> None:
    value = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    expected = "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c2273747269"
    expected += "6e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
    assert canonical(value).hex() == expected
    assert read_canonical(bytes.fromhex(expected)) == value


def test_lists_keep_their_order_and_numbers_are_exact_integers() -> None:
    assert canonical([56, {"d": True, "10": None, "1": []}]) == b'[56,{"1":[],"10":null,"d":true}]'
    for number in (0, -1, 2**53 - 1, 1 - 2**53):
        assert canonical(number) == str(number).encode()


@pytest.mark.parametrize("value", [1.5, 1.0, 2**53, -(2**53), b"x", {1: 2}, "\ud800", {"\ud800": 1}, float("nan")])
def test_a_value_without_one_way_to_write_it_is_refused(value: object) -> None:
    with pytest.raises(UnprovenError):
        canonical(value)


@pytest.mark.parametrize(
    "text", [b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b"1.0", b"1e3", b'"\\u0041"', b'"\\/"', b"-0", b"{", b"\xff", b" 1"]
)
def test_bytes_that_another_writer_would_write_otherwise_are_refused(text: bytes) -> None:
    with pytest.raises(UnprovenError, match="canonical"):
        read_canonical(text)


def test_the_note_of_the_page_on_signed_notes_is_verified_by_its_key() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    note = parse_note(f"This is an example message.\n\n{line}")
    assert [one.key for one in note.signed_by([key])] == [key]
    assert str(note).endswith(line)


def test_the_checkpoint_of_the_page_on_checkpoints_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert parse_checkpoint(text).size == 20_852_163
    assert parse_checkpoint(text).text == text


def test_the_request_of_the_page_on_witnesses_is_read() -> None:
    proof = ("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=")
    signed = "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    note = f"{text}\n\u2014 example.com/behind-the-sofa {signed}\n"
    body = f"old 20852014\n{proof[0]}\n{proof[1]}\n\n{note}"
    request = parse_request(body)
    assert (request.old, request.body) == (20_852_014, body)
    assert request.proof == tuple(base64.b64decode(line) for line in proof)


def test_a_tree_of_70000_has_the_tiles_that_the_page_on_tiles_counts() -> None:
    tiles = list(tiles_of(70_000))
    full = [sum(tile.level == level and tile.width == 256 for tile in tiles) for level in range(3)]
    partial = {tile.level: tile.width for tile in tiles if tile.width < 256}
    assert (full, partial) == ([273, 1, 0], {0: 112, 1: 17, 2: 1})
    assert [(tile.level, tile.width) for tile in tiles_of(256)] == [(0, 256), (1, 1)]
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert entries_path(999, 8) == "tile/entries/999.p/8"
    assert entries_path(1000) == "tile/entries/x001/000"
