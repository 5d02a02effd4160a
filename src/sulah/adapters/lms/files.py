"""Find the files of an extract, check each, and open it as a source of text rows."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as ModeMap
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import pyarrow as pa

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.lms.clean_text import changed_rows, cleaned_relation
from sulah.adapters.lms.columnar import parquet_relation
from sulah.adapters.lms.csv_text import examine, relation_of
from sulah.adapters.lms.limits import Limits
from sulah.adapters.lms.manifest_file import Manifest
from sulah.adapters.lms.refusal import RefusedExtractError, refuse
from sulah.adapters.lms.sheet import sheet_table
from sulah.adapters.lms.source import DELETED, Mode, Source, is_received
from sulah.adapters.lms.text_encoding import working_folder
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Kind
from sulah.intake.codes import finding_of
from sulah.intake.mapping import PLAIN, Mapping, TableMapping
from sulah.kernel.finding import Finding

__all__ = ["ENDINGS", "Extract", "Limits", "find_files", "open_file", "open_sources"]

ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")
_NEVER_EMPTY = ("borrower", "loan", "instalment", "repayment")
_BARE = ("instalment", "repayment")
"""Tables of ids, dates and amounts: a Parquet file or a sheet of them is read as it stands."""
MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Extract:
    """The files of an extract, each bound to its table, the files that no table took, and the mode of each table and file name."""

    bound: tuple[tuple[str, Path], ...]
    unused: tuple[str, ...]
    modes: ModeMap[tuple[str, str], Mode] = field(default_factory=dict)


def find_files(path: Path, mapping: Mapping, manifest: Manifest | None = None) -> Extract:
    """Bind the files of a folder (or one file) to tables: by manifest, else by the mapping's patterns, else by table name.

    A file may feed several tables.  RefusedExtractError when no table, or not the loans, are found.
    """
    if not path.exists():
        raise refuse("nothing_found", file=path.name, detail=f"{path} does not exist")
    files = sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]
    candidates = [child for child in files if child.name.lower().endswith(ENDINGS) and not child.name.startswith((".", "~$"))]
    linked = [child.name for child in candidates if path.is_dir() and child.is_symlink()]
    if linked:
        raise RefusedExtractError([finding_of("file_symlink", file=name) for name in linked])
    named = manifest.tables() if manifest else {}
    bound = tuple((table, child) for table in EXTRACT for child in candidates if _feeds(child.name, table, mapping.table(table), named))
    taken = {child for _, child in bound}
    if not bound:
        seen = ", ".join(child.name for child in files[:5]) or "no file at all"
        raise refuse("nothing_found", file=path.name, detail=f"found {seen}")
    if manifest is not None and manifest.is_delta:  # changes count in the order in which the lender lists them
        bound = tuple(sorted(bound, key=lambda one: manifest.place_of(one[0], one[1].name)))
    modes = {(table, child.name): manifest.mode_of(table, child.name) for table, child in bound} if manifest else {}
    return Extract(bound, tuple(child.name for child in candidates if child not in taken), modes)


def _feeds(file: str, table: str, mapping: TableMapping, named: dict[str, tuple[str, ...]]) -> bool:
    if file in named:
        return table in named[file]
    if mapping.files:
        return any(fnmatch(file.lower(), pattern.lower()) for pattern in mapping.files)
    stem = file.lower().removesuffix(".gz").rsplit(".", 1)[0]
    return stem in (table, table + "s")


def refuse_without_loans(extract: Extract) -> None:
    """An extract without a file of loans is refused: the other tables mean nothing alone."""
    if "loan" not in {table for table, _ in extract.bound}:
        found = ", ".join(dict.fromkeys(path.name for _, path in extract.bound))
        raise refuse("nothing_found", table="loan", detail=f"no file of loans among {found}")


def open_sources(connection: duckdb.DuckDBPyConnection, extract: Extract, mapping: Mapping, limits: Limits) -> list[Source]:
    """Check every file and open it; RefusedExtractError collects the refusals of all files, so that they are mended at once."""
    sources: list[Source] = []
    refusals: list[Finding] = []
    for number, (table, path) in enumerate(extract.bound, start=1):
        try:
            written = (PLAIN if is_received(path.name) else mapping).table(table)
            ids, typed = ids_of(table, written), typed_of(table, written)
            mode = extract.modes.get((table, path.name), Mode.FULL)
            source = open_file(connection, number, table, path, ids=ids, limits=limits, encoding=written.encoding, typed=typed, mode=mode)
        except RefusedExtractError as error:
            refusals += error.findings
            continue
        refusals += missing_columns(source, written)
        sources.append(replace(source, plain=is_received(path.name)))
    if refusals:
        raise RefusedExtractError(refusals)
    return sources


def missing_columns(source: Source, mapping: TableMapping) -> list[Finding]:
    """The required columns of the contract that neither the file nor a constant gives."""
    found: list[Finding] = []
    for column in EXTRACT[source.table].required:
        if column.source in mapping.constants:
            continue
        absent = [name for name in mapping.lender_columns(column.source) if name not in source.header]
        if absent:
            detail = f"looked for {', '.join(absent)}; the file has {', '.join(source.header[:12])}"
            found.append(finding_of("column_missing", table=source.table, file=source.name, field=column.source, detail=detail))
    return found


def unmapped_columns(source: Source, mapping: TableMapping) -> list[str]:
    """The lender's columns that nothing reads: listed in the report, never an error."""
    used = {name for column in EXTRACT[source.table].columns for name in mapping.lender_columns(column.source)}
    used |= {DELETED} if source.mode is Mode.CHANGES else set()
    return [name for name in source.header if name not in used and name not in mapping.ignore]


