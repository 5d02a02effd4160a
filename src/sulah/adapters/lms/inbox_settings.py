"""[watch] of lender.toml: where extracts arrive, how a name says the business date, and when one has arrived whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.inbox_calendar import Expectation, holidays_of
from sulah.kernel.refusal import Refusal

MARKER = ".done"
_PIECES = {"%Y": r"(?P<year>20\d\d)", "%m": r"(?P<month>\d\d)", "%d": r"(?P<day>\d\d)", "*": ".*", "?": "."}
_SPLIT = re.compile(r"(%[Ymd]|[*?])")
_DATED = re.compile(r"%[Ymd].*%[Ymd]")


class WatchError(Refusal):
    """[watch] of lender.toml cannot be used as it stands; the words say which line to mend."""


class Complete(StrEnum):
    """What says that an extract has arrived whole."""

    MANIFEST = "manifest"
    DONE = "done"
    QUIET = "quiet"
    FETCHED = "fetched"


@dataclass(frozen=True, slots=True)
class SftpServer:
    """A lender's SFTP server: host_key is its pinned key (`ssh-ed25519 AAAA...`), the password is named by an environment variable."""

    host: str
    user: str
    host_key: str
    folder: str = "."
    port: int = 22
    key_file: Path | None = None
    password_from: str = ""


@dataclass(frozen=True, slots=True)
class InboxSource:
    """One place where extracts arrive.

    patterns: names with %Y %m %d and * or ?; one that ends in / names folders, others name files.  quiet_seconds: how long nothing may
    change.  server: fetched from there; its patterns are then the server's names, and folder is where whole extracts land.
    """

    name: str
    folder: Path
    patterns: tuple[str, ...] = ("%Y-%m-%d/",)
    mapping: str | None = None
    complete: Complete = Complete.QUIET
    quiet_seconds: int = 120
    server: SftpServer | None = None

    def date_of(self, name: str, *, is_folder: bool) -> date | None:
        """The business date that a name says, or None.

        >>> InboxSource("core", Path("inbox"), ("*_%Y%m%d.csv",)).date_of("loan_20260331.csv", is_folder=False)
        datetime.date(2026, 3, 31)
        """
        patterns = [pattern.rstrip("/") for pattern in self.patterns if pattern.endswith("/") == is_folder]
        return next((day for pattern in patterns if (day := dated(name, pattern))), None)

    def marks(self, name: str) -> date | None:
        """The business date of a marker file beside dated files (`20260331.done`), or None."""
        datings = [found.group() for pattern in self.patterns if (found := _DATED.search(pattern))]
        return next((day for dating in datings if (day := dated(name, f"*{dating}*{MARKER}"))), None)

    def undated(self, name: str) -> str:
        """A dated file's name without its date: what is left may be the name of a table.

        >>> InboxSource("core", Path("inbox"), ("*_%Y%m%d.csv",)).undated("loan_20260331.csv")
        'loan.csv'
        """
        for pattern in self.patterns:
            if dated(name, pattern) and (dating := _DATED.search(pattern)):
                return re.sub(rf"[-_. ]?{_expression(dating.group(), named=False)}[-_ ]?", "", name, count=1)
        return name


@dataclass(frozen=True, slots=True)
class Watch:
    """All settings of the watcher; expectation None: nobody is alarmed."""

    sources: tuple[InboxSource, ...]
    run_day: bool = False
    every_seconds: int = 60
    expectation: Expectation | None = None


def _expression(pattern: str, *, named: bool = True) -> str:
    parts = [_PIECES.get(part) or re.escape(part) for part in _SPLIT.split(pattern)]
    return "".join(parts) if named else re.sub(r"\?P<\w+>", "", "".join(parts))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.IGNORECASE)


def dated(name: str, pattern: str) -> date | None:
    """The date that a name says by a pattern; None when it does not fit or is no day of the calendar."""
    found = _compiled(pattern).fullmatch(name)
    try:
        return date(*(int(found[part]) for part in ("year", "month", "day"))) if found else None
    except ValueError:
        return None


