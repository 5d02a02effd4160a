#!/usr/bin/env python3
# Copyright 2026 the Sulah maintainers.  SPDX-License-Identifier: Apache-2.0
"""Check a lender's Sulah log without the lender: one file, Python 3.9 or newer, and one library (pip install cryptography).

    sulah_verify.py receipt FILE --keys KEYS         is the entry of this receipt in the log?
    sulah_verify.py code TEXT-OR-FILE --keys KEYS    the same for the text of a QR code (SULAH1:...)
    sulah_verify.py checkpoint FILE --keys KEYS      who signed it?  With --seen OLD: does it go on from there?  (--proof FILE)
    sulah_verify.py log FOLDER --keys KEYS           every entry, tile and close of a day; with --seen OLD: is that a part of it?
    sulah_verify.py footer CODE --log FOLDER --keys KEYS    is the code at the foot of a message of this log?

KEYS: one verifier key a line, the log's and those of witnesses, got from somebody you trust and not from the receipt.
--seen FILE (may be repeated): checkpoints that you or others got earlier.  --witnesses N: so many known witnesses must have signed.
--after 2026-11-23T10:00:00Z: a witness must have signed since then, so that an old checkpoint cannot pass for the latest.
Exit code: 0 it holds, 1 it does not, 2 it was not checked.  Formats: RFC 9162, c2sp.org (tlog-tiles, tlog-proof).  No code of Sulah's.
"""

import argparse
import base64
import io
import json
import re
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit(print("NOT CHECKED: signatures need a library: pip install cryptography", file=sys.stderr) or 2)

LEAF, NODE, DIGEST, NAME, DAY = b"\x00", b"\x01", '(null|"[0-9a-f]{64}")', "[A-Za-z0-9_-]{1,40}", "[0-9]{4}-[0-9]{2}-[0-9]{2}"
ENTRY = re.compile(  # an entry in the one way in which RFC 8785 writes it: its names in order, no space, nothing twice
    rf'{{"act":"[0-9a-f]{{32}}","actor":"{NAME}","at":"{DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z","cipher":{DIGEST},"commit":{DIGEST},'
    rf'"model":{DIGEST},"on":"{DAY}","policy":{DIGEST},"seq":(?P<seq>0|[1-9][0-9]*),"subject":(null|"{NAME}"),'
    r'"type":"[a-z][a-z0-9_.]{0,39}","v":1}'
)


def need(holds: object, words: str) -> None:
    if not holds:
        raise ValueError(words)


def hashed(kind: bytes, content: bytes) -> bytes:
    return sha256(kind + content).digest()


def perfect(row: list) -> bytes:
    return row[0] if len(row) == 1 else perfect([hashed(NODE, row[at] + row[at + 1]) for at in range(0, len(row), 2)])


def parts(whole: bytes, size: int = 32) -> list:
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def climb(at: int, last: int, start: bytes, proof: list) -> tuple:
    """RFC 9162 sections 2.1.3.2 and 2.1.4.2, which differ in where they begin: the roots of the older and of the newer tree."""
    older = newer = start
    for step in proof:
        need(last, "the proof is too long")
        left = at & 1 or at == last
        older, newer = (hashed(NODE, step + older), hashed(NODE, step + newer)) if left else (older, hashed(NODE, newer + step))
        while left and not at & 1 and at:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    need(not last, "the proof is too short")
    return older, newer


def unbase64(text: str) -> bytes:
    found = base64.b64decode(text, validate=True)
    need(found and base64.b64encode(found).decode() == text, "base64 is not written as it must be")
    return found


def read_keys(lines: list) -> dict:
    found = {}  # (name, id) -> (kind, public key); kind 1 is a log, 4 a witness
    for line in filter(str.strip, lines):
        key = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", line.strip())
        held = base64.b64decode(key[3]) if key else b"\x00"
        if held[0] not in (1, 4) or sha256(f"{key[1]}\n".encode() + held).hexdigest()[:8] != key[2]:
            raise OSError(f"this is no verifier key: {line.strip()}")
        found[key[1], bytes.fromhex(key[2])] = held[0], held[1:]
    if not any(kind == 1 for kind, _ in found.values()):
        raise OSError("give the log's key (--key or --keys), got from somebody you trust: a receipt cannot vouch for its own keys")
    return found


