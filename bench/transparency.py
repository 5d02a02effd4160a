"""`python -m bench.transparency`: entries a second into the log, time of a proof, time of a full check by the outside verifier.

`--leaves N`: entries that the sequencer puts on the disk with every sync, from which proofs are made and which the verifier checks whole;
`--beside N`: entries that wait in a SQLite table and are numbered there.  It prints one JSON object.  Everything is simulated.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from sulah.adapters.log.queue import EntryQueue
from sulah.adapters.log.sequencer import Sequencer, begin_log, open_log
from sulah.adapters.log.store import TileStore
from sulah.transparency.checkpoint import open_checkpoint
from sulah.transparency.entry import Draft, draft_of
from sulah.transparency.note import LOG, SigningKey, parse_note
from sulah.transparency.proofs import consistency_proof, inclusion_proof
from sulah.transparency.receipt import check_receipt, make_receipt
from sulah.transparency.tiles import TileHashes, entry_at

AT = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
KEY = SigningKey("log.bench.example", LOG, sha256(b"bench").digest())
ENTRIES_A_SECOND, PROOF_MS, CHECK_SECONDS = 20_000, 5.0, 180.0
"""Bounds: of the sequencer alone; of a proof, p99; of the full check, stated for 10,000,000 leaves and scaled to the leaves made."""

STATED_LEAVES = 10_000_000
PROOFS = 1_000
VERIFIER = Path(__file__).resolve().parents[1] / "verifier" / "sulah_verify.py"


def simulated(number: int) -> Draft:
    """A contact's entry, all fields set."""
    digest = sha256(number.to_bytes(8, "big")).hexdigest()
    at = AT + timedelta(seconds=number // 100)
    return Draft(digest[:32], "contact.sent", at, date(2026, 11, 23), f"a{number % 50}", f"s{digest[:16]}", digest, digest, digest, digest)


class Made:
    """A queue that makes its entries when they are asked for: what is measured is the sequencer alone, their making included."""

    def __init__(self, count: int) -> None:
        """So many entries, and none more."""
        self._count, self._given = count, 0

    def numbered(self) -> int:
        """All that were given."""
        return self._given

    def number(self, limit: int) -> int:
        """Numbers in memory."""
        given = min(limit, self._count - self._given)
        self._given += given
        return given

    def drafts(self, start: int, limit: int) -> Sequence[Draft]:
        """Entries of these numbers."""
        return [simulated(number) for number in range(start, min(self._given, start + limit))]


class Kept:
    """A queue in SQLite with synchronous=FULL, in the shape that the records will have: a row for each act, a number given by update."""

    def __init__(self, path: Path) -> None:
        """A new table in a file."""
        self._table = sqlite3.connect(path, isolation_level=None)
        for words in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            self._table.execute(words)
        self._table.execute("CREATE TABLE waiting (id INTEGER PRIMARY KEY, draft TEXT NOT NULL, seq INTEGER UNIQUE)")
        self._table.execute("CREATE INDEX unnumbered ON waiting (id) WHERE seq IS NULL")

    def add(self, drafts: Sequence[Draft]) -> None:
        """The rows of one transaction."""
        self._table.execute("BEGIN")
        self._table.executemany("INSERT INTO waiting (draft) VALUES (?)", [(json.dumps(draft.fields()),) for draft in drafts])
        self._table.execute("COMMIT")

    def numbered(self) -> int:
        """One more than the last number."""
        return int(self._table.execute("SELECT coalesce(max(seq) + 1, 0) FROM waiting").fetchone()[0])

    def number(self, limit: int) -> int:
        """Numbers to the oldest rows that have none, in one transaction."""
        first = self.numbered()
        rows = self._table.execute("SELECT id FROM waiting WHERE seq IS NULL ORDER BY id LIMIT ?", (limit,)).fetchall()
        self._table.execute("BEGIN")
        self._table.executemany("UPDATE waiting SET seq = ? WHERE id = ?", [(first + place, row[0]) for place, row in enumerate(rows)])
        self._table.execute("COMMIT")
        return len(rows)

    def drafts(self, start: int, limit: int) -> Sequence[Draft]:
        """Rows by their number."""
        asked = "SELECT draft FROM waiting WHERE seq >= ? AND seq < ? ORDER BY seq"
        return [draft_of(json.loads(row[0])) for row in self._table.execute(asked, (start, start + limit))]


def sequenced(folder: Path, queue: EntryQueue, count: int) -> dict[str, Any]:
    """Put everything in, a checkpoint at the end; entries a second."""
    store = TileStore(folder)
    begin_log(store, KEY)
    with store.writing():
        sequencer: Sequencer = open_log(store, queue, KEY)
        began = time.perf_counter()
        while sequencer.append():
            pass
        sequencer.publish(AT)
        seconds = time.perf_counter() - began
    if sequencer.published.size != count:
        raise SystemExit(f"{sequencer.published.size} entries went in instead of {count}")
    return {"entries": count, "seconds": round(seconds, 2), "a_second": round(count / seconds)}


def beside(folder: Path, count: int) -> dict[str, Any]:
    """The same from a table: rows written in transactions of 100, numbered, read, put in."""
    folder.mkdir()
    queue = Kept(folder / "queue.sqlite3")
    began = time.perf_counter()
    for start in range(0, count, 100):
        queue.add([simulated(number) for number in range(start, min(count, start + 100))])
    written = time.perf_counter() - began
    return {**sequenced(folder / "log", queue, count), "rows_written_a_second": round(count / written)}


def proven(folder: Path, leaves: int) -> dict[str, Any]:
    """Milliseconds of a receipt's inclusion proof and of a consistency proof, tiles read from the disk each time; each is checked."""
    store, draw = TileStore(folder), Random(7)  # noqa: S311
    note = store.checkpoint() or ""
    checkpoint, signed = open_checkpoint(note, [KEY.verifier])
    taken: dict[str, list[float]] = {"inclusion": [], "consistency": []}
    for turn in range(PROOFS):
        index, old = draw.randrange(leaves), draw.randint(1, leaves)
        began = time.perf_counter()
        proof = inclusion_proof(index, leaves, TileHashes(store, leaves))
        taken["inclusion"].append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        consistency_proof(old, leaves, TileHashes(store, leaves))
        taken["consistency"].append(1000 * (time.perf_counter() - began))
        if turn % 50 == 0:
            receipt = make_receipt(entry_at(store, index, leaves), parse_note(note), TileHashes(store, leaves), [one.key for one in signed])
            if receipt.proof != tuple(proof) or check_receipt(receipt, [KEY.verifier]).index != index:
                raise SystemExit("a proof does not hold")
    kinds = {kind: _spread(values) for kind, values in taken.items()}
    return {"leaves": checkpoint.size, "proofs": PROOFS, **kinds}


def _spread(values: list[float]) -> dict[str, float]:
    return {"median_ms": round(statistics.median(values), 3), "p99_ms": round(statistics.quantiles(values, n=100)[98], 3)}


def checked(folder: Path, leaves: int) -> dict[str, Any]:
    """Seconds of `sulah_verify.py log`, its own process and its workers, and what that would be for the stated size."""
    began = time.perf_counter()
    words = [sys.executable, str(VERIFIER), "log", str(folder), "--key", KEY.verifier.text]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    seconds = time.perf_counter() - began
    if ended.returncode:
        raise SystemExit(ended.stdout + ended.stderr)
    scaled = seconds * STATED_LEAVES / leaves
    return {"leaves": leaves, "seconds": round(seconds, 2), "cores": os.cpu_count(), "scaled_to_10_million": round(scaled, 1)}


def main() -> int:
    """Measure, and print one JSON object; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.transparency", description="The log: sequencer, proofs, full check.")
    parser.add_argument(
        "--leaves", type=int, default=STATED_LEAVES, help="of the log that is made, proven from and checked (about 0.8 KB each)"
    )
    parser.add_argument("--beside", type=int, default=200_000, help="entries that go through a table")
    parser.add_argument("--folder", help="where the log is made (default: the system's folder for temporary files)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        found = {"sequencer": sequenced(folder / "log", Made(asked.leaves), asked.leaves)}
        found["beside_a_table"] = beside(folder / "table", asked.beside)
        found["proofs"] = proven(folder / "log", asked.leaves)
        found["full_check"] = checked(folder / "log", asked.leaves)
    found["machine"] = {"load": [round(value, 1) for value in os.getloadavg()]}
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    held = found["sequencer"]["a_second"] >= ENTRIES_A_SECOND and found["full_check"]["scaled_to_10_million"] <= CHECK_SECONDS
    return 0 if held and found["proofs"]["inclusion"]["p99_ms"] < PROOF_MS else 1


if __name__ == "__main__":
    sys.exit(main())
