"""Every table of a load and of a day is read with a bare DuckDB and a bare PyArrow, with not one line of ours."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.backup.conftest import DAYS, Kit


def folders(lender: Path) -> dict[str, list[Path]]:
    """Files by table: those of the last load, and those of the last day."""
    load, day = lender / "book" / "loads" / f"{DAYS[1]}.1", lender / "book" / "days" / f"{DAYS[1]}.1"
    found = {f"accepted {path.stem}": [path] for path in sorted((load / "accepted").glob("*.parquet"))}
    found |= {path.stem: [path] for path in sorted(load.glob("*.parquet"))}
    for root in (load, day):
        for folder in sorted(root.iterdir()):
            if folder.is_dir() and folder.name != "accepted":
                found[f"{root.parent.name} {folder.name}"] = sorted(folder.glob("*.parquet"))
    return found


def test_every_table_opens_in_anybodys_tools(kit: Kit) -> None:
    """Both tools read the same columns and the same number of rows, and no column is binary or of our own making."""
    tables = folders(kit.lender())
    assert len(tables) > 30
    bare = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name, files in tables.items():
        assert files, name
        relation = bare.read_parquet([str(path) for path in files])
        arrow = [pq.ParquetFile(path) for path in files]
        assert relation.columns == arrow[0].schema_arrow.names, name
        counted = relation.aggregate("count(1)").fetchall()[0][0]
        assert counted == sum(file.metadata.num_rows for file in arrow), name
        assert not [kind for kind in relation.types if str(kind) in ("BLOB", "UNKNOWN")], name


@pytest.mark.parametrize("query", ["SELECT bucket, count(*) AS loans FROM read_parquet('{}') GROUP BY bucket ORDER BY bucket"])
def test_the_query_of_the_page_gives_the_loans_by_bucket(kit: Kit, query: str) -> None:
    """The query of docs/operate/open-formats.md, over a day."""
    files = kit.lender() / "book" / "days" / f"{DAYS[1]}.1" / "classification" / "*.parquet"
    rows = duckdb.connect().execute(query.format(files)).fetchall()
    assert "current" in dict(rows)
    assert sum(count for _, count in rows) == 17