def ids_of(table: str, mapping: TableMapping) -> list[str]:
    """The lender's columns that hold ids of a table."""
    return [name for column in EXTRACT[table].columns if column.source.endswith("_id") for name in mapping.lender_columns(column.source)]


def typed_of(table: str, mapping: TableMapping) -> frozenset[str]:
    """The lender's columns that hold amounts, dates or numbers: their text is read as it stands, never cleaned."""
    typed = (column for column in EXTRACT[table].columns if column.kind is not Kind.TEXT)
    return frozenset(name for column in typed for name in mapping.lender_columns(column.source))


def open_file(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    table: str,
    path: Path,
    *,
    ids: Sequence[str],
    limits: Limits,
    encoding: str = "",
    typed: Collection[str] = (),
    mode: Mode = Mode.FULL,
) -> Source:
    """Check one file and open it as rows of text; RefusedExtractError when it cannot be read whole.

    A header without rows is refused for the tables that a book cannot be without: nobody's loans all vanish overnight.  In a file
    that says only what changed it means that nothing did.
    encoding is what the mapping declares; typed names the columns that are not cleaned.
    """
    native: ModeMap[str, str] = {}
    kind, may_be_empty = path.name.lower(), table not in _NEVER_EMPTY or mode is not Mode.FULL
    if path.stat().st_size == 0:
        raise refuse("file_empty", table=table, file=path.name)
    if kind.endswith((".csv", ".csv.gz")):
        rejects, folder = f"rejects_{number}", working_folder(connection, limits)
        text = examine(path, table=table, limits=limits, folder=folder, encoding=encoding, may_be_empty=may_be_empty)
        source = Source(table, path, path.name, number, text.header, relation_of(text, rejects), text.sha256, rejects, mode=mode)
        return source if text.plain else _with_clean_text(source, typed)
    if path.stat().st_size > limits.largest_bytes:
        raise refuse("file_too_large", table=table, file=path.name)
    if kind.endswith(".parquet"):
        header, relation, rows, native = parquet_relation(connection, path, table=table, ids=ids, limits=limits)
    else:
        header, sheet = sheet_table(path, table=table, ids=ids, limits=limits, folder=working_folder(connection, limits))
        relation, rows = f"sheet_{number}", sheet.num_rows
        connection.register(relation, sheet)
    if rows == 0 and not may_be_empty:
        raise refuse("file_empty", table=table, file=path.name)
    source = Source(table, path, path.name, number, header, relation, sha256_of(path), mode=mode)
    return replace(source, native=native) if table in _BARE else _with_clean_text(source, typed)


def open_rows(connection: duckdb.DuckDBPyConnection, number: int, table: str, rows: pa.Table, *, mode: Mode) -> Source:
    """Rows of text that came without a file, under the contract's own names and with their __row, as a file of them would be opened."""
    relation = f"rows_{number}"
    connection.register(relation, rows)
    header = tuple(name for name in rows.column_names if name != "__row")
    source = Source(table, Path(relation), relation, number, header, relation, "", mode=mode)
    return source if table in _BARE else _with_clean_text(source, typed_of(table, TableMapping(table)))


def _with_clean_text(source: Source, typed: Collection[str]) -> Source:
    texts = [name for name in source.header if name not in typed]
    changed = changed_rows(source.header, texts, source.relation)
    return replace(source, relation=cleaned_relation(source.header, texts, source.relation), changed=changed)


def digest_parts(sources: Sequence[Source]) -> list[tuple[str, ...]]:
    """Table and SHA-256 of each file, sorted: what makes two extracts the same whatever the files are called.

    Of a delta also the modes, and the order, in which changes are applied.
    """
    if any(source.mode is not Mode.FULL for source in sources):
        return [(source.table, source.sha256, source.mode.value) for source in sources]
    return sorted((source.table, source.sha256) for source in sources)
