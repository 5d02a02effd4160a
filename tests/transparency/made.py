"""Logs, keys and receipts to try things on, a queue in a file, and the outside verifier as a function."""

import importlib.util
import io
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from sulah.adapters.log.sequencer import Sequencer, begin_log, open_log
from sulah.adapters.log.store import TileStore
from sulah.kernel.commitment import commitment
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.entry import Draft, draft_of
from sulah.transparency.note import LOG, WITNESS, Note, SigningKey, parse_note
from sulah.transparency.receipt import Opening, Receipt, make_receipt
from sulah.transparency.tiles import TileHashes, entry_at

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "verifier" / "sulah_verify.py"
PAGE = ROOT / "verifier" / "sulah_verify.html"
ORIGIN = "log.kaveri.example"
AT = datetime(2026, 11, 23, 4, 45, tzinfo=UTC)
LATE = int(AT.timestamp()) + 3600


def key_of(name: str, kind: int = LOG, seed: str = "") -> SigningKey:
    """A key that is the same in every run."""
    return SigningKey(name, kind, sha256(f"{name} {kind} {seed}".encode()).digest())


LOG_KEY, WITNESS_KEY = key_of(ORIGIN), key_of("witness.example/w1", WITNESS)
KEYS = (LOG_KEY.verifier, WITNESS_KEY.verifier)


def salt_of(number: int) -> bytes:
    """The salt of an entry's payload."""
    return sha256(f"salt {number}".encode()).digest()


def payload_of(number: int) -> bytes:
    """What an entry says in full."""
    return json.dumps({"channel": "sms", "number": number}, separators=(",", ":")).encode()


def draft(number: int, story: str = "") -> Draft:
    """The entry that waits in that place, each with other fields set; another story is another history."""
    salt, payload = salt_of(number), payload_of(number)
    sealed = number % 5 != 4
    return Draft(
        act=sha256(f"{story}{number}".encode()).hexdigest()[:32],
        type=("contact.sent", "receipt.issued", "promise.taken", "day.closed")[number % 4],
        at=AT + timedelta(seconds=number),
        on=date(2026, 11, 23) + timedelta(days=number // 1000),
        actor=f"a{number % 7}",
        subject=f"s{number % 97:04d}" if sealed else None,
        cipher=sha256(payload + b"sealed").hexdigest() if sealed and number % 5 != 3 else None,
        commit=commitment(salt, payload) if sealed else None,
        policy=sha256(b"policy").hexdigest() if number % 3 else None,
        model=sha256(b"model").hexdigest() if number % 11 == 0 else None,
    )


class MemoryQueue:
    """A queue that waits in memory; numbers are given in order."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.waiting, self.count = list(drafts), 0

    def numbered(self) -> int:
        return self.count

    def number(self, limit: int) -> int:
        given = min(limit, len(self.waiting) - self.count)
        self.count += given
        return given

    def drafts(self, start: int, limit: int) -> Sequence[Draft]:
        return self.waiting[start : min(self.count, start + limit)]


class FileQueue(MemoryQueue):
    """The same in a folder: what waits is one line each, how many have a number is another file, changed by one rename."""

    def __init__(self, folder: Path) -> None:
        self.counted = folder / "numbered"
        lines = (folder / "waiting.jsonl").read_text("utf-8").splitlines()
        super().__init__([draft_of(json.loads(line)) for line in lines])
        self.count = int(self.counted.read_text("utf-8")) if self.counted.exists() else 0

    def number(self, limit: int) -> int:
        given = super().number(limit)
        part = self.counted.with_suffix(".part")
        part.write_text(str(self.count), "utf-8")
        part.rename(self.counted)
        return given


def fill(folder: Path, count: int) -> None:
    """Entries that wait, in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "waiting.jsonl").write_text("".join(json.dumps(draft(number).fields()) + "\n" for number in range(count)), "utf-8")


def with_log(folder: Path, drafts: Sequence[Draft], use: Callable[[Sequencer], None], key: SigningKey = LOG_KEY) -> None:
    """A log in a folder with these entries waiting, begun if it is not, and something done with its sequencer."""
    store, queue = TileStore(folder), MemoryQueue(drafts)
    if store.checkpoint() is None:
        begin_log(store, key)
    queue.number(parse_checkpoint(parse_note(store.checkpoint() or "").text).size)
    with store.writing():
        use(open_log(store, queue, key))


def grown(folder: Path, sizes: Sequence[int], story: str = "", key: SigningKey = LOG_KEY, shared: int = 0) -> list[Note]:
    """A log with a checkpoint at each size, the last one closing a day; the notes.  The first `shared` entries tell the common story."""
    drafts = [draft(number, story if number >= shared else "") for number in range(sizes[-1])]
    notes: list[Note] = []

    def grow(sequencer: Sequencer) -> None:
        for size in sizes:
            while sequencer.growth.size < size:
                sequencer.append(size - sequencer.growth.size)
            notes.append(sequencer.publish(AT))
        sequencer.close(date(2026, 11, 23), AT)

    with_log(folder, drafts, grow, key)
    return notes


def witnessed(note: Note, time: int = LATE, key: SigningKey = WITNESS_KEY) -> Note:
    """The note with a witness's signature, whatever it says."""
    return note.with_signatures([key.sign(note.text, time)])


def receipt_of(folder: Path, index: int, note: Note | None = None, *, opened: bool = True) -> Receipt:
    """The receipt of an entry under a note (default: the log's checkpoint, witnessed)."""
    store = TileStore(folder)
    note = note or witnessed(parse_note(store.checkpoint() or ""))
    size = parse_checkpoint(note.text).size
    opening = Opening(salt_of(index), payload_of(index)) if opened and index % 5 != 4 else None
    return make_receipt(entry_at(store, index, size), note, TileHashes(store, size), KEYS, opening)


def verifier() -> ModuleType:
    """The outside verifier, loaded from its file as an outsider has it."""
    if "sulah_verify" not in sys.modules:
        spec = importlib.util.spec_from_file_location("sulah_verify", VERIFIER)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["sulah_verify"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["sulah_verify"])
    return sys.modules["sulah_verify"]


def outside(*words: object, trusted: Sequence[str] = tuple(key.text for key in KEYS)) -> tuple[int, str]:
    """Exit code and words of the outside verifier."""
    said = io.StringIO()
    keys = [word for key in trusted for word in ("--key", key)]
    with redirect_stdout(said), redirect_stderr(said):
        code = verifier().main([*map(str, words), *keys])
    return code, said.getvalue().strip()
