"""Filing an extract away: moved by name only, noted before the first move, so that a killed watcher ends what it began."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sulah.adapters.book.durable import durable, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.inbox import Batch, Snapshot, unchanged, watch_folder
from sulah.kernel.points import reach, register

register("watch.filing_noted", "watch.moved", "watch.filed")
WHY = "why.txt"


def file_away(lender: Lender, batch: Batch, snapshot: Snapshot, state: str, name: str, words: Iterable[str] = ()) -> Path:
    """Move a batch, as the snapshot saw it, into done|held|refused/<name> of its source; the folder.

    A name that is taken gets .again1 and so on: nothing that was filed is ever written over.  words are left beside it in why.txt.
    """
    place = free_place(batch.source.folder / state, name)
    whole = batch.folder is not None
    moves = (
        [(str(batch.folder), str(place), snapshot)]
        if whole
        else [(str(path), str(place / path.name), {str(path): snapshot[str(path)]}) for path in batch.files if str(path) in snapshot]
    )
    with durable(_note(lender)) as part:
        part.write_text(json.dumps({"moves": moves, "why": [str(place), list(words)]}), encoding="utf-8")
    reach("watch.filing_noted")
    finish_filing(lender)
    return place


def finish_filing(lender: Lender) -> bool:
    """Do the moves that are noted and not done; a file that changed since stays where it is.  True when there were any."""
    note = _note(lender)
    if not note.is_file():
        return False
    given = json.loads(note.read_text("utf-8"))
    for from_, to, snapshot in given["moves"]:
        source, place = Path(from_), Path(to)
        place.parent.mkdir(parents=True, exist_ok=True)
        seen = {name: (size, mtime) for name, (size, mtime) in snapshot.items()}
        if source.exists() and not place.exists() and unchanged(seen, source if source.is_dir() else None):
            source.rename(place)
            sync_folder(place.parent)
            sync_folder(source.parent)
        reach("watch.moved")
    place, words = Path(given["why"][0]), given["why"][1]
    if words and place.is_dir():
        with durable(place / WHY) as part:
            part.write_text("\n".join(words) + "\n", encoding="utf-8")
    note.unlink()
    sync_folder(note.parent)
    reach("watch.filed")
    return True


def file_on(source_folder: Path, name: str, state: str) -> Path:
    """Move a held extract on, when somebody has decided about it."""
    place = free_place(source_folder / state, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    (source_folder / "held" / name).rename(place)
    sync_folder(place.parent)
    return place


def held_in(source_folder: Path) -> list[str]:
    """The names of extracts that are filed as held."""
    folder = source_folder / "held"
    return sorted(child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else []


def free_place(folder: Path, name: str) -> Path:
    """folder/name, or the first of name.again1, name.again2 ... that nothing is called."""
    place, again = folder / name, 0
    while place.exists():
        again += 1
        place = folder / f"{name}.again{again}"
    return place


def numbered(folder: Path, as_of: date) -> str:
    """The first of <as_of>.1, <as_of>.2 ... that nothing in the folder is called: for extracts that never became a load."""
    return next(name for number in range(1, 1_000_000) if not (folder / (name := f"{as_of.isoformat()}.{number}")).exists())


def _note(lender: Lender) -> Path:
    return watch_folder(lender) / "filing.json"
