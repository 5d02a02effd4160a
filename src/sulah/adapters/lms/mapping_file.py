"""Saved mappings in the lender's folder, and samples of files that a proposal looks at."""

from fnmatch import fnmatch
from pathlib import Path

import duckdb

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.duck import identifier
from sulah.adapters.lms.files import ENDINGS, Limits, open_file
from sulah.adapters.lms.refusal import refuse
from sulah.intake.mapping import PLAIN, Mapping, MappingError, mapping_of
from sulah.intake.propose import FileSample

_SAMPLE = 2000
_TERMS = 40


def saved_mapping(lender: Lender, name: str) -> Mapping:
    """The saved mapping of that name; MappingError lists the saved ones when there is none."""
    path = lender.mappings / f"{name}.toml"
    if not path.is_file():
        saved = ", ".join(sorted(child.stem for child in lender.mappings.glob("*.toml"))) or "none"
        raise MappingError(
            f"There is no mapping {name} in {lender.mappings.name}/ (saved: {saved}). Make one with: sulah map FOLDER --name {name}"
        )
    try:
        return mapping_of(name, path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise MappingError(f"The mapping {name} is not UTF-8 text. Save it as UTF-8.") from error


def mapping_for(lender: Lender, path: Path, name: str | None) -> Mapping:
    """The mapping to load with: the named one; else the only saved one whose patterns fit the files; else none is needed.

    MappingError when several fit: the person must say which.
    """
    if name:
        return saved_mapping(lender, name)
    files = [child.name for child in path.iterdir()] if path.is_dir() else [path.name]
    fitting = [mapping for child in sorted(lender.mappings.glob("*.toml")) if _fits(mapping := saved_mapping(lender, child.stem), files)]
    if len(fitting) > 1:
        raise MappingError(
            f"Several mappings fit these files: {', '.join(mapping.name for mapping in fitting)}. Say which with --mapping NAME."
        )
    return fitting[0] if fitting else PLAIN


def _fits(mapping: Mapping, files: list[str]) -> bool:
    """Does every table of the mapping find a file?"""
    tables = [table for table in mapping.tables.values() if table.files]
    return bool(tables) and all(
        any(fnmatch(file.lower(), pattern.lower()) for file in files for pattern in table.files) for table in tables
    )


def save_mapping(lender: Lender, name: str, text: str) -> Path:
    """Write a mapping durably; its path."""
    path = lender.mappings / f"{name}.toml"
    with durable(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def samples_of(connection: duckdb.DuckDBPyConnection, path: Path) -> list[FileSample]:
    """Header and distinct values of the first rows of each file; RefusedExtractError when nothing can be read."""
    if not path.exists():
        raise refuse("nothing_found", file=path.name, detail=f"{path} does not exist")
    files = sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]
    readable = [child for child in files if child.name.lower().endswith(ENDINGS)]
    if not readable:
        raise refuse("nothing_found", file=path.name)
    return [_sample(connection, number, child) for number, child in enumerate(readable, start=1)]


def _sample(connection: duckdb.DuckDBPyConnection, number: int, path: Path) -> FileSample:
    source = open_file(connection, number, "", path, ids=(), limits=Limits())
    listed = ", ".join(identifier(name) for name in source.header)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT {listed} FROM {source.relation} LIMIT {_SAMPLE}")
    values: dict[str, list[str]] = {}
    precise: set[str] = set()
    for name in source.header:
        column = identifier(name)
        fine = f"count(*) FILTER (WHERE regexp_full_match({column}, '-?[0-9]+[.][0-9]{{2}}[0-9]*[1-9]'))"
        noisy, given = connection.execute(f"SELECT {fine}, count({column}) FROM sample").fetchall()[0]
        if 0 < noisy * 2 < given:  # where most values are so fine the unit is not rupees, and rounding would hide it
            precise.add(name)
        found = connection.execute(
            f"SELECT DISTINCT {column} FROM sample WHERE {column} IS NOT NULL ORDER BY {column} LIMIT {_TERMS}"
        ).fetchall()
        values[name] = [str(row[0]) for row in found]
    return FileSample(path.name, source.header, values, frozenset(precise))
