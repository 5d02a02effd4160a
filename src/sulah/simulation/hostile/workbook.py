"""Workbooks and Parquet files made in memory, honest ones and bombs; nothing dangerous lies in the repository."""

import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

from sulah.simulation.hostile.lender import Rows

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_BOOK = f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
_WHEN = (2026, 3, 31, 0, 0, 0)


def sheet_of(rows: Rows, header: Sequence[str] = (), numbers: Sequence[str] = ()) -> str:
    """The XML of a sheet: text cells, but numbers in the columns named."""
    columns = list(header) or list(dict.fromkeys(column for row in rows for column in row))
    lines = [dict(zip(columns, columns, strict=True)), *rows]
    body = "".join(
        f'<row r="{r}">{"".join(_cell(c, r, line.get(name, ""), number=r > 1 and name in numbers) for c, name in enumerate(columns))}</row>'
        for r, line in enumerate(lines, start=1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_SPREADSHEET}"><sheetData>{body}</sheetData></worksheet>'


def _cell(column: int, row: int, value: str, *, number: bool) -> str:
    place = f"{chr(65 + column)}{row}"
    if number:
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""


def _relation(kind: str, target: str) -> bytes:
    one = f'<Relationship Id="r1" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{one}</Relationships>'.encode()


def workbook(
    rows: Rows, header: Sequence[str] = (), *, numbers: Sequence[str] = (), sheet: str = "", parts: Mapping[str, bytes] | None = None
) -> bytes:
    """An .xlsx of one sheet; sheet replaces its XML, parts are added to the archive under their names as they stand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        whole: dict[str, bytes] = {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": _BOOK.encode(),
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": (sheet or sheet_of(rows, header, numbers)).encode(),
        }
        for name, content in {**whole, **(parts or {})}.items():
            book.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def parquet_of(rows: Rows, header: Sequence[str] = ()) -> bytes:
    """Rows as a Parquet file of text columns."""
    columns = list(header) or list(dict.fromkeys(column for row in rows for column in row))
    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns}), out)
    return out.getvalue()


def parquet_table(columns: Mapping[str, pa.Array]) -> bytes:
    """Typed columns as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), out)
    return out.getvalue()


def locked() -> bytes:
    """What a workbook with a password begins with (a compound file), and nothing else."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)


def gzip_bomb(header: bytes, megabytes: int) -> bytes:
    """A header and one line again and again: a few kilobytes that unfold to so many megabytes."""
    line = b"0001001,1,2025-11-15,1000.00,100.00\n"
    return gzip.compress(header + line * (megabytes * 1_000_000 // len(line)), mtime=0)


def padded_workbook(rows: Rows, megabytes: int) -> bytes:
    """A workbook with a part of spaces: small on the disk, so many megabytes when unfolded."""
    return workbook(rows, parts={"xl/media/image1.xml": b" " * (megabytes * 1_000_000)})
