"""Entries, receipts and their short form: read back exactly, refused when one thing is off, small enough to be carried."""

import dataclasses
import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.kernel.canonical import canonical
from sulah.kernel.commitment import commitment
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import Checkpoint, sign_checkpoint
from sulah.transparency.entry import Draft, draft_of, read_entry
from sulah.transparency.merkle import leaf_hash
from sulah.transparency.note import Note
from sulah.transparency.proofs import root_by_inclusion
from sulah.transparency.receipt import Opening, Receipt, bare, check_receipt, parse_receipt
from sulah.transparency.short_code import CODE_BYTES, PREFIX, from_code, to_code
from tests.transparency.made import AT, KEYS, LOG_KEY, ORIGIN, draft, grown, outside, payload_of, receipt_of, salt_of, witnessed

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
PSEUDONYM = st.text("AZaz09_-", min_size=1, max_size=40)
DRAFTS = st.builds(
    lambda payload, **fields: Draft(**fields, cipher=payload and payload[0], commit=payload and payload[1]),
    payload=st.none() | st.tuples(st.none() | HEX, HEX),
    act=st.binary(min_size=16, max_size=16).map(bytes.hex),
    type=st.text("az09_.", max_size=39).map(lambda rest: f"t{rest}"),
    at=st.integers(0, 2**36).map(lambda seconds: datetime(1970, 1, 1, tzinfo=AT.tzinfo) + timedelta(seconds=seconds)),
    on=st.dates(date(1970, 1, 1), date(2999, 12, 31)),
    actor=PSEUDONYM,
    subject=st.none() | PSEUDONYM,
    policy=st.none() | HEX,
    model=st.none() | HEX,
)


def far(size: int, index: int, made: Draft, *, witness: bool = True) -> Receipt:
    """A receipt in a log of any size: the other leaves are made up, the proof is not."""
    entry = made.numbered(index)
    length, last, at = 0, size - 1, index
    while last:
        length += bool(at & 1 or at < last)
        at, last = at >> 1, last >> 1
    proof = tuple(bytes([number]) * 32 for number in range(length))
    checkpoint = Checkpoint(ORIGIN, size, root_by_inclusion(leaf_hash(entry), index, size, proof))
    note = sign_checkpoint(checkpoint, [LOG_KEY])
    return Receipt(entry, index, proof, witnessed(note) if witness else note, KEYS)


@settings(deadline=None, max_examples=50)
@given(DRAFTS, st.integers(0, 2**40))
def test_an_entry_is_read_back_and_has_one_way_to_be_written(made: Draft, seq: int) -> None:
    entry = made.numbered(seq)
    assert read_entry(entry) == (seq, made)
    assert canonical(json.loads(entry)) == entry
    assert draft_of(made.fields()) == made


@settings(deadline=None, max_examples=50)
@given(DRAFTS, st.integers(1, 2**30), st.integers(0, 2**30))
def test_a_code_gives_back_the_receipt_and_the_outside_verifier_agrees(made: Draft, size: int, index: int) -> None:
    receipt = far(size, index % size, made, witness=False)
    code = to_code(receipt)
    again = from_code(f" {code[:30].lower()}\n{code[30:]} ", KEYS)
    assert (again.entry, again.index, again.proof, again.note) == (receipt.entry, receipt.index, receipt.proof, receipt.note)
    assert check_receipt(again, KEYS).entry == made
    assert outside("code", code)[0] == 0


def test_a_receipt_in_ten_million_entries_fits_its_bounds_with_a_witness() -> None:
    receipt = far(10_000_000, 5_555_555, draft(11))
    assert len(receipt.proof) == 24
    code = to_code(receipt)
    assert (len(code) - len(PREFIX)) * 5 // 8 <= CODE_BYTES
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567:SULAH1")
    long = Opening(salt_of(11), json.dumps({"words": "x" * 800}, separators=(",", ":")).encode())
    assert len(dataclasses.replace(receipt, opening=long).to_json()) <= 4096
    assert len(to_code(far(2**28, 5, draft(11), witness=False))) <= len(PREFIX) + CODE_BYTES * 8 // 5 + 1
    for check in (lambda: to_code(far(2**30, 5, draft(11))), lambda: dataclasses.replace(receipt, proof=receipt.proof * 4).to_json()):
        with pytest.raises(UnprovenError, match="the most is"):
            check()


