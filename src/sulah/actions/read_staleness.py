"""Since when the book is older than what the lender sent or should have sent, and why: what stands above every page of the book."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sulah.actions.load_book import latest_accepted
from sulah.actions.record_alarm import open_alarms, words_of_alarm
from sulah.kernel.dates import day_text
from sulah.kernel.terms import LoadState
from sulah.records.load import Load


@dataclass(frozen=True, slots=True)
class Late:
    """A business date that is not in the book: the words for anybody, and why for those who look after loads."""

    as_of: date
    words: str
    why: str = ""


def late_dates(book: Path) -> tuple[Late, ...]:
    """The business dates after the last accepted load whose extract is missing, held or was refused, oldest first; book = its folder.

    One entry a date: an alarm's words, else the held load's, else those of the latest refusal.  None without an accepted load.
    """
    accepted = latest_accepted()
    if accepted is None:
        return ()
    found = {as_of: _refused(as_of, report, accepted) for as_of, report in _refusals(book, accepted.as_of)}
    for load in Load.objects.filter(state=LoadState.HELD, as_of__gt=accepted.as_of).order_by("version"):
        words = f"The extract of {day_text(load.as_of)} is held as {load.id} and waits for a decision; nothing of it is used until then."
        found[load.as_of] = Late(load.as_of, words, " ".join(load.reasons))
    for alarm in open_alarms():
        found[alarm.as_of] = Late(alarm.as_of, words_of_alarm(alarm), found[alarm.as_of].why if alarm.as_of in found else "")
    return tuple(found[as_of] for as_of in sorted(found))


def _refusals(book: Path, after: date) -> list[tuple[date, Path]]:
    """The reports of refused extracts of later dates, in the order in which they came."""
    folder, found = book / "refused", []
    for name in sorted(child.name for child in folder.iterdir()) if folder.is_dir() else ():
        with suppress(ValueError):  # a folder of another hand must not close every page
            found.append((date.fromisoformat(name[:10]), folder / name / "report.json"))
    return [(as_of, report) for as_of, report in found if as_of > after]


def _refused(as_of: date, report: Path, accepted: Load) -> Late:
    words = f"An extract of {day_text(as_of)} was refused. Figures and worklist stand on {accepted.id} until it is sent again."
    try:
        reasons = json.loads(report.read_text("utf-8"))["reasons"]
    except (OSError, ValueError, KeyError):  # swept by retention, or of another hand: that it was refused still stands
        return Late(as_of, words)
    return Late(as_of, words, " ".join(str(reason) for reason in reasons))