def watch_of(lender: Lender) -> Watch:
    """The watcher's settings; without [watch], folders of the inbox named by date.  WatchError says what to mend."""
    given = _table(lender.settings.get("watch", {}), "[watch]")
    rows = given.get("source", [{}])
    if not isinstance(rows, list) or not rows:
        raise WatchError("lender.toml: write each place where extracts arrive as [[watch.source]].")
    sources = tuple(_source(lender, _table(row, "[[watch.source]]")) for row in rows)
    for kind, names in (("name", [s.name for s in sources]), ("folder", [str(s.folder) for s in sources])):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise WatchError(f"lender.toml: two [[watch.source]] have the {kind} {twice[0]}. Give each its own.")
    every = _number(given, "every_seconds", 60, least=1)
    return Watch(sources, run_day=_truth(given, "run_day"), every_seconds=every, expectation=_expectation(lender, given))


def _source(lender: Lender, row: Mapping[str, object]) -> InboxSource:
    name = str(row.get("name", "inbox"))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise WatchError(f"lender.toml: the source name {name!r} may have letters, digits, - and _ only.")
    server = _server(lender, name, _table(row["sftp"], f"sftp of {name}")) if "sftp" in row else None
    folder = lender.root / str(row.get("folder", f"inbox/{name}" if server else "inbox"))
    patterns = row.get("pattern", ["%Y-%m-%d/"])
    listed = tuple(str(one) for one in patterns) if isinstance(patterns, list) else (str(patterns),)
    for pattern in listed:
        if any(pattern.count(part) != 1 for part in ("%Y", "%m", "%d")) or "/" in pattern.rstrip("/"):
            raise WatchError(f"lender.toml: the pattern {pattern!r} of {name} needs %Y, %m and %d once each, as %Y-%m-%d/ or *_%Y%m%d.csv.")
    try:
        rule = Complete.FETCHED if server else Complete(str(row.get("complete", "quiet")))
    except ValueError as error:
        raise WatchError(f"lender.toml: complete of {name} is manifest, done or quiet, not {row['complete']!r}.") from error
    if rule is Complete.MANIFEST and not all(pattern.endswith("/") for pattern in listed):
        raise WatchError(f"lender.toml: {name} waits for a manifest, so each extract needs its own folder: a pattern such as %Y-%m-%d/.")
    quiet = _number(row, "quiet_seconds", 120, least=1)
    return InboxSource(name, folder, listed, str(row["mapping"]) if "mapping" in row else None, rule, quiet, server)


def _server(lender: Lender, name: str, row: Mapping[str, object]) -> SftpServer:
    for needed in ("host", "user", "host_key"):
        if not row.get(needed):
            more = " Ask the lender's IT for it by another way than this connection (ssh-keyscan shows what the server says now)."
            raise WatchError(f"lender.toml: sftp of {name} needs {needed}.{more if needed == 'host_key' else ''}")
    if "password" in row:
        raise WatchError(f"lender.toml: no password belongs in a file. Put it in the environment and write password_from = NAME at {name}.")
    key, password = row.get("key_file"), str(row.get("password_from", ""))
    if not key and not password:
        raise WatchError(f'lender.toml: sftp of {name} needs key_file = "keys/NAME" or password_from = "NAME_OF_A_VARIABLE".')
    return SftpServer(
        host=str(row["host"]),
        user=str(row["user"]),
        host_key=" ".join(str(row["host_key"]).split()[:2]),
        folder=str(row.get("folder", ".")),
        port=_number(row, "port", 22, least=1),
        key_file=lender.root / str(key) if key else None,
        password_from=password,
    )


def _expectation(lender: Lender, given: Mapping[str, object]) -> Expectation | None:
    by = given.get("expected_by")
    if by is None:
        return None
    try:
        hour = by if isinstance(by, time) else time.fromisoformat(str(by))
    except ValueError as error:
        raise WatchError(f'lender.toml: expected_by is {by!r}; write the time in India as "21:30".') from error
    return Expectation(hour, _number(given, "days_after", 0, least=0), _truth(given, "sundays"), holidays_of(lender.root))


def _table(given: object, where: str) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise WatchError(f"lender.toml: {where} must be a table.")
    return given


def _number(given: Mapping[str, object], name: str, default: int, *, least: int) -> int:
    value = given.get(name, default)
    if type(value) is not int or value < least:
        raise WatchError(f"lender.toml: {name} is {value!r}; write a whole number, {least} or more.")
    return value


def _truth(given: Mapping[str, object], name: str) -> bool:
    value = given.get(name, False)
    if type(value) is not bool:
        raise WatchError(f"lender.toml: {name} is {value!r}; write true or false.")
    return value
