"""The load report as a value: what came, what was loaded, what was refused and why; rows and rupees tie out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class FileTie:
    """One file of one table: rows = loaded + quarantined + duplicates (identical copies of a loaded row) + removed, paise likewise.

    removed, of a delta: tombstones that took a row away (they have no rupees), and rows that a later file of the same delta replaced.
    An amount that cannot be read counts as a row with no rupees.  unmapped lists the lender's columns that nothing reads.
    """

    table: str
    name: str
    sha256: str
    rows: int
    loaded: int
    quarantined: int
    duplicates: int = 0
    paise: int = 0
    paise_loaded: int = 0
    paise_quarantined: int = 0
    paise_duplicates: int = 0
    unmapped: tuple[str, ...] = ()
    removed: int = 0
    paise_removed: int = 0

    @property
    def ties(self) -> bool:
        """Do rows and rupees add up?"""
        rows = self.rows == self.loaded + self.quarantined + self.duplicates + self.removed
        return rows and self.paise == self.paise_loaded + self.paise_quarantined + self.paise_duplicates + self.paise_removed


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code was found in a table, with its words; example points at the first row."""

    table: str
    code: str
    severity: str
    count: int
    words: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The report of one load, accepted, held or refused.

    load is empty for a refused extract.  reasons say in words why a load is held or refused.  overdue_paise is the total overdue at as_of.
    delta: only what changed was sent; rows and rupees are those of the rows sent, accepted counts the whole.  worked_on: the loans that a
    delta made us look at again.  base: the whole load that holds the rest of the large tables, where this one lies in layers.
    digests: the SHA-256 of each file that the load wrote, by its path in the load's folder; a day stands on these bytes and no others.
    """

    load: str
    as_of: str
    state: str
    parent: str = ""
    mapping: str = ""
    repairs: str = ""
    simulated: bool = False
    files: tuple[FileTie, ...] = ()
    codes: tuple[CodeCount, ...] = ()
    reasons: tuple[str, ...] = ()
    unused_files: tuple[str, ...] = ()
    accepted: Mapping[str, int] = field(default_factory=dict)
    overdue_paise: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    delta: bool = False
    worked_on: int = 0
    base: str = ""

    @property
    def rows(self) -> int:
        """Rows given."""
        return sum(tie.rows for tie in self.files)

    @property
    def quarantined(self) -> int:
        """Rows refused."""
        return sum(tie.quarantined for tie in self.files)

    @property
    def ties(self) -> bool:
        """Does every file tie out?"""
        return all(tie.ties for tie in self.files)

    def to_json(self) -> dict[str, object]:
        """Plain values for JSON, with the totals."""
        return {**asdict(self), "rows": self.rows, "quarantined": self.quarantined, "ties": self.ties}
