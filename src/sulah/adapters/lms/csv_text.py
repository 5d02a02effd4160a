"""CSV and gzip CSV: structure checked byte by byte before any row is believed, then read by DuckDB as text."""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.refusal import refuse

_BLOCK = 1 << 20
_LONGEST_HEADER = 1 << 20
_TAIL = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 4 << 20
"""Bytes of the longest line that is read; a longer one is malformed."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """What the structure check found: the header, the delimiter, the digest of the file as sent."""

    header: tuple[str, ...]
    delimiter: str
    sha256: str


@dataclass(slots=True)
class _Seen:
    """What has been seen of the text so far."""

    head: bytes = b""
    tail: bytes = b""
    quotes: int = 0
    size: int = 0


def examine(path: Path, *, table: str, largest: int, may_be_empty: bool = False) -> CsvText:
    """Check the file's structure; RefusedExtractError for NUL, other than UTF-8, half a last line, an endless quote, or emptiness.

    largest is the limit of the text in bytes, after decompression (a zip bomb stops there).
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen = _Seen()
    try:
        for block in _blocks(path):
            _look(seen, block, path, table, largest)
            if not block.isascii() or decoder.getstate()[0]:
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except EOFError as error:
        raise refuse("file_truncated", table=table, file=path.name) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error)) from error
    except UnicodeDecodeError as error:
        raise refuse("text_undecodable", table=table, file=path.name, detail=error.reason) from error
    header, delimiter, used = _header(seen.head, path, table)
    _check_end(seen, path, table, header, delimiter)
    if seen.size <= used and not may_be_empty:
        raise refuse("file_empty", table=table, file=path.name)
    return CsvText(header, delimiter, _digest(path))


def relation_of(path: Path, text: CsvText, rejects: str) -> str:
    """SQL that reads the file as __row and text columns; malformed lines go to the table of that name."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in text.header)
    listed = ", ".join(identifier(name) for name in text.header)
    options = (
        f"auto_detect = false, header = true, delim = {literal(text.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"store_rejects = true, rejects_table = {literal(rejects)}, rejects_scan = {literal(rejects + '_scan')}, rejects_limit = 0, "
        f"strict_mode = true, max_line_size = {LONGEST_LINE}" + (", compression = 'gzip'" if path.suffix.lower() == ".gz" else "")
    )
    return f"(SELECT row_number() OVER () AS __row, {listed} FROM read_csv({literal(str(path))}, {options}))"


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            yield block


def _look(seen: _Seen, block: bytes, path: Path, table: str, largest: int) -> None:
    if b"\0" in block:
        raise refuse("nul_bytes", table=table, file=path.name)
    seen.size += len(block)
    if seen.size > largest:
        raise refuse("file_too_large", table=table, file=path.name, detail=f"more than {largest} bytes")
    if len(seen.head) < _LONGEST_HEADER:
        seen.head += block
    seen.tail = (seen.tail + block)[-_TAIL:] if len(block) < _TAIL else block[-_TAIL:]
    seen.quotes += block.count(b'"')


def _header(head: bytes, path: Path, table: str) -> tuple[tuple[str, ...], str, int]:
    text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="ignore")
    if not text.strip():
        raise refuse("file_empty", table=table, file=path.name)
    first = text.splitlines()[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        header = tuple(name.strip() for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error)) from error
    check_header(header, path, table)
    end = len(first.encode()) + (len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
    rest = head[end:]
    return header, delimiter, end + len(rest) - len(rest.lstrip(b"\r\n"))


def check_header(header: tuple[str, ...], path: Path, table: str) -> None:
    """Refuse a header with an empty or a repeated name."""
    folded = [name.lower() for name in header]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if "" in folded or twice:
        raise refuse("header_unclear", table=table, file=path.name, detail=", ".join(name or "an empty name" for name in twice or [""]))


def _check_end(seen: _Seen, path: Path, table: str, header: tuple[str, ...], delimiter: str) -> None:
    if seen.quotes % 2 and _quote_open(path, delimiter):
        raise refuse("quote_unterminated", table=table, file=path.name)
    if not seen.tail.endswith((b"\n", b"\r")):
        last = seen.tail.rsplit(b"\n", 1)[-1].decode("utf-8", errors="replace")
        fields = next(csv.reader([last], delimiter=delimiter), [])
        if len(fields) < len(header):
            raise refuse("file_truncated", table=table, file=path.name, detail=f"the last line has {len(fields)} of {len(header)} fields")


def _quote_open(path: Path, delimiter: str) -> bool:
    """Does a quoted field run to the end of the file?  Asked only when the number of quotes is odd."""
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if path.suffix.lower() == ".gz"
        else path.open("rt", encoding="utf-8", newline="") as lines
    ):
        try:
            for _ in csv.reader(lines, delimiter=delimiter, strict=True):
                pass
        except csv.Error as error:
            return "unexpected end" in str(error) or "field larger" in str(error)
    return False
