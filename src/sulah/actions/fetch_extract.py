"""Fetch whole extracts from a lender's SFTP server into the inbox; nothing on the server is moved or deleted."""

import json
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from sulah.actions.load_book import latest_accepted
from sulah.adapters.book.durable import durable, sync_file, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.files import ENDINGS, MANIFEST
from sulah.adapters.lms.inbox import Seen, table_name
from sulah.adapters.lms.inbox_settings import MARKER, InboxSource, WatchError
from sulah.adapters.lms.sftp import Remote, RemoteFile, SftpError, connected
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.points import reach, register
from sulah.records.alarm import FetchedFile
from sulah.records.audit import write_audit

register("fetch.before_landing", "fetch.landed")


def fetch_extracts(lender: Lender, source: InboxSource, *, actor: str, clock: Clock) -> list[tuple[date, str]]:
    """Fetch the extracts of a source that are new or changed there and have come to rest; date and words of each.

    An extract lands whole: its files are fetched beside the inbox and appear in it by one renaming of their folder.
    SftpError when the server cannot be read; what came until then is kept and gone on with.
    """
    if source.server is None:
        raise WatchError(f"{source.name} has no sftp settings.")
    done: list[tuple[date, str]] = []
    seen = Seen.of(lender, f"server-{source.name}")
    with connected(source.server) as remote:
        offered = _offered(remote, source)
        for day, files in _worth_it(offered):
            snapshot = {file.name: (file.size, file.mtime) for file in files}
            since = seen.unchanged_since(day.isoformat(), snapshot, clock())
            if _known(source, day, files) or (clock() - since).total_seconds() < source.quiet_seconds:
                continue
            place = source.folder / day.isoformat()
            if place.exists():
                continue  # the one that landed before is loaded and filed away first
            seen.keep({one.isoformat() for one in offered})
            digests = _fetch_all(remote, source, day, files)
            _land(source, day, files, digests, place, actor=actor, at=clock())
            size = sum(file.size for file in files)
            done.append((day, f"Fetched the extract of {day_text(day)} from {source.server.host}: {len(files)} files, {size:,} bytes."))
        seen.keep({day.isoformat() for day in offered})
    return done


def _worth_it(offered: dict[date, list[RemoteFile]]) -> list[tuple[date, list[RemoteFile]]]:
    """From the last accepted date on; before anything is accepted the newest extract only: history is loaded by hand, in order."""
    latest = latest_accepted()
    days = sorted(offered) if latest else sorted(offered)[-1:]
    return [(day, offered[day]) for day in days if latest is None or day >= latest.as_of]


def _offered(remote: Remote, source: InboxSource) -> dict[date, list[RemoteFile]]:
    """The files on the server by business date: those of a dated folder, and dated files."""
    found: dict[date, list[RemoteFile]] = defaultdict(list)
    for name, is_folder in remote.names():
        day = source.date_of(name, is_folder=is_folder)
        if day is not None and is_folder:
            inside = [f"{name}/{child}" for child, folder in remote.names(name) if not folder]
            found[day] += [remote.stat(path) for path in inside if _wanted(path)]
        elif day is not None and _wanted(name):
            found[day].append(remote.stat(name))
    for day, files in found.items():
        names = [_local(source, file.name) for file in files]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise SftpError(f"The server has {twice} of {day_text(day)} twice, in two folders. Ask the lender's IT which is right.")
    return {day: sorted(files) for day, files in found.items() if files}


def _wanted(name: str) -> bool:
    plain = name.rpartition("/")[2].lower()
    return plain.endswith((*ENDINGS, MARKER)) or plain == MANIFEST


def _known(source: InboxSource, day: date, files: list[RemoteFile]) -> bool:
    """Was every file fetched before as it is now?"""
    rows = set(FetchedFile.objects.filter(source=source.name, as_of=day).values_list("name", "size", "mtime"))
    return all((file.name, file.size, file.mtime) in rows for file in files)


def _fetch_all(remote: Remote, source: InboxSource, day: date, files: list[RemoteFile]) -> dict[str, str]:
    """Fetch every file of an extract into a folder beside the inbox, going on with what an earlier look left; digests by name."""
    folder = _beside(source, day)
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / ".files.json"
    wanted: dict[str, list[int | str]] = {file.name: [file.size, file.mtime] for file in files}
    before = json.loads(note.read_text("utf-8")) if note.is_file() else {}
    still = {_local(source, name) for name in wanted if before.get(name, [])[:2] == wanted[name]}
    for child in folder.iterdir():
        if child != note and child.name.removesuffix(".part") not in still:
            child.unlink()  # our own copy of what is another file on the server now
    digests = {name: str(facts[2]) for name, facts in before.items() if len(facts) > 2 and wanted.get(name) == facts[:2]}
    for file in files:
        place = folder / _local(source, file.name)
        _note(note, {**wanted, **{name: [*wanted[name], digest] for name, digest in digests.items()}})
        if file.name not in digests or not place.is_file():
            digests[file.name] = remote.fetch(file, place)
    changed = next((file.name for file in files if remote.stat(file.name) != file), "")
    if changed:
        raise SftpError(f"{changed} changed on the server while the extract of {day_text(day)} was fetched. It is fetched anew.")
    return digests


def _land(
    source: InboxSource,
    day: date,
    files: list[RemoteFile],
    digests: dict[str, str],
    place: Path,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Rename the folder into the inbox and remember its files.  Killed between the two, it is fetched once more and found the same."""
    folder = _beside(source, day)
    (folder / ".files.json").unlink()
    for child in folder.iterdir():
        sync_file(child)
    sync_folder(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    reach("fetch.before_landing")
    folder.rename(place)
    sync_folder(place.parent)
    reach("fetch.landed")
    with transaction.atomic():
        for file in files:
            known = {"source": source.name, "as_of": day, "name": file.name, "size": file.size, "mtime": file.mtime}
            FetchedFile.objects.get_or_create(**known, sha256=digests[file.name], defaults={"fetched_at": at})
        after = {"files": {file.name: digests[file.name] for file in files}}
        write_audit(at=at, actor=actor, act="fetch_extract", subject=f"extract:{day}", after=after)


def _beside(source: InboxSource, day: date) -> Path:
    """On the same disk as the inbox, so that the folder appears in it by one renaming; a hidden name is never looked at."""
    return source.folder / ".fetching" / day.isoformat()


def _local(source: InboxSource, name: str) -> str:
    """The name here: as in its folder on the server; a dated file that is called after a table loses its date."""
    folder, _, plain = name.rpartition("/")
    return plain if folder else table_name(source, plain)


def _note(path: Path, facts: dict[str, list[int | str]]) -> None:
    with durable(path) as part:
        part.write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
