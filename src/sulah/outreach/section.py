"""Reading one channel's section of lender.toml: rows, texts, numbers, secrets by the name of their variable."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sulah.kernel.refusal import Refusal
from sulah.outreach.template import Variable, VariableKind

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its name, what it refuses with, and the settings that are secret and may therefore never stand in the file."""

    name: str
    refusal: type[Refusal]
    secrets: tuple[str, ...] = ()

    def rows(self, given: Row, name: str, *, empty: bool = False) -> list[Row]:
        """The rows [[section.name]]; refused when there is none, unless there may be none."""
        rows = given.get(name)
        if empty and rows is None:
            return []
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
            raise self.refusal(f"lender.toml: [{self.name}] needs at least one [[{self.name}.{name}]].")
        return rows

    def listed(self, row: Row, name: str, where: str, *, empty: bool = False) -> list[object]:
        """A list that is not empty, unless it may be."""
        found = row.get(name, [])
        if not isinstance(found, list) or (not found and not empty):
            raise self.refusal(f"lender.toml: {name} of the {where} must be a list that is not empty.")
        return found

    def text(self, row: Row, name: str, where: str, form: re.Pattern[str], words: str) -> str:
        """A text of a form; words say which."""
        value = str(row.get(name, ""))
        if not form.fullmatch(value):
            raise self.refusal(f"lender.toml: {name} of {where} is {value!r}; write {words}.")
        return value

    def number(self, row: Row, name: str, default: int, where: str, most: int = 10**9) -> int:
        """A whole number from 1 to `most`."""
        value = row.get(name, default)
        if type(value) is not int or not 1 <= value <= most:
            bound = f"from 1 to {most}" if most < 10**9 else "of seconds, 1 or more"
            raise self.refusal(f"lender.toml: {name} of the {where} is {value!r}; write a whole number {bound}.")
        return value

    def secret(self, row: Row, name: str, where: str, environment: Mapping[str, str]) -> str:
        """The secret whose environment variable the row names; refused where a secret itself stands in the file."""
        self.hold_no_secret(row, where)
        variable = str(row.get(name, ""))
        if not variable:
            raise self.refusal(f"lender.toml: the {where} needs {name}: the name of an environment variable.")
        if not environment.get(variable):
            raise self.refusal(f"The environment variable {variable} ({name} of the {where} in lender.toml) is not set for this process.")
        return environment[variable]

    def hold_no_secret(self, row: Row, where: str) -> None:
        """Refuse a row in which a secret itself stands."""
        if bare := sorted(set(self.secrets) & set(row)):
            words = f"no secret belongs in a file ({bare[0]} of the {where}). Name its variable with {bare[0]}_from."
            raise self.refusal(f"lender.toml: {words}")

    def variable(self, given: object, where: str) -> Variable:
        """A variable written as name:kind."""
        name, _, kind = str(given).partition(":")
        if kind.strip() not in tuple(VariableKind):
            kinds = ", ".join(VariableKind)
            raise self.refusal(f"lender.toml: variable {given!r} of the {where}: write it as name:kind, with a kind of {kinds}.")
        return Variable(name.strip(), VariableKind(kind.strip()))

    def once(self, kind: str, names: Iterable[str]) -> None:
        """Refuse a name that stands twice among the rows of a kind."""
        all_names = list(names)
        if twice := sorted({name for name in all_names if all_names.count(name) > 1}):
            raise self.refusal(f"lender.toml: two [[{self.name}.{kind}]] are called {twice[0]}. Give each its own name.")
