"""Where everything of a lender lies: lender.toml, policy/, inbox/, mappings/, book/, keys/ and the database."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import EntityType


@dataclass(frozen=True, slots=True)
class Lender:
    """One lender's folder and its settings.

    entity_type picks the policy rows; database is empty for the SQLite file in the folder, else a postgresql:// address.
    """

    root: Path
    name: str
    entity_type: EntityType
    simulated: bool = False
    database: str = ""
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def book(self) -> Path:
        """The folder of Parquet files."""
        return self.root / "book"

    @property
    def loads(self) -> Path:
        """One folder a load."""
        return self.book / "loads"

    @property
    def days(self) -> Path:
        """One folder a run of the day cycle."""
        return self.book / "days"

    @property
    def inbox(self) -> Path:
        """Where the lender drops its files."""
        return self.root / "inbox"

    @property
    def mappings(self) -> Path:
        """Saved mappings, one TOML file each."""
        return self.root / "mappings"

    @property
    def policy(self) -> Path:
        """Overrides of policy tables."""
        return self.root / "policy"

    @property
    def keys(self) -> Path:
        """Keys; never in a backup of the book, never in a commit."""
        return self.root / "keys"

    @property
    def two_people(self) -> bool:
        """Must another person approve a load than the one who loaded it?"""
        approval = self.settings.get("approval", {})
        return isinstance(approval, dict) and bool(approval.get("two_people", False))

    @property
    def sqlite(self) -> Path:
        """The embedded database."""
        return self.root / "sulah.sqlite3"


class NotALenderError(Refusal):
    """The folder is not a lender's, or its lender.toml cannot be used; the words say what to do."""


def open_lender(root: Path) -> Lender:
    """Read lender.toml of a folder; NotALenderError says what is missing and what to do next."""
    path = root / "lender.toml"
    if not path.is_file():
        words = f"{root.resolve()} is not a lender's folder: there is no lender.toml."
        raise NotALenderError(f"{words} Name the lender's folder with --lender DIR, or make one with: sulah init DIR")
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotALenderError(f"{path} cannot be read ({error}). Mend that line and try again.") from error
    lender = given.get("lender", {})
    try:
        entity = EntityType(lender.get("entity_type", ""))
    except ValueError as error:
        kinds = ", ".join(EntityType)
        raise NotALenderError(f"{path}: entity_type must be one of {kinds}.") from error
    return Lender(
        root=root.resolve(),
        name=str(lender.get("name", root.name)),
        entity_type=entity,
        simulated=bool(lender.get("simulated", False)),
        database=str(given.get("database", {}).get("url", "")),
        settings=given,
    )