class Checkpoint:
    """A checkpoint whose signatures hold: origin, size, root, and the known witnesses with their times."""

    def __init__(self, note: str, keys: dict) -> None:
        need("\n\n" in note and note.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f]", note), "this is no signed checkpoint")
        text, _, below = note.rpartition("\n\n")
        lines = text.split("\n")
        need(len(lines) > 2 and all(lines) and re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]), "a checkpoint says origin, size and root")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2])
        need(len(self.root) == 32 and (self.size or self.root == sha256().digest()), "the root of the checkpoint cannot be one")
        self.witnesses, by_log = {}, False
        for dash, name, encoded in (line.split(" ") for line in below[:-1].split("\n")):
            signed = unbase64(encoded)
            kind, public = keys.get((name, signed[:4]), (0, b""))
            need(dash == "\u2014", "a line below the checkpoint is no signature")
            time = int.from_bytes(signed[4:12], "big")
            message = f"cosignature/v1\ntime {time}\n{text}\n" if kind == 4 else f"{text}\n"
            if kind:  # signatures of unknown keys are passed over
                Ed25519PublicKey.from_public_bytes(public).verify(signed[12 if kind == 4 else 4 :], message.encode())
            by_log |= kind == 1 and name == self.origin
            self.witnesses.update({name: f"{datetime.fromtimestamp(time, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"} if kind == 4 else {})
        need(by_log, f"no key that you trust has signed this checkpoint as the log {self.origin}")

    def __str__(self) -> str:
        seen = [f"{name} at {time}" for name, time in self.witnesses.items()]
        none = "no known witness: whether others are shown the same log is known only to those who compare checkpoints"
        return f"the log {self.origin} of {self.size:,} entries, signed; {'witnessed by ' + ', '.join(seen) if seen else none}"


def check_seen(new: Checkpoint, old: Checkpoint, root_at: object, proof: str) -> None:
    need(old.origin == new.origin, f"the checkpoint seen earlier is of another log, {old.origin}")
    need(old.size <= new.size, f"ROLLED BACK, or an old one shown again: {old.size:,} entries were seen, this has {new.size:,}")
    if root_at or old.size in (0, new.size):
        same = (root_at(old.size) if root_at else new.root if old.size else old.root) == old.root
    elif proof:
        lines = [unbase64(line) for line in Path(proof).read_text("utf-8").split()]
        path, low = lines if old.size & (old.size - 1) else [old.root, *lines], (old.size & -old.size).bit_length() - 1
        same = lines and climb(old.size - 1 >> low, new.size - 1 >> low, path[0], path[1:]) == (old.root, new.root)
    else:
        raise OSError("the checkpoints have different sizes: give --proof, or check the whole log with --seen")
    need(same, f"SPLIT VIEW: a log of {old.size:,} entries was signed, and one of {new.size:,} without it. Keep both notes as proof")


def check_entry(entry: str, index: int, proof: list, note: str, keys: dict) -> tuple:
    checkpoint, shape = Checkpoint(note, keys), ENTRY.fullmatch(entry)
    need(shape, "the entry is not written as the log writes entries")
    need(int(shape["seq"]) == index < checkpoint.size, f"the entry is number {shape['seq']}, its proof for {index} of {checkpoint.size}")
    need(climb(index, checkpoint.size - 1, hashed(LEAF, entry.encode()), proof)[1] == checkpoint.root, "the entry is not in this log")
    said = json.loads(entry)
    about = f"{said['type']} on {said['on']}, {said['at']}, by {said['actor']}, about {said['subject'] or 'nobody'}"
    return checkpoint, f"entry {index:,} ({about}) is in {checkpoint}"


def check_receipt(text: str, keys: dict) -> tuple:
    held = json.loads(text)
    head, _, note = held["proof"].partition("\n\n")
    kind, index, *lines = head.split("\n")
    known = (held["format"], kind) == ("sulah-receipt/1", "c2sp.org/tlog-proof@v1") and re.fullmatch("index (0|[1-9][0-9]*)", index)
    need(known, "this is no receipt that this program knows")
    checkpoint, words = check_entry(held["entry"], int(index[6:]), [unbase64(line) for line in lines], note, keys)
    if opening := held.get("opening"):
        salt, payload = bytes.fromhex(opening["salt"]), opening["payload"]
        commit = hashed(b"sulah/commitment/v1\n", salt + payload.encode()).hex()
        need(len(salt) == 32 and commit == json.loads(held["entry"])["commit"], "the words shown are not those that the entry commits to")
        words = f"{words}. It says: {payload!r}"
    return checkpoint, words


