"""The place that the driver and every executor see: object storage, or a folder that all machines share."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sulah.adapters.engines.parquet_footer import TAIL, in_one_order
from sulah.kernel.refusal import Refusal

_BLOCK = 1 << 20


class StoreError(Refusal):
    """A place cannot be used; the words say which and why."""


def place_of(uri: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a URI and the path in it; a bare path is one of this machine.

    Spark says `s3a://bucket/path`, Arrow `s3://bucket/path`: the first is understood as the second.

    >>> place_of("file:///srv/book")[1]
    '/srv/book'
    """
    given = uri.replace("s3a://", "s3://", 1)
    if "://" not in given:
        return pafs.LocalFileSystem(), given
    try:
        system, path = pafs.FileSystem.from_uri(given)
    except (ValueError, OSError) as error:
        raise StoreError(f"{uri} is no place that can be opened ({error}). Known are file://, s3a://, gs:// and hdfs://.") from error
    return system, path


def settle(making: str, file: str) -> int:
    """Give the one part file that Spark wrote into a folder its name in the book, and remove the folder; the number of its rows.

    Its footer is put into one order on the way, so that the same rows are the same bytes.  StoreError where there is not exactly one.
    """
    system, folder = place_of(making)
    found = [entry.path for entry in system.get_file_info(pafs.FileSelector(folder)) if entry.base_name.startswith("part-")]
    if len(found) != 1:
        raise StoreError(f"Spark left {len(found)} part files in {making}, not one. Run the day again.")
    rows = pq.read_metadata(found[0], filesystem=system).num_rows
    _copy_in_order(system, found[0], place_of(file)[1])
    system.delete_dir(folder)
    return int(rows)


def _copy_in_order(system: pafs.FileSystem, part: str, file: str) -> None:
    with system.open_input_file(part) as given, system.open_output_stream(file) as taken:
        size = given.size()
        given.seek(size - TAIL)
        tail = given.read(TAIL)
        body = size - TAIL - int.from_bytes(tail[:4], "little")
        given.seek(0)
        left = body
        while left:
            block = given.read(min(_BLOCK, left))
            taken.write(block)
            left -= len(block)
        taken.write(in_one_order(given.read(size - TAIL - body)) + tail)


def put_missing(files: Iterable[tuple[Path, str]]) -> int:
    """Copy files of this machine to where the executors read them, unless the same bytes lie there; how many.

    The bytes there are read and compared, so that a copy that broke off or rotted is not computed on.
    """
    return sum(_put(path, uri) for path, uri in files)


def _put(path: Path, uri: str) -> bool:
    system, target = place_of(uri)
    if isinstance(system, pafs.LocalFileSystem) and Path(target) == path:
        return False
    there = system.get_file_info(target)
    if there.type == pafs.FileType.File and there.size == path.stat().st_size and _same_bytes(path, system, target):
        return False
    system.create_dir(target.rpartition("/")[0], recursive=True)
    with path.open("rb") as source, system.open_output_stream(target) as sink:
        while block := source.read(_BLOCK):
            sink.write(block)
    return True


def _same_bytes(path: Path, system: pafs.FileSystem, target: str) -> bool:
    with path.open("rb") as ours, system.open_input_stream(target) as theirs:
        while block := ours.read(_BLOCK):
            if theirs.read(len(block)) != block:
                return False
    return True


def fetch(uri: str, path: Path) -> str:
    """Copy a file from the store to this machine; its SHA-256."""
    system, source = place_of(uri)
    total = sha256()
    with system.open_input_stream(source) as given, path.open("wb") as taken:
        while block := given.read(_BLOCK):
            total.update(block)
            taken.write(block)
    return total.hexdigest()


def forget(uri: str, folder: Path) -> None:
    """Remove what lies in the store for a folder of this machine, unless the store is that very folder."""
    system, path = place_of(uri)
    own = isinstance(system, pafs.LocalFileSystem) and Path(path) == folder
    if not own and system.get_file_info(path).type == pafs.FileType.Directory:
        system.delete_dir(path)
