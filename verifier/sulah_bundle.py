#!/usr/bin/env python3
# Copyright 2026 the Sulah maintainers.  SPDX-License-Identifier: Apache-2.0
"""Check a bundle of a lender's decisions against the lender's log, without the lender: this file and sulah_verify.py beside it.

    sulah_bundle.py FILE --keys KEYS                 was the log told each decision of this bundle, and told the same?
    sulah_bundle.py FILE --keys KEYS --log FOLDER    and has the log no other decision of that day?

FILE is a file of `sulah bundle`; KEYS and FOLDER as sulah_verify.py has them.  That the decisions follow from their facts and rules is for
sulah_replay.py to say.  Exit code: 0 it holds, 1 it does not, 2 it was not checked.
"""

import argparse
import json
import sys
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path

from sulah_verify import Log, check_receipt, check_seen, held_in, need, read_keys, told


def lists_of(file: str) -> tuple:
    """The day, the decisions and the receipts of a bundle, each list the one that the manifest names."""
    try:
        with zipfile.ZipFile(file) as held:
            need(len(set(held.namelist())) == len(held.namelist()), "two files of the bundle have one name")
            manifest = json.loads(held.read("manifest.json"))
            whole = {name: held.read(name) for name in ("decisions.jsonl", "receipts.jsonl")}
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"the file is no whole bundle ({error})") from error
    for name, text in whole.items():
        need(sha256(text).hexdigest() == manifest["files"][name]["sha256"], f"{name} is not the file that the manifest names")
    return (manifest["day"], *([json.loads(line) for line in text.splitlines()] for text in whole.values()))


def check_decision(one: dict, receipt: dict, day: str, keys: dict) -> tuple:
    """The checkpoint of a decision's receipt and the place of its entry, whose words say what the decision says."""
    checkpoint, _ = check_receipt(json.dumps(receipt), keys)
    entry, said, intent = json.loads(receipt["entry"]), json.loads(receipt["opening"]["payload"]), one["intent"]
    same = [said["content"], said["facts"], said["rules"]] == [one["content_sha256"], one["facts_sha256"], one["rules_version"]]
    same &= [said["intent"], said["person"]] == [intent["intent_id"], intent["person_id"]]
    same &= said["permitted"] is one["outcome"]["permitted"] and entry["on"] == day
    need(same, f"the log was told otherwise of decision {one['id']}")
    return checkpoint, entry["seq"]


def checked(asked: argparse.Namespace) -> str:
    keys = read_keys([*asked.key, *(line for file in asked.keys for line in Path(file).read_text("utf-8").splitlines())])
    day, decisions, receipts = lists_of(asked.bundle)
    left, places, checkpoint = {one["id"]: one for one in decisions}, set(), None
    need(len(left) == len(decisions), "a decision stands twice in the bundle")
    for line in receipts:
        need(line["decision"] in left, f"the receipt of decision {line['decision']} is of none here, or its second")
        found, place = check_decision(left.pop(line["decision"]), line["receipt"], day, keys)
        need(str(found) == str(checkpoint or found), "the receipts are of two checkpoints")
        checkpoint = found
        places.add(place)
    need(checkpoint and not left, f"{len(left):,} of {len(decisions):,} decisions have no receipt of the log")
    words = f"the {len(decisions):,} decisions of the bundle of {day} stand in {checkpoint}"
    if asked.log:
        log = Log(asked.log, keys)
        check_seen(log.checkpoint, checkpoint, log.root_at, "")
        missing = [seq for seq in decisions_in(log, day) if seq not in places]
        need(not missing, f"LEFT OUT: the log has {len(missing):,} more decisions of {day}, the first in entry {missing[:1]}")
        words += f"; the log, of {log.checkpoint.size:,} entries by now, has no other decision of that day"
    return words


def decisions_in(log: Log, day: str) -> list:
    """The places of all entries of a log that tell of a decision of that day."""
    size = log.checkpoint.size
    bundles = (held_in(log.folder, "entries", index, min(256, size - index * 256)) for index in range(-(-size // 256)))
    entries = (json.loads(entry) for entries in bundles for entry in entries)
    return [one["seq"] for one in entries if one["type"].startswith("decision.") and one["on"] == day]


def main(words: list) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--keys", action="append", default=[])
    parser.add_argument("--log", default="")
    return told(checked, parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