def check_code(code: str, keys: dict) -> tuple:
    letters = "".join(code.split()).upper()
    need(letters.startswith("SULAH1:A"), "the code of a receipt begins with SULAH1:A")
    take = io.BytesIO(base64.b32decode(letters[7:] + "=" * (-len(letters[7:]) % 8))[1:]).read
    index, size = int.from_bytes(take(5), "big"), int.from_bytes(take(5), "big")
    signed = [(1, take(4), take(64)), *((4, take(4), take(72)) for _ in range(take(1)[0]))]
    act, seconds, days, marks = take(16).hex(), int.from_bytes(take(5), "big"), int.from_bytes(take(3), "big"), take(1)[0]
    texts = [take(take(1)[0]).decode() if here else None for here in (1, 1, marks & 1)]
    cipher, commit, policy, model = [take(32).hex() if marks & bit else None for bit in (2, 18, 4, 8)]
    at, on = datetime(1970, 1, 1) + timedelta(seconds=seconds), date(1970, 1, 1) + timedelta(days=days)  # noqa: DTZ001
    said = {"act": act, "actor": texts[1], "at": f"{at.isoformat()}Z", "cipher": cipher, "commit": commit, "model": model, "on": str(on)}
    entry = json.dumps({**said, "policy": policy, "seq": index, "subject": texts[2], "type": texts[0], "v": 1}, separators=(",", ":"))
    proof = parts(take())
    names = {(kind, key_id): name for (name, key_id), (kind, _) in keys.items()}
    need((1, signed[0][1]) in names and marks < 32 and marks & 18 < 18, "the code is of no log that you trust")
    root = base64.b64encode(climb(index, size - 1, hashed(LEAF, entry.encode()), proof)[1]).decode()
    lines = [f"\u2014 {names[one[:2]]} {base64.b64encode(one[1] + one[2]).decode()}\n" for one in signed if one[:2] in names]
    return check_entry(entry, index, proof, f"{names[1, signed[0][1]]}\n{size}\n{root}\n\n{''.join(lines)}", keys)


