"""The floor of a load: DuckDB copies each file, typed, to Parquet sorted by its key, with the book's settings and one thread; no check."""

import sys
from pathlib import Path

from sulah.adapters.engines.duck import connect, identifier, literal, write_parquet
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Kind


def copy(extract: Path, out: Path) -> None:
    """Copy every file of the extract; amounts become DECIMAL, ids text, dates dates."""
    connection = connect(spill=out / "spill")
    for file in sorted(extract.iterdir()):
        table = EXTRACT[file.stem]
        kinds = {column.source: "DECIMAL(18,2)" if column.kind is Kind.PAISE else column.kind.value for column in table.columns}
        if file.suffix == ".csv":
            with file.open(encoding="utf-8") as lines:
                header = lines.readline().strip().split(",")
            columns = ", ".join(f"{literal(name)}: {literal(kinds[name])}" for name in header)
            source = (
                f"read_csv({literal(str(file))}, auto_detect = false, header = true, quote = '\"', escape = '\"', columns = {{{columns}}})"
            )
        else:
            source = f"read_parquet({literal(str(file))})"
            header = [str(row[0]) for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
        order = ", ".join(identifier(table.column(name).source) for name in table.key)
        listed = ", ".join(map(identifier, header))
        (out / "copy").mkdir(parents=True, exist_ok=True)
        write_parquet(connection, f"SELECT {listed} FROM {source} ORDER BY {order}", out / "copy" / f"{table.name}.parquet")


def main(words: list[str]) -> None:
    """`python -m bench.load_floor EXTRACT OUT`."""
    copy(Path(words[0]), Path(words[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
