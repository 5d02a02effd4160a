"""The act of restoring a lender from a backup: every digest first, then a new folder that gets its name only when all is in it.

The lender is built in `NEWDIR.restoring` and renamed at the end, so a restore that is killed leaves no lender that looks whole, and
the next try goes on.  Nothing is ever written over.  A restored lender is marked: nobody may be contacted from it until the
payments since the backup are reconciled (`restored.toml`, adapters/book/backup_mark.py).
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from sulah.adapters.book.backup_manifest import Manifest, read_manifest
from sulah.adapters.book.backup_mark import Mark, write_mark
from sulah.adapters.book.backup_records import SQLITE, put_into_postgres, refuse_used
from sulah.adapters.book.backup_store import BackupRefusedError, Store, copy_file, open_store, staging_of
from sulah.adapters.book.durable import durable, sha256_of, sync_folder
from sulah.adapters.book.keystore import identity_of
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import PERSONAL_KEY, make_key
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.records.audit import write_audit
from sulah.records.connect import bring_up_to_date, migrate_to
from sulah.records.log_entry import LogHead

register("restore.verified", "restore.file_placed", "restore.records_placed", "restore.checked", "restore.before_name", "restore.named")

Tell = Callable[[str, int, int], None]
_URL = re.compile(r"(?m)^(\s*)#?\s*url\s*=.*$")
_WEB_KEY = "web.key"
_FILLING = ".filling"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back: the backup's id, its manifest, the folder, and notes for people."""

    name: str
    manifest: Manifest
    folder: Path
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A backup whose every byte was held against its digest."""

    store: Store
    name: str
    manifest: Manifest
    sha256: str

    @property
    def folder(self) -> Path:
        """Its manifest and records."""
        return self.store.backups / self.name


def verified_backup(root: Path, name: str = "", *, tell: Tell | None = None) -> Source:
    """The backup of that id in a folder of backups (default: the last), all of it read and held against its digests.

    BackupRefusedError names the first files that are not what was written.
    """
    store = open_store(root)
    ids = store.ids()
    if not ids or (name and name not in ids):
        listed = ", ".join(ids[-5:]) or "none"
        raise BackupRefusedError(f"There is no backup {name or 'yet'} in {store.root}. The last ones are: {listed}.")
    chosen = name or ids[-1]
    folder = store.backups / chosen
    manifest, digest_of_all = read_manifest(folder)
    paths = {folder / path: digest for path, digest in manifest.records.items()}
    paths |= {store.blob(digest): digest for digest in manifest.files.values()}
    wrong = []
    for number, (path, digest) in enumerate(paths.items()):
        if tell:
            tell("reading the backup", number, len(paths))
        if not path.is_file() or sha256_of(path) != digest:
            wrong.append(path.relative_to(store.root).as_posix())
    if wrong:
        held = {store.blob(digest).relative_to(store.root).as_posix(): path for path, digest in manifest.files.items()}
        named = "; ".join(f"{path} ({held[path]})" if path in held else path for path in wrong[:5])
        others = ", ".join(one for one in ids[-4:] if one != chosen)
        more = f" Other backups here: {others} (--backup ID)." if others else ""
        raise BackupRefusedError(
            f"{len(wrong)} file(s) of the backup {chosen} are missing or not what was written: {named}. Nothing was restored.{more} "
            "If the lender's own folder still stands, take a backup with --reread: it mends the copies."
        )
    reach("restore.verified")
    return Source(store, chosen, manifest, digest_of_all)


def lay_out(source: Source, target: Path, *, database: str = "", keys: Path | None = None, tell: Tell | None = None) -> Lender:
    """Build the lender beside the target folder from a verified backup; BackupRefusedError when it may not be.

    The caller has connected the records to the folder `staging_of(target)` (and to database), which nothing has read yet.
    database: address of an empty PostgreSQL database, needed exactly when the backup is of one.  keys: folder of the lender's keys.
    """
    manifest = source.manifest
    _refuse(source, target, database)
    keys_given = _keys_of(keys, manifest)
    staging = staging_of(target)
    staging.mkdir(parents=True, exist_ok=True)
    for folder in ("policy", "inbox", "mappings", "book", "keys"):
        (staging / folder).mkdir(exist_ok=True)
    (staging / "keys").chmod(0o700)
    for number, (path, digest) in enumerate(manifest.files.items()):
        if tell:
            tell("restoring files", number, len(manifest.files))
        _place(source.store.blob(digest), staging / path, digest)
    for name, content in keys_given.items():
        _place_key(staging / "keys" / name, content)
    if not (staging / "keys" / _WEB_KEY).exists():
        make_key(staging / "keys" / _WEB_KEY)
    if database:
        _point_to(staging / "lender.toml", database)
        with durable(staging / _FILLING) as part:
            part.write_text(_filling(source, database), encoding="ascii")
    _place_records(source, staging, database)
    reach("restore.records_placed")
    return open_lender(staging)


def finish(source: Source, lender: Lender, target: Path, *, actor: str, clock: Clock) -> Restored:
    """Mark and audit the lender that was laid out and checked, then give it its name."""
    reach("restore.checked")
    manifest, at = source.manifest, clock()
    moments = (manifest.taken_at, f"{at:%Y-%m-%dT%H:%M:%S%z}", actor)
    write_mark(lender.root, Mark(source.name, source.sha256, *moments, manifest.last_load, manifest.last_day))
    after = {"backup": source.name, "manifest_sha256": source.sha256, "taken_at": manifest.taken_at, "contacts_blocked": True}
    with transaction.atomic():
        held = LogHead.objects.exclude(origin="").update(held=source.name)  # who knows what was signed after the backup?
        write_audit(at=at, actor=actor, act="restore", subject=f"backup:{source.name}", after=after)
    connections.close_all()
    (lender.root / _FILLING).unlink(missing_ok=True)
    reach("restore.before_name")
    lender.root.rename(target)
    sync_folder(target.parent)
    reach("restore.named")
    return Restored(source.name, manifest, target, _notes(manifest, target, log_held=bool(held)))


def _filling(source: Source, database: str) -> str:
    return f"{source.sha256} {sha256(database.encode()).hexdigest()}\n"


def _ours(source: Source, target: Path, database: str) -> bool:
    """Did an earlier try of this very restore, killed half-way, write into that database?  It was empty then."""
    path = staging_of(target) / _FILLING
    return path.is_file() and path.read_text("ascii") == _filling(source, database)


def _refuse(source: Source, target: Path, database: str) -> None:
    manifest = source.manifest
    if target.exists():
        raise BackupRefusedError(f"{target} exists; a restore never writes over anything. Name a folder that does not exist yet.")
    if manifest.database == "postgresql" and not database:
        raise BackupRefusedError(
            "This backup is of a lender on PostgreSQL. Make an empty database and name it: --database postgresql://..."
        )
    if manifest.database == "sqlite" and database:
        raise BackupRefusedError("This backup is of a lender on SQLite, which lies in its folder. Leave --database out.")
    if database and not _ours(source, target, database):
        refuse_used(database)


def _keys_of(keys: Path | None, manifest: Manifest) -> Mapping[str, bytes]:
    """The key files to bring along; refused when the personal key is another than the one that sealed this backup's names."""
    if keys is None:
        return {}
    if manifest.personal_key and identity_of(keys) != manifest.personal_key:
        raise BackupRefusedError(f"{keys / PERSONAL_KEY} is not the key of this backup: its names would stay sealed. Find the right one.")
    return {path.name: path.read_bytes() for path in sorted(keys.iterdir()) if path.is_file()}


