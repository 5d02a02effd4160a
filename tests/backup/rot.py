"""Flips single bytes in one class of stored file, many times, and sees what everything that uses the file says; one JSON line.

`python rot.py LENDER STORE CLASS FLIPS SEED` works in one process on the real acts and readers.  For each flip: a byte of a file of
the class is changed on the disk, everything that would use the file is asked, and the byte is put back.  An answer counts as
`named` when it refused in words that name the file, `said` when it refused in words without it, `same` when nothing was wrong to
see because nothing that anyone reads had changed, and `silent` when something was used that was not what was written.
"""

import json
import os
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections

from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.dates import system_clock
from sulah.kernel.refusal import Refusal
from sulah.policy.load import PolicyError
from sulah.records.connect import connect_records
from sulah.records.damage import damaged_record

Use = Callable[[], object]
DERIVED = ("account", "due", "receipt", "relief_window", "touched")


@contextmanager
def flipped(path: Path, place: int, bits: int) -> Iterator[None]:
    """The file with one byte changed, written in place as a disk would, its times of change set back."""
    times = path.stat()
    with path.open("r+b") as handle:
        handle.seek(place)
        good = handle.read(1)
        handle.seek(place)
        handle.write(bytes([good[0] ^ bits]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    try:
        yield
    finally:
        with path.open("r+b") as handle:
            handle.seek(place)
            handle.write(good)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def refusal_of(use: Use) -> str | None:
    """The words in which a use refused; None when it used the file."""
    try:
        use()
    except (Refusal, PolicyError) as refusal:
        return str(refusal)
    except (DatabaseError, ValueError, TypeError) as error:
        if not damaged_record(error):
            raise
        return f"sulah.sqlite3: {error}"
    return None


class Uses:
    """Everything that uses a file of the book, by its class."""

    def __init__(self, lender: Lender, store: Path) -> None:
        """The last day and its load."""
        from sulah.records.dayrun import DayRun

        self.lender, self.store = lender, store
        self.run = DayRun.objects.select_related("load", "previous").order_by("as_of").last()
        assert self.run is not None
        self.load_folder = lender.book / self.run.load.path
        self.out = Path(tempfile.mkdtemp(dir=store.parent))

    def check(self, name: str) -> Use:
        """`sulah check`: its words about files must name this one."""

        def use() -> None:
            from sulah.daycycle.audit import wrong_files

            if wrong := [words for words in wrong_files(self.lender) if name in words]:
                raise Refusal("; ".join(wrong))

        return use

    def replay(self) -> object:
        """`sulah replay` of the last day."""
        from sulah.daycycle.run import replay_day

        return replay_day(self.lender, self.run.as_of, code=self.run.code_version, folder=Path(tempfile.mkdtemp(dir=self.out)))

    def next_day(self) -> object:
        """`sulah day` of the day after."""
        from sulah.daycycle.run import run_day

        stops_before_commit = lambda *_: (_ for _ in ()).throw(AssertionError("the day was run on it"))  # noqa: E731
        return run_day(
            self.lender,
            self.run.as_of + timedelta(1),
            actor="rot",
            clock=system_clock,
            code=self.run.code_version,
            load=self.run.load,
            tell=stops_before_commit,
        )

    def next_load(self) -> object:
        """What `sulah load` of the next day asks before it reads the load that it stands on."""
        from sulah.actions.load_book import footing_of, refuse_damaged

        return refuse_damaged(self.lender, footing_of(self.run.load.as_of + timedelta(1)))

    def page(self, table: str) -> Use:
        """A page that reads rows of a table."""

        def use() -> None:
            from sulah.adapters.book.reader import Day

            with Day(self.run, self.lender) as day:
                day.rows(table, limit=5)

        return use

    def export(self, table: str) -> Use:
        """`sulah export`."""

        def use() -> None:
            from sulah.actions.export_table import export_table

            export_table(self.lender, table, self.run.as_of, self.out / "out.csv", actor="rot", clock=system_clock)

        return use

    def restore(self) -> object:
        """`sulah restore`."""
        from sulah.actions.restore_book import verified_backup

        return verified_backup(self.store)

    def key(self) -> object:
        """The vault, before it seals or opens anything."""
        from sulah.adapters.book.vault import Vault

        return Vault(self.lender)


def cases(uses: Uses, kind: str) -> list[tuple[Path, list[Use]]]:
    """The files of a class with all that uses each."""
    from sulah.adapters.book.reader import LOAD_TABLES
    from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES

    load, day, store = uses.load_folder, uses.lender.book / uses.run.path, uses.store
    found: dict[str, Iterable[Path]] = {
        "accepted": (load / "accepted").glob("*.parquet"),
        "quarantine": [load / "quarantine.parquet"],
        "private": [load / "borrower_private.parquet"],
        "report": [load / "report.json"],
        "day": day.rglob("*.parquet"),
        "manifest": (store / "backups").rglob("manifest.json"),
        "backup records": (store / "backups").rglob("records.sqlite3"),
        "backup files": (path for path in (store / "files").rglob("*") if path.is_file()),
        "key": [uses.lender.keys / "personal.key"],
        **{name: (load / name).glob("*.parquet") for name in DERIVED},
    }

    def of(path: Path) -> list[Use]:
        table, check = path.parent.name, uses.check(path.name)
        accepted: list[Use] = [check, uses.export(path.stem)]
        accepted += [uses.replay, uses.next_day] if path.stem in ACCEPTED_TABLES else []
        accepted += [uses.next_load] if path.stem in ("instalment", "repayment") else []
        derived: list[Use] = [uses.check(f"{table}/{path.name}"), uses.next_load]
        derived += [uses.replay, uses.next_day] if kind in INTAKE_TABLES else []
        derived += [uses.page(kind), uses.export(kind)] if kind in LOAD_TABLES else []
        of_day: list[Use] = [uses.check(f"{table}/{path.name}"), uses.page(table), uses.export(table)]
        of_day += [uses.next_day] if table in PREVIOUS_TABLES else []
        known: dict[str, list[Use]] = {
            "accepted": accepted,
            "quarantine": [check, uses.page("quarantine"), uses.export("quarantine")],
            "private": [check, uses.page("borrower_private")],
            "report": [check],
            "day": of_day,
            "key": [uses.key],
            **{name: [uses.restore] for name in ("manifest", "backup records", "backup files")},
        }
        return known.get(kind, derived)

    return [(path, of(path)) for path in sorted(found[kind]) if path.stat().st_size]


def of_vault(vault: Any) -> tuple[str, str]:
    """What the lender's keys make of one number and one text of a person: another for any other key."""
    return vault.number_key("+919800000001"), vault.seal_about("a person", "a subject", "a text")


def flips(uses: Uses, kind: str, count: int, draw: random.Random) -> dict[str, Any]:
    """So many flips of one class: how each use answered, and words of those that were silent."""
    found = cases(uses, kind)
    assert found, kind
    counts: Counter[str] = Counter()
    silent = []
    for _ in range(count):
        path, those = draw.choice(found)
        place, bits = draw.randrange(path.stat().st_size), 1 << draw.randrange(8)
        key = uses.key() if kind == "key" else None
        with flipped(path, place, bits):
            for use in those:
                words = refusal_of(use)
                same = words is None and key is not None and of_vault(use()) == of_vault(key)
                named = words is not None and path.name in words
                answer = "named" if named else "said" if words is not None else "same" if same else "silent"
                counts[answer] += 1
                if answer in ("silent", "said"):
                    silent.append([str(path), place, bits, getattr(use, "__qualname__", ""), words])
    return {"files": len(found), "flips": count, "answers": dict(counts), "silent": silent[:5]}


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]] | None:
    """All rows of all tables, or None where SQLite cannot read them."""
    try:
        with closing(sqlite3.connect(path)) as opened:
            opened.text_factory = bytes
            names = [row[0].decode() for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            return {name: sorted(opened.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}
    except (sqlite3.DatabaseError, UnicodeDecodeError, ValueError):
        return None


def flips_of_the_database(uses: Uses, count: int, draw: random.Random) -> dict[str, Any]:
    """Flips in the database file: check refuses, or not one row of any table is another; where it was silent, in which table."""
    from sulah.daycycle.audit import wrong_records

    path = uses.lender.sqlite
    connections.close_all()
    good = dump(path)
    assert good is not None
    counts: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for _ in range(count):
        place, bits = draw.randrange(path.stat().st_size), 1 << draw.randrange(8)
        with flipped(path, place, bits):
            words = refusal_of(lambda: _raise(wrong_records(uses.lender)))
            connections.close_all()
            now = dump(path) if words is None else good
            for left in path.parent.glob("sulah.sqlite3-*"):
                left.unlink()
        if words is not None:
            counts["said"] += 1
        elif now == good:
            counts["same"] += 1
        else:
            counts["silent"] += 1
            silent.update(name for name in good if now is None or now.get(name) != good[name])
    return {"files": 1, "flips": count, "answers": dict(counts), "silent": sorted(silent.items())}


def _raise(wrong: list[str]) -> None:
    if wrong:
        raise Refusal("; ".join(wrong))


def main() -> None:
    """One class of one lender."""
    root, store, kind, count, seed = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    lender = open_lender(root)
    connect_records(lender.root)
    uses, draw = Uses(lender, store), random.Random(seed)
    answer = flips_of_the_database(uses, count, draw) if kind == "database" else flips(uses, kind, count, draw)
    sys.stdout.write(json.dumps(answer, default=str) + "\n")


if __name__ == "__main__":
    main()
