"""The encoding of a file of text: known by its mark, by the mapping, or refused; what is not UTF-8 is written again as UTF-8.

Nothing is guessed: a file without a mark is UTF-8 or is what the mapping says.  The digest stays that of the bytes as sent.
"""

import atexit
import codecs
import gzip
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from sulah.adapters.lms.limits import RATIO_FROM, Limits
from sulah.adapters.lms.refusal import refuse

_BLOCK = 1 << 20
_PYTHON = {"windows-1252": "cp1252", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"}
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def is_gzip(path: Path) -> bool:
    """Is the file compressed by gzip, as its name says?"""
    return path.suffix.lower() == ".gz"


def blocks_of(path: Path, table: str, limits: Limits) -> Iterator[bytes]:
    """The text of a file block by block, decompressed; RefusedExtractError when it is too long or was compressed beyond belief."""
    size, on_disk = 0, path.stat().st_size
    with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            size += len(block)
            if size > limits.largest_bytes:
                raise refuse("file_too_large", table=table, file=path.name, detail=f"more than {limits.largest_bytes:,} bytes of text")
            if size > RATIO_FROM and size > on_disk * limits.ratio:
                words = f"{on_disk:,} bytes unfold to more than {size:,}"
                raise refuse("compressed_beyond_belief", table=table, file=path.name, detail=words)
            yield block


def encoding_of(path: Path, declared: str, table: str) -> str:
    """utf-8, utf-16-le, utf-16-be or windows-1252: the mark at the beginning decides, then the mapping; without either it is UTF-8.

    RefusedExtractError for UTF-32, and when the mark contradicts the mapping.
    """
    with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as handle:
        head = handle.read(4)
    marked = next((name for mark, name in (*_MARKS, *_MARKS_16) if head.startswith(mark)), "")
    if marked == "utf-32" or (marked and declared and marked != declared):
        said = f"its mark says {marked}" + (f", the mapping {declared}" if declared else "")
        raise refuse("text_undecodable", table=table, file=path.name, detail=said)
    return marked or declared or "utf-8"


def utf8_copy(path: Path, encoding: str, table: str, limits: Limits, folder: Path) -> Path:
    """The file written again as UTF-8 without a mark; RefusedExtractError when it is not wholly in its encoding."""
    decoder = codecs.getincrementaldecoder(_PYTHON[encoding])()
    handle, name = tempfile.mkstemp(suffix=".csv", dir=folder)
    carried = b""
    with open(handle, "w", encoding="utf-8", newline="") as copy:
        try:
            for number, block in enumerate(blocks_of(path, table, limits)):
                if encoding == "windows-1252" and _UTF8_SEQUENCE.search(carried + block):
                    raise refuse("text_mixed", table=table, file=path.name, detail="declared as Windows-1252, and holds UTF-8 text")
                carried = block[-3:]
                text = decoder.decode(block)
                copy.write(text.removeprefix("\ufeff") if number == 0 else text)
            copy.write(decoder.decode(b"", final=True))
        except UnicodeDecodeError as error:
            words = f"not {encoding}: {error.reason}"
            raise refuse("text_undecodable", table=table, file=path.name, detail=words) from error
    return Path(name)


def refuse_other_text(error: UnicodeDecodeError, path: Path, table: str) -> Exception:
    """The refusal of a file that is not UTF-8: mixed, when some of its text is UTF-8 and some is not."""
    seen = error.object
    mixed = _UTF8_SEQUENCE.search(seen[: error.start]) or _UTF8_SEQUENCE.search(seen[error.end :])
    return refuse("text_mixed" if mixed else "text_undecodable", table=table, file=path.name, detail=error.reason)


def working_folder(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Path:
    """Where copies lie: the limits say, else the connection's own temporary folder, else one that goes with the process."""
    if limits.workdir is not None:
        return limits.workdir
    set_to = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    if set_to and Path(set_to).is_absolute() and Path(set_to).is_dir():
        return Path(set_to)
    folder = tempfile.mkdtemp(prefix="sulah-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
