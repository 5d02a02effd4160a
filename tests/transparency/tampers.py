"""Ways to tamper with a log's folder, a receipt or a code: each a function that changes one thing by a seeded draw and says what it did."""

import base64
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sulah.transparency.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from sulah.transparency.note import Note, SigningKey, parse_note
from sulah.transparency.receipt import parse_receipt
from sulah.transparency.tiles import decode_bundle, encode_bundle
from tests.transparency.made import LOG_KEY, ORIGIN, WITNESS_KEY, draft, grown, key_of, witnessed
from tests.transparency.trees import files_of

SIZES = (1, 200, 256, 257, 300)


@dataclass(frozen=True)
class Ground:
    """An honest log, another history of it by the same key, one by another key, and the notes of the honest one."""

    log: Path
    forked: Path
    foreign: Path
    notes: list[Note]
    receipts: list[bytes]
    codes: list[str]


def folder_file(draw: Random, log: Path, *patterns: str) -> Path:
    """Any file of the log of these kinds."""
    return draw.choice(sorted(path for pattern in patterns for path in log.glob(pattern) if path.is_file()))


ANY = ("tile/**/*", "checkpoint", "close/*")
BUNDLES, TILES = ("tile/entries/**/*",), ("tile/[0-9]/**/*",)


def edit(draw: Random, log: Path, ground: Ground) -> None:
    """A bit of any file is turned."""
    path = folder_file(draw, log, *ANY)
    held = bytearray(path.read_bytes())
    held[draw.randrange(len(held))] ^= 1 << draw.randrange(8)
    path.write_bytes(held)


def delete(draw: Random, log: Path, ground: Ground) -> None:
    """A file that today's checkpoint needs is gone."""
    draw.choice([log / path for path in NEEDED]).unlink()


NEEDED = ("checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44")


def truncate(draw: Random, log: Path, ground: Ground) -> None:
    """A file ends early."""
    path = folder_file(draw, log, *ANY)
    held = path.read_bytes()
    path.write_bytes(held[: draw.randrange(len(held))])


def grow_file(draw: Random, log: Path, ground: Ground) -> None:
    """Bytes are added to a file."""
    path = folder_file(draw, log, *ANY)
    path.write_bytes(path.read_bytes() + draw.choice([b"\n", bytes(32), path.read_bytes(), b"\x00\x00"]))


