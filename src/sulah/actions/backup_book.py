"""The act of taking a backup: the records first, in one snapshot, then exactly the files that this snapshot names.

Loads and days go on meanwhile.  A file of the book is never changed once a row names it, so whatever commits later is simply not
in this backup; only retention removes named files, and it waits.  Keys are never in a backup.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import OperationalError, transaction

from sulah.adapters.book.backup_manifest import Manifest, write_manifest
from sulah.adapters.book.backup_records import Folder, Snapshot, take_records
from sulah.adapters.book.backup_store import BackupRefusedError, Store, files_stay, open_store, sole_taker
from sulah.adapters.book.keystore import identity_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import VaultError
from sulah.adapters.log.there import log_as_of_now
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.load import Load, LoadFile

register("backup.begun", "backup.records_taken", "backup.file_taken", "backup.before_manifest", "backup.manifest_written", "backup.named")

Tell = Callable[[str, int, int], None]
"""Called with what is being done, files done and files in all: progress for people."""

_ROOM_LEFT = 64_000_000
"""Bytes that a backup leaves free on its disk."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup: its id, folder and manifest with SHA-256, files and bytes new to the store, and notes for people."""

    name: str
    folder: Path
    manifest: Manifest
    sha256: str
    new_files: int
    new_bytes: int
    notes: tuple[str, ...] = ()


def backup_book(
    lender: Lender, target: Path, *, actor: str, clock: Clock, code: str, reread: bool = False, tell: Tell | None = None
) -> Taken:
    """Take a backup of book and records into a folder of backups; BackupRefusedError when something of the lender is damaged.

    reread: look again at every file that lies in the folder already.  Killed or out of disk at any point, there is no new backup,
    and the next try goes on with the files that were copied.
    """
    tell = tell or (lambda _what, _done, _all: None)
    store = open_store(target, lender=lender)
    with sole_taker(store), files_stay(lender):
        reach("backup.begun")
        at = clock()
        name = f"{at:%Y-%m-%dT%H%M%S}"
        if name in store.ids():
            raise BackupRefusedError(f"There is a backup {name} already, taken this very second. Try again.")
        _refuse_damaged_rows()
        tell("copying the records", 0, 1)
        part = store.part(name)
        log = log_as_of_now(lender)  # before the records: a log may be younger than its records, never older
        snapshot = take_records(lender, part)
        reach("backup.records_taken")
        wanted = dict(_wanted(lender, snapshot)) | dict.fromkeys(log.lasting, "")
        before = _there(store)
        _refuse_without_room(lender, store, wanted)
        files, sizes = _copy(lender, store, wanted, reread=reread, tell=tell)
        for path, held in log.read.items():
            files[path] = store.keep(held)
            sizes[files[path]] = len(held)
        reach("backup.before_manifest")
        manifest = _manifest(lender, snapshot, files, sizes, f"{at:%Y-%m-%dT%H:%M:%S%z}", actor, code)
        sha256 = write_manifest(part, manifest)
        reach("backup.manifest_written")
        folder = store.name_it(part)
        reach("backup.named")
    fresh = {digest for digest in files.values() if digest not in before}
    notes = _audited(clock, actor, name, sha256, manifest)
    return Taken(name, folder, manifest, sha256, len(fresh), sum(sizes[digest] for digest in fresh), notes)


def _refuse_damaged_rows() -> None:
    """Reading them is asking their seals: a row that rotted names the wrong files."""
    for rows in (Load.objects.iterator(), LoadFile.objects.iterator(), DayRun.objects.iterator()):
        for _ in rows:
            pass


