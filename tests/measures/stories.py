"""Small lenders on paper whose measures can be worked out by hand."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sulah.kernel.terms import EntityType
from tests.paper import Extract
from tests.shelf import Shelf

Rows = list[dict[str, Any]]


class Told:
    """A shelf whose days are stood in order and read by table."""

    def __init__(self, root: Path, entity: EntityType = EntityType.NBFC_ML, **terms: Any) -> None:
        self.shelf = Shelf(root, entity, **terms)

    def load(self, as_of: str, extract: Extract) -> None:
        """Accept an extract."""
        self.shelf.accept(date.fromisoformat(as_of), extract)

    def day(self, on: str) -> Path:
        """Stand and commit a day."""
        return self.shelf.stand(date.fromisoformat(on), commit=True)

    def rows(self, folder: Path, table: str, **asked: object) -> Rows:
        """Rows of a table that have these values."""
        return [row for row in self.shelf.rows(folder, table) if all(row[name] == value for name, value in asked.items())]

    def measures(self, on: str) -> dict[str, Any]:
        """The measures of the book (all loans of these stories have product PL), after standing the day."""
        rows = self.rows(self.day(on), "measure_day", dimension="product")
        assert len(rows) == 1
        return rows[0]


def cells(rows: Rows, then: str = "open_place") -> Mapping[tuple[str | None, str], int]:
    """(place then, place now) -> loans, from the cells by product."""
    return {(row[then], row["place"]): row["loans"] for row in rows if row["dimension"] == "product"}