def _entries(draw: Random, log: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = folder_file(draw, log, *BUNDLES)
    before = decode_bundle(path.read_bytes())
    after = change(list(before))
    path.write_bytes(encode_bundle(after if after != before else [*before, before[0]]))


def insert_entry(draw: Random, log: Path, ground: Ground) -> None:
    """An entry is put between others."""
    new = draft(draw.randrange(9999), "inserted").numbered(draw.randrange(300))
    _entries(draw, log, lambda held: [*held[: (at := draw.randint(0, len(held)))], new, *held[at:]])


def remove_entry(draw: Random, log: Path, ground: Ground) -> None:
    """An entry is taken out."""
    _entries(
        draw, log, lambda held: [entry for place, entry in enumerate(held) if place != at] if (at := draw.randrange(len(held))) + 1 else []
    )


def reorder_entries(draw: Random, log: Path, ground: Ground) -> None:
    """Entries change places."""
    _entries(draw, log, lambda held: draw.sample(held, len(held)))


def rewrite_entry(draw: Random, log: Path, ground: Ground) -> None:
    """Another entry in its place, with its number."""
    path = folder_file(draw, log, *BUNDLES)
    held = decode_bundle(path.read_bytes())
    at = draw.randrange(len(held))
    number = 256 * ("001" in str(path)) + at
    held[at] = draft(number, "rewritten").numbered(number)
    path.write_bytes(encode_bundle(held))


def reorder_tiles(draw: Random, log: Path, ground: Ground) -> None:
    """The hashes of a tile change places, or two files do."""
    path = folder_file(draw, log, *TILES)
    held = path.read_bytes()
    row = [held[at : at + 32] for at in range(0, len(held), 32)]
    path.write_bytes(
        b"".join(draw.sample(row, len(row))) if len(row) > 1 and draw.random() < 0.5 else (log / "tile/entries/000").read_bytes()
    )
    if path.read_bytes() == held:
        path.write_bytes(held[::-1])


def rewrite_history(draw: Random, log: Path, ground: Ground) -> None:
    """Everything is worked out anew over a changed entry: bundles, tiles; only the key is missing, so the old checkpoint stays."""
    at = draw.randrange(300)
    entries = [draft(number, "rewritten" if number == at else "").numbered(number) for number in range(300)]
    _written(log, entries)


def _written(log: Path, entries: list[bytes]) -> Checkpoint:
    shutil.rmtree(log / "tile")
    log_of, files = files_of(entries)
    for path, content in files.files.items():
        (log / path).parent.mkdir(parents=True, exist_ok=True)
        (log / path).write_bytes(content)
    return Checkpoint(ORIGIN, log_of.size, log_of.root())


def _signed(log: Path, checkpoint: Checkpoint, key: SigningKey) -> None:
    (log / "checkpoint").write_text(str(sign_checkpoint(checkpoint, [key])), "utf-8")


def fork(draw: Random, log: Path, ground: Ground) -> None:
    """The log itself writes another history and signs it; the closes of days are taken away."""
    at, size = draw.randrange(257), draw.randint(257, 300)
    entries = [draft(number, "fork" if number >= at else "").numbered(number) for number in range(size)]
    shutil.rmtree(log / "close")
    _signed(log, _written(log, entries), LOG_KEY)


def swap_key(draw: Random, log: Path, ground: Ground) -> None:
    """The same entries under another key, its name kept, its id kept or its own."""
    other = key_of(ORIGIN, seed=str(draw.random()))
    text = parse_note((log / "checkpoint").read_text("utf-8")).text
    line = other.sign(text)
    if draw.random() < 0.5:
        line = type(line)(line.name, LOG_KEY.verifier.key_id, line.signature)
    (log / "checkpoint").write_text(str(Note(text, (line,))), "utf-8")


def roll_back(draw: Random, log: Path, ground: Ground) -> None:
    """The log as it once was, complete and rightly signed."""
    size = draw.randrange(256)
    shutil.rmtree(log / "close")
    _signed(log, _written(log, [draft(number).numbered(number) for number in range(size)] or [b""]), LOG_KEY)
    if not size:
        _signed(log, Checkpoint(ORIGIN, 0, files_of([])[0].root()), LOG_KEY)


def replay_checkpoint(draw: Random, log: Path, ground: Ground) -> None:
    """An earlier checkpoint stands in the place of the latest; the tiles are today's."""
    (log / "checkpoint").write_text(str(draw.choice(ground.notes[:3])), "utf-8")


def foreign_close(draw: Random, log: Path, ground: Ground) -> None:
    """The close of a day is of another history."""
    shutil.copy(ground.forked / "checkpoint", log / "close" / "2026-11-23")


IN_FOLDER = (
    *(edit, delete, truncate, grow_file, insert_entry, remove_entry, reorder_entries, rewrite_entry, reorder_tiles, rewrite_history),
    *(fork, swap_key, roll_back, replay_checkpoint, foreign_close),
)


def _other(draw: Random, text: str, at: int, letters: str) -> str:
    return text[:at] + draw.choice([letter for letter in letters if letter != text[at]]) + text[at + 1 :]


def receipt_entry(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """A letter of the entry is another."""
    held["entry"] = _other(draw, held["entry"], draw.randrange(len(held["entry"])), "abcdef0123456789")


def receipt_place(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """The entry or the proof says another number."""
    number = str(draw.randrange(9999) + 300)
    if draw.random() < 0.5:
        held["proof"] = re.sub(r"index \d+", f"index {number}", held["proof"])
    held["entry"] = re.sub(r'"seq":\d+', f'"seq":{number}', held["entry"])


def receipt_proof(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """A line of the proof is changed, left out, doubled, or two change places."""
    head, _, note = held["proof"].partition("\n\n")
    lines = head.split("\n")
    at = draw.randrange(2, len(lines))
    ways = (
        lambda: lines.__setitem__(at, base64.b64encode(draw.randbytes(32)).decode()),
        lambda: lines.__delitem__(at),
        lambda: lines.insert(at, lines[at]),
        lambda: lines.__setitem__(slice(2, None), lines[:1:-1]),
    )
    draw.choice(ways)()
    held["proof"] = "\n".join(lines) + "\n\n" + note


def receipt_checkpoint(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """The checkpoint is another one's: of another history, another key, another size, or edited."""
    head, _, note = held["proof"].partition("\n\n")
    edited = _other(draw, note, draw.randrange(note.index("\n\n")), "0123456789")
    whole = [str(witnessed(parse_note((folder / "checkpoint").read_text("utf-8")))) for folder in (ground.forked, ground.foreign)]
    earlier = [str(witnessed(one)) for one in ground.notes[:-1]]
    held["proof"] = head + "\n\n" + draw.choice([edited, *whole, *earlier])


def receipt_witness(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """The witness's signature is gone, false, or older than what is asked for."""
    head, _, note = held["proof"].partition("\n\n")
    parsed = parse_note(note)
    log_line, line = parsed.signatures
    moved = type(line)(line.name, line.key_id, draw.randbytes(8) + line.signature[8:])
    other = key_of(WITNESS_KEY.name, WITNESS_KEY.kind, "other").sign(parsed.text, 1_795_412_700)
    replayed = WITNESS_KEY.sign(parsed.text, draw.randint(1, 1_700_000_000))
    kept = draw.choice([(log_line,), (log_line, moved), (log_line, other), (log_line, replayed), (line,)])
    held["proof"] = head + "\n\n" + str(Note(parsed.text, kept))


def receipt_words(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """The words shown are not those committed to."""
    salt, payload = parse_receipt(json.dumps(held).encode()).opening.__getstate__()
    changed = {"salt": draw.randbytes(32).hex(), "payload": payload.decode()}
    held["opening"] = draw.choice([changed, {"salt": salt.hex(), "payload": payload.decode() + " "}])  # type: ignore[assignment]


def receipt_cut(draw: Random, held: dict[str, str], ground: Ground) -> None:
    """A part of the receipt is missing or of another kind."""
    name = draw.choice(["format", "entry", "proof"])
    held[name] = draw.choice([held[name][: draw.randrange(len(held[name]))], "", None, 5, [held[name]]])  # type: ignore[assignment]


IN_RECEIPT = (receipt_entry, receipt_place, receipt_proof, receipt_checkpoint, receipt_witness, receipt_words, receipt_cut)


def code_letter(draw: Random, code: str) -> str:
    """A letter of the code is another."""
    at = draw.randrange(7, len(code))
    changed = _other(draw, code, at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return changed if _bytes(changed) != _bytes(code) else code_cut(draw, code)


def code_cut(draw: Random, code: str) -> str:
    """The code ends early, or a part of it stands twice."""
    at = draw.randrange(7, len(code) - 60)
    return draw.choice([code[:at], code[: at + 8] + code[at:], code[:at] + code[at + 8 :], code[:at] + code[at:][::-1]])


def _bytes(code: str) -> bytes:
    return base64.b32decode(code[7:] + "=" * (-len(code[7:]) % 8))


IN_CODE = (code_letter, code_cut)


def make_ground(folder: Path, receipts: Callable[[Path, list[Note]], tuple[list[bytes], list[str]]]) -> Ground:
    """Logs in a folder."""
    notes = grown(folder / "log", SIZES)
    grown(folder / "forked", SIZES, "fork", shared=200)
    grown(folder / "foreign", SIZES, key=key_of(ORIGIN, seed="foreign"))
    made, codes = receipts(folder / "log", notes)
    return Ground(folder / "log", folder / "forked", folder / "foreign", notes, made, codes)


def size_of(note: Note) -> int:
    """Entries under a note."""
    return parse_checkpoint(note.text).size
