"""CSV and gzip CSV: structure checked byte by byte before any row is believed, then read by DuckDB as text."""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.limits import Limits
from sulah.adapters.lms.quotes import LineQuotes, refuse_swallowed_rows
from sulah.adapters.lms.refusal import refuse
from sulah.adapters.lms.text_encoding import blocks_of, encoding_of, is_gzip, refuse_other_text, utf8_copy

_LONGEST_HEADER = 1 << 20
_TAIL = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
_CONTROLS = bytes([*range(1, 9), 11, 12, *range(14, 32), 127])
_BARE = ("instalment", "repayment")
"""Tables that hold no text of people: their plain ASCII is not searched for control characters."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """What the structure check found: the header, the delimiter, the digest of the file as sent.

    path is the file to read: the file as sent, or its copy in UTF-8.  plain: nothing in it has to be cleaned (ASCII, no controls).
    """

    header: tuple[str, ...]
    delimiter: str
    sha256: str
    path: Path
    plain: bool = False


@dataclass(slots=True)
class _Seen:
    """What has been seen of the text so far."""

    head: bytes = b""
    tail: bytes = b""
    size: int = 0
    open_line: int = 0
    plain: bool = True
    quotes: LineQuotes = field(default_factory=LineQuotes)


def examine(path: Path, *, table: str, limits: Limits, folder: Path, encoding: str = "", may_be_empty: bool = False) -> CsvText:
    """Check the file's structure; RefusedExtractError for NUL, another encoding, half a last line, a lone quote, or emptiness.

    encoding is what the mapping declares (empty: UTF-8, unless a mark says UTF-16); folder takes the copy in UTF-8 where one is needed.
    """
    try:
        found = encoding_of(path, encoding, table)
        readable = path if found == "utf-8" else utf8_copy(path, found, table, limits, folder)
        seen, digest = _read(readable, path, table, limits)
    except EOFError as error:
        raise refuse("file_truncated", table=table, file=path.name) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error)) from error
    header, delimiter, used = _header(seen.head, path, table, limits)
    _check_end(seen, path, table, header, delimiter)
    if seen.quotes.end():
        refuse_swallowed_rows(readable, path.name, table, fields=len(header), delimiter=delimiter)
    if seen.size <= used and not may_be_empty:
        raise refuse("file_empty", table=table, file=path.name)
    return CsvText(header, delimiter, digest, readable, seen.plain)


def relation_of(text: CsvText, rejects: str) -> str:
    """SQL that reads the file as __row and text columns; malformed lines go to the table of that name."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in text.header)
    listed = ", ".join(identifier(name) for name in text.header)
    options = (
        f"auto_detect = false, header = true, delim = {literal(text.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"store_rejects = true, rejects_table = {literal(rejects)}, rejects_scan = {literal(rejects + '_scan')}, rejects_limit = 0, "
        f"strict_mode = true, max_line_size = {Limits().line_bytes}" + (", compression = 'gzip'" if is_gzip(text.path) else "")
    )
    return f"(SELECT row_number() OVER () AS __row, {listed} FROM read_csv({literal(str(text.path))}, {options}))"


def _read(readable: Path, sent: Path, table: str, limits: Limits) -> tuple[_Seen, str]:
    """Look at every byte of the text once; the digest is that of the file as sent."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen, digest = _Seen(), hashlib.sha256()
    apart = readable != sent or is_gzip(sent)
    try:
        for block in blocks_of(readable, table, limits):
            if not apart:
                digest.update(block)
            _look(seen, block, sent, table, limits)
            if not block.isascii() or decoder.getstate()[0]:
                seen.plain = False
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise refuse_other_text(error, sent, table) from error
    return seen, _digest(sent) if apart else digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _look(seen: _Seen, block: bytes, path: Path, table: str, limits: Limits) -> None:
    if b"\0" in block:
        raise refuse("nul_bytes", table=table, file=path.name)
    seen.size += len(block)
    first = block.find(b"\n")
    if seen.open_line + (first if first >= 0 else len(block)) > limits.line_bytes:
        raise refuse("line_too_long", table=table, file=path.name, detail=f"more than {limits.line_bytes:,} bytes without a line break")
    seen.open_line = seen.open_line + len(block) if first < 0 else len(block) - block.rfind(b"\n") - 1
    if len(seen.head) < _LONGEST_HEADER:
        seen.head += block
    if seen.plain and table not in _BARE:
        seen.plain = len(block.translate(None, _CONTROLS)) == len(block)
    seen.tail = (seen.tail + block)[-_TAIL:] if len(block) < _TAIL else block[-_TAIL:]
    seen.quotes.look(block)


def _header(head: bytes, path: Path, table: str, limits: Limits) -> tuple[tuple[str, ...], str, int]:
    text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="ignore")
    if not text.strip():
        raise refuse("file_empty", table=table, file=path.name)
    first = text.splitlines()[0]
    delimiter = max(_DELIMITERS, key=first.count)
    if first.count(delimiter) >= limits.columns:
        raise refuse("too_many_columns", table=table, file=path.name, detail=f"more than {limits.columns:,}")
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
    if not seen.tail.endswith((b"\n", b"\r")):
        last = seen.tail.rsplit(b"\n", 1)[-1].decode("utf-8", errors="replace")
        fields = next(csv.reader([last], delimiter=delimiter), [])
        if len(fields) < len(header):
            raise refuse("file_truncated", table=table, file=path.name, detail=f"the last line has {len(fields)} of {len(header)} fields")
