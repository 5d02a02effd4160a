"""The floor: decode every column that the statements read, and write every column that they write, from files that are ready.

No program on the same files can do less: there is no join, no sum by loan, no rule.
"""

import sys
from pathlib import Path

from sulah.adapters.engines.duck import connect, identifier, view_of_files, write_parquet

EVERY_ROW = 1 << 60


def scan(book: Path, columns: dict[str, tuple[str, ...]]) -> None:
    """Decode every value of these columns: the largest of each is asked for, behind a limit that keeps the footers from answering."""
    connection = connect()
    for table, names in columns.items():
        view_of_files(connection, table, sorted((book / table).glob("*.parquet")))
        rows = f"SELECT {', '.join(names)} FROM {table} LIMIT {EVERY_ROW}"
        connection.execute(f"SELECT {', '.join(f'max(t.{name})' for name in names)} FROM ({rows}) AS t").fetchall()


def write(ready: Path, out: Path) -> None:
    """Write every file of the ready day again, with the settings of the book."""
    connection = connect()
    for file in sorted(ready.glob("*/*.parquet")):
        view_of_files(connection, "ready", [file])
        names = [str(row[0]) for row in connection.execute("DESCRIBE ready").fetchall()]
        target = out / file.relative_to(ready)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(connection, f"SELECT {', '.join(map(identifier, names))} FROM ready", target)


def main(words: list[str]) -> None:
    """`python -m bench.floor BOOK READY OUT table:column,column ...`; with `-` for READY nothing is written."""
    book, ready, out = words[:3]
    listed = (word.partition(":") for word in words[3:])
    scan(Path(book), {table: tuple(names.split(",")) for table, _, names in listed})
    if ready != "-":
        write(Path(ready), Path(out))


if __name__ == "__main__":
    main(sys.argv[1:])