def _place(blob: Path, path: Path, digest: str) -> None:
    """Copy one file to its place, unless it lies there already as it should (an earlier try)."""
    if path.is_file() and sha256_of(path) == digest:
        return
    with durable(path) as part:
        found, _ = copy_file(blob, part)
        if found != digest:
            raise BackupRefusedError(f"{blob} changed while it was read; the disk cannot be trusted. Nothing was restored.")
    reach("restore.file_placed")


def _place_key(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _point_to(settings: Path, database: str) -> None:
    """Let lender.toml name the new database."""
    text = settings.read_text("utf-8")
    line = f'url = "{database}"'
    new, count = _URL.subn(lambda found: found[1] + line, text, count=1)
    with durable(settings) as part:
        part.write_text(new if count else f"{text}\n[database]\n{line}\n", encoding="utf-8")


def _place_records(source: Source, staging: Path, database: str) -> None:
    """The records into SQLite or PostgreSQL, brought up to this version."""
    if database:
        migrate_to(source.manifest.migrations)
        connections.close_all()
        put_into_postgres(database, source.folder, source.manifest.columns)
    else:
        path = staging / "sulah.sqlite3"
        for left in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"), path):
            left.unlink(missing_ok=True)  # an earlier try may have written into it: it is laid out anew
        _place(source.folder / SQLITE, path, source.manifest.records[SQLITE])
        _refuse_newer(source.manifest)
    bring_up_to_date()


def _refuse_newer(manifest: Manifest) -> None:
    known = set(MigrationRecorder(connections["default"]).applied_migrations())
    from django.db.migrations.loader import MigrationLoader

    if unknown := sorted(known - set(MigrationLoader(None).disk_migrations)):
        words = f"The backup was taken by a later version ({manifest.code}): it knows {unknown[0][1]}, this one does not."
        raise BackupRefusedError(f"{words} Restore with that version.")


def _notes(manifest: Manifest, target: Path, *, log_held: bool) -> tuple[str, ...]:
    """What the people must know: what is lost, what is blocked, what must be brought."""
    last = f"the last load is {manifest.last_load or 'none'}, the last day {manifest.last_day or 'none'}"
    notes = [
        f"The backup was taken at {manifest.taken_at}: {last}. What was loaded, run, approved, exported or changed after that is not "
        "in it and cannot be known from it. Load the extracts since then again.",
        "Contacts stay blocked (restored.toml) until payments since the backup are reconciled.",
    ]
    if log_held:
        notes.append("The log waits: sulah log resume --seen FILE, with the newest checkpoint that anybody holds (docs/operate/log.md).")
    if not (target / "keys" / PERSONAL_KEY).is_file():
        notes.append(f"The keys are not in a backup. Copy the lender's keys into {target / 'keys'}: until then names stay sealed.")
    return tuple(notes)