def _wanted(lender: Lender, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Paths in the lender's folder with the SHA-256 that a row gives, or an empty text where none does."""
    for folder in (*snapshot.loads, *snapshot.supplements, *snapshot.days):
        if folder.path not in snapshot.retired:
            yield from _of_folder(lender, folder, snapshot.retired)
    for path in snapshot.replaced:
        if path not in snapshot.retired:
            yield from _of_folder(lender, Folder("", path), snapshot.retired)
    yield from _of_folder(lender, Folder("", "refused"), snapshot.retired)
    for place in (lender.policy, lender.mappings):
        yield from ((path.relative_to(lender.root).as_posix(), "") for path in sorted(place.rglob("*")) if path.is_file())
    yield from ((path.name, "") for path in sorted(lender.root.glob("*.toml")))  # settings, calendar, the mark of an earlier restore


def _of_folder(lender: Lender, folder: Folder, retired: frozenset[str]) -> Iterator[tuple[str, str]]:
    root = lender.book / folder.path
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")}
    for name in sorted(there | set(folder.digests)):
        if f"{folder.path}/{name}" not in retired and not name.startswith("spill/"):
            yield f"book/{folder.path}/{name}", folder.digests.get(name, "")


def _there(store: Store) -> set[str]:
    return {path.name for path in (store.root / "files").glob("??/*")}


def _refuse_without_room(lender: Lender, store: Store, wanted: dict[str, str]) -> None:
    missing = [path for path, digest in wanted.items() if not store.has(digest)]
    need = sum(found.stat().st_size for path in missing if (found := lender.root / path).is_file() and wanted[path])
    free = shutil.disk_usage(store.root).free
    if need + _ROOM_LEFT > free and need:
        raise BackupRefusedError(
            f"The backup needs {need / 1e6:,.0f} MB more and {store.root} has {free / 1e6:,.0f} MB free. "
            "Free some space there or name a folder on another disk; nothing was copied."
        )


def _copy(lender: Lender, store: Store, wanted: dict[str, str], *, reread: bool, tell: Tell) -> tuple[dict[str, str], dict[str, int]]:
    files: dict[str, str] = {}
    sizes: dict[str, int] = {}
    damaged = []
    for number, (path, digest) in enumerate(wanted.items()):
        tell("copying files", number, len(wanted))
        source = lender.root / path
        if store.has(digest, reread=reread):
            files[path], sizes[digest] = digest, store.blob(digest).stat().st_size
            continue
        if not source.is_file():
            damaged.append(f"{path} is missing")
            continue
        found, size = store.take(source, digest)
        if not found:
            damaged.append(f"{path} was changed after it was written")
            continue
        files[path], sizes[found] = found, size
        reach("backup.file_taken")
    if damaged:
        raise BackupRefusedError(
            f"{len(damaged)} file(s) of the book are not what was written, so no backup was taken: {'; '.join(damaged[:5])}. "
            "Restore them from an earlier backup (sulah check names every one), then take the backup again."
        )
    return files, sizes


def _manifest(
    lender: Lender, snapshot: Snapshot, files: dict[str, str], sizes: dict[str, int], taken_at: str, actor: str, code: str
) -> Manifest:
    return Manifest(
        taken_at=taken_at,
        taken_by=actor,
        code=code,
        lender=lender.name,
        simulated=lender.simulated,
        database="postgresql" if lender.database else "sqlite",
        last_load=snapshot.loads[-1].name if snapshot.loads else "",
        last_day=snapshot.days[-1].name if snapshot.days else "",
        loads=len(snapshot.loads),
        days=len(snapshot.days),
        files=files,
        records=snapshot.files,
        sizes=sizes,
        columns=snapshot.columns,
        migrations=snapshot.migrations,
        personal_key=_key_check(lender),
    )


def _key_check(lender: Lender) -> str:
    """What tells, at a restore, whether the key given is the one that sealed these names; not the key."""
    try:
        return identity_of(lender.keys)
    except VaultError:
        return ""


def _audited(clock: Clock, actor: str, name: str, sha256: str, manifest: Manifest) -> tuple[str, ...]:
    """The entry; a database that a day holds just now is no reason to call the backup not taken."""
    after = {"manifest_sha256": sha256, "files": len(manifest.files), "last_load": manifest.last_load, "last_day": manifest.last_day}
    try:
        with transaction.atomic():
            write_audit(at=clock(), actor=actor, act="backup", subject=f"backup:{name}", after=after)
    except OperationalError:
        return ("The database was busy, so the audit trail has no entry of this backup; its manifest says who took it and when.",)
    return ()
