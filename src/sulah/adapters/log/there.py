"""What of a log goes into a backup: the files under one checkpoint, read before the records are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sulah.adapters.book.layout import Lender
from sulah.adapters.log.store import CHECKPOINT, TileStore
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import parse_note
from sulah.transparency.tiles import WIDTH, entries_path, tile_path, tiles_of

_FOLDER = "log"


@dataclass(frozen=True, slots=True)
class LogThere:
    """By path in the lender's folder: files that never change, and the bytes of those that do (checkpoint, the tiles at the edge)."""

    lasting: tuple[str, ...] = ()
    read: Mapping[str, bytes] = field(default_factory=dict)


def log_as_of_now(lender: Lender) -> LogThere:
    """The log as its checkpoint says it is now, nothing for a lender without one; Refusal where a file under it is missing.

    A tile of the edge may become whole and its partial one go while the backup is taken: it is read here, or its whole one is taken.
    """
    store = TileStore(lender.root / _FOLDER)
    note = store.read(CHECKPOINT)
    if note is None:
        return LogThere()
    try:
        size = parse_checkpoint(parse_note(note).text).size
    except UnprovenError as error:
        raise Refusal(f"The checkpoint in {store.root} cannot be read: {error}. Restore the log from its last backup.") from None
    widths = [(at, min(WIDTH, size - at * WIDTH)) for at in range(-(-size // WIDTH))]
    wanted = [(tile.path, tile_path(tile.level, tile.index)) for tile in tiles_of(size)]
    wanted += [(entries_path(at, width), entries_path(at)) for at, width in widths]
    read, lasting = {CHECKPOINT: note}, [whole for path, whole in wanted if path == whole]
    for partial, whole in wanted:
        if partial == whole:
            continue
        held = store.read(partial)
        if held is None:
            lasting.append(whole)
        else:
            read[partial] = held
    lasting += sorted(path.relative_to(store.root).as_posix() for path in (store.root / "close").glob("*"))
    return LogThere(tuple(f"{_FOLDER}/{path}" for path in lasting), {f"{_FOLDER}/{path}": held for path, held in read.items()})