def path_of(kind: object, index: int, width: int = 256) -> str:
    digits = parts(str(index).zfill(-(-len(str(index)) // 3) * 3), 3)
    return "/".join(["tile", str(kind), *(f"x{part}" for part in digits[:-1]), digits[-1]]) + ("" if width == 256 else f".p/{width}")


def held_in(folder: str, kind: object, index: int, width: int) -> list:
    """The hashes of a tile or the entries of a bundle; of a partial one that was completed since, its beginning."""
    names = [path for path in (path_of(kind, index, width), path_of(kind, index)) if Path(folder, path).is_file()]
    need(names, f"the log lacks its file {path_of(kind, index, width)}")
    whole = Path(folder, names[0]).read_bytes()
    found, at = ([], 0) if kind == "entries" else (parts(whole), len(whole))
    while at < len(whole):
        end = at + 2 + int.from_bytes(whole[at : at + 2], "big")
        need(end <= len(whole), f"{names[0]} ends inside an entry")
        found.append(whole[at + 2 : end])
        at = end
    need(len(found) == (width if names[0] == path_of(kind, index, width) else 256), f"{names[0]} has {len(found)} parts")
    return found[:width]


def check_bundles(asked: tuple) -> list:
    """The leaf hashes of each bundle, every entry looked at and held against the tile; of a full one their root alone."""
    folder, bundles, found = *asked, []
    for index, width in bundles:
        entries, path = held_in(folder, "entries", index, width), path_of("entries", index, width)
        for place, entry in enumerate(entries, index * 256):
            shape = ENTRY.fullmatch(entry.decode("utf-8", "replace"))
            need(shape and int(shape["seq"]) == place, f"what stands at {place} in {path} is not that entry")
        leaves = [hashed(LEAF, entry) for entry in entries]
        need(leaves == held_in(folder, 0, index, width), f"{path_of(0, index, width)} is not the tile of its entries")
        found.append(perfect(leaves) if width == 256 else leaves)
    return found


class Log:
    """A log folder, every entry and tile of which was checked: `rows[n]` are the hashes of level n, but of level 0 the last alone."""

    def __init__(self, folder: str, keys: dict) -> None:
        need(Path(folder, "checkpoint").is_file(), f"there is no checkpoint in {folder}")
        self.folder, self.checkpoint = folder, Checkpoint(Path(folder, "checkpoint").read_text("utf-8"), keys)
        full, width = divmod(self.checkpoint.size, 256)
        asked = [(folder, [(at, 256) for at in range(start, min(start + 64, full))]) for start in range(0, full, 64)]
        with ProcessPoolExecutor() as pool:
            found = [root for part in (pool.map if len(asked) > 4 else map)(check_bundles, asked) for root in part]
        self.rows = [check_bundles((folder, [(full, width)]))[0] if width else [], found]
        while self.rows[-1]:
            level, above = len(self.rows) - 1, parts(self.rows[-1], 256)
            for index, part in enumerate(above):
                need(held_in(folder, level, index, len(part)) == part, f"tile {index} of level {level} is not that of the level below")
            self.rows.append([perfect(part) for part in above if len(part) == 256])
        need(self.root_at(self.checkpoint.size) == self.checkpoint.root, "the entries do not give the root that the checkpoint says")
        for path in Path(folder, "tile").glob("**/*.p/*"):  # unfinished tiles of earlier sizes that lie there still
            kind, *digits = path.relative_to(Path(folder, "tile")).parts[:-1]
            index, width, level = int("".join(digits).replace("x", "")[:-2]), int(path.name), 0 if kind == "entries" else int(kind)
            if index * 256 + width <= self.checkpoint.size >> 8 * level:  # beyond, it is not part of the log yet
                held = [hashed(LEAF, entry) if kind == "entries" else entry for entry in held_in(folder, kind, index, width)]
                need(held == self.row(level, index, width), f"{path} is not the beginning of its tile")
        for path in Path(folder).glob("close/*"):
            check_seen(self.checkpoint, Checkpoint(path.read_text("utf-8"), keys), self.root_at, "")

    def row(self, level: int, index: int, width: int) -> list:
        if level == 0 and index < self.checkpoint.size // 256:
            return held_in(self.folder, 0, index, 256)[:width]
        return self.rows[level][index * 256 * bool(level) :][:width]

    def root_at(self, size: int) -> bytes:
        found = b""  # from right to left over the perfect subtrees of a smaller size
        for level in range(len(self.rows)):
            index, width = divmod(size >> 8 * level, 256)
            row = self.row(level, index, width) if width else []
            for bit in (1 << place for place in range(8) if width >> place & 1):
                found = hashed(NODE, perfect(row[-bit:]) + found) if found else perfect(row[-bit:])
                row = row[:-bit]
        return found or sha256().digest()


def checked(asked: argparse.Namespace) -> str:
    keys = read_keys([*asked.key, *(line for file in asked.keys for line in Path(file).read_text("utf-8").splitlines())])
    seen = [Checkpoint(Path(file).read_text("utf-8"), keys) for file in asked.seen]
    if asked.kind in ("log", "footer"):
        log = Log(asked.log or asked.what, keys)
        checkpoint, root_at = log.checkpoint, log.root_at
        words = f"{'every entry and every tile' if asked.kind == 'log' else f'the code {asked.what} is'} of {checkpoint}"
        if asked.kind == "footer":
            size, *letters = asked.what.upper().replace("-", " ").split()
            need(int(size) <= checkpoint.size, f"the message tells of {size} entries, this log has {checkpoint.size:,}")
            need("".join(letters) == base64.b32encode(root_at(int(size))).decode()[:16], "the code is not of this log, or one was changed")
    else:
        text = asked.what if asked.what.startswith("SULAH1:") else Path(asked.what).read_text("utf-8")
        check = {"receipt": check_receipt, "code": check_code}.get(asked.kind)
        (checkpoint, words), root_at = check(text, keys) if check else (Checkpoint(text, keys),) * 2, None
    for other in seen:  # a receipt may be older than what was seen, a checkpoint must not be
        late = asked.kind in ("receipt", "code") and other.size > checkpoint.size
        check_seen(*((other, checkpoint) if late else (checkpoint, other)), root_at, asked.proof)
    need(len(checkpoint.witnesses) >= asked.witnesses, f"{len(checkpoint.witnesses)} known witnesses signed, not {asked.witnesses}")
    need(max(checkpoint.witnesses.values(), default="") >= asked.after, f"no witness has signed since {asked.after}: it may be an old one")
    return str(words)


def told(check: Callable, asked: argparse.Namespace) -> int:
    try:
        return print(f"HOLDS: {check(asked)}.") or 0
    except (InvalidSignature, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return print(f"DOES NOT HOLD: {str(error) or 'a signature of a known key is false: the text was changed, or another signed'}.") or 1
    except OSError as error:
        return print(f"NOT CHECKED: {error}.", file=sys.stderr) or 2


def main(words: list) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("receipt", "code", "checkpoint", "log", "footer"))
    parser.add_argument("what")
    for name in ("--key", "--keys", "--seen", "--proof", "--log", "--after"):
        parser.add_argument(name, **({"action": "append", "default": []} if name in ("--key", "--keys", "--seen") else {"default": ""}))
    parser.add_argument("--witnesses", type=int, default=0)
    return told(checked, parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
