"""A condition for queries of records: a JSON list of texts holds one of them, on SQLite and PostgreSQL alike."""

import json
from typing import Any

from django.db.models import BooleanField, F, Func, Value


class Holds(Func):
    """Does the list in a JSON column hold the text?  column: its name, with `__` before a key inside of it."""

    output_field = BooleanField()

    def __init__(self, column: str, text: str) -> None:
        super().__init__(F(column), Value(json.dumps([text])))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        """Read one by one: both sides are JSON lists, the second of one text; nothing holds nothing."""
        one, two = (compiler.compile(part) for part in self.get_source_expressions())
        same = f"SELECT 1 FROM json_each({one[0]}) AS held WHERE held.value = json_extract({two[0]}, '$[0]')"
        return f"EXISTS ({same})", (*one[1], *two[1])

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        """The list contains the list of the one text."""
        one, two = (compiler.compile(part) for part in self.get_source_expressions())
        return f"({one[0]} @> CAST({two[0]} AS jsonb))", (*one[1], *two[1])
