"""How a file becomes durable: written beside its place, synced, renamed, and its folder synced."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sulah.kernel.points import reach, register

register("durable.written", "durable.renamed")


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk; an error is fatal, never retried."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sync_folder(path: Path) -> None:
    """Force a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def durable(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; on leaving, sync it and rename it into place.  On an error nothing appears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        reach("durable.written")
        sync_file(temporary)
        temporary.rename(path)
        reach("durable.renamed")
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def digests_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of every Parquet file (and of layers.json) in a folder and below, by its path in the folder, in order."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix == ".parquet" or path.name == "layers.json"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip((path.relative_to(folder).as_posix() for path in found), pool.map(sha256_of, found), strict=True))


def altered(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """The files of a folder that are missing or whose bytes are not those of the digest, in the order given."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sound = pool.map(lambda name: (folder / name).is_file() and sha256_of(folder / name) == digests[name], digests)
        return [name for name, good in zip(digests, sound, strict=True) if not good]