@pytest.mark.parametrize(
    "change",
    [
        {"act": "A" * 32},
        {"act": None},
        {"type": "Contact"},
        {"actor": ""},
        {"actor": "Asha Rao"},
        {"subject": "x" * 41},
        {"commit": None},
        {"policy": "ab"},
        {"model": 5},
        {"at": "2026-11-23T10:00:00+05:30"},
        {"at": "2026-1-23T10:00:00Z"},
        {"on": "20261123"},
        {"on": None},
        {"v": 2},
        {"more": 1},
        {"seq": "1"},
        {"seq": -1},
        {"seq": True},
    ],
)
def test_an_entry_with_one_field_off_is_refused(change: dict[str, Any]) -> None:
    fields = {**draft(1).fields(), "seq": 1}
    assert read_entry(canonical(fields))[0] == 1
    with pytest.raises(UnprovenError):
        read_entry(canonical({**fields, **change}))


def test_instants_are_whole_seconds_in_utc() -> None:
    for at in (AT.replace(microsecond=1), AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=5.5))), AT.replace(year=1969)):
        with pytest.raises(UnprovenError, match="whole seconds"):
            dataclasses.replace(draft(1), at=at)


def test_a_commitment_hides_without_its_salt_and_opens_with_it() -> None:
    assert commitment(salt_of(1), b"x") != commitment(salt_of(2), b"x")
    assert commitment(salt_of(1), b"x") == commitment(salt_of(1), b"x") != commitment(salt_of(1), b"y")
    with pytest.raises(UnprovenError, match="32 bytes"):
        commitment(b"short", b"x")


def test_a_receipt_is_read_back_and_checked(tmp_path: Path) -> None:
    grown(tmp_path, [300])
    receipt = receipt_of(tmp_path, 256)
    assert parse_receipt(receipt.to_json()) == receipt
    proven = check_receipt(parse_receipt(receipt.to_json()), KEYS)
    assert (proven.index, proven.checkpoint.size, [name for name, _ in proven.witnesses]) == (256, 300, ["witness.example/w1"])
    assert b"opening" not in bare(receipt).to_json()
    assert receipt.opening == Opening(salt_of(256), payload_of(256))


def test_a_receipt_with_one_thing_off_is_refused(tmp_path: Path) -> None:
    grown(tmp_path, [20])
    receipt = receipt_of(tmp_path, 6)
    other = receipt_of(tmp_path, 7)
    for changed, words in (
        (dataclasses.replace(receipt, index=7), "proof is for number 7"),
        (dataclasses.replace(receipt, entry=other.entry), "says that it is number 7"),
        (dataclasses.replace(receipt, entry=draft(6, "other").numbered(6)), "not in the log"),
        (dataclasses.replace(receipt, proof=receipt.proof[::-1]), "not in the log"),
        (dataclasses.replace(receipt, opening=other.opening), "commits to"),
        (dataclasses.replace(receipt, note=Note(receipt.note.text.replace("20\n", "21\n"), receipt.note.signatures)), "is false"),
    ):
        with pytest.raises(UnprovenError, match=words):
            check_receipt(changed, KEYS)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"\xff", b"5000" * 5000, b'{"format":"sulah-receipt/1"}', b'{"format":"sulah-receipt/1","proof":5}'],
)
def test_what_is_no_receipt_is_refused(text: bytes) -> None:
    with pytest.raises(UnprovenError):
        parse_receipt(text)


def test_a_proof_of_another_kind_is_refused(tmp_path: Path) -> None:
    grown(tmp_path, [20])
    fields = json.loads(receipt_of(tmp_path, 6).to_json())
    proof = fields["proof"]
    line = proof.split("\n")[2]
    for changed in (
        proof.replace("@v1", "@v2"),
        proof.replace("index 6", "index 06"),
        proof.replace(line, "AAAA"),
        "c2sp.org/tlog-proof@v1",
    ):
        with pytest.raises(UnprovenError):
            parse_receipt(json.dumps({**fields, "proof": changed}).encode())


def test_a_code_that_was_not_read_whole_is_refused(tmp_path: Path) -> None:
    grown(tmp_path, [20])
    code = to_code(receipt_of(tmp_path, 6))
    for changed in (code[7:], PREFIX, PREFIX + "1", code[:60], code[:-20], PREFIX + "B" + code[8:], "SULAH2" + code[6:]):
        with pytest.raises(UnprovenError):
            from_code(changed, KEYS)
        assert outside("code", changed if changed.startswith(PREFIX) else PREFIX + "!")[0] == 1
    with pytest.raises(UnprovenError, match="not trusted"):
        from_code(code, KEYS[1:])
    unsigned = dataclasses.replace(receipt_of(tmp_path, 6), keys=KEYS[1:])
    with pytest.raises(UnprovenError, match="needs the signature of the log"):
        to_code(unsigned)
