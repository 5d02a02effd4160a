"""Whoever changes a bundle is found out: by its files' digests, by what it says itself, and by its digest as known from elsewhere."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from sulah.guard.bundle import CONTACTS, DECISIONS, ERASURES, MANIFEST, RECEIPTS, BundleError, manifest_of
from sulah.guard.replay import replayed
from sulah.guard.replay_says import replay_words
from tests.depth import so_many
from tests.evidence.small_bundle import Files, InMemory, erasure_of, receipt_for, records, sealed, small_files, text_of

TAMPERS = so_many(1_000, 40)
"""Tampers of each kind."""

Records = list[dict[str, Any]]


def holds(files: Mapping[str, bytes], expected: str = "") -> bool:
    """Does a replay find nothing?  What is no bundle does not hold."""
    try:
        return replayed(InMemory(files), expected).holds
    except BundleError:
        return False


def leaf(value: Any, draw: Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + draw.choice((-1, 1, 1_000))
    if value is None:
        return "x"
    place = draw.randrange(len(value) + 1)
    return value[:place] + draw.choice("0a9") + value[place + 1 :] if value[place : place + 1] not in "0a9" else value + "7"


def edited(record: Any, draw: Random) -> Any:
    """A record with one leaf changed, wherever it lies."""
    if isinstance(record, dict) and record:
        name = draw.choice(sorted(record))
        return {**record, name: edited(record[name], draw)}
    if isinstance(record, list) and record:
        place = draw.randrange(len(record))
        return [*record[:place], edited(record[place], draw), *record[place + 1 :]]
    return leaf(record or None, draw) if isinstance(record, dict | list) else leaf(record, draw)


def edit(files: Files, draw: Random) -> Files:
    """One value of one line."""
    name = draw.choice((DECISIONS, CONTACTS))
    some = records(files, name)
    place = draw.randrange(len(some))
    some[place] = edited(some[place], draw)
    return {**files, name: text_of(some)}


def delete(files: Files, draw: Random) -> Files:
    """One line."""
    name = draw.choice((DECISIONS, CONTACTS))
    some = records(files, name)
    del some[draw.randrange(len(some))]
    return {**files, name: text_of(some)}


def insert(files: Files, draw: Random) -> Files:
    """A line like another one, under a number of its own."""
    name = draw.choice((DECISIONS, CONTACTS))
    some = records(files, name)
    copy = {**draw.choice(some), "id": 1_000 + draw.randrange(1_000)}
    some.insert(draw.randrange(len(some) + 1), copy)
    return {**files, name: text_of(some)}


def reorder(files: Files, draw: Random) -> Files:
    """Two decisions change places."""
    some = records(files, DECISIONS)
    one, other = draw.sample(range(len(some)), 2)
    some[one], some[other] = some[other], some[one]
    return {**files, DECISIONS: text_of(some)}


def truncate(files: Files, draw: Random) -> Files:
    """The end of a file is gone."""
    name = draw.choice((DECISIONS, CONTACTS, *(one for one in files if one.startswith("rules/"))))
    return {**files, name: files[name][: draw.randrange(len(files[name]))]}


def swap_rule(files: Files, draw: Random) -> Files:
    """A number of a rule is another one, under the same name."""
    name = next(one for one in files if one.startswith("rules/"))
    book = json.loads(files[name])
    row = draw.choice(book["sheets"]["contact_rule"])
    row[draw.choice(("first", "last", "most", "days"))] += 1
    return {**files, name: text_of([book])}


def other_policy(files: Files, draw: Random) -> Files:
    """A decision says that it was made under other rules."""
    some = records(files, DECISIONS)
    draw.choice(some)[draw.choice(("rules_version", "book"))] = f"{draw.getrandbits(256):064x}"
    return {**files, DECISIONS: text_of(some)}


def invented_erasure(files: Files, draw: Random) -> Files:
    """The facts of a decision are gone, and a line says that the person was erased since."""
    some = records(files, DECISIONS)
    one = draw.choice(some)
    one["facts"] = None
    at = datetime.fromisoformat(one["intent"]["at"]) + timedelta(seconds=draw.randrange(86_400))
    line = {**erasure_of(one["intent"]["person_id"], at), "receipt": None}
    return {**files, DECISIONS: text_of(some), ERASURES: text_of([line])}


KINDS: dict[str, Callable[[Files, Random], Files]] = {
    "edit": edit,
    "delete": delete,
    "insert": insert,
    "reorder": reorder,
    "truncate": truncate,
    "swapped rule": swap_rule,
    "other policy": other_policy,
    "invented erasure": invented_erasure,
}


def test_the_clean_bundle_holds_and_says_what_it_counted() -> None:
    found = replayed(InMemory(small_files()), manifest_of(InMemory(small_files())).digest)
    assert [str(one) for one in found.differences] == []
    assert (found.decisions, found.same, found.contacts) == (14, 14, len(records(small_files(), CONTACTS)))
    answers = Counter(one["outcome"]["permitted"] for one in records(small_files(), DECISIONS))
    assert answers[True] > 3 < answers[False]
    words = replay_words(found, digest_known=True)
    assert words[-1] == "HOLDS."
    assert words[0].startswith("Kaveri (simulated), 2026-11-24: 14 decisions, ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_tamper_with_a_file_is_caught_by_the_bundle_itself(kind: str) -> None:
    """320 of them in all: the manifest is as it was."""
    draw, clean = Random(f"plain {kind}"), dict(small_files())
    for number in range(TAMPERS):
        changed = KINDS[kind](clean, draw)
        assert changed != clean
        assert not holds(changed), (kind, number)


@pytest.mark.parametrize("kind", KINDS)
def test_who_seals_the_forged_bundle_anew_is_caught_by_the_digest_from_elsewhere(kind: str) -> None:
    """And most of the time by the bundle itself too, as what it says no longer fits together."""
    draw, clean = Random(f"sealed {kind}"), dict(small_files())
    true = manifest_of(InMemory(clean)).digest
    by_itself = 0
    for number in range(TAMPERS):
        changed = sealed(KINDS[kind](clean, draw))
        assert not holds(changed, true), (kind, number)
        by_itself += not holds(changed)
    least = {"delete": 0.5, "edit": 0.8, "insert": 0.5, "truncate": 0.5}  # a refusal that is gone, or stands twice, contradicts nothing
    least["invented erasure"] = 0.0  # without a log nothing contradicts it: see below
    assert by_itself >= least.get(kind, 1.0) * TAMPERS, (kind, by_itself)


def test_an_invented_erasure_is_told_where_there_is_a_log_and_counted_where_there_is_none() -> None:
    """Sealed anew, and nobody has the digest from elsewhere."""
    draw, plain = Random("erasures"), dict(small_files())
    logged = sealed({**plain, RECEIPTS: text_of(map(receipt_for, records(plain, DECISIONS)))})
    assert holds(logged)
    for number in range(TAMPERS):
        assert not holds(sealed(invented_erasure(logged, draw))), number
        found = replayed(InMemory(sealed(invented_erasure(plain, draw))))
        assert (found.holds, found.unproven, found.same) == (True, 1, 13), number
        assert any("1 are hidden by erasures that nothing proves" in words for words in replay_words(found, digest_known=True))


def test_a_file_that_the_manifest_does_not_name_or_that_is_gone_is_named() -> None:
    clean = dict(small_files())
    found = replayed(InMemory({**clean, "more.txt": b"x\n"}))
    assert [one.file for one in found.differences] == ["more.txt"]
    gone = {name: content for name, content in clean.items() if name != "receipts.jsonl"}
    assert [one.file for one in replayed(InMemory(gone)).differences] == ["receipts.jsonl"]


@pytest.mark.parametrize("manifest", [b"", b"{}\n", b'{"bundle":"sulah-bundle/9"}\n', b"[1]\n", b'{"bundle":"sulah-bundle/1"}\n'])
def test_a_manifest_that_cannot_be_read_makes_no_bundle(manifest: bytes) -> None:
    with pytest.raises(BundleError):
        replayed(InMemory({**small_files(), MANIFEST: manifest}))
