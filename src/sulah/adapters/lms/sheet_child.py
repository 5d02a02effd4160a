"""The reader of workbooks, in a process of its own with little memory and time: what kills it cannot take a load down.

`python -m sulah.adapters.lms.sheet_child REQUEST` reads one workbook and writes its cells as Arrow text, or says on standard output
which code refuses it.  Before anything is parsed, the parts of the workbook are looked at: their number, size and names, macros,
entities.  Nothing is unpacked to the disk, and no reference to another file is ever followed.
"""

import datetime
import json
import resource
import stat
import sys
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

_BLOCK = 1 << 20
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RATIO_FROM = 64 << 20
_ENCRYPTED = 0x1


class UnfitSheetError(Exception):
    """A workbook that is refused: its code, the words in brackets, and the field where there is one."""

    def __init__(self, code: str, detail: str = "", field: str = "") -> None:
        """Keep the three."""
        super().__init__(code)
        self.answer = {"code": code, "detail": detail, "field": field}


def main(request: str) -> int:
    """Read the workbook that the request (JSON) names; 0 when its cells were written, 3 when it was refused in words."""
    asked = json.loads(request)
    _confine(asked["memory_mb"], asked["cpu_seconds"])
    try:
        path = Path(asked["path"])
        refuse_unsafe(path, most_entries=asked["entries"], most_bytes=asked["bytes"], most_ratio=asked["ratio"])
        cells = text_cells(path, ids=asked["ids"], most_rows=asked["rows"], most_columns=asked["columns"], longest=asked["longest"])
        with pa.OSFile(asked["out"], "wb") as sink, pa.ipc.new_file(sink, cells.schema) as writer:
            writer.write_table(cells)
    except UnfitSheetError as error:
        sys.stdout.write(json.dumps(error.answer))
        return 3
    return 0


def _confine(memory_mb: int, cpu_seconds: int) -> None:
    """No more memory and time than said, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse_unsafe(path: Path, *, most_entries: int, most_bytes: int, most_ratio: int) -> None:
    """UnfitSheetError for a workbook that is locked, carries a macro, an entity, a path out of itself, or is a bomb."""
    with path.open("rb") as handle:
        head = handle.read(8)
    if head == _OLD_OR_LOCKED:
        raise UnfitSheetError("file_locked", "it has a password, or is an old .xls")
    try:
        with ZipFile(path) as book:
            entries = book.infolist()
            if len(entries) > most_entries:
                raise UnfitSheetError("file_too_large", f"{len(entries):,} parts")
            for entry in entries:
                _refuse_entry(entry)
            _refuse_bomb(book, entries, path.stat().st_size, most_bytes, most_ratio)
    except (BadZipFile, EOFError, OSError, NotImplementedError, ValueError, zlib.error) as error:
        raise UnfitSheetError("file_unreadable", str(error)) from error


def _refuse_entry(entry: ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if entry.flag_bits & _ENCRYPTED:
        raise UnfitSheetError("file_locked", "a part has a password")
    if name.startswith("/") or ".." in name.split("/") or ":" in name or stat.S_ISLNK(entry.external_attr >> 16):
        raise UnfitSheetError("sheet_unsafe", f"the part {name[:60]} points out of the workbook")
    if name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")):
        raise UnfitSheetError("sheet_unsafe", "it carries a macro")


def _refuse_bomb(book: ZipFile, entries: Sequence[ZipInfo], on_disk: int, most_bytes: int, most_ratio: int) -> None:
    """Count what the parts really unfold to; what their headers say is not believed."""
    whole = 0
    for entry in entries:
        tail = b""
        for block in _blocks(book, entry):
            whole += len(block)
            if whole > most_bytes:
                raise UnfitSheetError("file_too_large", f"more than {most_bytes:,} bytes of text")
            if whole > _RATIO_FROM and whole > on_disk * most_ratio:
                raise UnfitSheetError("compressed_beyond_belief", f"{on_disk:,} bytes unfold to more than {whole:,}")
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                seen = tail + block.replace(b"\0", b"")
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise UnfitSheetError("sheet_unsafe", f"{entry.filename[:60]} declares an entity")
                if b"macroEnabled" in seen:
                    raise UnfitSheetError("sheet_unsafe", "it carries a macro")
                tail = seen[-16:]


def _blocks(book: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with book.open(entry) as part:
        while block := part.read(_BLOCK):
            yield block


def text_cells(path: Path, *, ids: Sequence[str], most_rows: int, most_columns: int, longest: int) -> pa.Table:
    """__row and text columns of the first sheet that is not empty; UnfitSheetError when ids are numbers or a limit is passed."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        filled = (rows for name in book.sheet_names if (rows := book.get_sheet_by_name(name).to_python(skip_empty_area=True)))
        rows = next(filled, [])
    except (CalamineError, BadZipFile, OSError) as error:
        raise UnfitSheetError("file_unreadable", str(error)) from error
    if not rows:
        raise UnfitSheetError("file_empty")
    if len(rows) > most_rows:
        raise UnfitSheetError("file_too_large", f"more than {most_rows} rows")
    header = tuple(str(cell).strip() for cell in rows[0])
    if len(header) > most_columns:
        raise UnfitSheetError("too_many_columns", f"more than {most_columns:,}")
    for name in ids:
        place = header.index(name) if name in header else -1
        if place >= 0 and any(isinstance(row[place], (int, float)) for row in rows[1:]):
            raise UnfitSheetError("xlsx_numeric_id", field=name)
    if any(len(cell) > longest for row in rows for cell in row if isinstance(cell, str)):
        raise UnfitSheetError("line_too_long", f"a cell has more than {longest:,} characters")
    columns = [pa.array(range(1, len(rows)), pa.int64())]
    columns += [pa.array([_cell(row[place]) for row in rows[1:]], pa.string()) for place in range(len(header))]
    return pa.Table.from_arrays(columns, names=["__row", *header])


def _cell(value: object) -> str | None:
    """A cell as text: whole numbers without a point, dates in ISO, empty as none."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(repr(value)), "f")
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
