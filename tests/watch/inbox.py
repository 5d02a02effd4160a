"""A lender with an inbox, a clock that is turned by hand, and one look after another."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sulah.actions.watch_inbox import Event, Watcher, look, sole_watcher
from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.inbox_settings import watch_of
from sulah.kernel.terms import EntityType
from sulah.records.load import Load
from tests.intake.extract import AS_OF, Rows, good, write

BEGIN = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
QUIET = 120


@dataclass
class Inbox:
    """One lender's inbox under watch."""

    root: Path
    watch: dict[str, Any] = field(default_factory=dict)
    moment: datetime = BEGIN
    days: list[str] = field(default_factory=list)
    load: dict[str, Any] = field(default_factory=lambda: {"quarantine_percent": 100})

    @property
    def folder(self) -> Path:
        """The inbox."""
        return self.root / "inbox"

    @property
    def lender(self) -> Lender:
        """The lender with the settings of this moment."""
        return Lender(self.root, "Test", EntityType.NBFC_MFI, settings={"load": self.load, "watch": self.watch})

    def drop(self, as_of: date = AS_OF, tables: dict[str, Rows] | None = None, name: str = "") -> Path:
        """A folder of files of a date, as a lender copies it in."""
        return write(self.folder / (name or as_of.isoformat()), good() if tables is None else tables)

    def later(self, seconds: int) -> None:
        """Turn the clock."""
        self.moment += timedelta(seconds=seconds)

    def look(self, run_day: Callable[[Load], str] | None = None) -> list[Event]:
        """One look at this moment."""
        lender = self.lender
        with sole_watcher(lender):
            return look(Watcher(lender, watch_of(lender), "asha", lambda: self.moment, "test", run_day))

    def settle(self) -> list[Event]:
        """A look, the time in which nothing changes, and the look after it."""
        self.look()
        self.later(QUIET)
        return self.look()

    def filed(self) -> list[str]:
        """What lies in done, held and refused, as done/2026-03-31.1."""
        return sorted(f"{state.name}/{child.name}" for state in self.folder.glob("[dhr]*") for child in state.iterdir() if state.is_dir())

    def left(self) -> list[str]:
        """What still lies in the inbox itself."""
        return sorted(child.name for child in self.folder.iterdir() if child.name not in ("done", "held", "refused", ".taking"))

    def dated_files(self, as_of: date = AS_OF) -> list[Path]:
        """The good extract as dated files beside each other."""
        made = write(self.root / "made", good())
        self.folder.mkdir(exist_ok=True)
        files = [path.rename(self.folder / f"{path.stem}_{as_of:%Y%m%d}.csv") for path in sorted(made.iterdir())]
        shutil.rmtree(made)
        return files


def kinds(events: Iterable[Event]) -> list[str]:
    """The kinds of events in order."""
    return [event.kind for event in events]
