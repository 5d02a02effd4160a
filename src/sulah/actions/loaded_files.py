"""Extracts that were loaded and still lie in the inbox: which are done with, which stay as they are, and what came from elsewhere.

Files are known again by their digest, so that an extract that was loaded before there was a record of where it lay counts as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.models import Q, QuerySet

from sulah.actions.load_book import latest_accepted
from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import ENDING
from sulah.adapters.lms.files import ENDINGS
from sulah.adapters.lms.inbox import FILED, HALF, batches_of
from sulah.adapters.lms.inbox_settings import InboxSource, watch_of
from sulah.kernel.terms import LoadState
from sulah.records.audit import AuditEntry
from sulah.records.load import Load
from sulah.records.supplement import Supplement

_LOADING = ("load_extract", "load_supplement")
_OURS = ("inbox/", "book/received/")
"""Where an extract may come from that Sulah itself puts away: the inbox, and what the API received."""


@dataclass(frozen=True, slots=True)
class Lying:
    """Files that lie together, with the business dates they may be of; whole: no other extract will come to the same place."""

    place: Path
    dates: frozenset[date]
    files: tuple[Path, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class InInbox:
    """The files of extracts that are done with, and the folders in which some that were loaded stay in clear, with why."""

    done: tuple[Path, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the loads of a date took, by digest, and the names of files that no table took."""

    digests: set[str]
    unused: set[str]

    def has(self, path: Path) -> bool:
        return path.name in self.unused or sha256_of(path) in self.digests


def loaded_in_inbox(lender: Lender) -> InInbox:
    """An extract is done with when loads of its date took every file of it that may be a table.

    One that is held, waits, or lies with files that nobody loaded is not; nor is a folder that no name gives to one date, for a later
    extract may need what lies there, until the extract after it came from another place.
    """
    known = _known_by_date()
    done: list[Path] = []
    left: list[str] = []
    for lying in _lying(lender):
        tables = [path for path in lying.files if path.name.lower().endswith(ENDINGS)]
        taken = [known[as_of] for as_of in lying.dates if as_of in known]
        found = [path for path in tables if any(one.has(path) for one in taken)]
        if not found:
            continue
        name = lying.place.relative_to(lender.root).as_posix()
        if strange := [path.name for path in lying.files if path.name.lower().endswith((*ENDINGS, *HALF)) and path not in found]:
            left.append(f"{name}: {strange[0]} lies beside what was loaded, and no load took it")
        elif not lying.whole:
            left.append(f"{name}: its name says no date, so a later extract may need what lies there")
        else:
            done += [*(path for path in lying.files if path not in tables), *tables]  # tables last: by them a killed sealing goes on
    return InInbox(tuple(dict.fromkeys(done)), tuple(dict.fromkeys(left)))


def loads_from_elsewhere(lender: Lender) -> list[str]:
    """Loads and supplements whose files lie in no place of ours, in the order of loading; those filed away by a watcher are left out."""
    filed = [source.folder / state for source in watch_of(lender).sources for state in FILED]
    names = [entry.subject for entry in _entries() if not f"{entry.after['from']}/".startswith(_OURS)]
    return [name for name in names if not any((folder / name).is_dir() for folder in filed)]


def _known_by_date() -> dict[date, _Known]:
    """What the loads that nobody will load again took; one turned down counts once a later date was accepted."""
    latest = latest_accepted()
    known: dict[date, _Known] = defaultdict(lambda: _Known(set(), set()))
    if latest is None:
        return known
    over = Q(state__in=(LoadState.REJECTED, LoadState.UNDONE), as_of__lt=latest.as_of)
    reports = [(load.as_of, load.report) for load in Load.objects.filter(Q(state=LoadState.ACCEPTED) | over)]
    reports += [(date.fromisoformat(extra.report["as_of"]), extra.report) for extra in Supplement.objects.all()]
    for as_of, report in reports:
        known[as_of].digests.update(tie["sha256"] for tie in report["files"])
        known[as_of].unused.update(report.get("unused_files", ()))
    return known


def _lying(lender: Lender) -> Iterator[Lying]:
    """What lies in the inbox outside the folders of what was filed: by the dates of names, else by where loads say that they came from."""
    root, seen, came = lender.inbox.resolve(), set[Path](), _came()
    last = next(reversed(came), "")
    for source in _sources(lender):
        for batch in batches_of(source)[0]:
            seen.update(batch.files)
            place = batch.folder or source.folder
            dates = came.get(place.relative_to(lender.root).as_posix(), set())
            yield from _open_ones(root, place, {batch.as_of, *dates}, batch.files)
    for name, dates in came.items():
        place = lender.root / name
        if f"{name}/".startswith("inbox/") and place.exists() and not _is_apart(place.relative_to(lender.inbox)):
            inside = sorted(place.iterdir()) if place.is_dir() else [place]
            left = (path for path in inside if path.is_file() and path not in seen)
            yield from _open_ones(root, place, dates, left, whole=len(dates) == 1 and name != last)


def _open_ones(root: Path, place: Path, dates: set[date], files: Iterable[Path], *, whole: bool = True) -> Iterator[Lying]:
    """The files of a place that lie in clear; none where one of them lies behind a link: that is not ours."""
    found = tuple(path for path in files if path.suffix != ENDING and not path.name.startswith("."))
    if found and all(path.resolve().is_relative_to(root) and not path.is_symlink() for path in found):
        yield Lying(place, frozenset(dates), found, whole)


def _sources(lender: Lender) -> Iterator[InboxSource]:
    """The watched places in the inbox, and every other folder there with folders named by date, where nobody watches."""
    watched = watch_of(lender).sources
    yield from (source for source in watched if source.folder.is_relative_to(lender.inbox))
    told = {source.folder for source in watched}
    for folder in (lender.inbox, *sorted(lender.inbox.rglob("*"))):
        if folder.is_dir() and folder not in told and not _is_apart(folder.relative_to(lender.inbox)):
            yield InboxSource("inbox", folder)


def _is_apart(path: Path) -> bool:
    """Is it hidden, or among what was filed?"""
    return any(part.startswith(".") or part in FILED for part in path.parts)


def _came() -> dict[str, set[date]]:
    """Where loads say that they came from, each with the dates of its loads; the place of the last load stands last."""
    dates = dict(Load.objects.values_list("id", "as_of"))
    dates |= {extra.pk: date.fromisoformat(extra.report["as_of"]) for extra in Supplement.objects.all()}
    came: dict[str, set[date]] = {}
    for entry in _entries():
        name = str(entry.after["from"])
        came[name] = {*came.pop(name, ()), dates[entry.subject]}
    return came


def _entries() -> QuerySet[AuditEntry]:
    """What the audit trail says of loads that wrote down where they came from, in their order."""
    return AuditEntry.objects.filter(act__in=_LOADING, after__has_key="from").order_by("id")
