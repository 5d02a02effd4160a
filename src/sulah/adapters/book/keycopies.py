"""Where copies of the key store lie: every folder and copy is remembered, so that one past its day is removed, or named."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sulah.adapters.book.durable import durable
from sulah.adapters.book.keyfile import overwrite
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import IST, day_text
from sulah.kernel.points import reach, register

register("keys.copy_removed")

PLACES = ".keycopies"
"""A file of the lender's folder: each folder into which keys were copied, with the names of the copies that are to be there."""

_COPY = re.compile(r"\.?keys-(\d{4}-\d\d-\d\dT\d{6})\.sqlite3(?:\.part)?")
"""A copy, or what a killed one left of itself."""


def copy_name(at: datetime) -> str:
    """What a copy is called, by the moment of its taking in UTC."""
    return f"keys-{at.astimezone(UTC):%Y-%m-%dT%H%M%S}.sqlite3"


def taken_at(name: str) -> datetime | None:
    """When a copy of that name was taken; None for a file of another kind.

    >>> taken_at("keys-2026-11-23T020000.sqlite3").isoformat(), taken_at("personal.key")
    ('2026-11-23T02:00:00+00:00', None)
    """
    found = _COPY.fullmatch(name)
    return datetime.strptime(found[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC) if found else None


def places_of(lender: Lender) -> dict[str, list[str]]:
    """Every folder into which keys were copied, with the copies that are to be there."""
    path = lender.root / PLACES
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def remember_copies(lender: Lender, folder: Path) -> None:
    """Write down a folder and the whole copies in it: before one is made, for the folder's sake, and after it, for the copy's."""
    places = places_of(lender)
    whole = {name for name in _seen_in(folder) if not name.startswith(".")}
    _write(lender, {**places, str(folder): sorted({*places.get(str(folder), []), *whole})})


def forget_copies(lender: Lender, folder: Path) -> int:
    """Name a folder no more, because its copies were destroyed with the disk or by hand; how many those were."""
    places = places_of(lender)
    gone = places.pop(str(folder.resolve()), [])
    _write(lender, places)
    return len(gone)


def remove_old_copies(lender: Lender, before: datetime) -> Iterator[str]:
    """Overwrite and remove the copies taken before a moment, in every remembered folder that can be seen; their names.

    One on a disk that cannot be written stays, and `wrong_copies` names it.
    """
    places = places_of(lender)
    for place in sorted(places):
        for name in sorted(_seen_in(Path(place))):
            taken = taken_at(name)
            if taken is None or taken >= before:
                continue
            places[place] = [one for one in places[place] if one != name]
            _write(lender, places)  # first: a copy that goes must not be looked for
            try:
                overwrite(Path(place) / name)
            except OSError:
                continue
            reach("keys.copy_removed")
            yield name


def wrong_copies(lender: Lender, today: date, days: int) -> list[str]:
    """Copies that are past their day and not gone, and copies that cannot be seen, in words with what to do; days: the cycle."""
    wrong = []
    for place, names in sorted(places_of(lender).items()):
        seen = _seen_in(Path(place))
        if past := [name for name in sorted(seen) if _gone_by(name, days) < today]:
            wrong.append(
                f"{place} holds copies of the keys that are past their day ({', '.join(past)}): who was erased can be read with them. "
                f"Remove them: sulah keys backup --to {place}"
            )
        if hidden := [name for name in names if name not in seen]:
            wrong.append(
                f"{place}: {', '.join(hidden)} cannot be seen there, and the last is to be gone by {day_text(_gone_by(hidden[-1], days))}. "
                f"Bring the disk back and run sulah keys backup --to {place}; "
                f"where they are destroyed for certain: sulah keys forget {place}"
            )
    return wrong


def _gone_by(name: str, days: int) -> date:
    """The last day on which a copy may be there, as a certificate says it."""
    taken = taken_at(name)
    return taken.astimezone(IST).date() + timedelta(days=days + 1) if taken else date.max


def _seen_in(folder: Path) -> set[str]:
    """The copies that can be seen in a folder; none where it is not there or cannot be read."""
    with suppress(OSError):
        return {path.name for path in folder.iterdir() if taken_at(path.name) is not None}
    return set()


def _write(lender: Lender, places: dict[str, list[str]]) -> None:
    with durable(lender.root / PLACES) as part:
        part.write_text(json.dumps(places, indent=1, sort_keys=True) + "\n", encoding="utf-8")
