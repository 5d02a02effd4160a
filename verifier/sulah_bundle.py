#!/usr/bin/env python3
# Copyright 2026 the Sulah maintainers.  SPDX-License-Identifier: Apache-2.0
"""Check a bundle of a lender's decisions against the lender's log, without the lender: this file and sulah_verify.py beside it.

    sulah_bundle.py FILE --keys KEYS                 was the log told each decision of this bundle, and told the same?
                                                     was it told of each erasure that hides the facts of one?
    sulah_bundle.py FILE --keys KEYS --log FOLDER    and has the log no other decision of that day?

FILE is a file of `sulah bundle`; KEYS and FOLDER as sulah_verify.py has them.  That the decisions follow from their facts and rules is for
sulah_replay.py to say.  Of a bundle without decisions only the log can say that there was none.
Exit code: 0 it holds, 1 it does not, 2 it was not checked.
"""

import argparse
import json
import sys
import zipfile
import zlib
from datetime import date
from hashlib import sha256
from pathlib import Path

from sulah_verify import Log, check_receipt, check_seen, held_in, need, read_keys, told


def lists_of(file: str) -> tuple:
    """The day, the decisions, receipts and erasures of a bundle, each list the one that the manifest names."""
    try:
        with zipfile.ZipFile(file) as held:
            need(len(set(held.namelist())) == len(held.namelist()), "two files of the bundle have one name")
            manifest = json.loads(held.read("manifest.json"))
            whole = {name: held.read(name) for name in ("decisions.jsonl", "receipts.jsonl", "erasures.jsonl")}
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"the file is no whole bundle ({error})") from error
    for name, text in whole.items():
        need(sha256(text).hexdigest() == manifest["files"][name]["sha256"], f"{name} is not the file that the manifest names")
    return (str(date.fromisoformat(manifest["day"])), *([json.loads(line) for line in text.splitlines()] for text in whole.values()))


def check_decision(one: dict, receipt: dict, day: str, keys: dict) -> tuple:
    """The checkpoint of a decision's receipt and its entry, whose words say what the decision says."""
    checkpoint, _ = check_receipt(json.dumps(receipt), keys)
    entry, said, intent = json.loads(receipt["entry"]), json.loads(receipt["opening"]["payload"]), one["intent"]
    same = [said["content"], said["facts"], said["rules"]] == [one["content_sha256"], one["facts_sha256"], one["rules_version"]]
    same &= [said["intent"], said["person"]] == [intent["intent_id"], intent["person_id"]]
    same &= said["permitted"] is one["outcome"]["permitted"] and entry["on"] == day
    need(same, f"the log was told otherwise of decision {one['id']}")
    return checkpoint, entry


def check_erasure(one: dict, keys: dict) -> tuple:
    """The checkpoint of an erasure's receipt and the second of its entry, whose words name the person, the instant and the certificate."""
    checkpoint, _ = check_receipt(json.dumps(one["receipt"]), keys)
    entry, said = json.loads(one["receipt"]["entry"]), json.loads(one["receipt"]["opening"]["payload"])
    same = [entry["type"], said["act"], said["subject"]] == ["person.erase", "person.erase", f"person:{one['person']}"]
    same &= [said["at"], said["after"]["certificate"]] == [one["at"], one["certificate"]] and entry["at"] == f"{said['at'][:19]}Z"
    need(same, f"the log was told otherwise of the erasure of {one['person']}")
    return checkpoint, entry["at"]


def check_bundle(day: str, decisions: list, receipts: list, erasures: list, keys: dict) -> tuple:
    """The one checkpoint of all receipts, None where there are none, and the places of the decisions in the log."""
    left, places, notes, erased, hidden = {one["id"]: one for one in decisions}, set(), {}, {}, []
    need(len(left) == len(decisions), "a decision stands twice in the bundle")
    for line in erasures:
        erased[line["person"]] = ""  # nothing proves it
        if line.get("receipt") is not None:
            found, erased[line["person"]] = check_erasure(line, keys)
            notes[found.origin, found.size, found.root] = found
    for line in receipts:
        need(line["decision"] in left, f"the receipt of decision {line['decision']} is of none here, or its second")
        one = left.pop(line["decision"])
        found, entry = check_decision(one, line["receipt"], day, keys)
        notes[found.origin, found.size, found.root] = found
        places.add(entry["seq"])
        hidden += [] if one["facts"] or entry["at"] <= erased.get(one["intent"]["person_id"], "") else [one["id"]]
    need(not left, f"{len(left):,} of {len(decisions):,} decisions have no receipt of the log")
    words = "decisions are without facts, and no receipt of the log names an erasure since, the first"
    need(not hidden, f"HIDDEN: {len(hidden):,} {words} {hidden[:1]}")
    need(len(notes) < 2, "the receipts are of two checkpoints")
    return next(iter(notes.values()), None), places


def checked(asked: argparse.Namespace) -> str:
    keys = read_keys([*asked.key, *(line for file in asked.keys for line in Path(file).read_text("utf-8").splitlines())])
    day, decisions, *proofs = lists_of(asked.bundle)
    checkpoint, places = check_bundle(day, decisions, *proofs, keys)
    if not decisions and not asked.log:
        raise OSError(f"the bundle has no decision of {day}, and only the log can say that there was none: give --log")
    words = f"the {len(decisions):,} decisions of the bundle of {day} stand in {checkpoint}"
    if asked.log:
        log = Log(asked.log, keys)
        if checkpoint:
            check_seen(log.checkpoint, checkpoint, log.root_at, "")
        of_the_day, goes_on = decisions_in(log, day)
        missing = [seq for seq in of_the_day if seq not in places]
        need(not missing, f"LEFT OUT: the log has {len(missing):,} more decisions of {day}, the first in entry {missing[:1]}")
        if decisions:
            return f"{words}; the log, of {log.checkpoint.size:,} entries by now, has no other decision of that day"
        if not goes_on:
            raise OSError(f"the bundle has no decision of {day}, and {asked.log} has no entry of a later day: take a newer copy of the log")
        words = f"the bundle of {day} has no decision, and there is none of that day in {log.checkpoint}"
    return words


def decisions_in(log: Log, day: str) -> tuple:
    """The places of all entries of a log that tell of a decision of that day; does the log go on beyond that day?"""
    size = log.checkpoint.size
    bundles = (held_in(log.folder, "entries", index, min(256, size - index * 256)) for index in range(-(-size // 256)))
    places, goes_on = [], False
    for one in (json.loads(entry) for entries in bundles for entry in entries):
        goes_on |= one["on"] > day
        places += [one["seq"]] if one["type"].startswith("decision.") and one["on"] == day else []
    return places, goes_on


def main(words: list) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--keys", action="append", default=[])
    parser.add_argument("--log", default="")
    return told(checked, parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
